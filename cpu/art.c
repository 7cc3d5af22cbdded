/* SPDX-License-Identifier: MIT */
#include "cpu/art.h"

#include "cpu/access.h"

/* An access-list entry. */
struct ale {
    uint32_t word[4];
};

#define ALE_INVALID 0x80000000u
#define ALE_FETCH_ONLY 0x02000000u
#define ALE_PRIVATE 0x01000000u
#define SEQUENCE_NUMBER 0x00ff0000u /* in ALET and ALE alike */
#define ALET_RESERVED 0xfe000000u

/* The access-list designation is at the same place in the primary ASTE and the DUCT. */
enum { ACCESS_LIST_DESIGNATION = 16 };

static uint16_t find_ale(struct cpu *cpu, uint32_t alet, struct ale *ale)
{
    uint32_t block = (uint32_t)(alet & ALET_PRIMARY_LIST ? cpu->cr[5] : cpu->cr[2]) & ASTE_ORIGIN;
    uint32_t designation, at;

    if (!real_word(cpu, block + ACCESS_LIST_DESIGNATION, &designation))
        return PIC_ADDRESSING;
    if ((alet & 0xffff) >> 3 > (designation & 0x7f))
        return PIC_ALEN_TRANSLATION;
    at = (designation & 0x7fffff80) + (alet & 0xffff) * 16;
    for (unsigned i = 0; i < 4; i++)
        if (!real_word(cpu, at + 4 * i, &ale->word[i]))
            return PIC_ADDRESSING;
    return ale->word[0] & ALE_INVALID ? PIC_ALEN_TRANSLATION : 0;
}

/* A private entry is for its own authorization index, or one with secondary authority to the space. */
static uint16_t authorize(struct cpu *cpu, const struct ale *ale, uint16_t extended_index,
                          const struct aste *aste)
{
    uint16_t code = PIC_EXTENDED_AUTHORITY;

    if (!(ale->word[0] & ALE_PRIVATE) || (uint16_t)ale->word[0] == extended_index)
        return 0;
    return asn_authorized(cpu, extended_index, aste, AUTHORITY_SECONDARY, &code) ? 0 : code;
}

uint16_t art_find(struct cpu *cpu, uint32_t alet, uint16_t extended_index, enum art_kind kind,
                  struct aste *aste, bool *fetch_only)
{
    struct ale ale;
    uint16_t code;

    if (alet & ALET_RESERVED)
        return PIC_ALET_SPECIFICATION;
    code = find_ale(cpu, alet, &ale);
    if (code)
        return code;
    if (kind == ART_ORDINARY && ((alet ^ ale.word[0]) & SEQUENCE_NUMBER))
        return PIC_ALE_SEQUENCE;
    code = aste_fetch(cpu, ale.word[2], aste);
    if (code)
        return code;
    if (aste->word[0] & ASTE_INVALID)
        return PIC_ASTE_VALIDITY;
    if (aste_sequence(aste) != ale.word[3])
        return PIC_ASTE_SEQUENCE;
    *fetch_only = ale.word[0] & ALE_FETCH_ONLY;
    return kind == ART_ORDINARY ? authorize(cpu, &ale, extended_index, aste) : 0;
}

bool art_translate(struct cpu *cpu, uint32_t alet, bool store, uint64_t *asce, struct fault *fault)
{
    struct aste aste;
    bool fetch_only;

    if (alet <= 1) {
        *asce = alet == 0 ? cpu->cr[1] : cpu->cr[7];
        return true;
    }
    fault->code = art_find(cpu, alet, (uint16_t)(cpu->cr[8] >> 16), ART_ORDINARY, &aste, &fetch_only);
    if (fault->code)
        return false;
    if (store && fetch_only) {
        fault->code = PIC_PROTECTION;
        fault->teid = TEID_ACCESS_LIST | SPACE_ACCESS_REGISTER;
        return false;
    }
    *asce = aste_asce(&aste);
    return true;
}
