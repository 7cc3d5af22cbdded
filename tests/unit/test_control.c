/* SPDX-License-Identifier: MIT */
/* PSW, control registers, identification, SIGP (PoP ch. 10). */
#include <check.h>
#include <stdio.h>

#include "cpu/sigp.h"
#include "machine/ebcdic.h"
#include "unit/cpu_fixture.h"
#include "unit/suite.h"

static struct fixture f;
static void setup(void)
{
    fixture_init_cpus(&f, 3);
    set_gr64(f.cpu, 1, DATA);
}
static void teardown(void) { fixture_release(&f); }

#define PROBLEM (PSW_PROBLEM | PSW_EA | PSW_BA)

START_TEST(short_psw_is_expanded)
{
    /* 31-bit mode, address CODE + 0x100, where an operation exception tells where we are. */
    put_be64(at(&f, DATA), 0x0008000080000000 + CODE + 0x100);
    place(&f, CODE + 0x100, "");
    run(&f, "82001000");
    ck_assert_uint_eq(f.code, PIC_OPERATION);
    ck_assert_uint_eq(f.old_ia, CODE + 0x102);
    ck_assert_uint_eq(f.old_mask, PSW_BA);
    ck_assert_uint_eq(get_be64(at(&f, 0x110)), CODE); /* breaking event */
}
END_TEST

START_TEST(short_psw_without_its_one_bit)
{
    put_be64(at(&f, DATA), 0x0000000080000000 + CODE + 0x100);
    run(&f, "82001000");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    ck_assert_uint_eq(f.old_ia, CODE + 0x100); /* early: the invalid PSW was loaded */
}
END_TEST

START_TEST(lpswey_keeps_breaking_event)
{
    put_be64(at(&f, DATA), PSW_EA | PSW_BA);
    put_be64(at(&f, DATA + 8), CODE + 0x100);
    put_be64(at(&f, DATA + 16), 0x123456);
    place(&f, CODE + 0x100, "");
    run(&f, "b2001010 eb0010000071");
    ck_assert_uint_eq(f.old_ia, CODE + 0x102);
    ck_assert_uint_eq(get_be64(at(&f, 0x110)), 0x123456);
}
END_TEST

START_TEST(store_breaking_event)
{
    put_be64(at(&f, DATA), 0x123456789abcdef0);
    run(&f, "b2001000 b2011008 a7f40002 b2011010");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(get_be64(at(&f, DATA + 8)), 0x123456789abcdef0);
    ck_assert_uint_eq(get_be64(at(&f, DATA + 16)), CODE + 8); /* the jump's address */
    run(&f, "b2011004");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
}
END_TEST

START_TEST(system_mask_instructions)
{
    /* stosm 0(1),0x03; stnsm 1(1),0xfe; the second turns external interruptions off. */
    run(&f, "ad031000 acfe1001");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(*at(&f, DATA), 0x00);
    ck_assert_uint_eq(*at(&f, DATA + 1), 0x03);
    ck_assert_uint_eq(f.old_mask >> 56, 0x02);
    *at(&f, DATA) = 0x40;
    run(&f, "80001000");
    ck_assert_uint_eq(f.old_mask >> 56, 0x40);
    f.cpu->cr[0] |= CR0_SSM_SUPPRESSION;
    run(&f, "80001000");
    ck_assert_uint_eq(f.code, PIC_SPECIAL_OPERATION);
    /* Bit 0 must be zero: the mask is set, then an early specification exception. */
    run(&f, "ad801000");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    ck_assert_uint_eq(f.ilc, 4);
    ck_assert_uint_eq(f.old_ia, CODE + 4);
}
END_TEST

START_TEST(keys_of_the_psw)
{
    f.cpu->psw_mask = PROBLEM;
    f.cpu->cr[3] = 0x00400000; /* key 9 only */
    run(&f, "b20a0090");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq((f.old_mask & PSW_KEY) >> PSW_KEY_SHIFT, 9);
    run(&f, "b20a0080");
    ck_assert_uint_eq(f.code, PIC_PRIVILEGED);
    set_gr64(f.cpu, 2, UINT64_MAX);
    run(&f, "b20b0000");
    ck_assert_uint_eq(f.code, PIC_PRIVILEGED);
    f.cpu->cr[0] |= CR0_EXTRACTION_AUTHORITY;
    f.cpu->psw_mask |= 9ULL << PSW_KEY_SHIFT;
    f.cpu->cr[0] |= CR0_STORAGE_PROTECTION_OVERRIDE;
    run(&f, "b20b0000");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(gr64(f.cpu, 2), 0xffffffffffffff90);
}
END_TEST

START_TEST(extract_psw)
{
    set_gr64(f.cpu, 3, UINT64_MAX);
    set_gr64(f.cpu, 4, UINT64_MAX);
    f.cpu->cc = 2;
    run(&f, "b98d0034");
    ck_assert_uint_eq(gr64(f.cpu, 3), 0xffffffff00002001);
    ck_assert_uint_eq(gr64(f.cpu, 4), 0xffffffff80000000);
}
END_TEST

/* A segment table and page table at 0x100000 that map the first megabyte to itself; the ASCE. */
static uint64_t identity_space(void)
{
    put_be64(at(&f, 0x100000), 0x101000);
    for (unsigned i = 1; i < 512; i++)
        put_be64(at(&f, 0x100000 + 8 * i), 0x20);
    for (unsigned i = 0; i < 256; i++)
        put_be64(at(&f, 0x101000 + 8 * i), i << 12);
    return 0x100000;
}

START_TEST(address_space_control)
{
    uint64_t asce = identity_space();

    f.cpu->cr[1] = f.cpu->cr[7] = f.cpu->cr[13] = asce;
    set_gr64(f.cpu, 3, 0);
    run(&f, "b2190100");
    ck_assert_uint_eq(f.code, PIC_SPECIAL_OPERATION); /* DAT is off */
    f.cpu->psw_mask |= PSW_DAT;
    run(&f, "b2190100");
    ck_assert_uint_eq(f.code, PIC_SPECIAL_OPERATION); /* no secondary-space control */
    f.cpu->cr[0] |= CR0_SECONDARY_SPACE;
    run(&f, "b2190100 b2240030");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(gr64(f.cpu, 3), 0x100);
    ck_assert_uint_eq(f.cpu->cc, 1);
    ck_assert_uint_eq(f.old_mask >> PSW_AS_SHIFT & 3, SPACE_SECONDARY);
    run(&f, "b2790200 b2240030");
    ck_assert_uint_eq(f.old_mask >> PSW_AS_SHIFT & 3, SPACE_ACCESS_REGISTER);
    run(&f, "b2190400");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    f.cpu->psw_mask |= PSW_PROBLEM;
    run(&f, "b2190300");
    ck_assert_uint_eq(f.code, PIC_PRIVILEGED);
}
END_TEST

START_TEST(home_space_switch_event)
{
    f.cpu->cr[1] = f.cpu->cr[7] = f.cpu->cr[13] = identity_space();
    f.cpu->cr[13] |= 0x40;
    f.cpu->cr[4] = 0x1234;
    f.cpu->cr[0] |= CR0_SECONDARY_SPACE;
    f.cpu->psw_mask |= PSW_DAT;
    run(&f, "b2190300");
    ck_assert_uint_eq(f.code, PIC_SPACE_SWITCH);
    ck_assert_uint_eq(f.old_ia, CODE + 4);
    ck_assert_uint_eq(f.old_mask >> PSW_AS_SHIFT & 3, SPACE_HOME);
    ck_assert_uint_eq(get_be64(at(&f, 0xa8)), 0x1234);
}
END_TEST

START_TEST(control_registers_wrap)
{
    for (unsigned i = 0; i < 4; i++)
        put_be64(at(&f, DATA + 8 * i), 0x100 + i);
    f.cpu->cr[0] = 0;
    run(&f, "ebe11000002f eb1e10800025");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(f.cpu->cr[14], 0x100);
    ck_assert_uint_eq(f.cpu->cr[15], 0x101);
    ck_assert_uint_eq(f.cpu->cr[0], 0x102);
    ck_assert_uint_eq(f.cpu->cr[1], 0x103);
    ck_assert_uint_eq(get_be64(at(&f, DATA + 0x80 + 13 * 8)), 0x100); /* CR14, from CR1 on */
    f.cpu->cr[2] = UINT64_MAX;
    run(&f, "b7221000 b6221100");
    ck_assert_uint_eq(f.cpu->cr[2], 0xffffffff00000000);
    ck_assert_uint_eq(get_be32(at(&f, DATA + 0x100)), 0);
    set_gr64(f.cpu, 1, DATA + 2);
    run(&f, "b7221000");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
}
END_TEST

START_TEST(prefix)
{
    put_be32(at(&f, DATA), 0x80042fff);
    memcpy(at(&f, 0x42000), at(&f, 0), 0x200); /* new PSWs */
    run(&f, "b2101000 b2111008");
    ck_assert_uint_eq(f.cpu->prefix, 0x42000);
    ck_assert_uint_eq(get_be32(at(&f, DATA + 8)), 0x42000);
    ck_assert_uint_eq(get_be16(at(&f, 0x4208e)), PIC_OPERATION);
    put_be32(at(&f, DATA), FIXTURE_STORAGE - 0x1000);
    f.cpu->prefix = 0;
    put_be32(at(&f, DATA), FIXTURE_STORAGE);
    run(&f, "b2101000");
    ck_assert_uint_eq(f.code, PIC_ADDRESSING);
    ck_assert_uint_eq(f.cpu->prefix, 0);
}
END_TEST

START_TEST(identification)
{
    f.machine.identity.type = 0x3931;
    f.machine.identity.serial = 0x012345;
    f.cpu->address = 0;
    run(&f, "b2021000 b2121008");
    ck_assert_uint_eq(get_be64(at(&f, DATA)), 0x0001234539318000);
    ck_assert_uint_eq(get_be16(at(&f, DATA + 8)), 0);
    snprintf(f.machine.identity.guest_name, 9, "GUEST");
    run(&f, "b2021000");
    ck_assert_uint_eq(*at(&f, DATA), 0xff);
}
END_TEST

START_TEST(facility_list)
{
    set_gr64(f.cpu, 0, 0xff00);
    run(&f, "b2b01000");
    ck_assert_uint_eq(f.cpu->cc, 3);
    ck_assert_uint_eq(get_be64(at(&f, DATA)), f.cpu->facilities->d[0]);
    ck_assert_uint_eq(get_be64(at(&f, DATA + 8)), 0);
    ck_assert_uint_ge(gr64(f.cpu, 0) & 0xff, 1);
    set_gr64(f.cpu, 0, 0xff);
    run(&f, "b2b01000 b2b10000");
    ck_assert_uint_eq(f.cpu->cc, 0);
    ck_assert_uint_eq(get_be64(at(&f, DATA + 16)), f.cpu->facilities->d[2]);
    ck_assert_uint_eq(get_be32(at(&f, 200)), f.cpu->facilities->d[0] >> 32);
}
END_TEST

static void stsi(unsigned function, unsigned selector1, unsigned selector2)
{
    set_gr64(f.cpu, 0, function << 28 | selector1);
    set_gr64(f.cpu, 1, selector2);
    set_gr64(f.cpu, 2, DATA);
    run(&f, "b27d2000");
}

static const char *text(uint64_t address, unsigned bytes)
{
    static char buffer[40];

    ebcdic_string(EBCDIC_037, buffer, at(&f, address), bytes);
    return buffer;
}

START_TEST(system_information)
{
    f.machine.identity.type = 0x8561;
    snprintf(f.machine.identity.lpar_name, 9, "SIENNA");
    stsi(0, 0, 0);
    ck_assert_uint_eq(gr64(f.cpu, 0) >> 28, 2);
    stsi(1, 1, 1);
    ck_assert_uint_eq(f.cpu->cc, 0);
    ck_assert_str_eq(text(DATA + 32, 16), "IBM");
    ck_assert_str_eq(text(DATA + 48, 4), "8561");
    stsi(2, 2, 2);
    ck_assert_str_eq(text(DATA + 44, 8), "SIENNA");
    ck_assert_uint_eq(get_be16(at(&f, DATA + 36)), 3);
    stsi(3, 2, 2);
    ck_assert_uint_eq(f.cpu->cc, 3);
    stsi(1, 1, 3);
    ck_assert_uint_eq(f.cpu->cc, 3);
    set_gr64(f.cpu, 0, 0x10000101);
    run(&f, "b27d2000");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    set_gr64(f.cpu, 0, 0x10000001);
    set_gr64(f.cpu, 1, 1);
    set_gr64(f.cpu, 2, DATA + 8);
    run(&f, "b27d2000");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
}
END_TEST

START_TEST(level_three_and_topology)
{
    snprintf(f.machine.identity.guest_name, 9, "TEST1");
    snprintf(f.machine.identity.guest_extended_name, 20, "a longer name");
    f.machine.identity.guest_uuid[15] = 7;
    stsi(3, 2, 2);
    ck_assert_uint_eq(f.cpu->cc, 0);
    ck_assert_uint_eq(*at(&f, DATA + 31), 1);
    ck_assert_str_eq(text(DATA + 44, 8), "TEST1");
    ck_assert_uint_eq(*at(&f, DATA + 95), 7);
    ck_assert_str_eq((char *)at(&f, DATA + 2048), "a longer name");
    stsi(15, 1, 3);
    ck_assert_uint_eq(f.cpu->cc, 3);
    stsi(15, 1, 2);
    ck_assert_uint_eq(f.cpu->cc, 0);
    ck_assert_uint_eq(get_be16(at(&f, DATA + 2)), 16 + 24);
    ck_assert_uint_eq(*at(&f, DATA + 16), 1);
    ck_assert_uint_eq(get_be64(at(&f, DATA + 32)), 0xe000000000000000);
}
END_TEST

START_TEST(polarization)
{
    set_gr64(f.cpu, 3, 1);
    run(&f, "b9a20030");
    ck_assert_uint_eq(f.cpu->cc, 0);
    set_gr64(f.cpu, 3, 2);
    run(&f, "b9a20030");
    ck_assert_uint_eq(f.cpu->cc, 1);
    run(&f, "b9a20030");
    ck_assert_uint_eq(f.cpu->cc, 0);
    set_gr64(f.cpu, 3, 1);
    run(&f, "b9a20030");
    ck_assert_uint_eq(f.cpu->cc, 2);
    ck_assert_uint_eq(gr64(f.cpu, 3), 0x101);
    set_gr64(f.cpu, 3, 3);
    run(&f, "b9a20030");
    ck_assert_uint_eq(f.code, PIC_SPECIFICATION);
    stsi(15, 1, 2);
    ck_assert_uint_eq(*at(&f, DATA + 28), 7);
}
END_TEST

/* A CPU that is (de)configured changes the topology: the report is pending, the mask tells. */
START_TEST(topology_follows_configuration)
{
    struct cpu_service *p = &f.machine.processors;

    f.machine.cpus->cpu[2]->state = CPU_STOPPED;
    ck_assert(p->configure(&f.machine, 2, false));
    set_gr64(f.cpu, 3, 2);
    run(&f, "b9a20030");
    ck_assert_uint_eq(f.cpu->cc, 1);
    stsi(15, 1, 2);
    ck_assert_uint_eq(get_be64(at(&f, DATA + 32)), 0xc000000000000000);
    stsi(2, 2, 2);
    ck_assert_uint_eq(get_be16(at(&f, DATA + 38)), 2);
    ck_assert_uint_eq(get_be16(at(&f, DATA + 40)), 1);
    ck_assert(p->configure(&f.machine, 2, true));
    run(&f, "b9a20030");
    ck_assert_uint_eq(f.cpu->cc, 1);
    ck_assert(p->configure(&f.machine, 2, true));
    run(&f, "b9a20030");
    ck_assert_uint_eq(f.cpu->cc, 0);
}
END_TEST

START_TEST(cpu_attributes)
{
    run(&f, "eb200000004c eb300010004c eb400070004c eb500100004c");
    ck_assert_uint_eq(gr64(f.cpu, 2) >> 48, 0x040b);
    ck_assert_uint_eq(gr64(f.cpu, 3), 256);
    ck_assert_uint_eq(gr64(f.cpu, 4), UINT64_MAX);
    ck_assert_uint_eq(gr64(f.cpu, 5), 0x100000001000);
}
END_TEST

START_TEST(asns)
{
    uint64_t asce = identity_space();

    f.cpu->cr[1] = asce;
    f.cpu->cr[3] = 0x1111111122223333;
    f.cpu->cr[4] = 0x5555555566667777;
    f.cpu->cr[8] = 0x99990000;
    set_gr64(f.cpu, 2, UINT64_MAX);
    run(&f, "b2260020");
    ck_assert_uint_eq(f.code, PIC_SPECIAL_OPERATION);
    f.cpu->psw_mask |= PSW_DAT;
    run(&f, "b2260020 b2270030");
    ck_assert_uint_eq(gr64(f.cpu, 2), 0xffffffff00007777);
    ck_assert_uint_eq(gr32(f.cpu, 3), 0x3333);
    set_gr64(f.cpu, 4, 0x1234);
    run(&f, "b99d0040");
    ck_assert_uint_eq(gr64(f.cpu, 4), 0x99991234);
    ck_assert_uint_eq(f.cpu->cr[8], 0x12340000);
}
END_TEST

/* SIGP with order `order` to CPU `address`, parameter in GR3; status comes in GR2. */
static void sigp(unsigned order, unsigned address, uint64_t parameter)
{
    set_gr64(f.cpu, 2, 0x1111111122222222);
    set_gr64(f.cpu, 3, parameter);
    set_gr64(f.cpu, 4, address);
    set_gr64(f.cpu, 5, order);
    run(&f, "ae245000");
    ck_assert_uint_eq(f.code, 0);
}

START_TEST(sigp_sense)
{
    sigp(SIGP_SENSE, 1, 0);
    ck_assert_uint_eq(f.cpu->cc, 1);
    ck_assert_uint_eq(gr64(f.cpu, 2), 0x1111111100000040);
    sigp(SIGP_SENSE, 0, 0);
    ck_assert_uint_eq(f.cpu->cc, 0);
    ck_assert_uint_eq(gr64(f.cpu, 2), 0x1111111122222222);
    sigp(SIGP_SENSE, 7, 0);
    ck_assert_uint_eq(f.cpu->cc, 3);
    sigp(SIGP_SENSE_RUNNING, 1, 0);
    ck_assert_uint_eq(gr32(f.cpu, 2), 0x400);
    sigp(SIGP_SENSE_RUNNING, 0, 0);
    ck_assert_uint_eq(f.cpu->cc, 0);
    sigp(SIGP_SET_MULTITHREADING, 0, 1);
    ck_assert_uint_eq(f.cpu->cc, 1);
    ck_assert_uint_eq(gr32(f.cpu, 2), 2);
    sigp(SIGP_SET_ARCHITECTURE, 0, 2);
    ck_assert_uint_eq(f.cpu->cc, 1);
    ck_assert_uint_eq(gr32(f.cpu, 2), 0x100);
}
END_TEST

START_TEST(sigp_calls)
{
    struct cpu *other = f.machine.cpus->cpu[1];

    sigp(SIGP_EXTERNAL_CALL, 1, 0);
    ck_assert_uint_eq(f.cpu->cc, 0);
    ck_assert_uint_eq(other->pending, PENDING_EXTERNAL_CALL);
    sigp(SIGP_EXTERNAL_CALL, 1, 0);
    ck_assert_uint_eq(f.cpu->cc, 1);
    ck_assert_uint_eq(gr32(f.cpu, 2), 0x80);
    sigp(SIGP_EMERGENCY, 1, 0);
    ck_assert_uint_eq(other->emergency_signals, 1);
    sigp(SIGP_RESET, 1, 0);
    ck_assert_uint_eq(f.cpu->cc, 0);
    ck_assert_uint_eq(other->pending, 0);
    ck_assert_uint_eq(other->emergency_signals, 0);
}
END_TEST

START_TEST(conditional_emergency_signal)
{
    struct cpu *other = f.machine.cpus->cpu[1];

    other->psw_mask = PSW_EA | PSW_BA | PSW_IO | PSW_EXTERNAL;
    other->cr[3] = 5;
    other->cr[4] = 6;
    sigp(SIGP_CONDITIONAL_EMERGENCY, 1, 7);
    ck_assert_uint_eq(gr32(f.cpu, 2), 0x200);
    sigp(SIGP_CONDITIONAL_EMERGENCY, 1, 6);
    ck_assert_uint_eq(f.cpu->cc, 0);
    ck_assert_uint_eq(other->pending, PENDING_EMERGENCY);
}
END_TEST

START_TEST(sigp_prefix_and_status)
{
    struct cpu *other = f.machine.cpus->cpu[1];

    sigp(SIGP_SET_PREFIX, 1, 0x40000);
    ck_assert_uint_eq(other->prefix, 0x40000);
    sigp(SIGP_SET_PREFIX, 1, FIXTURE_STORAGE);
    ck_assert_uint_eq(gr32(f.cpu, 2), 0x100);
    sigp(SIGP_SET_PREFIX, 0, 0x40000);
    ck_assert_uint_eq(gr32(f.cpu, 2), 0x200);
    set_gr64(other, 5, 0x5555);
    other->ar[3] = 0x33;
    other->cr[14] = 0x1414;
    other->vr[31].d[1] = 0x3131;
    other->psw_mask = PSW_EA | PSW_BA;
    other->cc = 3;
    other->ia = 0x98765;
    sigp(SIGP_STORE_STATUS, 1, DATA + 0x1000);
    ck_assert_uint_eq(f.cpu->cc, 0);
    ck_assert_uint_eq(get_be64(at(&f, DATA + 0x1000 + 128 + 40)), 0x5555);
    ck_assert_uint_eq(get_be64(at(&f, DATA + 0x1000 + 256)), 0x0000300180000000);
    ck_assert_uint_eq(get_be64(at(&f, DATA + 0x1000 + 264)), 0x98765);
    ck_assert_uint_eq(get_be32(at(&f, DATA + 0x1000 + 280)), 0x40000);
    ck_assert_uint_eq(get_be32(at(&f, DATA + 0x1000 + 332)), 0x33);
    ck_assert_uint_eq(get_be64(at(&f, DATA + 0x1000 + 384 + 112)), 0x1414);
    sigp(SIGP_STOP_STORE_STATUS, 1, 0);
    ck_assert_uint_eq(get_be64(at(&f, 0x1280 + 40)), 0x5555);
    if (has_facility(f.cpu, FACILITY_VECTOR)) {
        sigp(SIGP_STORE_ADDITIONAL_STATUS, 1, DATA + 0x2000);
        ck_assert_uint_eq(get_be64(at(&f, DATA + 0x21f8)), 0x3131);
    } else {
        sigp(SIGP_STORE_ADDITIONAL_STATUS, 1, DATA + 0x2000);
        ck_assert_uint_eq(gr32(f.cpu, 2), 2);
    }
}
END_TEST

START_TEST(restart_and_stop_another_cpu)
{
    struct cpu *other = f.machine.cpus->cpu[1];

    /* CPU 1 restarts at CODE + 0x200: j to itself. CPU 0 restarts and stops it, and senses until it has. */
    place(&f, CODE + 0x200, "a7f40000");
    put_be64(at(&f, 0x1a0), PSW_EA | PSW_BA);
    put_be64(at(&f, 0x1a8), CODE + 0x200);
    set_gr64(f.cpu, 4, 1);
    set_gr64(f.cpu, 5, SIGP_RESTART);
    set_gr64(f.cpu, 6, SIGP_STOP);
    set_gr64(f.cpu, 7, SIGP_SENSE);
    /* sigp restart; brct-like delay; sigp stop; busy: repeat; sense until cc 1 */
    run(&f, "ae245000 a7290100 a72bffff a774fffe ae246000 a724fffe ae247000 a7b4fffe");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(f.cpu->cc, 1);
    ck_assert_int_eq(other->state, CPU_STOPPED);
    ck_assert_uint_eq(other->ia, CODE + 0x200);
    ck_assert_uint_eq(get_be64(at(&f, 0x128)), 0); /* restart old PSW: CPU 1 was reset */
}
END_TEST

START_TEST(program_parameter_and_instances)
{
    uint64_t asce = identity_space();

    put_be64(at(&f, DATA), 0x0102030405060708);
    run(&f, "b2801000");
    ck_assert_uint_eq(f.cpu->program_parameter, 0x0102030405060708);
    f.cpu->cr[1] = asce;
    f.cpu->cr[3] = 0x1111111122223333;
    f.cpu->cr[4] = 0x5555555566667777;
    f.cpu->psw_mask |= PSW_DAT;
    run(&f, "b99a0020 b99b0030 b2480000");
    ck_assert_uint_eq(f.code, 0);
    ck_assert_uint_eq(gr64(f.cpu, 2), 0x5555555500007777);
    ck_assert_uint_eq(gr64(f.cpu, 3), 0x1111111100003333);
    f.cpu->psw_mask |= PSW_PROBLEM;
    run(&f, "b99a0020");
    ck_assert_uint_eq(f.code, PIC_PRIVILEGED);
    f.cpu->cr[0] |= CR0_EXTRACTION_AUTHORITY;
    run(&f, "b99a0020");
    ck_assert_uint_eq(f.code, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("control");
    TCase *tests = tcase_create("control");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, short_psw_is_expanded);
    tcase_add_test(tests, short_psw_without_its_one_bit);
    tcase_add_test(tests, store_breaking_event);
    tcase_add_test(tests, lpswey_keeps_breaking_event);
    tcase_add_test(tests, system_mask_instructions);
    tcase_add_test(tests, keys_of_the_psw);
    tcase_add_test(tests, extract_psw);
    tcase_add_test(tests, address_space_control);
    tcase_add_test(tests, home_space_switch_event);
    tcase_add_test(tests, control_registers_wrap);
    tcase_add_test(tests, prefix);
    tcase_add_test(tests, identification);
    tcase_add_test(tests, facility_list);
    tcase_add_test(tests, system_information);
    tcase_add_test(tests, level_three_and_topology);
    tcase_add_test(tests, topology_follows_configuration);
    tcase_add_test(tests, polarization);
    tcase_add_test(tests, cpu_attributes);
    tcase_add_test(tests, asns);
    tcase_add_test(tests, sigp_sense);
    tcase_add_test(tests, sigp_calls);
    tcase_add_test(tests, conditional_emergency_signal);
    tcase_add_test(tests, sigp_prefix_and_status);
    tcase_add_test(tests, restart_and_stop_another_cpu);
    tcase_add_test(tests, program_parameter_and_instances);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
