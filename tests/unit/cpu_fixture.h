/* SPDX-License-Identifier: MIT */
/**
 * A bare machine for instruction tests: storage and CPUs, no devices.
 *
 * Program code goes to CODE (real = absolute, DAT off, 64-bit mode, supervisor state unless
 * changed); data to DATA. run() executes `count` instructions by stopping at a LPSWE-less
 * trick: code is followed by zero bytes, an operation exception, whose new PSW is a disabled
 * wait. After run(), fixture.code tells the program-interruption code: OPERATION_END when the
 * code ran to its end.
 */
#ifndef SIENNA_TESTS_CPU_FIXTURE_H
#define SIENNA_TESTS_CPU_FIXTURE_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "cpu/access.h"
#include "cpu/cpus.h"
#include "machine/machine.h"
#include "storage/storage.h"

enum { CODE = 0x10000, DATA = 0x20000, FIXTURE_STORAGE = 4 << 20 };

struct fixture {
    struct machine machine;
    struct cpu *cpu;
    unsigned code;      /**< program-interruption code that ended the run; 0: ran to the end of the code */
    unsigned ilc;       /**< its instruction length in bytes */
    uint64_t old_ia;    /**< program old PSW address */
    uint64_t old_mask;  /**< program old PSW mask, with condition code */
    uint64_t end_ia;    /**< address after the last code byte */
};

/** Program-new PSW: disabled wait in 64-bit mode. */
static inline void fixture_new_psws(struct fixture *f)
{
    uint8_t *s = f->machine.storage->bytes;

    for (unsigned at = 0x1a0; at <= 0x1f0; at += 16) {
        put_be64(s + at, PSW_WAIT | PSW_EA | PSW_BA);
        put_be64(s + at + 8, at);
    }
}

static inline void fixture_init_cpus(struct fixture *f, unsigned cpus)
{
    struct facility_list all;

    *f = (struct fixture){.code = 0};
    machine_init(&f->machine);
    f->machine.storage = storage_create(&f->machine, FIXTURE_STORAGE);
    facility_list_all(&all);
    cpus_create(&f->machine, cpus, cpus, &all);
    f->cpu = f->machine.cpus->cpu[0];
    f->cpu->psw_mask = PSW_EA | PSW_BA;
    f->cpu->cr[0] |= CR0_AFP | CR0_VECTOR;
    f->cpu->ia = CODE;
    f->cpu->clock_comparator = UINT64_MAX;
    f->cpu->cpu_timer_end = INT64_MAX;
    fixture_new_psws(f);
}
static inline void fixture_init(struct fixture *f) { fixture_init_cpus(f, 1); }

static inline void fixture_release(struct fixture *f)
{
    cpus_release(f->machine.cpus);
    storage_release(f->machine.storage);
    machine_release(&f->machine);
}

/** Have a facility or not; what has been decoded stays so. */
static inline void set_facility(struct fixture *f, enum facility facility, bool on)
{
    facility_set(&f->machine.cpus->facilities, facility, on);
}

/** Host address of absolute storage. */
static inline uint8_t *at(struct fixture *f, uint64_t address) { return f->machine.storage->bytes + address; }

/** Place code given as hex digits (spaces allowed) at `address`, followed by zeros. */
static inline void place(struct fixture *f, uint64_t address, const char *hex)
{
    unsigned high = 0, digits = 0;

    storage_stored(f->machine.storage, absolute(address), 256, false);
    for (; *hex; hex++) {
        unsigned d;

        if (*hex == ' ')
            continue;
        d = *hex <= '9' ? (unsigned)(*hex - '0') : (unsigned)((*hex | 32) - 'a' + 10);
        if (digits++ & 1)
            *at(f, address++) = (uint8_t)(high << 4 | d);
        else
            high = d;
    }
    memset(at(f, address), 0, 8);
    f->end_ia = address;
}

/** The digits of one instruction, given as its left-justified text. */
static inline void insn_digits(uint64_t text, char hex[static 17])
{
    snprintf(hex, 17, "%016llx", (unsigned long long)text);
    hex[2 * insn_length((uint8_t)(text >> 56))] = 0;
}

/** place() for one instruction, given as its left-justified text. */
static inline void place_insn(struct fixture *f, uint64_t address, uint64_t text)
{
    char hex[17];

    insn_digits(text, hex);
    place(f, address, hex);
}

/** Run from the CPU's present instruction address until a wait state or 100,000 cycles. */
static inline void run_on(struct fixture *f)
{
    f->cpu->state = CPU_OPERATING;
    f->cpu->leave |= LEAVE_MODE;
    cpus_run(&f->machine, f->machine.now + 100000);
    f->machine.end = MACHINE_RUNNING;
    f->code = get_be16(at(f, 0x8e));
    f->ilc = get_be16(at(f, 0x8c));
    f->old_mask = get_be64(at(f, 0x150));
    f->old_ia = get_be64(at(f, 0x158));
    if (f->code == PIC_OPERATION && f->old_ia == f->end_ia + 2)
        f->code = 0;
}

/** Place `hex` at CODE and run it with the registers as they are; see struct fixture for results. */
static inline void run(struct fixture *f, const char *hex)
{
    uint64_t mask = f->cpu->psw_mask;

    memset(at(f, 0x80), 0, 0x40);
    place(f, CODE, hex);
    f->cpu->psw_mask = mask & ~PSW_WAIT;
    f->cpu->ia = CODE;
    run_on(f);
    f->cpu->psw_mask = mask;
    f->cpu->cc = f->old_mask >> PSW_CC_SHIFT & 3;
}

/** run() for one instruction, given as its left-justified text. */
static inline void run_insn(struct fixture *f, uint64_t text)
{
    char hex[17];

    insn_digits(text, hex);
    run(f, hex);
}

#endif
