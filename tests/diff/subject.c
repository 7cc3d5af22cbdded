/* SPDX-License-Identifier: MIT */
#include "subject.h"

#include <string.h>

#include "cpu/cpus.h"

enum {
    STORAGE_BYTES = 32 << 20,
    SEGMENT_TABLE = 0x10000, /* absolute; 512 entries */
    PAGE_TABLES = 0x20000,   /* 16 tables of 2K for logical 0–16M */
    NEW_PROGRAM = 0x1d0,
    CYCLES = 2000000,        /* a case that runs longer is lost */
};

/* Logical equals absolute wherever something is mapped. */
static void map(uint8_t *storage, uint64_t from, uint64_t bytes, uint64_t flags)
{
    for (uint64_t a = from; a < from + bytes; a += PAGE_BYTES)
        put_be64(storage + PAGE_TABLES + (a >> PAGE_SHIFT) * 8, a | flags);
}

static void make_tables(uint8_t *storage)
{
    for (unsigned i = 0; i < 512; i++)
        put_be64(storage + SEGMENT_TABLE + i * 8, i < 16 ? PAGE_TABLES + i * 2048 : 0x20);
    for (unsigned i = 0; i < 16 * 256; i++)
        put_be64(storage + PAGE_TABLES + i * 8, 0x400);
    map(storage, CASE_EXIT, PAGE_BYTES, 0x200);
    map(storage, CASE_PAGES_D, 2 * PAGE_BYTES, 0);
    map(storage, CASE_PAGE_E, PAGE_BYTES, 0);
    map(storage, CASE_PAGE_R, PAGE_BYTES, 0x200);
    map(storage, CASE_CHUNK, CASE_CHUNK_BYTES, 0x200);
}

/* Everything that some row needs, announced or not, and those that only extend instructions. */
static void every_facility(struct facility_list *all)
{
    facility_list_all(all);
    facility_set(all, FACILITY_VECTOR_ENHANCEMENT_1, true);
    facility_set(all, FACILITY_VECTOR_ENHANCEMENT_2, true);
    facility_set(all, FACILITY_FP_EXTENSION, true);
    for (unsigned id = 1; id < INSN_COUNT; id++)
        for (unsigned i = 0; i < 2; i++)
            if (insn_rows[id].facility[i] != FACILITY_DFP)
                facility_set(all, insn_rows[id].facility[i], true);
}

void subject_open(struct subject *subject)
{
    struct facility_list all;
    uint8_t *storage;

    memset(subject, 0, sizeof *subject);
    machine_init(&subject->machine);
    subject->machine.storage = storage_create(&subject->machine, STORAGE_BYTES);
    every_facility(&all);
    cpus_create(&subject->machine, 1, 1, &all);
    subject->cpu = subject->machine.cpus->cpu[0];
    storage = subject->machine.storage->bytes;
    make_tables(storage);
    for (unsigned i = 0; i < PAGE_BYTES; i++)
        storage[CASE_PAGE_R + i] = (uint8_t)(i * 7 + (i >> 8));
    for (unsigned new_psw = 0x1a0; new_psw <= 0x1f0; new_psw += 16) {
        put_be64(storage + new_psw, PSW_WAIT | PSW_EA | PSW_BA);
        put_be64(storage + new_psw + 8, new_psw);
    }
    subject->cpu->cr[0] |= CR0_AFP | CR0_VECTOR | CR0_EDAT;
    subject->cpu->cr[1] = subject->cpu->cr[7] = subject->cpu->cr[13] = SEGMENT_TABLE;
    subject->cpu->clock_comparator = UINT64_MAX;
    subject->cpu->cpu_timer_end = INT64_MAX;
}

void subject_close(struct subject *subject)
{
    cpus_release(subject->machine.cpus);
    storage_release(subject->machine.storage);
    machine_release(&subject->machine);
}

void subject_load(struct subject *subject, const uint8_t *chunk)
{
    storage_stored(subject->machine.storage, absolute(CASE_CHUNK), CASE_CHUNK_BYTES, false);
    memcpy(subject->machine.storage->bytes + CASE_CHUNK, chunk, CASE_CHUNK_BYTES);
}

static void set_state(struct cpu *cpu, unsigned slot, const struct diff_case *test)
{
    for (unsigned i = 0; i < 16; i++) {
        cpu->gr[i].d = test->gr[i];
        cpu->ar[i] = test->ar[i];
    }
    for (unsigned i = 0; i < 32; i++) {
        cpu->vr[i].d[0] = get64(test->vr[i]);
        cpu->vr[i].d[1] = get64(test->vr[i] + 8);
    }
    cpu->fpc = test->fpc;
    cpu->cc = test->cc;
    cpu->psw_mask = PSW_DAT | PSW_PROBLEM | (uint64_t)test->program_mask << PSW_PROGRAM_MASK_SHIFT |
                    (test->amode == 64 ? PSW_EA | PSW_BA : test->amode == 31 ? PSW_BA : 0);
    cpu->ia = diff_code_address(slot, test);
    cpu->state = CPU_OPERATING;
    cpu->leave |= LEAVE_MODE;
}

static uint64_t hash_part(uint64_t seed, const uint8_t *at, size_t bytes)
{
    for (size_t i = 0; i < bytes; i += 8)
        seed = (seed ^ get_be64(at + i)) * 0x9e3779b97f4a7c15ULL + (seed >> 29);
    return seed;
}

/* As the harnesses do: zero when nothing outside the windows was stored, and clear it again. */
static uint64_t stray(uint8_t *storage)
{
    static const uint32_t part[][2] = {
        {CASE_PAGES_D, CASE_WINDOW_0 - CASE_PAGES_D},
        {CASE_WINDOW_0 + CASE_WINDOW_0_BYTES, CASE_WINDOW_1 - CASE_WINDOW_0 - CASE_WINDOW_0_BYTES},
        {CASE_WINDOW_2 + CASE_WINDOW_2_BYTES, PAGE_BYTES - CASE_WINDOW_2_BYTES}};
    static const uint8_t zero[PAGE_BYTES];
    uint64_t result = 1;
    bool any = false;

    for (unsigned i = 0; i < 3; i++)
        any |= memcmp(storage + part[i][0], zero, part[i][1]) != 0;
    if (!any)
        return 0;
    for (unsigned i = 0; i < 3; i++) {
        result = hash_part(result, storage + part[i][0], part[i][1]);
        memset(storage + part[i][0], 0, part[i][1]);
    }
    return result;
}

static void put_windows(uint8_t *storage, const uint8_t *windows)
{
    memcpy(storage + CASE_WINDOW_0, windows, CASE_WINDOW_0_BYTES);
    memcpy(storage + CASE_WINDOW_1, windows + 512, CASE_WINDOW_1_BYTES);
    memcpy(storage + CASE_WINDOW_2, windows + 768, CASE_WINDOW_2_BYTES);
}

static void get_windows(const uint8_t *storage, uint8_t *windows)
{
    memcpy(windows, storage + CASE_WINDOW_0, CASE_WINDOW_0_BYTES);
    memcpy(windows + 512, storage + CASE_WINDOW_1, CASE_WINDOW_1_BYTES);
    memcpy(windows + 768, storage + CASE_WINDOW_2, CASE_WINDOW_2_BYTES);
}

/* At CASE_EXIT there are zeros: the case ended well when it ran into their operation exception. */
static void get_end(const struct cpu *cpu, const uint8_t *storage, struct diff_result *result)
{
    uint64_t mask = get_be64(storage + 0x150);

    if (!(cpu->psw_mask & PSW_WAIT)) {
        result->code = 0xfffe;
        mask = cpu_psw_mask(cpu);
        result->ia = cpu->ia;
    } else if (cpu->ia != NEW_PROGRAM) {
        result->code = 0xfffd; /* another interruption */
    } else if (get_be64(storage + 0x158) != CASE_EXIT + 2) {
        result->code = get_be16(storage + 0x8e);
        result->ilc = get_be16(storage + 0x8c);
        result->teid = get_be64(storage + 0xa8);
        result->ia = get_be64(storage + 0x158);
    }
    result->cc = mask >> PSW_CC_SHIFT & 3;
    result->program_mask = mask >> PSW_PROGRAM_MASK_SHIFT & 15;
    result->amode = mask & PSW_EA ? 64 : mask & PSW_BA ? 31 : 24;
}

void subject_run(struct subject *subject, unsigned slot, const struct diff_case *test,
                 struct diff_result *result)
{
    struct cpu *cpu = subject->cpu;
    uint8_t *storage = subject->machine.storage->bytes;

    memset(result, 0, sizeof *result);
    put_windows(storage, test->windows);
    set_state(cpu, slot, test);
    subject->machine.end = MACHINE_RUNNING;
    cpus_run(&subject->machine, subject->machine.now + CYCLES);
    get_end(cpu, storage, result);
    for (unsigned i = 0; i < 16; i++) {
        result->gr[i] = cpu->gr[i].d;
        result->ar[i] = cpu->ar[i];
    }
    for (unsigned i = 0; i < 32; i++) {
        put64(result->vr[i], cpu->vr[i].d[0]);
        put64(result->vr[i] + 8, cpu->vr[i].d[1]);
    }
    result->fpc = cpu->fpc;
    get_windows(storage, result->windows);
    result->stray = stray(storage);
}
