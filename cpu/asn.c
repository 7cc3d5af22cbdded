/* SPDX-License-Identifier: MIT */
#include "cpu/asn.h"

#include "cpu/access.h"
#include "cpu/level.h"

#define DUCT_SUBSPACE_ACTIVE 0x80000000u

/* Host address of a word of real storage, or NULL. 31-bit addresses wrap. */
static uint8_t *word_at(struct cpu *cpu, uint32_t address, bool store)
{
    struct absolute at;

    return level_storage(cpu, real(address & 0x7fffffff), 4, store, &at) ? storage_at(cpu->storage, at) : NULL;
}

bool real_word(struct cpu *cpu, uint32_t address, uint32_t *word)
{
    uint8_t *p = word_at(cpu, address, false);

    if (!p)
        return false;
    cpu->storage->keys[(uint64_t)(p - cpu->storage->bytes) >> PAGE_SHIFT] |= KEY_REFERENCE;
    *word = get_be32(p);
    return true;
}

bool real_word_store(struct cpu *cpu, uint32_t address, uint32_t word)
{
    uint8_t *p = word_at(cpu, address, true);

    if (!p)
        return false;
    storage_stored(cpu->storage, absolute((uint64_t)(p - cpu->storage->bytes)), 4, true);
    put_be32(p, word);
    return true;
}

uint16_t aste_fetch(struct cpu *cpu, uint32_t origin, struct aste *aste)
{
    aste->origin = origin & ASTE_ORIGIN;
    for (unsigned i = 0; i < 16; i++)
        if (!real_word(cpu, aste->origin + 4 * i, &aste->word[i]))
            return PIC_ADDRESSING;
    return 0;
}

uint16_t asn_translate(struct cpu *cpu, uint16_t asn, struct aste *aste)
{
    uint32_t first_table = (uint32_t)(cpu->cr[14] & 0x7ffff) << 12, entry;
    uint16_t code;

    if (!real_word(cpu, first_table + (asn >> 6) * 4u, &entry))
        return PIC_ADDRESSING;
    if (entry & ASTE_INVALID)
        return PIC_AFX_TRANSLATION;
    code = aste_fetch(cpu, (entry & ASTE_ORIGIN) + (asn & 0x3fu) * 64, aste);
    if (code)
        return code;
    return aste->word[0] & ASTE_INVALID ? PIC_ASX_TRANSLATION : 0;
}

bool asn_authorized(struct cpu *cpu, uint16_t index, const struct aste *aste, enum authority_kind kind,
                    uint16_t *code)
{
    uint32_t length = aste->word[1] >> 4 & 0xfff, word;
    uint32_t at = (aste->word[0] & 0x7ffffffc) + (index >> 2);

    if (index >> 4 > length)
        return false;
    if (!real_word(cpu, at & ~3u, &word)) {
        *code = PIC_ADDRESSING;
        return false;
    }
    /* Two bits, primary and secondary authority, for each index, four indexes to a byte. */
    return (uint8_t)(word >> (24 - 8 * (at & 3))) << 2 * (index & 3) & kind;
}

uint16_t subspace_replace(struct cpu *cpu, const struct aste *aste, uint64_t *asce)
{
    const uint64_t kept = 0xc0; /* storage-alteration and space-switch-event bits stay the base space's */
    uint32_t duct = (uint32_t)cpu->cr[2] & ASTE_ORIGIN, base, active, sequence;
    struct aste subspace;
    uint16_t code;

    if (!(*asce & ASCE_SUBSPACE_GROUP))
        return 0;
    if (!real_word(cpu, duct, &base) || !real_word(cpu, duct + 4, &active) ||
        !real_word(cpu, duct + 12, &sequence))
        return PIC_ADDRESSING;
    if (!(active & DUCT_SUBSPACE_ACTIVE) || (base & ASTE_ORIGIN) != aste->origin)
        return 0;
    code = aste_fetch(cpu, active, &subspace);
    if (code)
        return code;
    if (subspace.word[0] & ASTE_INVALID)
        return PIC_ASTE_VALIDITY;
    if (aste_sequence(&subspace) != sequence)
        return PIC_ASTE_SEQUENCE;
    *asce = (aste_asce(&subspace) & ~kept) | (*asce & kept);
    return 0;
}
