/* SPDX-License-Identifier: MIT */
/** Creation, modes, resets, and the run loop of one slice. The scheduler is in schedule.c. */
#include "cpu/cpus.h"

#include <stdlib.h>

#include "cpu/access.h"
#include "cpu/dispatch.h"
#include "cpu/per.h"
#include "cpu/seen.h"
#include "cpu/stops.h"
#include "cpu/timer.h"
#include "cpu/trace_table.h"

static void code_changed(struct machine *machine, struct absolute from, uint64_t bytes)
{
    code_cache_store(machine->cpus, from, bytes);
}

static void key_changed(struct machine *machine, struct absolute block)
{
    tlb_purge_frame(machine->cpus, block.v >> PAGE_SHIFT);
}

static void dirty_cleared(struct machine *machine)
{
    tlb_deny_stores(machine->cpus);
}

static unsigned service_count(const struct machine *machine) { return machine->cpus->count; }
static bool service_configured(const struct machine *machine, unsigned cpu)
{
    return cpu < machine->cpus->count && machine->cpus->cpu[cpu]->configured;
}
static bool service_configure(struct machine *machine, unsigned n, bool on)
{
    struct cpu *cpu;

    if (n >= machine->cpus->count)
        return false;
    cpu = machine->cpus->cpu[n];
    if (!on && cpu->state != CPU_STOPPED)
        return false;
    if (on && !cpu->configured)
        cpu_reset(cpu, RESET_INITIAL_CPU);
    machine->topology.changed |= cpu->configured != on;
    cpu->configured = on;
    return true;
}
static enum cpu_state service_state(const struct machine *machine, unsigned cpu)
{
    return machine->cpus->cpu[cpu]->state;
}
static unsigned service_current(const struct machine *machine)
{
    return machine->cpus->running ? machine->cpus->running->address : 0;
}
static uint64_t service_position(const struct machine *machine, unsigned *slice, bool *in_slice)
{
    *slice = machine->cpus->round.done;
    *in_slice = machine->cpus->round.open && machine->cpus->round.in_slice;
    return cpus_position(machine->cpus);
}

static void service_stop_all(struct machine *machine)
{
    for (unsigned i = 0; i < machine->cpus->count; i++)
        if (machine->cpus->cpu[i]->state == CPU_OPERATING)
            machine->cpus->cpu[i]->pending |= PENDING_STOP;
    machine_end_slice_at(machine, machine->now);
}

static struct cpu *create_cpu(struct cpus *cpus, unsigned address)
{
    struct cpu *cpu = machine_allocate(sizeof *cpu);

    cpu->machine = cpus->machine;
    cpu->all = cpus;
    cpu->storage = cpus->machine->storage;
    cpu->facilities = &cpus->facilities;
    cpu->address = (uint16_t)address;
    cpu->cycle = 1;
    cpu->contexts = machine_allocate(TLB_CONTEXTS * sizeof *cpu->contexts);
    for (unsigned i = 0; i < TLB_CONTEXTS; i++)
        cpu->contexts[i].dirty = true;
    cpu_reset(cpu, RESET_POWER_ON);
    return cpu;
}

struct cpus *cpus_create(struct machine *machine, unsigned count, unsigned configured,
                         const struct facility_list *facilities)
{
    struct cpus *cpus = machine_allocate(sizeof *cpus);

    cpus->machine = machine;
    cpus->count = cpus->next = count;
    cpus->stop_position = UINT64_MAX;
    cpus->stops = stops_create();
    cpus->facilities = *facilities;
    machine->cpus = cpus;
    machine->storage->code_changed = code_changed;
    machine->storage->key_changed = key_changed;
    machine->storage->watched = stops_storage_watched;
    machine->storage->dirty_cleared = dirty_cleared;
    machine->processors = (struct cpu_service){service_count, service_configured, service_configure, service_state,
                                               service_current, service_position, service_stop_all};
    code_cache_init(&cpus->code, machine->storage->size);
    for (unsigned i = 0; i < count; i++) {
        cpus->cpu[i] = create_cpu(cpus, i);
        cpus->cpu[i]->configured = i < configured;
    }
    return cpus;
}

static void free_contexts(struct cpus *cpus)
{
    for (unsigned i = 0; i < cpus->context_count; i++)
        free(cpus->contexts[i]);
    for (unsigned i = 0; i < cpus->profile_count; i++)
        free(cpus->profiles[i]);
    cpus->context_count = cpus->profile_count = 0;
}

void cpus_release(struct cpus *cpus)
{
    if (!cpus)
        return;
    for (unsigned i = 0; i < cpus->count; i++) {
        free(cpus->cpu[i]->contexts);
        free(cpus->cpu[i]->interpretation);
        free(cpus->cpu[i]);
    }
    free_contexts(cpus);
    free(cpus->contexts);
    free(cpus->profiles);
    code_cache_release(&cpus->code);
    stops_release(cpus->stops);
    free(cpus->guests);
    cpus->machine->cpus = NULL;
    free(cpus);
}

/* Figure 4-11: what each reset does to a CPU. */
void cpu_reset(struct cpu *cpu, enum cpu_reset kind)
{
    if (cpu->interpreting)
        cpu->all->sie->leave(cpu);
    cpu_enter_state(cpu, CPU_STOPPED, cpu->machine->now);
    cpu->pending = 0;
    cpu->emergency_signals = cpu->malfunction_alerts = 0;
    cpu->early_specification = false;
    cpu->per_code = cpu->per_pending_ilc = 0;
    if (kind >= RESET_INITIAL_CPU) {
        cpu->psw_mask = 0;
        cpu->cc = 0;
        cpu->ia = 0;
        cpu->prefix = 0;
        timer_set_cpu_timer(cpu, cpu->machine->now, 0);
        cpu->clock_comparator = 0;
        cpu->todpr = 0;
        cpu->fpc = 0;
        cpu->breaking_event = 1;
        cpu->program_parameter = 0;
        memset(cpu->cr, 0, sizeof cpu->cr);
        cpu->cr[0] = 0xe0;
        cpu->cr[14] = 0xc2000000;
    }
    if (kind >= RESET_CLEAR) {
        memset(cpu->gr, 0, sizeof cpu->gr);
        memset(cpu->ar, 0, sizeof cpu->ar);
        memset(cpu->vr, 0, sizeof cpu->vr);
    }
    tlb_purge_all(cpu);
    cpu->leave |= LEAVE_MODE;
}

/* ---- Modes ---- */

static bool same_context(const struct decode_context *a, const struct decode_context *b)
{
    return a->facilities == b->facilities && a->amode == b->amode && a->problem == b->problem &&
           a->access_registers == b->access_registers && a->afp == b->afp && a->vector == b->vector &&
           a->slow == b->slow && a->single == b->single && a->seen == b->seen && a->profile == b->profile;
}

static const struct decode_context *intern(struct cpus *cpus, const struct decode_context *wanted)
{
    for (unsigned i = 0; i < cpus->context_count; i++)
        if (same_context(cpus->contexts[i], wanted))
            return cpus->contexts[i];
    cpus->contexts = machine_reallocate(cpus->contexts, (cpus->context_count + 1) * sizeof *cpus->contexts);
    cpus->contexts[cpus->context_count] = machine_allocate(sizeof *wanted);
    *cpus->contexts[cpus->context_count] = *wanted;
    return cpus->contexts[cpus->context_count++];
}

static const struct interception_profile *intern_profile(struct cpus *cpus, const struct interception_profile *wanted)
{
    for (unsigned i = 0; i < cpus->profile_count; i++)
        if (!memcmp(cpus->profiles[i], wanted, sizeof *wanted))
            return cpus->profiles[i];
    cpus->profiles = machine_reallocate(cpus->profiles, (cpus->profile_count + 1) * sizeof *cpus->profiles);
    cpus->profiles[cpus->profile_count] = machine_allocate(sizeof *wanted);
    memcpy(cpus->profiles[cpus->profile_count], wanted, sizeof *wanted);
    return cpus->profiles[cpus->profile_count++];
}

static void update_spaces(struct cpu *cpu)
{
    bool dat = cpu->psw_mask & PSW_DAT;
    unsigned space = cpu->psw_mask >> PSW_AS_SHIFT & 3;
    uint64_t primary = cpu->cr[1], data = primary, code = primary;
    uint8_t key = access_key(cpu);

    if (space == SPACE_SECONDARY)
        data = cpu->cr[7];
    if (space == SPACE_HOME)
        data = code = cpu->cr[13];
    cpu->data = tlb_context_for(cpu, dat, data, key);
    cpu->code = tlb_context_for(cpu, dat, code, key);
}

/*
 * Profiles that are kept. Real hosts have a handful; one that describes ever new guests must not make the
 * machine large and slow. Between blocks nothing but the caches holds contexts, and all CPUs derive theirs again.
 */
enum { PROFILES_MOST = 256 };

static void forget_contexts(struct cpus *cpus)
{
    code_cache_forget_contexts(cpus);
    free_contexts(cpus);
    for (unsigned i = 0; i < cpus->count; i++)
        cpus->cpu[i]->context = NULL;
}

void cpu_update_mode(struct cpu *cpu)
{
    /* A guest has the registers that its host has, too. */
    uint64_t controls = cpu->cr[0] & (cpu->interpreting ? cpu->interpreting->host.cr[0] : UINT64_MAX);
    struct decode_context wanted = {
        .facilities = cpu->facilities,
        .amode = (uint8_t)addressing_mode(cpu),
        .problem = problem_state(cpu),
        .access_registers = operand_space(cpu) == SPACE_ACCESS_REGISTER,
        .afp = controls & CR0_AFP,
        .vector = controls & CR0_VECTOR,
        .slow = per_active(cpu) || cpu->all->debug_slow || (cpu->cr[12] & CR12_BRANCH_TRACE),
        .single = cpu->all->single_blocks,
        .seen = unlikely(cpu->all->seeing) ? seen_mode(cpu) : 0,
    };

    if (cpu->interpreting && cpu->all->profile_count >= PROFILES_MOST)
        forget_contexts(cpu->all);
    if (cpu->interpreting)
        wanted.profile = intern_profile(cpu->all, &cpu->interpreting->profile);
    cpu->address_mask = wanted.amode == 64 ? UINT64_MAX : wanted.amode == 31 ? 0x7fffffff : 0xffffff;
    if (!cpu->context || !same_context(cpu->context, &wanted))
        cpu->context = intern(cpu->all, &wanted);
    update_spaces(cpu);
}

/* ---- Running ---- */

const uint8_t *cpu_fetch_address(struct cpu *cpu, uint64_t ia, struct fault *fault)
{
    struct tlb_entry *e = tlb_slot(cpu->code, ia);
    unsigned space = cpu->psw_mask & PSW_DAT && (cpu->psw_mask >> PSW_AS_SHIFT & 3) == SPACE_HOME ? 3 : 0;

    if (e->execute == (ia & PAGE_MASK)) {
        TLB_HIT(cpu, cpu->code, ia, ACCESS_EXECUTE);
        return (const uint8_t *)(e->addend + (uintptr_t)ia);
    }
    return tlb_fill(cpu, cpu->code, ia, ACCESS_EXECUTE, space, fault);
}

/* An instruction across a page boundary: both pages are fetched, nothing is cached. */
static const struct insn *crossing(struct cpu *cpu, const uint8_t *first)
{
    unsigned rest = page_rest(cpu->ia), length = insn_length(*first);
    struct insn *begin = &cpu->crossing[1];
    uint8_t raw[8] = {0};
    struct fault fault = {0};
    const uint8_t *second = cpu_fetch_address(cpu, (cpu->ia + rest) & cpu->address_mask, &fault);

    if (!second) {
        fetch_exception(cpu, &fault);
        return NULL;
    }
    memcpy(raw, first, rest);
    memcpy(raw + rest, second, length - rest);
    block_decode_single(cpu->context, get_be64(raw), cpu->ia & (PAGE_BYTES - 1), &cpu->crossing[1]);
    if (unlikely(cpu->context->seen)) {
        seen_companion(cpu->all, &cpu->crossing[1], insn_cycles(&cpu->crossing[1]), &cpu->crossing[0]);
        begin = cpu->crossing;
    }
    if (stops_at_offset(cpu->all->stops, begin->offset))
        begin->handler = handle_break;
    return begin;
}

/* The same context with blocks of one instruction, for the end of a slice. */
static const struct decode_context *single_context(struct cpu *cpu)
{
    struct decode_context wanted = *cpu->context;

    wanted.single = true;
    return intern(cpu->all, &wanted);
}

static void enter_jump_cache(struct cpu *cpu, const uint8_t *host, const struct insn *first)
{
    *jump_slot(&cpu->all->code, host) = (struct jump_entry){host, cpu->context, first};
}

static bool fits(const struct cpu *cpu, const struct block *block)
{
    return insn_cycles(&block->insns[block->count]) <= cpu->budget || block->count <= 1;
}

/* The block that a jump leads to. */
static const struct block *block_of(const struct insn *first)
{
    return (const struct block *)((const char *)first - offsetof(struct block, insns));
}

/* Decoded code for cpu->ia that fits the budget; NULL after a fetch exception was delivered. */
static const struct insn *next_code(struct cpu *cpu)
{
    const struct jump_entry *known;
    const struct block *block;
    struct fault fault = {0};
    const uint8_t *host;
    struct absolute at;

    if (cpu->ia & 1) {
        fault.code = PIC_SPECIFICATION;
        fetch_exception(cpu, &fault);
        return NULL;
    }
    host = cpu_fetch_address(cpu, cpu->ia, &fault);
    if (!host) {
        fetch_exception(cpu, &fault);
        return NULL;
    }
    cpu->page_ia = cpu->ia & PAGE_MASK;
    known = jump_slot(&cpu->all->code, host);
    at = absolute((uint64_t)(host - cpu->storage->bytes));
    if (known->host == host && known->context == cpu->context) {
        if (cpu->budget >= BLOCK_LIMIT || fits(cpu, block_of(known->first)))
            return known->first;
        return block_find(cpu, at, single_context(cpu))->insns;
    }
    block = block_find(cpu, at, cpu->context);
    if (!block)
        return crossing(cpu, host);
    if (!fits(cpu, block))
        return block_find(cpu, at, single_context(cpu))->insns;
    enter_jump_cache(cpu, host, block->insns);
    return block->insns;
}

/* After LEAVE_SLICE: the slice may now end earlier. */
static void shorten(struct cpu *cpu)
{
    uint64_t end = cpu->machine->slice_end, cycles;

    if (end < cpu->time_limit) {
        cycles = (cpu->time_limit - end) / cpu->cycle;
        cpu->budget -= (int64_t)cycles;
        cpu->time_limit -= cycles * cpu->cycle;
        if (unlikely(cpu->all->seeing))
            cpu->all->seeing->base -= cycles;
    }
}

/* Cycles after which a string of interruptions without an instruction in between ends the slice: nothing else would. */
enum { INTERRUPTION_STRING = 4096 };

/* Between blocks: modes, requests, interruptions. False when the CPU cannot go on in this slice. */
static bool settle(struct cpu *cpu)
{
    if (cpu->leave & LEAVE_SLICE)
        shorten(cpu);
    cpu->leave = 0;
    cpu_sync_between(cpu);
    cpu->pending = (cpu->pending & ~(uint32_t)(PENDING_CLOCK_COMPARATOR | PENDING_CPU_TIMER)) |
                   timer_pending(cpu, cpu->machine->now);
    cpu->insn = NULL;
    if (cpu->interpreting)
        cpu->all->sie->between(cpu);
    while (!cpu_stopping(cpu) && cpu->budget > -INTERRUPTION_STRING && cpu_take_interruption(cpu)) {
        cpu->budget -= COST_CONTROL;
        cpu_sync_between(cpu);
    }
    cpu->leave = 0;
    if ((cpu->pending & PENDING_STOP) && !cpu->interpreting) {
        cpu_enter_state(cpu, CPU_STOPPED, cpu->machine->now);
        if (cpu->pending & PENDING_STORE_STATUS)
            cpu_store_status(cpu, absolute(STORE_STATUS_AREA));
        cpu->pending &= ~(uint32_t)(PENDING_STOP | PENDING_STORE_STATUS);
    }
    if (cpu->state != CPU_OPERATING || (cpu->psw_mask & PSW_WAIT) || cpu->machine->end)
        return false;
    cpu_update_mode(cpu);
    return !cpu->all->stopping;
}

static void run_code(struct cpu *cpu, const struct insn *first)
{
    struct flow f = first->handler(cpu, first, cpu->budget);

    while (f.next)
        f = f.next->handler(cpu, f.next, f.budget);
    cpu->budget = f.budget;
}

/* For tests: caches may come and go at any time, and nothing a program sees may change. */
static void forget(struct cpu *cpu)
{
    cpu->all->forget_seed = cpu->all->forget_seed * 1664525 + 1013904223;
    if (cpu->all->forget_seed >> 28 == 0)
        tlb_purge_all(cpu);
    if (cpu->all->forget_seed >> 24 == 0x11)
        code_cache_drop_all(cpu->all);
}

/* `cycles` of the slice from virtual time `from` until `until`. */
static __attribute__((noinline)) void run_cycles(struct cpu *cpu, uint64_t from, uint64_t until, uint64_t cycles)
{
    struct machine *m = cpu->machine;

    cpu->time_limit = from + cycles * cpu->cycle;
    cpu->budget = (int64_t)cycles;
    m->slice_end = until;
    cpu->all->running = cpu;
    m->running_leave = &cpu->leave;
    cpu->leave |= LEAVE_MODE;
    if (cpu->all->forgetful)
        forget(cpu);
    if (unlikely(cpu->all->seeing))
        seen_begin(cpu, from, cycles);
    /* Program interruptions come back here; everything needed is in *cpu. */
    UNWIND_HERE(&cpu->unwind);
    for (;;) {
        const struct insn *first;

        if (cpu->all->code.graveyard)
            code_cache_bury(&cpu->all->code);
        if (unlikely(cpu->all->stopping)) {
            stops_complete(cpu->all);
            cpu->leave &= ~(uint32_t)LEAVE_STOP;
            if (cpu->all->stopping && cpu->budget > 0)
                break; /* at its end the slice ends as without the stop */
        }
        if (cpu->leave && !settle(cpu))
            break;
        if (cpu->budget <= 0)
            break;
        first = next_code(cpu);
        if (first)
            run_code(cpu, first);
    }
    if (unlikely(cpu->all->seeing))
        seen_end(cpu);
    m->now = cpu->time_limit - (uint64_t)cpu->budget * cpu->cycle;
    if (unlikely(cpu->all->stopping))
        stops_complete(cpu->all);
    m->running_leave = NULL;
    cpu->all->running = NULL;
}

/* When less than a block is left the scheduler takes blocks of one instruction. */
bool cpu_run_part(struct cpu *cpu, uint64_t from, uint64_t until, uint64_t cycles)
{
    run_cycles(cpu, from, until, cycles);
    return cpu->state == CPU_OPERATING && !(cpu->psw_mask & PSW_WAIT) && !cpu->machine->end &&
           cpu->machine->now < cpu->machine->slice_end;
}
