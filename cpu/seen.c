/* SPDX-License-Identifier: MIT */
/** What is seen: records put, and the handler that puts one before each instruction. */
#include "cpu/seen.h"

#include <stdlib.h>

#include "cpu/dispatch.h"
#include "cpu/observe.h"
#include "cpu/stops.h"

/* ---- The buffer ---- */

static void hand_over(struct seeing *s)
{
    struct seen *next = s->over ? NULL : s->full(s->context, s->buffer, (size_t)(s->next - s->buffer));

    if (!next) {
        /* What the rest of the block tells goes nowhere. */
        s->over = true;
        next = s->scratch;
        s->room = sizeof s->scratch / sizeof s->scratch[0];
        if (s->cpu)
            s->cpu->leave |= LEAVE_MODE;
    }
    s->buffer = s->next = next;
    s->end = next + s->room;
}

static struct seen *put(struct seeing *s)
{
    if (s->next == s->end)
        hand_over(s);
    return s->next++;
}

static uint64_t word_of(enum seen_kind kind, unsigned class, unsigned detail, uint32_t code)
{
    return (uint64_t)code << 32 | (uint64_t)(uint16_t)detail << 16 | (uint64_t)(uint8_t)class << 8 | kind;
}

/* Position of the instruction being executed, or of the moment between two. */
static uint64_t position_now(const struct cpu *cpu)
{
    uint64_t at = cpu->all->seeing->base - (uint64_t)cpu->budget;

    return cpu->insn ? at + insn_cycles(cpu->insn) : at;
}

/* ---- Effects of the last instruction ---- */

static void put_register(struct seeing *s, uint64_t position, unsigned class, unsigned number, uint64_t high,
                         uint64_t low)
{
    *put(s) = (struct seen){position, high, low, word_of(SEEN_REGISTER, class, number, 0)};
}

/* Tell of every register that is not as told; `flag` goes to the class. */
static void put_registers(struct cpu *cpu, uint64_t position, bool vectors, unsigned flag)
{
    struct seeing *s = cpu->all->seeing;
    struct seen_shadow *shadow = s->shadow;

    for (unsigned i = 0; i < 16; i++)
        if (cpu->gr[i].d != shadow->gr[i]) {
            shadow->gr[i] = cpu->gr[i].d;
            put_register(s, position, SEEN_GR | flag, i, 0, shadow->gr[i]);
        }
    if (memcmp(cpu->ar, shadow->ar, sizeof shadow->ar) != 0)
        for (unsigned i = 0; i < 16; i++)
            if (cpu->ar[i] != shadow->ar[i]) {
                shadow->ar[i] = cpu->ar[i];
                put_register(s, position, SEEN_AR | flag, i, 0, shadow->ar[i]);
            }
    if (cpu->fpc != shadow->fpc) {
        shadow->fpc = cpu->fpc;
        put_register(s, position, SEEN_FPC | flag, 0, 0, shadow->fpc);
    }
    if (!vectors || !memcmp(cpu->vr, shadow->vr, sizeof shadow->vr))
        return;
    for (unsigned i = 0; i < 32; i++)
        if (memcmp(&cpu->vr[i], &shadow->vr[i], sizeof shadow->vr[i]) != 0) {
            shadow->vr[i] = cpu->vr[i];
            put_register(s, position, SEEN_VR | flag, i, shadow->vr[i].d[0], shadow->vr[i].d[1]);
        }
}

static void put_access(struct cpu *cpu, uint64_t position, const struct seen_access *a)
{
    struct seeing *s = cpu->all->seeing;
    const uint8_t *data = a->store ? a->host : s->arena + a->data;
    uint64_t absolute = (uint64_t)(a->host - cpu->storage->bytes);

    /* A record and its data stay together. */
    if ((size_t)(s->end - s->next) < 1 + (a->bytes + sizeof(struct seen) - 1) / sizeof(struct seen))
        hand_over(s);
    *put(s) = (struct seen){position, a->address, absolute,
                            word_of(a->store ? SEEN_STORE : SEEN_FETCH, 0, 0, a->bytes)};
    for (uint32_t at = 0; at < a->bytes; at += sizeof(struct seen)) {
        struct seen *r = put(s);

        *r = (struct seen){0};
        memcpy(r, data + at, a->bytes - at < sizeof *r ? a->bytes - at : sizeof *r);
    }
}

void seen_settle(struct cpu *cpu)
{
    struct seeing *s = cpu->all->seeing;
    uint32_t previous = s->previous;
    unsigned r = previous & 0x1f;
    uint64_t position;

    if (cpu != s->cpu || previous == SEEN_NO_REGISTER)
        return;
    s->previous = SEEN_NO_REGISTER | (previous & (SEEN_OPEN | SEEN_SYNC));
    position = position_now(cpu);
    if (previous & SEEN_MANY)
        put_registers(cpu, position, previous & SEEN_VECTORS, 0);
    else if (r < SEEN_NO_REGISTER && cpu->gr[r].d != s->shadow->gr[r])
        put_register(s, position, SEEN_GR, r, 0, s->shadow->gr[r] = cpu->gr[r].d);
    for (unsigned i = 0; i < s->access_count; i++)
        put_access(cpu, position, &s->accesses[i]);
    s->access_count = s->arena_bytes = 0;
}

void seen_nothing(struct cpu *cpu)
{
    struct seeing *s = cpu->all->seeing;

    s->previous &= ~(uint32_t)SEEN_ACCESSES;
    s->access_count = s->arena_bytes = 0;
}

/* ---- Slices and threads ---- */

void seen_end(struct cpu *cpu)
{
    cpu->insn = NULL;
    seen_settle(cpu);
    cpu->all->seeing->cpu = NULL;
}

/* Tell where and when we are, unless it follows from what was told. */
static void open_slice(struct cpu *cpu)
{
    struct seeing *s = cpu->all->seeing;

    if (cpu != s->told_cpu ||
        s->slice_time != s->told_time + (s->slice_position - s->told_position) * cpu->cycle) {
        *put(s) = (struct seen){s->slice_position, cpu->cycle, s->slice_time,
                                word_of(SEEN_SLICE, 0, cpu->address, 0)};
        s->told_cpu = cpu;
        s->told_position = s->slice_position;
        s->told_time = s->slice_time;
    }
}

static uint64_t present_asce(const struct cpu *cpu)
{
    if (!(cpu->psw_mask & PSW_DAT))
        return 0;
    switch (cpu->psw_mask >> PSW_AS_SHIFT & 3) {
    case SPACE_SECONDARY: return cpu->cr[7];
    case SPACE_HOME: return cpu->cr[13];
    default: return cpu->cr[1];
    }
}

/* Level, guest and its CPU, as in the word of SEEN_THREAD. */
static uint64_t present_thread(const struct cpu *cpu)
{
    unsigned level = cpu->interpreting ? cpu->all->sie->level(cpu) : 1, guest, number;

    stops_thread(cpu, &guest, &number);
    return word_of(SEEN_THREAD, level, guest, number);
}

static uint64_t present_modes(const struct cpu *cpu)
{
    return cpu->psw_mask & (PSW_PER | PSW_DAT | PSW_KEY | PSW_PROBLEM | PSW_AS | PSW_EA | PSW_BA);
}

static bool thread_changed(const struct cpu *cpu, const struct seen_shadow *shadow)
{
    return !shadow->told || shadow->psw_mask != present_modes(cpu) || shadow->asce != present_asce(cpu) ||
           shadow->thread != present_thread(cpu);
}

static void open_thread(struct cpu *cpu, uint64_t position)
{
    struct seeing *s = cpu->all->seeing;
    struct seen_shadow *shadow = s->shadow;

    if (!thread_changed(cpu, shadow))
        return;
    shadow->told = true;
    shadow->psw_mask = present_modes(cpu);
    shadow->asce = present_asce(cpu);
    shadow->thread = present_thread(cpu);
    *put(s) = (struct seen){position, shadow->psw_mask, shadow->asce, shadow->thread};
}

void seen_begin(struct cpu *cpu, uint64_t from, uint64_t cycles)
{
    struct seeing *s = cpu->all->seeing;

    s->cpu = cpu;
    s->shadow = &s->shadows[cpu->address];
    s->slice_position = cpus_position(cpu->all);
    s->slice_time = from;
    s->base = s->slice_position + cycles;
    s->previous = SEEN_NO_REGISTER | SEEN_OPEN | (s->shadow->stale ? SEEN_SYNC : 0);
    /* In a guest that was entered before anybody looked: when its exit is told, it is no longer there to be asked. */
    if (!s->shadow->told && cpu->interpreting) {
        open_slice(cpu);
        open_thread(cpu, s->slice_position);
    }
}

/* ---- What is wanted ---- */

static bool in_time(const struct cpu *cpu)
{
    const struct seeing *s = cpu->all->seeing;
    const struct seen_filter *f = &s->filter;
    uint64_t rest = (uint64_t)(cpu->budget > 0 ? cpu->budget : 0), position = s->base - (uint64_t)cpu->budget;

    /* Where it ends exactly is for whoever reads the stream. */
    return position <= f->to_position && cpu->machine->now <= f->to_time && position + rest >= f->from_position &&
           cpu->machine->now + rest * cpu->cycle >= f->from_time;
}

static bool thread_wanted(const struct cpu *cpu)
{
    const struct seen_filter *f = &cpu->all->seeing->filter;
    uint64_t thread = present_thread(cpu);

    return !cpu->all->seeing->over && (f->cpus >> cpu->address & 1) && (f->levels >> (thread >> 8 & 0xff) & 1) &&
           (f->guest == SEEN_ANY_GUEST || f->guest == (uint16_t)(thread >> 16)) && in_time(cpu);
}

static bool mode_wanted(const struct cpu *cpu)
{
    const struct seen_filter *f = &cpu->all->seeing->filter;
    unsigned space = cpu->psw_mask & PSW_DAT ? cpu->psw_mask >> PSW_AS_SHIFT & 3 : 4;

    return (f->states >> problem_state(cpu) & 1) && (f->spaces >> space & 1) &&
           (!f->one_asce || ((f->asce ^ present_asce(cpu)) & ASCE_ORIGIN) == 0);
}

uint8_t seen_mode(struct cpu *cpu)
{
    struct seeing *s = cpu->all->seeing;
    uint8_t seen = 0;

    if (cpu != s->cpu)
        return 0;
    seen_settle(cpu);
    if (thread_wanted(cpu) && mode_wanted(cpu)) {
        if (s->filter.kinds & (OBSERVED_INSTRUCTION | OBSERVED_BRANCH))
            seen |= SEE_INSTRUCTIONS;
        if (s->filter.kinds & (OBSERVED_FETCH | OBSERVED_STORE))
            seen |= SEE_ACCESSES;
    }
    /* Instructions unseen, or SIE. */
    if (!seen || (s->shadow->told && s->shadow->thread != present_thread(cpu)))
        s->shadow->stale = true;
    if (seen && s->shadow->stale)
        s->previous |= SEEN_SYNC;
    if (seen && thread_changed(cpu, s->shadow))
        s->previous |= SEEN_OPEN;
    return seen;
}

/* ---- Instructions ---- */

/* Before a record of the instruction after `position`: all that has to be told first. */
static void open_all(struct cpu *cpu, uint64_t position)
{
    struct seeing *s = cpu->all->seeing;

    open_slice(cpu);
    open_thread(cpu, position);
    if (s->previous & SEEN_SYNC) {
        put_registers(cpu, position, true, SEEN_NOT_OF_INSTRUCTION);
        s->shadow->stale = false;
    }
    s->previous = SEEN_NO_REGISTER;
}

static __attribute__((noinline)) void prepare(struct cpu *cpu, const struct insn *insn, int64_t budget)
{
    struct seeing *s = cpu->all->seeing;

    cpu->insn = NULL;
    cpu->budget = budget - insn->imm;
    seen_settle(cpu);
    if (s->previous & (SEEN_OPEN | SEEN_SYNC))
        open_all(cpu, s->base - (uint64_t)cpu->budget);
    if (s->next == s->end)
        hand_over(s);
}

/* Apart, so that the fast one needs no stack frame. */
static __attribute__((noinline)) struct flow handle_seen_slow(struct cpu *cpu, const struct insn *insn, int64_t budget)
{
    prepare(cpu, insn, budget);
    GO(insn, budget);
}

/* A GR in two loads: one of 64 bits would have to wait until a 32-bit store just before it is in the cache. */
static inline uint64_t gr_by_halves(const struct cpu *cpu, unsigned r)
{
    const volatile union general_register *gr = &cpu->gr[r];
    uint64_t high = gr->w.high;

    return high << 32 | gr->w.low;
}

/* The companion of an instruction; imm: cycles before it in its block, r1: what it may change. */
static struct flow handle_seen(struct cpu *cpu, const struct insn *insn, int64_t budget)
{
    struct seeing *s = cpu->all->seeing;
    struct seen *r = s->next;
    uint32_t previous = s->previous;

    if (unlikely(previous > SEEN_NO_REGISTER || r == s->end))
        SIBLING handle_seen_slow(cpu, insn, budget);
    r->position = s->base - (uint64_t)budget + (uint64_t)insn->imm;
    r->address = cpu->page_ia + insn->offset;
    r->value = s->shadow->gr[previous] = gr_by_halves(cpu, previous);
    r->word = (insn->text & ~0xffffULL) | previous << 8 | cpu->cc << 13;
    s->next = r + 1;
    s->previous = insn->r1;
    NEXT;
}

static __attribute__((noinline)) bool in_range(struct cpu *cpu, const struct insn *insn, int64_t budget)
{
    struct seeing *s = cpu->all->seeing;
    uint64_t ia = insn_ia(cpu, insn);

    s->skipping = ia < s->filter.first || ia > s->filter.last ||
                  !(s->filter.kinds & (OBSERVED_INSTRUCTION | OBSERVED_BRANCH | OBSERVED_FETCH | OBSERVED_STORE));
    if (!s->skipping)
        return true;
    cpu->insn = NULL;
    cpu->budget = budget - insn->imm;
    seen_settle(cpu);
    s->previous |= SEEN_SYNC;
    return false;
}

/* The same where addresses are filtered, too. */
static struct flow handle_seen_in_range(struct cpu *cpu, const struct insn *insn, int64_t budget)
{
    if (in_range(cpu, insn, budget))
        SIBLING handle_seen(cpu, insn, budget);
    NEXT;
}

/* Without a fast handler, but frequent, and nothing but the GR in R1 is changed. */
static bool changes_one(enum insn_id id)
{
    switch (id) {
    case INSN_MSR: case INSN_MSGR: case INSN_MS: case INSN_MSY: case INSN_MSG: case INSN_MSFI: case INSN_MSGFI:
    case INSN_MHI: case INSN_MGHI: case INSN_MHY:
    case INSN_IIHH: case INSN_IIHL: case INSN_IILH: case INSN_IILL: case INSN_IIHF: case INSN_IILF:
    case INSN_NIHH: case INSN_NIHL: case INSN_NILH: case INSN_NILL: case INSN_NIHF: case INSN_NILF:
    case INSN_OIHH: case INSN_OIHL: case INSN_OILH: case INSN_OILL: case INSN_OIHF: case INSN_OILF:
    case INSN_XIHF: case INSN_XILF: case INSN_LLIHF: case INSN_LLILF:
    case INSN_RISBG: case INSN_RISBGN: case INSN_RISBLG: case INSN_RISBHG: case INSN_RNSBG: case INSN_ROSBG:
    case INSN_RXSBG:
    case INSN_S: case INSN_SY: case INSN_SG: case INSN_SGF: case INSN_SL: case INSN_SLY: case INSN_SLG:
    case INSN_SLGF: case INSN_SGFR: case INSN_SLGFR: case INSN_SLR: case INSN_SLGR: case INSN_ALC: case INSN_ALCG:
    case INSN_ALCR: case INSN_ALCGR: case INSN_SLB: case INSN_SLBG: case INSN_SLBR: case INSN_SLBGR: case INSN_A:
    case INSN_AY: case INSN_AG: case INSN_AGF: case INSN_AL: case INSN_ALY: case INSN_ALG: case INSN_ALGF:
    case INSN_AGFR: case INSN_ALGFR: case INSN_AH: case INSN_AHY: case INSN_AGH: case INSN_SH: case INSN_SHY:
    case INSN_SGH: case INSN_LRV: case INSN_LRVG: case INSN_LRVH: case INSN_LRVR: case INSN_LRVGR: case INSN_IPM:
    case INSN_LOC: case INSN_LOCG: case INSN_LOCR: case INSN_LOCGR: case INSN_LCGFR: case INSN_LPR: case INSN_LPGR:
    case INSN_LNR: case INSN_LNGR: case INSN_LCR: case INSN_LCGR: case INSN_N: case INSN_NY: case INSN_NG:
    case INSN_O: case INSN_OY: case INSN_OG: case INSN_X: case INSN_XY: case INSN_XG: case INSN_LB: case INSN_LGB:
    case INSN_LLGT: case INSN_LLGTR: case INSN_LTGF: case INSN_LTGFR: case INSN_RLL: case INSN_RLLG: case INSN_SLA:
    case INSN_SLAG: case INSN_SLAK: case INSN_POPCNT: case INSN_LAA: case INSN_LAAG: case INSN_LAAL: case INSN_LAALG:
    case INSN_LAN: case INSN_LANG: case INSN_LAO: case INSN_LAOG: case INSN_LAX: case INSN_LAXG: case INSN_CS:
    case INSN_CSY: case INSN_CSG: case INSN_STRV: case INSN_STRVG: case INSN_STRVH: case INSN_BRXH: case INSN_BRXLE:
    case INSN_BRXHG: case INSN_BRXLG: case INSN_BXH: case INSN_BXLE: case INSN_BXHG: case INSN_BXLEG: case INSN_CL:
    case INSN_CLY: case INSN_CLG: case INSN_CLGF: case INSN_CGF: case INSN_CH: case INSN_CHY: case INSN_CGH:
    case INSN_CLGFR: case INSN_CGFR: case INSN_ICM: case INSN_ICMY: case INSN_ICMH: case INSN_STCM: case INSN_STCMY:
    case INSN_STCMH:
        return true;
    default:
        return false;
    }
}

/* What an instruction may change: the GR in R1, if its handler is one that changes no other; all of them else. */
static uint8_t changes(enum insn_id id, const struct insn *insn)
{
    const struct insn_row *row = &insn_rows[id];

    if (row->checks & (AFP_R1 | AFP_R2 | AFP_R3 | BFP | VECTOR_OP | DFP_OP))
        return SEEN_NO_REGISTER | SEEN_MANY | SEEN_VECTORS;
    if ((!insn_fast[id] && !changes_one(id)) || id == INSN_LMG || id == INSN_MLGR)
        return SEEN_NO_REGISTER | SEEN_MANY;
    switch ((enum insn_format)row->format) {
    case FORMAT_SI: case FORMAT_SIY: case FORMAT_SIL: case FORMAT_SS_a:
        return SEEN_NO_REGISTER;
    default:
        return insn->r1 & 15;
    }
}

insn_handler *seen_handler(const struct cpus *cpus)
{
    const struct seen_filter *f = &cpus->seeing->filter;

    return f->first == 0 && f->last == UINT64_MAX ? handle_seen : handle_seen_in_range;
}

void seen_companion(const struct cpus *cpus, const struct insn *insn, unsigned cycles, struct insn *companion)
{
    *companion = *insn;
    companion->handler = seen_handler(cpus);
    companion->imm = (int64_t)insn_cycles(insn) - cycles;
    companion->flags |= INSN_COMPANION;
    companion->r1 = changes(insn_decode(insn->text), insn);
}

void seen_target(struct cpu *cpu, const struct insn *execute, const struct insn *target)
{
    struct seeing *s = cpu->all->seeing;
    uint64_t position = s->base - (uint64_t)cpu->budget + (uint64_t)execute[-1].imm;

    if (s->skipping)
        return;
    *put(s) = (struct seen){position, cpu->execute_target, 0,
                            (target->text & ~0xffffULL) | SEEN_TARGET};
    s->previous = changes(insn_decode(target->text), target) | (s->previous & SEEN_ACCESSES);
}

/* ---- Accesses ---- */

static uint32_t keep(struct seeing *s, const uint8_t *data, uint32_t bytes)
{
    uint32_t at = s->arena_bytes;

    if (at + bytes > s->arena_room) {
        s->arena_room = 2 * (at + bytes);
        s->arena = machine_reallocate(s->arena, s->arena_room);
    }
    memcpy(s->arena + at, data, bytes);
    s->arena_bytes += bytes;
    return at;
}

static void note(struct seeing *s, const struct seen_access *a)
{
    /* Instructions that look twice at the same operand tell of it once. */
    for (unsigned i = 0; i < s->access_count && i < 4; i++) {
        const struct seen_access *b = &s->accesses[s->access_count - 1 - i];

        if (b->host == a->host && b->bytes == a->bytes && b->store == a->store && b->address == a->address)
            return;
    }
    if (s->access_count == s->access_room) {
        s->access_room = s->access_room ? 2 * s->access_room : 16;
        s->accesses = machine_reallocate(s->accesses, s->access_room * sizeof *s->accesses);
    }
    s->accesses[s->access_count] = *a;
    if (!a->store)
        s->accesses[s->access_count].data = keep(s, a->host, a->bytes);
    s->access_count++;
    s->previous |= SEEN_ACCESSES;
}

void seen_access(struct cpu *cpu, uint64_t address, const uint8_t *host, unsigned bytes, bool store)
{
    struct seeing *s = cpu->all->seeing;

    if (!s || s->skipping || cpu != s->cpu || address > s->filter.last_data ||
        address + bytes - 1 < s->filter.first_data ||
        !(s->filter.kinds & (store ? OBSERVED_STORE : OBSERVED_FETCH)))
        return;
    note(s, &(struct seen_access){address, host, bytes, 0, store});
}

void seen_update(struct cpu *cpu, unsigned pieces)
{
    struct seeing *s = cpu->all->seeing;

    if (!s || !(s->filter.kinds & OBSERVED_FETCH))
        return;
    for (unsigned i = 0, n = s->access_count; i < pieces && i < n; i++) {
        struct seen_access a = s->accesses[n - 1 - i];

        a.store = false;
        note(s, &a);
    }
}

/* ---- Events ---- */

static enum seen_kind kind_of(enum observed kind)
{
    switch (kind) {
    case OBSERVED_INTERRUPTION: return SEEN_INTERRUPTION;
    case OBSERVED_ENTRY: return SEEN_ENTRY;
    case OBSERVED_EXIT: return SEEN_EXIT;
    case OBSERVED_IO: return SEEN_IO;
    case OBSERVED_KEY: return SEEN_KEY;
    case OBSERVED_CONTROL: return SEEN_CONTROL;
    default: return SEEN_SIGP;
    }
}

/* Where and when it happens; at entries, exits and interruptions the clock has been set right. */
static uint64_t position_of(const struct cpu *cpu, const struct sight *sight)
{
    const struct seeing *s = cpu->all->seeing;

    if (sight->kind == OBSERVED_ENTRY || sight->kind == OBSERVED_EXIT)
        return s->slice_position + (cpu->machine->now - s->slice_time) / cpu->cycle;
    return position_now(cpu);
}

static struct seen record_of(const struct sight *sight, uint64_t position)
{
    enum seen_kind kind = kind_of(sight->kind);

    switch (sight->kind) {
    case OBSERVED_ENTRY:
        return (struct seen){position, 0, sight->absolute, word_of(kind, sight->code, 0, 0)};
    case OBSERVED_EXIT:
        return (struct seen){position, sight->address, sight->absolute,
                             word_of(kind, sight->code, (unsigned)sight->value, sight->class)};
    case OBSERVED_KEY:
        return (struct seen){position, 0, sight->absolute, word_of(kind, 0, sight->code, (uint32_t)sight->value)};
    case OBSERVED_SIGP:
        return (struct seen){position, sight->value, sight->absolute,
                             word_of(kind, 0, (unsigned)sight->address, sight->code)};
    case OBSERVED_IO:
        return (struct seen){position, 0, sight->value,
                             word_of(kind, 0, (unsigned)sight->address, insn_rows[sight->code].opcode)};
    default:
        return (struct seen){position, sight->address, sight->value, word_of(kind, sight->class, 0, sight->code)};
    }
}

static void tell(void *context, struct cpu *cpu, const struct sight *sight)
{
    struct seeing *s = context;
    bool after = sight->kind == OBSERVED_EXIT || sight->kind == OBSERVED_INTERRUPTION;
    bool wanted = (s->filter.kinds & sight->kind) && cpu == s->cpu &&
                  (thread_wanted(cpu) || (sight->kind == OBSERVED_EXIT && (s->filter.levels >> sight->code & 1) &&
                                          (s->filter.cpus >> cpu->address & 1) && in_time(cpu)));
    uint64_t position;

    if (cpu != s->cpu)
        return;
    if (after || wanted)
        seen_settle(cpu);
    /* SIE exchanges registers without an instruction of the guest's. */
    if (sight->kind == OBSERVED_ENTRY || sight->kind == OBSERVED_EXIT)
        s->shadow->stale = true;
    if (!wanted)
        return;
    position = position_of(cpu, sight);
    open_slice(cpu);
    /* What is told after the change belongs to the thread before it, except the host's interruption for a fault. */
    if (!after || !s->shadow->told ||
        (sight->kind == OBSERVED_INTERRUPTION && s->shadow->thread != present_thread(cpu)))
        open_thread(cpu, position);
    *put(s) = record_of(sight, position);
}

/* ---- Begin and end ---- */

static void release(struct cpus *cpus)
{
    struct seeing *s = cpus->seeing;

    if (!s)
        return;
    seen_flush(cpus);
    observe_set(cpus, OBSERVER_TRACE, 0, NULL, NULL);
    cpus->seeing = NULL;
    free(s->shadows);
    free(s->accesses);
    free(s->arena);
    free(s);
    /* Companions refer to what has gone. */
    code_cache_forget_contexts(cpus);
    for (unsigned i = 0; i < cpus->count; i++)
        cpus->cpu[i]->context = NULL;
}

void seen_set(struct cpus *cpus, const struct seen_filter *filter, struct seen *buffer, size_t room,
              struct seen *(*full)(void *context, struct seen *buffer, size_t count), void *context)
{
    struct seeing *s;

    release(cpus);
    if (!filter)
        return;
    s = machine_allocate(sizeof *s);
    *s = (struct seeing){.previous = SEEN_NO_REGISTER, .filter = *filter, .room = room, .full = full,
                         .context = context, .buffer = buffer, .next = buffer, .end = buffer + room};
    s->shadows = machine_allocate(cpus->count * sizeof *s->shadows);
    for (unsigned i = 0; i < cpus->count; i++)
        s->shadows[i].stale = true;
    s->shadow = s->shadows;
    cpus->seeing = s;
    observe_set(cpus, OBSERVER_TRACE, filter->kinds | OBSERVED_INTERRUPTION | OBSERVED_EXIT, tell, s);
}

void seen_flush(struct cpus *cpus)
{
    struct seeing *s = cpus->seeing;

    if (s && s->next != s->buffer && !s->over)
        hand_over(s);
}
