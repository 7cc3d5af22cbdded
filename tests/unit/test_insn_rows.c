/* SPDX-License-Identifier: MIT */
/**
 * Checks made from the instruction table, every row alike: what must be interrupted is, with the code that
 * has priority (PoP fig. 6-5), and with the row's instruction length.
 */
#include <check.h>
#include <stdio.h>

#include "cpu/layout.h"
#include "unit/cpu_fixture.h"
#include "unit/suite.h"

static struct fixture f;
static struct facility_list all;

static void setup(void)
{
    fixture_init(&f);
    facility_list_all(&all);
}
static void teardown(void) { fixture_release(&f); }

/* Where formats keep the register fields that the rows' rules speak of; see cpu/format.def. */
static const struct { int16_t r1, r2, r3; } places[FORMAT_COUNT] = {
#define FORMAT(name, bytes, place, r1, r2, r3, b2, immediate) {r1, r2, r3},
#include "cpu/format.def"
#undef FORMAT
};

static uint64_t with_register(uint64_t text, int place, unsigned number)
{
    ck_assert_int_ge(place, 0);
    return insn_put(text, (unsigned)place % 100, 4, number);
}

/* The text of a row whose registers are legal: even, of pairs, different and not zero where a rule asks for
 * that. */
static uint64_t legal(enum insn_id id)
{
    const struct insn_row *row = &insn_rows[id];
    uint64_t text = insn_text(id);

    if (row->checks & R1_NOT_0)
        text = with_register(text, places[row->format].r1, 4);
    if (row->checks & (R2_NOT_0 | R1_NE_R2))
        text = with_register(text, places[row->format].r2, 8);
    return text;
}

static const char *row_name(int id) { return insn_name((enum insn_id)id); }

/* The row must end in program interruption `code`, with its length, and the old PSW after it. */
static void expect(int id, uint64_t text, unsigned code, const char *when)
{
    unsigned bytes = insn_format_bytes(insn_rows[id].format);

    f.cpu->leave |= LEAVE_MODE;
    run_insn(&f, text);
    ck_assert_msg(f.code == code, "%s %s: interruption %x, expected %x", row_name(id), when, f.code, code);
    ck_assert_msg(f.ilc == bytes, "%s %s: length %u, expected %u", row_name(id), when, f.ilc, bytes);
    ck_assert_msg(f.old_ia == CODE + bytes, "%s %s: old PSW at %llx", row_name(id), when,
                  (unsigned long long)f.old_ia);
}

/* The violation of every register rule of the row at once. */
static uint64_t illegal(int id)
{
    const struct insn_row *row = &insn_rows[id];
    uint64_t text = legal((enum insn_id)id);

    if (row->checks & (R1_EVEN | R1_PAIR_FP))
        text = with_register(text, places[row->format].r1, row->checks & R1_EVEN ? 1 : 2);
    if (row->checks & (R2_EVEN | R2_PAIR_FP))
        text = with_register(text, places[row->format].r2, row->checks & R2_EVEN ? 1 : 2);
    if (row->checks & (R3_EVEN | R3_PAIR_FP))
        text = with_register(text, places[row->format].r3, row->checks & R3_EVEN ? 1 : 2);
    return text;
}

START_TEST(test_length)
{
    for (int id = 1; id < INSN_COUNT; id++) {
        uint64_t text = insn_text((enum insn_id)id);

        ck_assert_msg(insn_length((uint8_t)(text >> 56)) == insn_format_bytes(insn_rows[id].format), "%s",
                      row_name(id));
        ck_assert_msg(insn_decode(text) == (enum insn_id)id, "%s decodes as %s", row_name(id),
                      insn_name(insn_decode(text)));
        ck_assert_msg(insn_rows[id].operation && insn_rows[id].run, "%s has no semantics", row_name(id));
    }
}
END_TEST

/* Without its facility an instruction does not exist: that has priority over everything else. */
static void without_facility(int id, unsigned facility)
{
    struct facility_list less = all;

    if (facility == FACILITY_Z)
        return;
    ck_assert_msg(facility_present(&all, facility), "%s needs facility %u, which no machine has",
                  row_name(id), facility);
    facility_set(&less, facility, false);
    f.cpu->facilities = &less;
    f.cpu->cr[0] |= CR0_AFP | CR0_VECTOR;
    expect(id, legal((enum insn_id)id), PIC_OPERATION, "without its facility");
    f.cpu->psw_mask |= PSW_PROBLEM;
    f.cpu->cr[0] &= ~(CR0_AFP | CR0_VECTOR);
    expect(id, illegal(id), PIC_OPERATION, "without its facility, in the problem state");
    f.cpu->psw_mask &= ~PSW_PROBLEM;
    f.cpu->facilities = &all;
}

START_TEST(test_facility)
{
    for (int id = 1; id < INSN_COUNT; id++)
        for (unsigned i = 0; i < 2; i++)
            without_facility(id, insn_rows[id].facility[i]);
}
END_TEST

START_TEST(test_privileged)
{
    unsigned rows = 0;

    f.cpu->psw_mask |= PSW_PROBLEM;
    for (int id = 1; id < INSN_COUNT; id++) {
        if (insn_rows[id].authority != SUPERVISOR)
            continue;
        rows++;
        expect(id, legal((enum insn_id)id), PIC_PRIVILEGED, "in the problem state");
        expect(id, illegal(id), PIC_PRIVILEGED, "in the problem state, with illegal registers");
    }
    ck_assert_uint_gt(rows, 60);
}
END_TEST

/* Each rule alone is violated; that has priority over the AFP-register and vector controls. */
static unsigned violate(int id, uint32_t rule, int place, unsigned number)
{
    uint64_t text = legal((enum insn_id)id);

    if (!(insn_rows[id].checks & rule))
        return 0;
    text = with_register(text, place, number);
    f.cpu->cr[0] |= CR0_AFP | CR0_VECTOR;
    expect(id, text, PIC_SPECIFICATION, "with an illegal register");
    f.cpu->cr[0] &= ~(CR0_AFP | CR0_VECTOR);
    expect(id, text, PIC_SPECIFICATION, "with an illegal register and the controls zero");
    return 1;
}

START_TEST(test_specification)
{
    unsigned cases = 0;

    for (int id = 1; id < INSN_COUNT; id++) {
        int r1 = places[insn_rows[id].format].r1, r2 = places[insn_rows[id].format].r2;
        int r3 = places[insn_rows[id].format].r3;

        for (unsigned number = 1; number < 16; number += 2) {
            cases += violate(id, R1_EVEN, r1, number);
            cases += violate(id, R2_EVEN, r2, number);
            cases += violate(id, R3_EVEN, r3, number);
        }
        for (unsigned number = 0; number < 16; number++) {
            cases += number & 2 ? violate(id, R1_PAIR_FP, r1, number) : 0;
            cases += number & 2 ? violate(id, R2_PAIR_FP, r2, number) : 0;
            cases += number & 2 ? violate(id, R3_PAIR_FP, r3, number) : 0;
        }
        cases += violate(id, R1_NOT_0, r1, 0);
        cases += violate(id, R2_NOT_0, r2, 0);
        cases += violate(id, R1_NE_R2, r2, 0); /* r1 is zero in legal() */
    }
    ck_assert_uint_gt(cases, 500);
}
END_TEST

static void expect_data(int id, uint64_t text, uint8_t dxc, const char *when)
{
    f.cpu->fpc = 0xf8f80003;
    expect(id, text, PIC_DATA, when);
    ck_assert_msg(get_be32(at(&f, 0x90)) == dxc, "%s %s: DXC %x, expected %x", row_name(id), when,
                  get_be32(at(&f, 0x90)), dxc);
    /* It is placed in the FPC only when the AFP-register control is one (PoP ch. 6, data-exception code). */
    ck_assert_msg(f.cpu->fpc == (f.cpu->cr[0] & CR0_AFP ? 0xf8f80003 | (uint32_t)dxc << 8 : 0xf8f80003),
                  "%s %s: FPC %08x", row_name(id), when, f.cpu->fpc);
}

/* The data exceptions of register numbers 1, 3, 5, 7–15 without additional floating-point registers. */
static void additional_register(int id, uint32_t check, int place)
{
    if (!(insn_rows[id].checks & check))
        return;
    for (unsigned number = 0; number < 16; number++) {
        struct decode_context context = {.facilities = &all, .amode = 64};
        uint64_t text = with_register(legal((enum insn_id)id), place, number);
        struct insn bound;

        insn_bind(&context, text, &bound);
        if (bound.handler == handle_specification)
            continue;
        if (number & ~6u)
            expect_data(id, text, 1, "with an additional register, AFP control zero");
        else
            ck_assert_msg(bound.handler != handle_data, "%s must allow register %u", row_name(id), number);
        context.afp = true;
        insn_bind(&context, text, &bound);
        ck_assert_msg(bound.handler != handle_data, "%s with the AFP control one", row_name(id));
    }
}

START_TEST(test_data)
{
    unsigned vector = 0, bfp = 0;

    for (int id = 1; id < INSN_COUNT; id++) {
        const struct insn_row *row = &insn_rows[id];
        uint64_t text = legal((enum insn_id)id);

        f.cpu->cr[0] &= ~(CR0_AFP | CR0_VECTOR);
        if (row->checks & VECTOR_OP) {
            vector++;
            expect_data(id, text, 0xfe, "with both controls zero");
            f.cpu->cr[0] |= CR0_VECTOR;
            expect_data(id, text, 0xfe, "with the AFP control zero");
            f.cpu->cr[0] ^= CR0_VECTOR | CR0_AFP;
            expect_data(id, text, 0xfe, "with the vector control zero");
        } else if (row->checks & (BFP | DFP_OP)) {
            bfp++;
            expect_data(id, text, row->checks & BFP ? 2 : 3, "with the AFP control zero");
        } else {
            additional_register(id, AFP_R1, places[row->format].r1);
            additional_register(id, AFP_R2, places[row->format].r2);
            additional_register(id, AFP_R3, places[row->format].r3);
        }
    }
    ck_assert_uint_gt(vector, 150);
    ck_assert_uint_gt(bfp, 100);
}
END_TEST

/* Instructions that the problem state may issue when a control allows it (PoP ch. 10). */
enum { EXTRACTION, KEY_MASK_R1, KEY_MASK_R3, KEY_MASK_ADDRESS, HOME };
static const struct { enum insn_id id; unsigned rule; const char *text; } semiprivileged[] = {
    {INSN_EPAR, EXTRACTION, "b2260010"},
    {INSN_EPAIR, EXTRACTION, "b99a0010"},
    {INSN_ESAR, EXTRACTION, "b2270010"},
    {INSN_ESAIR, EXTRACTION, "b99b0010"},
    {INSN_IAC, EXTRACTION, "b2240010"},
    {INSN_IPK, EXTRACTION, "b20b0000"},
    {INSN_IVSK, EXTRACTION, "b2230012"},
    {INSN_SPKA, KEY_MASK_ADDRESS, "b20a3000"},
    {INSN_MVCK, KEY_MASK_R3, "d91350004000"},
    {INSN_MVCP, KEY_MASK_R3, "da1350004000"},
    {INSN_MVCS, KEY_MASK_R3, "db1350004000"},
    {INSN_MVCSK, KEY_MASK_R1, "e50e50004000"},
    {INSN_MVCDK, KEY_MASK_R1, "e50f50004000"},
    {INSN_SAC, HOME, "b2190300"},
    {INSN_SACF, HOME, "b2790300"},
};

/* DAT is on, with real addresses: EPAR and others need it. The access key named by instructions is 7. */
static void enter_problem_state(void)
{
    uint64_t real_space = 0x20;

    f.cpu->psw_mask = PSW_EA | PSW_BA | PSW_DAT | PSW_PROBLEM;
    f.cpu->cr[1] = f.cpu->cr[7] = f.cpu->cr[13] = real_space;
    f.cpu->cr[0] |= CR0_SECONDARY_SPACE;
    f.cpu->gr[1].d = f.cpu->gr[3].d = 0x70;
    f.cpu->gr[0].d = 0;
    f.cpu->gr[2].d = 0x30000;
    f.cpu->gr[5].d = 0x20000;
    f.cpu->gr[4].d = 0x21000;
    f.machine.storage->keys[0x20000 / PAGE_BYTES] = 0x70;
}

static void semiprivileged_run(unsigned i, bool allowed)
{
    enum { KEY_7 = 0x80000000u >> 7 };
    uint64_t text = 0;

    enter_problem_state();
    switch (semiprivileged[i].rule) {
    case EXTRACTION:
        f.cpu->cr[0] &= ~CR0_EXTRACTION_AUTHORITY;
        f.cpu->cr[0] |= allowed ? CR0_EXTRACTION_AUTHORITY : 0;
        break;
    case HOME:
        if (allowed)
            f.cpu->psw_mask &= ~PSW_PROBLEM;
        break;
    default:
        f.cpu->cr[3] = allowed ? KEY_7 : ~(uint64_t)KEY_7;
        break;
    }
    sscanf(semiprivileged[i].text, "%llx", (unsigned long long *)&text);
    text <<= 64 - 4 * strlen(semiprivileged[i].text);
    ck_assert_msg(insn_decode(text) == semiprivileged[i].id, "%s", semiprivileged[i].text);
    if (!allowed) {
        expect(semiprivileged[i].id, text, PIC_PRIVILEGED, "not authorized");
        return;
    }
    f.cpu->leave |= LEAVE_MODE;
    run_insn(&f, text);
    ck_assert_msg(f.code == 0, "%s authorized: interruption %x", semiprivileged[i].text, f.code);
}

START_TEST(test_semiprivileged)
{
    ck_assert_msg(insn_rows[semiprivileged[_i].id].authority == SEMI, "%s", semiprivileged[_i].text);
    semiprivileged_run((unsigned)_i, false);
    semiprivileged_run((unsigned)_i, true);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("instruction rows");
    TCase *rows = tcase_create("rows");

    tcase_add_checked_fixture(rows, setup, teardown);
    tcase_set_timeout(rows, 120);
    tcase_add_test(rows, test_length);
    tcase_add_test(rows, test_facility);
    tcase_add_test(rows, test_privileged);
    tcase_add_test(rows, test_specification);
    tcase_add_test(rows, test_data);
    tcase_add_loop_test(rows, test_semiprivileged, 0, sizeof(semiprivileged) / sizeof(semiprivileged[0]));
    suite_add_tcase(suite, rows);
    return run_suite(suite);
}
