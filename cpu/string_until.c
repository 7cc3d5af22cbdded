/* SPDX-License-Identifier: MIT */
/** COMPARE UNTIL SUBSTRING EQUAL (PoP ch. 7). */
#include "cpu/string_operands.h"

/* Bytes compared after which an unequal byte ends the instruction with cc 3. */
enum { UNTIL_BYTES = 4096 };

struct side {
    unsigned r;
    uint64_t address;
    uint64_t length;
    const uint8_t *host;  /**< of `address`, when `rest` is not 0 */
    unsigned rest;
    bool empty;           /**< from the start: the length register stays as it is, perhaps negative */
};

/** Lengths are signed; a negative one counts as zero. */
static struct side side_of(const struct cpu *cpu, unsigned r)
{
    int64_t length = amode64(cpu) ? (int64_t)gr64(cpu, r + 1) : (int32_t)gr32(cpu, r + 1);

    return (struct side){r, address_in(cpu, r), length < 0 ? 0 : (uint64_t)length, NULL, 0, length <= 0};
}

static uint8_t next_byte(struct cpu *cpu, struct side *s, uint8_t pad)
{
    if (s->length == 0)
        return pad;
    if (s->rest == 0) {
        s->rest = least(page_rest(s->address), s->length);
        s->host = span_fetch(cpu, s->address, s->r, s->rest).host[0];
    }
    s->rest--;
    s->length--;
    s->address = (s->address + 1) & cpu->address_mask;
    return *s->host++;
}

static void commit(struct cpu *cpu, const struct side *s)
{
    set_gr_address(cpu, s->r, s->address);
    if (!s->empty)
        set_gr_amode(cpu, s->r + 1, s->length);
}

/** Nothing is stored and registers change at the end only, so an access exception needs no care. */
DEFINE_OP(CUSE)
{
    uint8_t wanted = (uint8_t)gr32(cpu, 0), pad = (uint8_t)gr32(cpu, 1);
    struct side a = side_of(cpu, insn->r1), b = side_of(cpu, insn->r2);
    struct side first_a = a, first_b = b; /* where the present equal substring starts */
    unsigned equal = 0, done, cc = 2;

    for (done = 0; equal < wanted && (a.length || b.length); done++) {
        struct side was_a = a, was_b = b;

        if (done >= UNTIL_BYTES && equal == 0) {
            cc = 3;
            break;
        }
        if (next_byte(cpu, &a, pad) != next_byte(cpu, &b, pad)) {
            equal = 0;
            continue;
        }
        if (equal++ == 0) {
            first_a = was_a;
            first_b = was_b;
        }
    }
    charge_bytes(cpu, done);
    cpu->cc = equal == wanted ? 0 : equal ? 1 : cc;
    commit(cpu, equal || wanted == 0 ? &first_a : &a);
    commit(cpu, equal || wanted == 0 ? &first_b : &b);
}
