/* SPDX-License-Identifier: MIT */
/**
 * Boundary rules of storage operands, over the whole instruction table: where the Principles of Operation
 * ask for an integral boundary, one byte and half the boundary beside it are specification exceptions, and
 * the boundary is none. Everywhere else no address is one.
 */
#include <check.h>
#include <stdio.h>

#include "unit/insn_fixture.h"
#include "unit/suite.h"

/* Row, operand among the storage operands from 1 on, boundary in bytes. */
static const struct rule { enum insn_id id; unsigned operand, boundary; } rules[] = {
#define RULE(NAME, operand, boundary) {INSN_##NAME, operand, boundary},
    /* Interlocked update */
    RULE(CS, 1, 4) RULE(CSY, 1, 4) RULE(CSG, 1, 8) RULE(CDS, 1, 8) RULE(CDSY, 1, 8) RULE(CDSG, 1, 16)
    RULE(LAA, 1, 4) RULE(LAAG, 1, 8) RULE(LAAL, 1, 4) RULE(LAALG, 1, 8) RULE(LAN, 1, 4) RULE(LANG, 1, 8)
    RULE(LAO, 1, 4) RULE(LAOG, 1, 8) RULE(LAX, 1, 4) RULE(LAXG, 1, 8) RULE(LPQ, 1, 16) RULE(STPQ, 1, 16)
    RULE(LPD, 1, 4) RULE(LPD, 2, 4) RULE(LPDG, 1, 8) RULE(LPDG, 2, 8) RULE(CSST, 1, 4) RULE(PLO, 1, 4)
    RULE(PLO, 2, 4) RULE(LAM, 1, 4) RULE(LAMY, 1, 4) RULE(STAM, 1, 4) RULE(STAMY, 1, 4)
    /* Control */
    RULE(LPSW, 1, 8) RULE(LPSWE, 1, 8) RULE(LPSWEY, 1, 8) RULE(LBEAR, 1, 8) RULE(STBEAR, 1, 8)
    RULE(LCTL, 1, 4) RULE(STCTL, 1, 4) RULE(LCTLG, 1, 8) RULE(STCTG, 1, 8) RULE(SPX, 1, 4)
    RULE(STPX, 1, 4) RULE(STAP, 1, 2) RULE(STIDP, 1, 8) RULE(STFLE, 1, 8) RULE(STSI, 1, 4096)
    RULE(LPP, 1, 8) RULE(SCK, 1, 8) RULE(SCKC, 1, 8) RULE(STCKC, 1, 8) RULE(SPT, 1, 8) RULE(STPT, 1, 8)
    RULE(STRAG, 1, 8) RULE(LASP, 1, 8) RULE(TRACE, 1, 4) RULE(TRACG, 1, 4)
    /* Input and output */
    RULE(SSCH, 1, 4) RULE(MSCH, 1, 4) RULE(STSCH, 1, 4) RULE(TSCH, 1, 4) RULE(TPI, 1, 4) RULE(STCRW, 1, 4)
    RULE(STCPS, 1, 32)
#undef RULE
};

static struct fixture f;

static unsigned boundary_of(enum insn_id id, unsigned operand)
{
    for (unsigned i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (rules[i].id == id && rules[i].operand == operand)
            return rules[i].boundary;
    return 1;
}

/* Storage operand `tested` has base 2, others 4; registers are even and different. */
static uint64_t encode(enum insn_id id, unsigned tested)
{
    struct operand_layout o[OPERANDS_MOST];
    unsigned operands = insn_layout(insn_rows[id].format, o), storage = 0;
    uint64_t text = insn_text(id);

    for (unsigned i = 0; i < operands; i++) {
        if (o[i].kind == 'b')
            text = insn_put(text, o[i].bit, 4, ++storage == tested ? 2 : 4);
        else if (o[i].kind == 'r')
            text = insn_put(text, o[i].bit, 4, 6 + 2 * i);
    }
    return text;
}

/* Interruption code with the tested operand at `address`. */
static unsigned code_at(enum insn_id id, unsigned operand, uint64_t address)
{
    fixture_init(&f);
    for (unsigned i = 0; i < 16; i++)
        f.cpu->gr[i].d = 0;
    f.cpu->gr[2].d = address;
    f.cpu->gr[4].d = DATA + 0x2000;
    f.cpu->gr[1].d = DATA + 0x3000; /* parameter list of CSST */
    if (id == INSN_STSI) { /* 1.1.1 */
        f.cpu->gr[0].d = 0x10000001;
        f.cpu->gr[1].d = 1;
    }
    f.cpu->cr[14] |= BIT64(44); /* ASN translation, for LASP */
    run_insn(&f, encode(id, operand));
    /* A PSW of zeros that was loaded is invalid too, but not for its address. */
    address = f.old_ia == f.end_ia ? f.code : 0;
    fixture_release(&f);
    return (unsigned)address;
}

/* The others' operand address is a number with rules of its own, or that of an instruction. */
static bool examined(enum insn_id id)
{
    return !(insn_rows[id].flags & EXECUTES) && id != INSN_SIE && id != INSN_SRNMB && id != INSN_CFC;
}

START_TEST(test_boundaries)
{
    unsigned found = 0;

    for (int id = 1; id < INSN_COUNT; id++) {
        for (unsigned k = 1; examined((enum insn_id)id) && k <= storage_operands((enum insn_id)id); k++) {
            unsigned boundary = boundary_of((enum insn_id)id, k);
            bool aligned = code_at((enum insn_id)id, k, DATA) != PIC_SPECIFICATION;

            if (boundary == 1) {
                for (unsigned offset = 1; aligned && offset < 16; offset *= 2)
                    ck_assert_msg(code_at((enum insn_id)id, k, DATA + offset) != PIC_SPECIFICATION,
                                  "%s: boundary of operand %u at +%u", insn_name((enum insn_id)id), k,
                                  offset);
                continue;
            }
            found++;
            ck_assert_msg(aligned, "%s: not even on its boundary", insn_name((enum insn_id)id));
            ck_assert_msg(code_at((enum insn_id)id, k, DATA + boundary / 2) == PIC_SPECIFICATION &&
                          code_at((enum insn_id)id, k, DATA + 1) == PIC_SPECIFICATION &&
                          code_at((enum insn_id)id, k, DATA + boundary) != PIC_SPECIFICATION,
                          "%s: operand %u has another boundary than %u", insn_name((enum insn_id)id), k,
                          boundary);
        }
    }
    ck_assert_uint_eq(found, sizeof(rules) / sizeof(rules[0]));
}
END_TEST

/* Relative operands: halfword, word and doubleword boundaries of what is loaded, stored or compared. */
static const struct { enum insn_id id; unsigned boundary; } relative[] = {
#define RULE(NAME, boundary) {INSN_##NAME, boundary},
    RULE(LRL, 4) RULE(LGRL, 8) RULE(LGFRL, 4) RULE(LLGFRL, 4) RULE(STRL, 4) RULE(STGRL, 8) RULE(CRL, 4)
    RULE(CGRL, 8) RULE(CGFRL, 4) RULE(CLRL, 4) RULE(CLGRL, 8) RULE(CLGFRL, 4) RULE(LHRL, 2) RULE(LGHRL, 2)
    RULE(LLHRL, 2) RULE(LLGHRL, 2) RULE(STHRL, 2) RULE(CHRL, 2) RULE(CGHRL, 2) RULE(CLHRL, 2)
    RULE(CLGHRL, 2) RULE(LARL, 2) RULE(PFDRL, 2)
#undef RULE
};

START_TEST(test_relative)
{
    for (unsigned offset = 0; offset < 8; offset += 2) {
        uint64_t halfwords = (DATA - CODE + offset) / 2;

        fixture_init(&f);
        run_insn(&f, insn_text(relative[_i].id) | halfwords << 16);
        ck_assert_msg(f.code == (offset % relative[_i].boundary ? PIC_SPECIFICATION : 0u), "%s at +%u: %x",
                      insn_name(relative[_i].id), offset, f.code);
        fixture_release(&f);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("boundaries");
    TCase *tests = tcase_create("boundaries");

    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, test_boundaries);
    tcase_add_loop_test(tests, test_relative, 0, sizeof(relative) / sizeof(relative[0]));
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
