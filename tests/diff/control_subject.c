/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "cpu/cpus.h"

enum { STORAGE_BYTES = 64 << 20, CYCLES = 200000 };

/* What qemu-system-s390x 7.2 has not. */
static void without(struct facility_list *list)
{
    static const enum facility absent[] = {FACILITY_EDAT_1, FACILITY_EDAT_2, FACILITY_CONDITIONAL_SSKE,
                                           FACILITY_IPTE_RANGE, FACILITY_LOCAL_TLB_CLEARING};

    for (unsigned i = 0; i < sizeof absent / sizeof *absent; i++)
        facility_set(list, absent[i], false);
}

void control_subject_open(struct control_subject *subject)
{
    struct facility_list all;
    uint8_t *storage;

    memset(subject, 0, sizeof *subject);
    machine_init(&subject->machine);
    subject->machine.storage = storage_create(&subject->machine, STORAGE_BYTES);
    facility_list_all(&all);
    without(&all);
    cpus_create(&subject->machine, 1, 1, &all);
    subject->cpu = subject->machine.cpus->cpu[0];
    subject->image = malloc(REGION_BYTES);
    control_image(subject->image);
    storage = subject->machine.storage->bytes;
    for (unsigned kind = 0; kind < KINDS; kind++) /* LPSWE of the wait PSW of this kind */
        put32(storage + HANDLERS + 16 * kind, 0xb2b20000 | (SUBJECT_PSW + 16 * kind));
}

void control_subject_close(struct control_subject *subject)
{
    cpus_release(subject->machine.cpus);
    storage_release(subject->machine.storage);
    machine_release(&subject->machine);
    free(subject->image);
}

static void set_storage(struct control_subject *subject, const struct control_case *test)
{
    struct storage *storage = subject->machine.storage;

    storage_stored(storage, absolute(0), 2 * PAGE_BYTES, false);
    storage_stored(storage, absolute(REGION), REGION_BYTES, false);
    memset(storage->bytes, 0, 2 * PAGE_BYTES);
    memset(storage->bytes + OUTSIDE_A, 0, OUTSIDE_BYTES);
    memset(storage->bytes + OUTSIDE_B, 0, OUTSIDE_BYTES);
    memcpy(storage->bytes + REGION, subject->image, REGION_BYTES);
    memcpy(storage->bytes + test->code_start, test->code, test->code_bytes);
    put64(storage->bytes + test->prefix + START_PSW, test->psw[0]);
    put64(storage->bytes + test->prefix + START_PSW + 8, test->psw[1]);
    for (unsigned i = 0; i < test->patches; i++)
        put64(storage->bytes + test->patch[i].address, test->patch[i].value);
    memcpy(storage->keys + (REGION >> PAGE_SHIFT), test->keys, REGION_PAGES);
}

static void set_registers(struct cpu *cpu, const struct control_case *test)
{
    for (unsigned i = 0; i < 16; i++) {
        cpu->gr[i].d = test->gr[i];
        cpu->ar[i] = test->ar[i];
        cpu->cr[i] = test->cr[i];
    }
    cpu->fpc = test->fpc;
    cpu->prefix = test->prefix;
    cpu->clock_comparator = UINT64_MAX;
    cpu->cpu_timer_end = INT64_MAX;
    tlb_purge_all(cpu);
    cpu_load_psw(cpu, test->psw[0], test->psw[1]);
    cpu->state = CPU_OPERATING;
    cpu->leave |= LEAVE_MODE;
}

void control_subject_run(struct control_subject *subject, const struct control_case *test,
                         struct control_result *result)
{
    struct cpu *cpu = subject->cpu;
    const uint8_t *storage = subject->machine.storage->bytes;

    memset(result, 0, sizeof *result);
    set_storage(subject, test);
    set_registers(cpu, test);
    subject->machine.end = MACHINE_RUNNING;
    cpus_run(&subject->machine, subject->machine.now + CYCLES);
    for (unsigned i = 0; i < 16; i++) {
        result->gr[i] = cpu->gr[i].d;
        result->ar[i] = cpu->ar[i];
        result->cr[i] = cpu->cr[i];
    }
    result->fpc = cpu->fpc;
    result->prefix = cpu->prefix;
    result->kind = cpu->psw_mask & PSW_WAIT && cpu->ia < KINDS ? (uint32_t)cpu->ia : KINDS;
    memcpy(result->keys, subject->machine.storage->keys + (REGION >> PAGE_SHIFT), REGION_PAGES);
    memcpy(result->lowcore, storage + cpu->prefix + COUT_LOWCORE_FIRST, COUT_LOWCORE_BYTES);
    for (unsigned i = 0; i < REGION_PAGES; i++)
        result->page[i] = control_hash(storage + REGION, i);
}
