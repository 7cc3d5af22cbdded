/* SPDX-License-Identifier: MIT */
/**
 * What a program asks to be done to the whole machine (DIAGNOSE 0x308, the watchdog):
 * resets and loads, between slices.
 */
#include <stdio.h>

#include "cpu/diagnose.h"
#include "cpu/guests.h"
#include "cpu/timer.h"
#include "libsienna/internal.h"
#include "libsienna/ipl.h"

static void subsystem_reset(struct machine *m)
{
    m->io.reset(m);
    m->service.reset(m);
    diagnose_reset(m);
    m->topology = (struct machine_topology){.vertical = false};
    m->floating = (struct floating_interruptions){0};
}

static void reset_cpus(struct machine *m, enum cpu_reset kind)
{
    for (unsigned i = 0; i < m->cpus->count; i++)
        cpu_reset(m->cpus->cpu[i], kind);
    guests_forget(m->cpus);
}

/* Storage, keys and usage states as after a clear reset; standby storage stays standby. */
static void clear_storage(struct storage *s)
{
    uint64_t end;

    /* What is offline has no contents. */
    for (uint64_t at = 0; at < s->size; at = end) {
        bool offline = s->frames[at >> PAGE_SHIFT] & FRAME_OFFLINE;

        for (end = at + PAGE_BYTES; end < s->size && !(s->frames[end >> PAGE_SHIFT] & FRAME_OFFLINE) == !offline;)
            end += PAGE_BYTES;
        if (!offline)
            storage_discard(s, absolute(at), end - at);
    }
    memset(s->keys, 0, s->size >> PAGE_SHIFT);
    memset(s->usage, 0, s->size >> PAGE_SHIFT);
}

enum { SHORT_ADDRESS = 0x7fffffff };

/* The 8-byte PSW at absolute 0, as IPL loads it; without its format bit it is invalid. */
void machine_load_short_psw(struct cpu *cpu)
{
    uint64_t psw = get_be64(storage_at(cpu->storage, absolute(0)));

    cpu->insn = NULL;
    cpu_load_psw(cpu, (psw & ~(uint64_t)SHORT_ADDRESS) ^ PSW_SHORT, psw & SHORT_ADDRESS);
    cpu_enter_state(cpu, CPU_OPERATING, cpu->machine->now);
}

void machine_operator_reset(struct sienna *s, bool clear)
{
    subsystem_reset(&s->machine);
    reset_cpus(&s->machine, clear ? RESET_CLEAR : RESET_CPU);
    if (clear)
        clear_storage(s->machine.storage);
}

/* From the device in the IPL parameter block; without a block the program that the machine was started with. */
bool machine_operator_load(struct sienna *s, bool clear, char problem[SIENNA_PROBLEM_BYTES])
{
    subsystem_reset(&s->machine);
    reset_cpus(&s->machine, clear ? RESET_CLEAR : RESET_INITIAL_CPU);
    if (clear)
        clear_storage(s->machine.storage);
    s->machine.cpus->cpu[0]->configured = true;
    if (!s->machine.configuration.ipl_block_valid && !s->kernel && !s->image_count)
        return problem_set(problem, "nobody said here what the machine was started with: name it beside -loadvm");
    if (!s->machine.configuration.ipl_block_valid)
        return program_load(s, problem);
    if (ipl_by_boot_program(s))
        return boot_program_load(s, problem);
    cpu_enter_state(s->machine.cpus->cpu[0], CPU_LOAD, s->machine.now);
    if (!ipl_read(s, problem))
        return false;
    machine_load_short_psw(s->machine.cpus->cpu[0]);
    return true;
}

/*
 * Load normal with the device in the block, which may hold a dump program; Linux reboots that way, too. When it
 * holds none, storage and registers are still what the dump is wanted of.
 */
static void load_dump_program(struct sienna *s)
{
    struct machine *m = &s->machine;

    subsystem_reset(m);
    if (!ipl_read(s, s->end_detail)) {
        m->end = MACHINE_DUMP;
    } else if (s->no_reboot) {
        m->end = MACHINE_REBOOT;
    } else {
        reset_cpus(m, RESET_INITIAL_CPU);
        m->cpus->cpu[0]->configured = true;
        machine_load_short_psw(m->cpus->cpu[0]);
    }
}

static void load_again(struct sienna *s, bool clear)
{
    char problem[SIENNA_PROBLEM_BYTES];

    if (s->no_reboot && !s->first_load) {
        s->machine.end = MACHINE_REBOOT;
    } else if (!machine_operator_load(s, clear, problem)) {
        snprintf(s->end_detail, sizeof s->end_detail, "%s", problem);
        s->machine.end = MACHINE_LOAD_FAILED;
    }
    s->first_load = false;
}

static void serve(struct sienna *s, enum load_request request, struct cpu *cpu)
{
    struct machine *m = &s->machine;

    switch (request) {
    case LOAD_NOTHING:
        break;
    case LOAD_RESET_CLEAR:
        subsystem_reset(m);
        reset_cpus(m, RESET_CLEAR);
        machine_load_short_psw(cpu);
        break;
    case LOAD_RESET_NORMAL:
        subsystem_reset(m);
        reset_cpus(m, RESET_CPU);
        cpu_reset(cpu, RESET_INITIAL_CPU);
        machine_load_short_psw(cpu);
        break;
    case LOAD_CLEAR:
        load_again(s, true);
        break;
    case LOAD_NORMAL:
        load_again(s, false);
        break;
    case LOAD_DUMP:
        load_dump_program(s);
        break;
    case LOAD_WATCHDOG:
        cpu->pending |= PENDING_RESTART;
        break;
    }
}

void machine_serve_request(struct sienna *s)
{
    struct configuration_service *c = &s->machine.configuration;
    enum load_request request = c->load_request;

    c->load_request = LOAD_NOTHING;
    serve(s, request, s->machine.cpus->cpu[c->load_cpu]);
}

void machine_show_message(struct machine *machine, const char *text)
{
    struct sienna *s = (struct sienna *)machine;

    for (unsigned i = 0; i < SIENNA_CONSOLE_KINDS; i++)
        if (s->consoles[i].open) {
            console_write(&s->consoles[i].console, text, strlen(text));
            console_write(&s->consoles[i].console, "\r\n", 2);
            return;
        }
    machine_log(machine, LOG_INFO, "%s", text);
}
