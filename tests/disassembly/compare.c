/* SPDX-License-Identifier: MIT */
/**
 * Compares the disassembler with binutils:  compare OBJDUMP
 *
 * Every row of the instruction table is encoded with pseudo-random operands; whatever objdump takes
 * for an instruction must read the same.
 */
#include "cpu/layout.h"
#include "listing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SAMPLES = 400, LEAST = 4, REPORTED = 40 };

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state * 0x2545f4914f6cdd1dULL;
}

/* A field's value: zero, all ones, small or any. Zero most often: it is what reserved fields must be. */
static uint64_t value(uint64_t *state)
{
    uint64_t random = next_random(state);

    switch (random >> 60) {
    case 0: return random >> 4;
    case 1: return UINT64_MAX;
    case 2: case 3: case 4: case 5: case 6: return random >> 8 & 15;
    default: return 0;
    }
}

static uint64_t encode(enum insn_id id, uint64_t *state)
{
    struct operand_layout o[OPERANDS_MOST];
    unsigned operands = insn_layout(insn_rows[id].format, o);
    uint64_t text = insn_text(id);

    for (unsigned i = 0; i < operands; i++) {
        if (o[i].kind == 'v') {
            text = insn_put_vr(text, o[i].bit, (unsigned)(next_random(state) >> 59));
        } else if (o[i].kind == 'r') {
            text = insn_put(text, o[i].bit, 4, value(state));
        } else if (o[i].kind == 'b') {
            text = insn_put(text, o[i].bit, 4, value(state));
            text = insn_put_displacement(text, o[i].bit, o[i].width, (int64_t)value(state));
            if (o[i].qualifier == 'v')
                text = insn_put_vr(text, o[i].qualifier_bit, (unsigned)(next_random(state) >> 59));
            else if (o[i].qualifier)
                text = insn_put(text, o[i].qualifier_bit, o[i].qualifier == 'L' ? 8 : 4, value(state));
        } else {
            text = insn_put(text, o[i].bit, o[i].width, value(state));
        }
    }
    return text;
}

/* Compare one line; counts what objdump recognized in `recognized`, by row. */
static unsigned compare(size_t slot, uint64_t text, const char *theirs, unsigned *recognized)
{
    static unsigned reported;
    char ours[80];

    if (!*theirs || *theirs == '.')
        return 0;
    recognized[1 + slot / SAMPLES]++;
    insn_disassemble(text, slot * SLOT, ours, sizeof(ours));
    if (!strcmp(ours, theirs))
        return 0;
    if (strchr(theirs, '(') && !strchr(theirs, ')')) /* "nop 0(%r6": binutils 2.40 forgets the end */
        return 0;
    if (reported++ < REPORTED)
        printf("%016llx  objdump: %-40s  ours: %s\n", (unsigned long long)text, theirs, ours);
    return 1;
}

/* Rows that binutils does not print, whatever the operands. */
static int unknown_to_binutils(int id)
{
    switch (id) {
#define UNKNOWN(ROW, why) case INSN_##ROW:
#include "unknown.def"
#undef UNKNOWN
        return 1;
    default:
        return 0;
    }
}

static int check(const uint64_t *texts, char (*lines)[LINE])
{
    static unsigned recognized[INSN_COUNT];
    unsigned differences = 0, few = 0;

    for (size_t slot = 0; slot < (INSN_COUNT - 1) * SAMPLES; slot++)
        differences += compare(slot, texts[slot], lines[slot], recognized);
    for (int id = 1; id < INSN_COUNT; id++)
        if ((recognized[id] >= LEAST) == unknown_to_binutils(id)) {
            printf("%s: recognized by objdump %u times of %u\n", insn_name((enum insn_id)id),
                   recognized[id], SAMPLES);
            few++;
        }
    printf("%u rows, %u differences\n", INSN_COUNT - 1, differences);
    return differences || few;
}

int main(int count, char **arguments)
{
    uint64_t *texts = malloc(sizeof(*texts) * (INSN_COUNT - 1) * SAMPLES), state = 0x5ca1ab1e;
    char (*lines)[LINE] = NULL;
    int failed;

    if (count < 2 || access(arguments[1], X_OK) || !texts) {
        free(texts);
        return SKIPPED;
    }
    for (size_t slot = 0; slot < (INSN_COUNT - 1) * SAMPLES; slot++)
        texts[slot] = encode((enum insn_id)(1 + slot / SAMPLES), &state);
    lines = listing(arguments[1], texts, (INSN_COUNT - 1) * SAMPLES);
    failed = !lines || check(texts, lines);
    free(lines);
    free(texts);
    return failed;
}
