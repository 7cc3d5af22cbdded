/* SPDX-License-Identifier: MIT */
/** Storage by every kind of address, keys and TLBs, for monitors and debuggers. */
#include "cpu/access.h"
#include "cpu/guests.h"
#include "libsienna/alter.h"
#include "libsienna/inspect.h"
#include "sie/state_descriptor.h"
#include "sienna_debug.h"
#include "storage/dat.h"

/* What of a thread decides how its addresses reach storage. */
struct addressing {
    uint64_t psw_mask, primary, secondary, home;
    uint32_t prefix, controls;      /**< enum dat_control */
    bool edat1, edat2, iep;         /**< what its host lets it have */
    bool own_absolute;              /**< SIENNA_ABSOLUTE is its own, not the machine's */
    struct storage_view view, host; /**< host: of a guest */
};

static uint32_t dat_controls(const struct addressing *a, uint64_t cr0, const struct facility_list *facilities)
{
    uint32_t controls = 0;

    if ((cr0 & CR0_EDAT) && a->edat1 && facility_present(facilities, FACILITY_EDAT_1))
        controls |= DAT_EDAT_1 | (a->edat2 && facility_present(facilities, FACILITY_EDAT_2) ? DAT_EDAT_2 : 0);
    if ((cr0 & CR0_IEP) && a->iep && facility_present(facilities, FACILITY_IEP))
        controls |= DAT_IEP;
    return controls;
}

static void set_spaces(struct addressing *a, uint64_t psw_mask, uint32_t prefix, const uint64_t cr[16],
                       const struct facility_list *facilities)
{
    a->psw_mask = psw_mask;
    a->prefix = prefix;
    a->primary = cr[1];
    a->secondary = cr[7];
    a->home = cr[13];
    a->controls = dat_controls(a, cr[0], facilities);
}

/* A CPU as it is: its guest while it interprets one. */
static void addressing_of(const struct cpu *cpu, struct addressing *a)
{
    *a = (struct addressing){.edat1 = level_has_edat1(cpu), .edat2 = level_has_edat2(cpu),
                             .iep = level_has_iep(cpu), .view = {.storage = cpu->storage}};
    if (cpu->interpreting) {
        a->view = cpu->interpreting->guest_view;
        a->host = *a->view.host;
    }
    set_spaces(a, cpu->psw_mask, cpu->prefix, cpu->cr, cpu->facilities);
}

static void addressing_of_host(const struct cpu *cpu, struct addressing *a)
{
    const struct host_state *h = &cpu->interpreting->host;

    *a = (struct addressing){.edat1 = true, .edat2 = true, .iep = true, .view = {.storage = cpu->storage}};
    set_spaces(a, h->psw_mask, h->prefix, h->cr, &cpu->all->facilities);
}

/* A virtual CPU that no CPU interprets: its description, and the host's space at its last entry. */
static void addressing_of_guest(const struct sienna *s, const struct virtual_cpu *v, struct addressing *a)
{
    const uint8_t *sd = storage_at(s->machine.storage, absolute(v->description));
    uint32_t stat = get_be32(sd + SD_CPUSTAT);
    uint64_t cr[16];

    for (unsigned i = 0; i < 16; i++)
        cr[i] = get_be64(sd + SD_CR + 8 * i);
    *a = (struct addressing){.edat1 = stat & (CPUSTAT_GED | CPUSTAT_GED2), .edat2 = stat & CPUSTAT_GED2,
                             .iep = sd[SD_ECB2] & ECB2_IEP, .view = v->guest_view, .host = v->host_view};
    set_spaces(a, get_be64(sd + SD_PSW), get_be32(sd + SD_PREFIX) & 0x7fffe000, cr, &s->machine.cpus->facilities);
}

static bool thread_addressing(const struct sienna *s, struct sienna_thread thread, struct addressing *a)
{
    const struct virtual_cpu *v = thread.guest ? guests_find(s->machine.cpus, thread.guest, thread.cpu) : NULL;
    const struct cpu *cpu = thread.guest ? NULL : cpu_numbered(s, thread.cpu);

    if (v && v->machine_cpu == NO_MACHINE_CPU)
        addressing_of_guest(s, v, a);
    else if (v)
        addressing_of(s->machine.cpus->cpu[v->machine_cpu], a);
    else if (cpu && cpu->interpreting)
        addressing_of_host(cpu, a);
    else if (cpu)
        addressing_of(cpu, a);
    a->own_absolute = true;
    return v || cpu;
}

/* Note the entry just fetched; the table's origin is what its address leaves without the index. */
static void note_entry(void *context, const struct dat_result *walk)
{
    struct sienna_translation *t = context;
    unsigned bits = walk->level == 4 ? 8 : 11;
    struct sienna_table_entry *e = &t->entry[t->entries];
    uint64_t address = t->real; /* the logical address, during the walk */

    if (t->entries == SIENNA_TABLES)
        return;
    t->entries++;
    e->level = walk->level;
    e->address = walk->entry_address;
    e->value = walk->entry;
    e->index = (unsigned)(address >> (walk->level == 4 ? 12 : 20 + 11 * walk->level)) & ((1u << bits) - 1);
    e->origin = e->address - 8 * e->index;
}

/* How a thread's table and real addresses reach storage, at the level it is at, without leaving a trace. */
struct spy_views {
    struct dat_spy spy, quiet;
    struct storage_view present, host;
};

static void make_views(const struct addressing *a, struct sienna_translation *t, struct spy_views *v)
{
    v->spy = (struct dat_spy){note_entry, t};
    v->quiet = (struct dat_spy){0};
    v->present = a->view;
    if (v->present.host) {
        v->host = a->host;
        v->host.spy = &v->quiet;
        v->present.host = &v->host;
    }
    v->present.spy = &v->spy;
}

static void walk(const struct addressing *a, const struct spy_views *v, uint64_t asce, uint64_t address,
                 struct sienna_translation *t)
{
    struct dat_result r;

    t->dat = true;
    t->asce = asce;
    t->real = address;
    r = dat_translate(&v->present, asce, a->controls, address);
    t->code = r.code;
    t->host_fault = t->guest = r.host_fault;
    if (r.host_fault) {
        t->host_logical = r.address;
        t->guest_absolute = r.address - v->present.origin;
    }
    t->real = r.address;
    t->frame_bytes = r.frame_bytes;
    t->protect = r.protect;
    t->no_execute = r.no_execute;
}

/* The thread's absolute to the machine's absolute address. */
static void make_absolute(struct absolute at, const struct spy_views *v, struct sienna_translation *t)
{
    struct dat_result r = {0};

    t->guest_absolute = at.v;
    t->host_logical = at.v + v->present.origin;
    t->guest = v->present.host && at.v <= v->present.limit;
    if (!view_absolute(&v->present, at.v, false, &at, &r)) {
        t->code = r.code;
        t->host_fault = r.host_fault;
    }
    t->absolute = at.v;
}

/* The ASCE that the space means; false: the address is real. */
static bool space_asce(const struct addressing *a, enum sienna_space space, uint64_t *asce)
{
    unsigned mode = a->psw_mask >> PSW_AS_SHIFT & 3;

    if (space == SIENNA_LOGICAL) {
        if (!(a->psw_mask & PSW_DAT))
            return false;
        space = mode == SPACE_SECONDARY ? SIENNA_SECONDARY
                : mode == SPACE_HOME    ? SIENNA_HOME
                                        : SIENNA_PRIMARY;
    }
    *asce = space == SIENNA_PRIMARY ? a->primary : space == SIENNA_SECONDARY ? a->secondary : a->home;
    return true;
}

static void translate(const struct sienna *s, const struct addressing *a, enum sienna_space space,
                      uint64_t address, struct sienna_translation *t)
{
    struct spy_views views;
    uint64_t asce;

    *t = (struct sienna_translation){.real = address, .absolute = address, .frame_bytes = PAGE_BYTES};
    make_views(a, t, &views);
    if (space == SIENNA_ABSOLUTE && a->own_absolute) {
        make_absolute(absolute(address), &views, t);
    } else if (space != SIENNA_ABSOLUTE) {
        if (space != SIENNA_REAL && space_asce(a, space, &asce))
            walk(a, &views, asce, address, t);
        if (!t->code)
            make_absolute(absolute(prefixed_by(a->prefix, t->real)), &views, t);
    }
    if (!t->code && !storage_valid(s->machine.storage, absolute(t->absolute), 1))
        t->code = PIC_ADDRESSING;
}

bool sienna_translate(const struct sienna *s, unsigned number, enum sienna_space space, uint64_t address,
                      struct sienna_translation *t)
{
    const struct cpu *cpu = cpu_numbered(s, number);
    struct addressing a;

    *t = (struct sienna_translation){.real = address, .absolute = address, .frame_bytes = PAGE_BYTES};
    if (!cpu || (unsigned)space >= SIENNA_SPACES)
        return false;
    addressing_of(cpu, &a);
    translate(s, &a, space, address, t);
    return true;
}

bool sienna_thread_translate(const struct sienna *s, struct sienna_thread thread, enum sienna_space space,
                             uint64_t address, struct sienna_translation *t)
{
    struct addressing a;

    *t = (struct sienna_translation){.real = address, .absolute = address, .frame_bytes = PAGE_BYTES};
    if ((unsigned)space >= SIENNA_SPACES || !thread_addressing(s, thread, &a))
        return false;
    translate(s, &a, space, address, t);
    return true;
}

bool sienna_translate_host(const struct sienna *s, unsigned number, uint64_t address,
                           struct sienna_translation *t)
{
    const struct cpu *cpu = cpu_numbered(s, number);
    const struct storage_view *guest = cpu && cpu->interpreting ? &cpu->interpreting->guest_view : NULL;
    struct dat_spy spy = {note_entry, t};
    struct storage_view host;
    struct dat_result r;

    if (!guest)
        return false;
    host = *guest->host;
    host.spy = &spy;
    *t = (struct sienna_translation){.dat = true, .asce = guest->host_asce, .real = address};
    r = dat_translate(&host, guest->host_asce, guest->host_controls, address);
    t->code = r.code;
    t->real = r.address;
    t->frame_bytes = r.frame_bytes;
    t->protect = r.protect;
    t->absolute = prefixed_by(host.prefix, r.address);
    if (!t->code && !storage_valid(s->machine.storage, absolute(t->absolute), 1))
        t->code = PIC_ADDRESSING;
    return true;
}

/* The part of [address, address + bytes) in one page, translated; 0 when there is nothing. */
static size_t piece(const struct sienna *s, const struct addressing *a, enum sienna_space space,
                    uint64_t address, size_t bytes, struct absolute *at)
{
    size_t rest = PAGE_BYTES - (size_t)(address & (PAGE_BYTES - 1));
    struct sienna_translation t;

    translate(s, a, space, address, &t);
    if (t.code)
        return 0;
    *at = absolute(t.absolute);
    return bytes < rest ? bytes : rest;
}

static size_t read(const struct sienna *s, const struct addressing *a, enum sienna_space space, uint64_t address,
                   void *to, size_t bytes)
{
    struct absolute at;
    size_t done = 0, n;

    while (done < bytes && (n = piece(s, a, space, address + done, bytes - done, &at))) {
        if (!storage_spy(s->machine.storage, at, (uint8_t *)to + done, n))
            break;
        done += n;
    }
    return done;
}

static bool write(struct sienna *s, const struct addressing *a, enum sienna_space space, uint64_t address,
                  const void *from, size_t bytes)
{
    struct absolute at;
    size_t done, n;

    for (done = 0; done < bytes && (n = piece(s, a, space, address + done, bytes - done, &at)); done += n)
        ;
    if (done < bytes)
        return false;
    for (done = 0; done < bytes; done += n) {
        n = piece(s, a, space, address + done, bytes - done, &at);
        if (!n)
            return false; /* the bytes just stored have unmapped these */
        if (!alter_storage(s, at, (const uint8_t *)from + done, n))
            return false;
    }
    return true;
}

size_t sienna_storage_read(const struct sienna *s, unsigned number, enum sienna_space space, uint64_t address,
                           void *to, size_t bytes)
{
    const struct cpu *cpu = cpu_numbered(s, number);
    struct addressing a;

    if (!cpu || (unsigned)space >= SIENNA_SPACES)
        return 0;
    addressing_of(cpu, &a);
    return read(s, &a, space, address, to, bytes);
}

bool sienna_storage_write(struct sienna *s, unsigned number, enum sienna_space space, uint64_t address,
                          const void *from, size_t bytes)
{
    const struct cpu *cpu = cpu_numbered(s, number);
    struct addressing a;

    if (!cpu || (unsigned)space >= SIENNA_SPACES)
        return false;
    addressing_of(cpu, &a);
    return write(s, &a, space, address, from, bytes);
}

size_t sienna_thread_storage_read(const struct sienna *s, struct sienna_thread thread, enum sienna_space space,
                                  uint64_t address, void *to, size_t bytes)
{
    struct addressing a;

    if ((unsigned)space >= SIENNA_SPACES || !thread_addressing(s, thread, &a))
        return 0;
    return read(s, &a, space, address, to, bytes);
}

bool sienna_thread_storage_write(struct sienna *s, struct sienna_thread thread, enum sienna_space space,
                                 uint64_t address, const void *from, size_t bytes)
{
    struct addressing a;

    if ((unsigned)space >= SIENNA_SPACES || !thread_addressing(s, thread, &a))
        return false;
    return write(s, &a, space, address, from, bytes);
}

uint64_t sienna_storage_bytes(const struct sienna *s)
{
    return s->machine.storage->size;
}

bool sienna_key_read(const struct sienna *s, uint64_t address, uint8_t *key)
{
    if (!storage_valid(s->machine.storage, absolute(address), 1))
        return false;
    *key = s->machine.storage->keys[address >> PAGE_SHIFT];
    return true;
}

bool sienna_tlb_entry(const struct sienna *s, unsigned number, unsigned *cursor, struct sienna_tlb_entry *out)
{
    const struct cpu *cpu = cpu_numbered(s, number);

    for (; cpu && *cursor < TLB_CONTEXTS * TLB_ENTRIES; ++*cursor) {
        const struct tlb_context *c = &cpu->contexts[*cursor / TLB_ENTRIES];
        unsigned i = *cursor % TLB_ENTRIES;
        const struct tlb_entry *e = &c->entry[i];
        uint64_t page = (e->fetch != TLB_DENIED ? e->fetch : e->store != TLB_DENIED ? e->store : e->execute) &
                        ~TLB_OBSERVED;

        if (!c->valid || !c->dirty || c->frame[i] == UINT64_MAX || page == TLB_DENIED)
            continue;
        *out = (struct sienna_tlb_entry){
            .page = page, .absolute = c->frame[i] << PAGE_SHIFT,
            .dat = c->identity.controls & TLB_CONTROL_DAT,
            .asce = c->identity.asce, .access_key = c->identity.key, .fetch = e->fetch == page,
            .store = e->store == page, .execute = e->execute == page, .guest = c->identity.level == 2,
        };
        ++*cursor;
        return true;
    }
    return false;
}

const char *sienna_program_interruption(unsigned code)
{
    static const char *const names[PIC_PER_EVENT + 1] = {
        [PIC_OPERATION] = "operation", [PIC_PRIVILEGED] = "privileged operation", [PIC_EXECUTE] = "execute",
        [PIC_PROTECTION] = "protection", [PIC_ADDRESSING] = "addressing", [PIC_SPECIFICATION] = "specification",
        [PIC_DATA] = "data", [PIC_FIXED_OVERFLOW] = "fixed-point overflow", [PIC_FIXED_DIVIDE] = "fixed-point divide",
        [PIC_DECIMAL_OVERFLOW] = "decimal overflow", [PIC_DECIMAL_DIVIDE] = "decimal divide",
        [PIC_SEGMENT_TRANSLATION] = "segment translation", [PIC_PAGE_TRANSLATION] = "page translation",
        [PIC_TRANSLATION_SPECIFICATION] = "translation specification", [PIC_SPECIAL_OPERATION] = "special operation",
        [PIC_OPERAND] = "operand", [PIC_TRACE_TABLE] = "trace table", [PIC_VECTOR_PROCESSING] = "vector processing",
        [PIC_SPACE_SWITCH] = "space-switch event", [PIC_PC_TRANSLATION] = "PC-translation specification",
        [PIC_AFX_TRANSLATION] = "AFX translation", [PIC_ASX_TRANSLATION] = "ASX translation",
        [PIC_LX_TRANSLATION] = "LX translation", [PIC_EX_TRANSLATION] = "EX translation",
        [PIC_PRIMARY_AUTHORITY] = "primary authority", [PIC_SECONDARY_AUTHORITY] = "secondary authority",
        [PIC_LFX_TRANSLATION] = "LFX translation", [PIC_LSX_TRANSLATION] = "LSX translation",
        [PIC_ALET_SPECIFICATION] = "ALET specification", [PIC_ALEN_TRANSLATION] = "ALEN translation",
        [PIC_ALE_SEQUENCE] = "ALE sequence", [PIC_ASTE_VALIDITY] = "ASTE validity",
        [PIC_ASTE_SEQUENCE] = "ASTE sequence", [PIC_EXTENDED_AUTHORITY] = "extended authority",
        [PIC_LSTE_SEQUENCE] = "LSTE sequence", [PIC_ASTE_INSTANCE] = "ASTE instance", [PIC_STACK_FULL] = "stack full",
        [PIC_STACK_EMPTY] = "stack empty", [PIC_STACK_SPECIFICATION] = "stack specification",
        [PIC_STACK_TYPE] = "stack type", [PIC_STACK_OPERATION] = "stack operation", [PIC_ASCE_TYPE] = "ASCE type",
        [PIC_REGION_FIRST] = "region-first translation", [PIC_REGION_SECOND] = "region-second translation",
        [PIC_REGION_THIRD] = "region-third translation", [PIC_MONITOR_EVENT] = "monitor event",
        [PIC_PER_EVENT] = "PER event",
    };
    /* A PER event beside another condition does not change that one's name. */
    unsigned index = code & (PIC_PER_EVENT - 1) ? code & (PIC_PER_EVENT - 1) : code & PIC_PER_EVENT;

    return names[index] ? names[index] : "no code that is known";
}
