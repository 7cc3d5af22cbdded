/* SPDX-License-Identifier: MIT */
/**
 * The interception matrix: every row of the instruction table under every control of the state description.
 *
 * What is expected stands here by instruction name, as the description of the controls tells it (sheet: SIE
 * interception controls and instructions intercepted whatever they are), not as the table's rows say.
 */
#include <stdio.h>

#include "cpu/layout.h"
#include "unit/sie_fixture.h"

/* ---- Controls ---- */

/** One state of one control of the state description. */
struct control {
    const char *name;
    uint32_t ictl;
    uint16_t lctl;
    uint32_t svcc;
    uint32_t eca, cpustat;
    uint8_t ecb, ecb2;
    bool facilities;
};

enum { CONTROLS_MOST = 96 };
static struct control controls[CONTROLS_MOST];
static unsigned control_count;

static struct control *add_control(const char *name)
{
    ck_assert_uint_lt(control_count, CONTROLS_MOST);
    controls[control_count].name = name;
    return &controls[control_count++];
}

static void make_controls(void)
{
    control_count = 0;
    add_control("none");
    for (unsigned bit = 0; bit < 32; bit++)
        add_control("ICTL")->ictl = 0x80000000u >> bit;
    for (unsigned bit = 0; bit < 16; bit++)
        add_control("LCTL")->lctl = (uint16_t)(0x8000 >> bit);
    add_control("SVCC all")->svcc = 0x80000000;
    add_control("SVCC first 0")->svcc = 0x40000505;
    add_control("SVCC second 0")->svcc = 0x20050005;
    add_control("SVCC third 0")->svcc = 0x10050500;
    add_control("SVCC others")->svcc = 0x70050607;
    add_control("SVCC numbers without their bits")->svcc = 0;
    add_control("ECA.MVPGI")->eca = 0x01000000;
    add_control("ECA.VX")->eca = 0x00020000;
    add_control("ECA.SIGPI")->eca = 0x10000000;
    add_control("ECA.SII")->eca = 0x00000001;
    add_control("ECA.PROTEXCI")->eca = 0x00002000;
    add_control("ECA.CEI")->eca = 0x80000000;
    add_control("ECB.SPECI")->ecb = 0x08;
    add_control("ECB.SRSI")->ecb = 0x04;
    add_control("ECB.HOSTPROTINT")->ecb = 0x02;
    add_control("ECB.PTF")->ecb = 0x01;
    add_control("ECB2.IEP")->ecb2 = 0x20;
    add_control("ECB2.CMMA")->ecb2 = 0x80;
    add_control("ECB2.PFMFI")->ecb2 = 0x08;
    add_control("CPUSTAT.KSS")->cpustat = 0x0200;
    add_control("facility list")->facilities = true;
}

/* ---- What is expected ---- */

/** Why an instruction is intercepted, or not. */
struct fact {
    const char *name;
    bool always;
    uint32_t ictl;    /**< intercepted with this bit of ICTL */
    uint32_t eca;     /**< intercepted without this bit */
    uint8_t ecb, ecb2;
    bool facilities;  /**< intercepted without a facility list */
    bool key;         /**< keyless subset: interception 0x5c */
    bool lctl, svc;
};

static const struct fact facts[] = {
    /* Whatever the controls are */
    {"diag", true}, {"sck", true}, {"spx", true}, {"stpx", true}, {"stap", true}, {"stidp", true},
    {"stsi", true}, {"stfl", true}, {"tb", true}, {"chsc", true}, {"servc", true}, {"sie", true},
    {"ptff", true}, {"sckpf", true}, {"csch", true}, {"hsch", true}, {"msch", true}, {"ssch", true},
    {"stsch", true}, {"tsch", true}, {"tpi", true}, {"sal", true}, {"rsch", true}, {"stcrw", true},
    {"stcps", true}, {"rchp", true}, {"schm", true}, {"xsch", true},
    {"sigp", true}, /* order 0 */
    /* ICTL */
    {"stfle", .ictl = 0x10000000, .facilities = true},
    {"ipte", .ictl = 0x01000000}, {"idte", .ictl = 0x01000000}, {"csp", .ictl = 0x01000000},
    {"cspg", .ictl = 0x01000000}, {"crdte", .ictl = 0x01000000}, {"rdp", .ictl = 0x01000000},
    {"lpsw", .ictl = 0x00400000}, {"lpswe", .ictl = 0x00400000}, {"lpswey", .ictl = 0x00400000},
    {"ptlb", .ictl = 0x00200000}, {"palb", .ictl = 0x00200000}, {"ssm", .ictl = 0x00100000},
    {"bsa", .ictl = 0x00080000}, {"stctl", .ictl = 0x00040000}, {"stctg", .ictl = 0x00040000},
    {"stnsm", .ictl = 0x00020000}, {"stosm", .ictl = 0x00010000}, {"stck", .ictl = 0x00008000},
    {"stcke", .ictl = 0x00008000}, {"stckf", .ictl = 0x00008000},
    {"iske", .ictl = 0x00004000, .key = true}, {"irbm", .ictl = 0x00004000, .key = true},
    {"sske", .ictl = 0x00002000, .key = true},
    {"rrbe", .ictl = 0x00001000, .key = true}, {"rrbm", .ictl = 0x00001000, .key = true},
    {"pc", .ictl = 0x00000800}, {"pt", .ictl = 0x00000400}, {"pti", .ictl = 0x00000400},
    {"tprot", .ictl = 0x00000200}, {"lasp", .ictl = 0x00000100},
    {"spt", .ictl = 0x00000040}, {"stpt", .ictl = 0x00000040}, {"ectg", .ictl = 0x00000040},
    {"sckc", .ictl = 0x00000020}, {"stckc", .ictl = 0x00000020},
    {"pr", .ictl = 0x00000008}, {"bakr", .ictl = 0x00000004},
    /* Assists */
    {"mvpg", .eca = 0x01000000}, {"ptf", .ecb = 0x01}, {"essa", .ecb2 = 0x80}, {"pfmf", .ecb2 = 0x08},
    /* Named registers and numbers: all rows have zeros in their fields */
    {"lctl", .lctl = true}, {"lctlg", .lctl = true}, {"svc", .svc = true},
};

/* LCBB is in the vector facility but uses no vector register; all else in E6 and E7 needs ECA.VX. */
static bool is_vector(enum insn_id id)
{
    uint8_t first = (uint8_t)(insn_text(id) >> 56);

    return (first == 0xe6 || first == 0xe7) && strcmp(insn_name(id), "lcbb") != 0;
}

static const struct fact *fact_of(enum insn_id id)
{
    static const struct fact none = {"", false}, vector = {"", .eca = 0x00020000};

    for (unsigned i = 0; i < sizeof facts / sizeof facts[0]; i++)
        if (!strcmp(facts[i].name, insn_name(id)))
            return &facts[i];
    return is_vector(id) ? &vector : &none;
}

static bool svc_zero_named(uint32_t svcc)
{
    return (svcc & 0x80000000) || ((svcc & 0x40000000) && !(svcc & 0xff0000)) ||
           ((svcc & 0x20000000) && !(svcc & 0xff00)) || ((svcc & 0x10000000) && !(svcc & 0xff));
}

/* The interception code, or 0. */
static unsigned expected(const struct fact *fact, const struct control *c)
{
    if (fact->key && (c->cpustat & CPUSTAT_KSS))
        return ICPT_KEYLESS;
    if (fact->always || (c->ictl & fact->ictl) || (fact->eca & ~c->eca) || (fact->ecb & ~c->ecb) ||
        (fact->ecb2 & ~c->ecb2) ||
        (fact->facilities && !c->facilities) || (fact->lctl && (c->lctl & 0x8000)) ||
        (fact->svc && svc_zero_named(c->svcc)))
        return ICPT_INSTRUCTION;
    return 0;
}

/* ---- Running one ---- */

static void prepare(const struct control *c)
{
    static const uint64_t registers[16] = {[2] = GUEST_DATA, [1] = GUEST_DATA};

    f.cpu->pending = 0;
    for (unsigned i = 0; i < 14; i++)
        f.cpu->gr[i].d = registers[i];
    f.cpu->gr[0].d = 2; /* PTF: check */
    describe();
    guest_new_psws();
    or_sd32(SD_CPUSTAT, c->cpustat);
    set_sd32(SD_ICTL, c->ictl);
    set_sd16(SD_LCTL, c->lctl);
    set_sd32(SD_SVCC, c->svcc);
    set_sd32(SD_ECA, c->eca);
    *sd(SD_ECB) = c->ecb;
    *sd(SD_ECB2) = c->ecb2;
    set_sd32(SD_SCA_LOW, SCA);
    if (c->facilities)
        set_sd32(SD_FACILITIES, FACILITY_LIST);
}

/* SIE, for as short as it takes to be sure; a guest that loops is left where it is. */
static void interpret_shortly(void)
{
    f.cpu->gr[14].d = SD;
    f.cpu->psw_mask = PSW_EA | PSW_BA;
    f.cpu->ia = CODE;
    f.cpu->state = CPU_OPERATING;
    f.cpu->leave |= LEAVE_MODE;
    cpus_run(&f.machine, f.machine.now + 1000);
    f.machine.end = MACHINE_RUNNING;
    if (f.cpu->interpreting)
        f.machine.cpus->sie->leave(f.cpu);
    cpus_abandon_round(&f.machine);
    f.cpu->state = CPU_OPERATING;
    for (unsigned i = 0; i < 16; i++)
        f.cpu->cr[i] = i == 0 ? 0xe0 | CR0_AFP | CR0_VECTOR : i == 1 ? SEGMENTS : 0;
}

static uint64_t padded(uint64_t text, unsigned bytes) { return text & ~(UINT64_MAX >> 8 * bytes); }

static void place_text(uint64_t address, uint64_t text)
{
    char hex[17];

    snprintf(hex, sizeof hex, "%016llx", (unsigned long long)text);
    guest_code_at(address, hex);
}

static bool stopped_at(uint64_t text, unsigned bytes, uint64_t ia, uint8_t status)
{
    return sd16(SD_IPA) == text >> 48 && sd32(SD_IPB) == (uint32_t)(padded(text, bytes) >> 16) &&
           guest_ia() == ia && *sd(SD_ICPTSTATUS) == status;
}

static void check_row(enum insn_id id, const struct control *c)
{
    uint64_t text = insn_text(id);
    unsigned bytes = insn_format_bytes(insn_rows[id].format), wanted = expected(fact_of(id), c);

    prepare(c);
    place_text(GUEST_CODE, text);
    interpret_shortly();
    if (wanted == ICPT_INSTRUCTION)
        ck_assert_msg(
            icpt() == wanted && stopped_at(text, bytes, GUEST_CODE + bytes, 0x80),
            "%s with %s (ICTL %08x, LCTL %04x, SVCC %08x): code %02x status %02x ipa %04x ipb %08x at %llx",
            insn_name(id), c->name, c->ictl, c->lctl, c->svcc, icpt(), *sd(SD_ICPTSTATUS), sd16(SD_IPA),
            sd32(SD_IPB), (unsigned long long)guest_ia());
    else if (wanted == ICPT_KEYLESS)
        ck_assert_msg(icpt() == wanted && guest_ia() == GUEST_CODE, "%s with %s: code %02x", insn_name(id),
                      c->name, icpt());
    else
        ck_assert_msg((icpt() != ICPT_INSTRUCTION || sd16(SD_IPA) == 0) && icpt() != ICPT_KEYLESS,
                      "%s with %s (ICTL %08x) is intercepted", insn_name(id), c->name, c->ictl);
}

static bool has_fact(enum insn_id id)
{
    const struct fact *fact = fact_of(id);

    return fact->name[0] || fact->eca;
}

static void setup_matrix(void)
{
    setup();
    make_controls();
    host_tables();
    place(&f, CODE, "b214e000");
    for (unsigned i = 0; i < FACILITY_LIMIT / 8; i++)
        *at(&f, FACILITY_LIST + i) = (uint8_t)(i + 1);
}

/* Facts that name nothing would prove nothing. */
START_TEST(test_facts_name_instructions)
{
    for (unsigned i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        bool found = false;

        for (int id = 1; id < INSN_COUNT; id++)
            found |= !strcmp(facts[i].name, insn_name((enum insn_id)id));
        ck_assert_msg(found, "%s", facts[i].name);
    }
}
END_TEST

START_TEST(test_every_row_with_every_control)
{
    for (int id = 1; id < INSN_COUNT; id++)
        for (unsigned i = 0; i < control_count; i++)
            if (has_fact((enum insn_id)id))
                check_row((enum insn_id)id, &controls[i]);
}
END_TEST

/* Rows without a fact are interpreted even when everything is asked for and nothing assists. */
START_TEST(test_the_rest_is_never_intercepted)
{
    const struct control all = {.name = "everything", .ictl = 0x1fffffff, .lctl = 0xffff, .svcc = 0xf0000000,
                                .cpustat = CPUSTAT_KSS};

    for (int id = 1; id < INSN_COUNT; id++)
        if (!has_fact((enum insn_id)id)) {
            check_row((enum insn_id)id, &all);
            check_row((enum insn_id)id, &controls[0]);
        }
}
END_TEST

/* ---- The same through EXECUTE, in the problem state, with named registers ---- */

START_TEST(test_execute_targets)
{
    for (int id = 1; id < INSN_COUNT; id++) {
        uint64_t text = insn_text((enum insn_id)id);
        unsigned bytes = insn_format_bytes(insn_rows[id].format);
        unsigned wanted = expected(fact_of((enum insn_id)id), &controls[0]);

        if (wanted != ICPT_INSTRUCTION)
            continue;
        prepare(&controls[0]);
        place_text(GUEST_DATA, text);
        guest_code("44002000"); /* ex 0,0(2) */
        interpret_shortly();
        ck_assert_msg(icpt() == wanted && stopped_at(text, bytes, GUEST_CODE + 4, 0x80 | 0x40 | 0x01),
                      "ex of %s: %02x", insn_name((enum insn_id)id), *sd(SD_ICPTSTATUS));
        prepare(&controls[0]);
        guest_code("c60000008000"); /* exrl 0,GUEST_DATA */
        interpret_shortly();
        ck_assert_msg(icpt() == wanted && stopped_at(text, bytes, GUEST_CODE + 6, 0x80 | 0x60 | 0x01),
                      "exrl of %s: %02x", insn_name((enum insn_id)id), *sd(SD_ICPTSTATUS));
    }
}
END_TEST

START_TEST(test_execute_modifies_the_target)
{
    prepare(&controls[0]);
    f.cpu->gr[5].d = 0x23;
    place_text(GUEST_DATA, 0x8301004400000000);
    guest_code("44502000"); /* ex 5,0(2) */
    interpret_shortly();
    ck_assert_uint_eq(icpt(), ICPT_INSTRUCTION);
    ck_assert_uint_eq(sd16(SD_IPA), 0x8323);
    ck_assert_uint_eq(sd32(SD_IPB), 0x00440000);
}
END_TEST

/* Keyless: the PSW stays at EXECUTE. */
START_TEST(test_execute_of_key_instruction)
{
    struct control keyless = {.name = "KSS", .cpustat = CPUSTAT_KSS};

    prepare(&keyless);
    place_text(GUEST_DATA, 0xb229001200000000);
    guest_code("c60000008000");
    interpret_shortly();
    ck_assert_uint_eq(icpt(), ICPT_KEYLESS);
    ck_assert_uint_eq(guest_ia(), GUEST_CODE);
}
END_TEST

/* Privileged instructions are privileged-operation exceptions of the guest before they are interceptions. */
START_TEST(test_problem_state)
{
    const struct control all = {.name = "everything", .ictl = 0x1fffffff, .lctl = 0xffff, .svcc = 0xf0000000,
                                .cpustat = CPUSTAT_KSS};
    static const char *const unprivileged[] = {"stck", "stcke", "stckf", "stfle", "ptff", "ectg", "svc",
                                               "mvpg", "pc",    "pt",    "pti",   "pr",   "bakr", "bsa"};

    for (int id = 1; id < INSN_COUNT; id++) {
        uint64_t text = insn_text((enum insn_id)id);
        unsigned bytes = insn_format_bytes(insn_rows[id].format);
        bool any = is_vector((enum insn_id)id);

        if (!has_fact((enum insn_id)id))
            continue;
        for (unsigned i = 0; i < sizeof unprivileged / sizeof unprivileged[0]; i++)
            any |= !strcmp(unprivileged[i], insn_name((enum insn_id)id));
        prepare(&all);
        set_guest_psw(PSW_EA | PSW_BA | PSW_PROBLEM, GUEST_CODE);
        place_text(GUEST_CODE, text);
        put_be32(guest(0x8c), 0);
        interpret_shortly();
        if (any)
            ck_assert_msg(icpt() == ICPT_INSTRUCTION && guest_ia() == GUEST_CODE + bytes, "%s: %02x",
                          insn_name((enum insn_id)id), icpt());
        else
            ck_assert_msg(icpt() == ICPT_WAIT && get_be16(guest(0x8e)) == PIC_PRIVILEGED &&
                              get_be64(guest(0x158)) == GUEST_CODE + bytes,
                          "%s: %02x, %x", insn_name((enum insn_id)id), icpt(), get_be16(guest(0x8e)));
    }
}
END_TEST

/* With ICTL's own bit the exception goes to the host, not the instruction. */
START_TEST(test_privileged_operation_is_intercepted_as_asked)
{
    struct control privileged = {.name = "privileged", .ictl = 0x40000000};

    prepare(&privileged);
    set_guest_psw(PSW_EA | PSW_BA | PSW_PROBLEM, GUEST_CODE);
    place_text(GUEST_CODE, 0x8300004400000000);
    interpret_shortly();
    ck_assert_uint_eq(icpt(), ICPT_PROGRAM);
    ck_assert_uint_eq(sd16(0xce), PIC_PRIVILEGED);
    ck_assert_uint_eq(sd16(0xcc), 4);
    ck_assert_uint_eq(guest_ia(), GUEST_CODE + 4);
}
END_TEST

/* What the host wants seen, as many doublewords as the machine has; or the host is asked. */
START_TEST(test_facility_list)
{
    struct control listed = {.name = "list", .facilities = true};
    unsigned most;

    prepare(&listed);
    f.cpu->gr[0].d = 0xff;
    guest_code("b2b02000 83000044"); /* stfle 0(2) */
    memset(guest(GUEST_DATA), 0xee, 256);
    interpret();
    expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 8);
    ck_assert_uint_eq(guest_mask() >> PSW_CC_SHIFT & 3, 0);
    most = (f.cpu->gr[0].d & 0xff) + 1;
    ck_assert_uint_ge(most, 3);
    ck_assert_mem_eq(guest(GUEST_DATA), at(&f, FACILITY_LIST), 8 * most);
    ck_assert_uint_eq(*guest(GUEST_DATA + 8 * most), 0xee);
    prepare(&listed);
    f.cpu->gr[0].d = 0;
    memset(guest(GUEST_DATA), 0xee, 256);
    interpret();
    ck_assert_uint_eq(guest_mask() >> PSW_CC_SHIFT & 3, 3);
    ck_assert_uint_eq(f.cpu->gr[0].d & 0xff, most - 1);
    ck_assert_uint_eq(*guest(GUEST_DATA + 8), 0xee);
}
END_TEST

/* More different controls than are kept: decoded code and EXECUTE targets follow, and nothing grows. */
START_TEST(test_ever_new_controls)
{
    place_text(GUEST_DATA, 0x8000201000000000); /* ssm 16(2) */
    for (unsigned i = 0; i < 2000; i++) {
        bool asked = i * 2654435761u >> 31;
        struct control c = {.name = "new", .lctl = (uint16_t)i, .ictl = asked ? 0x00100000 : 0};

        prepare(&c);
        guest_code("44002000 83000044"); /* ex 0,0(2) */
        *guest(GUEST_DATA + 16) = 0;
        interpret_shortly();
        ck_assert_uint_eq(icpt(), ICPT_INSTRUCTION);
        ck_assert_uint_eq(sd16(SD_IPA), asked ? 0x8000 : 0x8300);
        ck_assert_uint_le(f.machine.cpus->profile_count, 256);
        ck_assert_uint_le(f.machine.cpus->context_count, 2000);
    }
}
END_TEST

/* LCTL and LCTLG: any named register of the range, also around 15; the others do not matter. */
START_TEST(test_load_control_names_registers)
{
    for (unsigned r1 = 0; r1 < 16; r1++)
        for (unsigned r3 = 0; r3 < 16; r3++)
            for (unsigned named = 0; named < 16; named++) {
                struct control c = {.name = "LCTL", .lctl = (uint16_t)(0x8000 >> named)};
                bool in = ((named - r1) & 15) <= ((r3 - r1) & 15);
                uint64_t text = 0xeb002000002f0000 | (uint64_t)r1 << 52 | (uint64_t)r3 << 48;

                prepare(&c);
                place_text(GUEST_CODE, text);
                interpret_shortly();
                ck_assert_msg((icpt() == ICPT_INSTRUCTION && sd16(SD_IPA) >> 8 == 0xeb) == in,
                              "lctlg %u,%u with %04x: %02x", r1, r3, c.lctl, icpt());
            }
}
END_TEST

START_TEST(test_supervisor_call_numbers)
{
    struct control c = {.name = "SVCC", .svcc = 0x70112233};

    for (unsigned n = 0; n < 256; n++) {
        prepare(&c);
        place_text(GUEST_CODE, 0x0a00000000000000 | (uint64_t)n << 48);
        interpret_shortly();
        if (n == 0x11 || n == 0x22 || n == 0x33) {
            ck_assert_uint_eq(icpt(), ICPT_INSTRUCTION);
            ck_assert_uint_eq(sd16(SD_IPA), 0x0a00 | n);
            ck_assert_uint_eq(sd32(SD_IPB), 0);
        } else {
            ck_assert_uint_eq(icpt(), ICPT_WAIT);
            ck_assert_uint_eq(get_be16(guest(0x8a)), n);
        }
    }
}
END_TEST

/* What this machine has no instruction for, but a host may have for its guest: PCI, AP, guarded storage, … */
START_TEST(test_left_to_the_host)
{
    static const struct { uint64_t text; unsigned bytes; } rows[] = {
        {0xb2ad0012, 4}, {0xb2ae0012, 4}, {0xb2af0000, 4}, {0xb2740000, 4}, {0xb9a08012, 4}, {0xb9d00012, 4},
        {0xb9d20012, 4}, {0xb9d30012, 4}, {0xe310200000d0, 6}, {0xe310200000d4, 6}, {0xeb13200000d0, 6},
        {0xeb13200000d1, 6}, {0xe31020000049, 6}, {0xe3102000004d, 6}, {0xeb1320000060, 6},
        {0xeb1320000061, 6},
        {0xeb1320000062, 6}, {0xaa100000, 4}, {0xaa110000, 4}, {0xaa140000, 4},
    };

    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t text = rows[i].text << (64 - 8 * rows[i].bytes);

        prepare(&controls[0]);
        place_text(GUEST_CODE, text);
        interpret_shortly();
        ck_assert_msg(icpt() == ICPT_INSTRUCTION &&
                          stopped_at(text, rows[i].bytes, GUEST_CODE + rows[i].bytes, 0x80),
                      "%llx", (unsigned long long)rows[i].text);
        prepare(&controls[0]);
        set_guest_psw(PSW_EA | PSW_BA | PSW_PROBLEM, GUEST_CODE);
        interpret_shortly();
        ck_assert_msg(icpt() == ICPT_WAIT, "%llx in the problem state: %02x",
                      (unsigned long long)rows[i].text, icpt());
    }
}
END_TEST

/* Operation exceptions: the guest's own, or with ICTL's first bit code 0x2c, the PSW past the instruction. */
START_TEST(test_operation_exceptions)
{
    static const struct { const char *hex; unsigned bytes; uint16_t ipa; uint32_t ipb; } rows[] = {
        {"0000", 2, 0x0000, 0}, {"0001", 2, 0x0001, 0}, {"b2fe0012", 4, 0xb2fe, 0x00120000},
        {"e31020000000", 6, 0xe310, 0x20000000},
    };
    struct control asked = {.name = "operation", .ictl = 0x80000000};

    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        prepare(&controls[0]);
        guest_code(rows[i].hex);
        interpret();
        expect_guest_program(PIC_OPERATION, rows[i].bytes, GUEST_CODE + rows[i].bytes);
        prepare(&asked);
        guest_code(rows[i].hex);
        interpret();
        expect_icpt(ICPT_OPERATION, GUEST_CODE + rows[i].bytes);
        ck_assert_uint_eq(sd16(SD_IPA), rows[i].ipa);
        ck_assert_uint_eq(sd32(SD_IPB), rows[i].ipb);
        ck_assert_uint_eq(*sd(SD_ICPTSTATUS), 0x80);
        place(&f, CODE, "b214e000");
    }
}
END_TEST

/* An instruction across two pages, at the end of the guest's 24-bit storage, and in 31-bit mode. */
START_TEST(test_addresses_wrap_in_the_addressing_mode)
{
    prepare(&controls[0]);
    guest_code_at(0x20ffe, "83230044");
    set_guest_psw(PSW_EA | PSW_BA, 0x20ffe);
    interpret();
    expect_icpt(ICPT_INSTRUCTION, 0x21002);
    ck_assert_uint_eq(sd16(SD_IPA), 0x8323);
    ck_assert_uint_eq(sd32(SD_IPB), 0x00440000);
    prepare(&controls[0]);
    guest_code("83230044");
    set_guest_psw(0, GUEST_CODE);
    interpret();
    expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 4);
    ck_assert_uint_eq(guest_mask(), 0);
}
END_TEST

int main(void)
{
    TCase *tc = sie_tests(setup_matrix);

    tcase_add_test(tc, test_facts_name_instructions);
    tcase_add_test(tc, test_every_row_with_every_control);
    tcase_add_test(tc, test_the_rest_is_never_intercepted);
    tcase_add_test(tc, test_execute_targets);
    tcase_add_test(tc, test_execute_modifies_the_target);
    tcase_add_test(tc, test_execute_of_key_instruction);
    tcase_add_test(tc, test_problem_state);
    tcase_add_test(tc, test_privileged_operation_is_intercepted_as_asked);
    tcase_add_test(tc, test_facility_list);
    tcase_add_test(tc, test_ever_new_controls);
    tcase_add_test(tc, test_load_control_names_registers);
    tcase_add_test(tc, test_supervisor_call_numbers);
    tcase_add_test(tc, test_left_to_the_host);
    tcase_add_test(tc, test_operation_exceptions);
    tcase_add_test(tc, test_addresses_wrap_in_the_addressing_mode);
    return run_sie_tests("sie matrix", tc);
}
