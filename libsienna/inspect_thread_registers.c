/* SPDX-License-Identifier: MIT */
/** Registers of threads: of hosts while their guests run, of guests while they do not. */
#include "cpu/guests.h"
#include "cpu/timer.h"
#include "libsienna/alter.h"
#include "libsienna/inspect.h"
#include "sie/state_descriptor.h"
#include "sienna_debug.h"

static const struct virtual_cpu *virtual_cpu(const struct sienna *s, struct sienna_thread thread)
{
    return thread.guest ? guests_find(s->machine.cpus, thread.guest, thread.cpu) : NULL;
}

/* The host that waits at SIE on this CPU of the machine, or NULL. */
static struct host_state *host_of(const struct sienna *s, struct sienna_thread thread)
{
    struct cpu *cpu = thread.guest ? NULL : cpu_numbered(s, thread.cpu);

    return cpu && cpu->interpreting ? &cpu->interpreting->host : NULL;
}

/* ---- Of a host ---- */

/* Where the host's doubleword is kept; NULL: the CPU has it, or it is no doubleword. */
static uint64_t *host_doubleword(struct host_state *h, enum sienna_register_class class, unsigned n)
{
    switch (class) {
    case SIENNA_GR: return n == 14 ? &h->gr14 : n == 15 ? &h->gr15 : NULL;
    case SIENNA_CR: return &h->cr[n];
    case SIENNA_CLOCK_COMPARATOR: return &h->clock_comparator;
    case SIENNA_BREAKING_EVENT: return &h->breaking_event;
    case SIENNA_PROGRAM_PARAMETER: return &h->program_parameter;
    default: return NULL;
    }
}

static bool read_host(const struct sienna *s, struct host_state *h, enum sienna_register_class class, unsigned n,
                      uint8_t *bytes)
{
    const uint64_t *d = host_doubleword(h, class, n);

    if (d) {
        put_be64(bytes, *d);
    } else if (class == SIENNA_PSW) {
        put_be64(bytes, (h->psw_mask & ~PSW_CC) | (uint64_t)h->cc << PSW_CC_SHIFT);
        put_be64(bytes + 8, h->ia);
    } else if (class == SIENNA_PREFIX) {
        put_be32(bytes, h->prefix);
    } else if (class == SIENNA_TOD_PROGRAMMABLE) {
        put_be32(bytes, h->todpr);
    } else if (class == SIENNA_CPU_TIMER) {
        put_be64(bytes, h->cpu_timer_end - s->machine.now);
    } else {
        return false;
    }
    return true;
}

/* True when it was the host's alone; *done tells whether it could be altered. */
static bool write_host(struct sienna *s, struct host_state *h, enum sienna_register_class class, unsigned n,
                       const uint8_t *bytes, char *problem, bool *done)
{
    uint64_t *d = host_doubleword(h, class, n);

    *done = true;
    if (d) {
        *d = get_be64(bytes);
    } else if (class == SIENNA_PSW) {
        if (get_be64(bytes + 8) != h->ia)
            *done = problem_set(problem, "the host stays at its SIE instruction while its guest is interpreted");
        else {
            h->psw_mask = get_be64(bytes) & ~PSW_CC;
            h->cc = get_be64(bytes) >> PSW_CC_SHIFT & 3;
        }
    } else if (class == SIENNA_PREFIX) {
        *done = problem_set(problem, "the host's prefix cannot be altered while its guest is interpreted");
    } else if (class == SIENNA_TOD_PROGRAMMABLE) {
        h->todpr = get_be32(bytes);
    } else if (class == SIENNA_CPU_TIMER) {
        h->cpu_timer_end = s->machine.now + get_be64(bytes);
    } else {
        return false;
    }
    return true;
}

/* ---- Of a guest that is not being interpreted ---- */

/* Where the state description has it; 0: it has not. */
static unsigned described_at(enum sienna_register_class class, unsigned n)
{
    switch (class) {
    case SIENNA_GR: return n == 14 ? SD_GR14 : n == 15 ? SD_GR15 : 0;
    case SIENNA_CR: return SD_CR + 8 * n;
    case SIENNA_PSW: return SD_PSW;
    case SIENNA_PREFIX: return SD_PREFIX;
    case SIENNA_CPU_TIMER: return SD_CPU_TIMER;
    case SIENNA_CLOCK_COMPARATOR: return SD_CLOCK_COMPARATOR;
    case SIENNA_TOD_PROGRAMMABLE: return SD_TODPR;
    case SIENNA_BREAKING_EVENT: return SD_GBEA;
    case SIENNA_PROGRAM_PARAMETER: return SD_PP;
    default: return 0;
    }
}

static void read_kept(const struct guest_registers *r, enum sienna_register_class class, unsigned n, uint8_t *bytes)
{
    switch (class) {
    case SIENNA_GR: put_be64(bytes, r->gr[n]); break;
    case SIENNA_AR: put_be32(bytes, r->ar[n]); break;
    case SIENNA_FPC: put_be32(bytes, r->fpc); break;
    case SIENNA_FPR: put_be64(bytes, VD(&r->vr[n], 0)); break;
    case SIENNA_VR:
        put_be64(bytes, VD(&r->vr[n], 0));
        put_be64(bytes + 8, VD(&r->vr[n], 1));
        break;
    default: break;
    }
}

static void read_guest(const struct sienna *s, const struct virtual_cpu *v, enum sienna_register_class class,
                       unsigned n, uint8_t *bytes)
{
    const uint8_t *sd = storage_at(s->machine.storage, absolute(v->description));
    unsigned at = described_at(class, n);

    if (at)
        memcpy(bytes, sd + at, sienna_register_type(class)->bytes);
    else if (v->has_registers)
        read_kept(&v->registers, class, n, bytes);
}

static bool write_guest(struct sienna *s, const struct virtual_cpu *v, enum sienna_register_class class, unsigned n,
                        const uint8_t *bytes, char *problem)
{
    unsigned at = described_at(class, n), length = sienna_register_type(class)->bytes;

    if (!at)
        return problem_set(problem, "the guest is not being interpreted: its host has this register");
    if (class == SIENNA_PREFIX && get_be32(bytes) & ~0x7fffe000u)
        return problem_set(problem, "a prefix designates 8K on an 8K boundary");
    storage_stored(s->machine.storage, absolute(v->description), SD_BYTES, true);
    memcpy(storage_at(s->machine.storage, absolute(v->description + at)), bytes, length);
    return true;
}

/* ---- Of any ---- */

/* A guest's clock is ahead of the machine's by the epoch. */
static void add_epoch(const struct sienna *s, const struct virtual_cpu *v, uint8_t *bytes)
{
    const uint8_t *sd = storage_at(s->machine.storage, absolute(v->description));

    put_be64(bytes, timer_tod_at(&s->machine, s->machine.now).clock + get_be64(sd + SD_EPOCH));
}

bool sienna_thread_register_read(const struct sienna *s, struct sienna_thread thread,
                                 enum sienna_register_class class, unsigned n,
                                 uint8_t bytes[SIENNA_REGISTER_BYTES])
{
    const struct sienna_register_type *type = sienna_register_type(class);
    const struct virtual_cpu *v = virtual_cpu(s, thread);
    struct host_state *host = host_of(s, thread);

    if (!type || n >= type->count || (thread.guest && !v))
        return false;
    s->machine.cpus->keep_guest_registers = true;
    memset(bytes, 0, SIENNA_REGISTER_BYTES);
    if (host && read_host(s, host, class, n, bytes))
        return true;
    if (!v)
        return sienna_register_read(s, thread.cpu, class, n, bytes);
    if (class == SIENNA_TOD_CLOCK)
        add_epoch(s, v, bytes);
    else if (v->machine_cpu != NO_MACHINE_CPU)
        return sienna_register_read(s, v->machine_cpu, class, n, bytes);
    else
        read_guest(s, v, class, n, bytes);
    return true;
}

bool thread_register_write(struct sienna *s, struct sienna_thread thread, enum sienna_register_class class,
                           unsigned n, const uint8_t *bytes, char problem[SIENNA_PROBLEM_BYTES])
{
    const struct sienna_register_type *type = sienna_register_type(class);
    const struct virtual_cpu *v = virtual_cpu(s, thread);
    struct host_state *host = host_of(s, thread);
    bool done;

    if (!type || n >= type->count || (thread.guest && !v))
        return problem_set(problem, "there is no such register");
    if (!type->alterable)
        return problem_set(problem, "%s cannot be altered", type->name);
    if (host && write_host(s, host, class, n, bytes, problem, &done)) {
        machine_end_slice_at(&s->machine, s->machine.now);
        return done;
    }
    if (!v)
        return register_write(s, thread.cpu, class, n, bytes, problem);
    if (v->machine_cpu == NO_MACHINE_CPU)
        return write_guest(s, v, class, n, bytes, problem);
    if (class == SIENNA_PREFIX)
        return problem_set(problem, "a guest's prefix can be altered while it is not being interpreted");
    return register_write(s, v->machine_cpu, class, n, bytes, problem);
}
