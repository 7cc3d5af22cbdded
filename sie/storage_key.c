/* SPDX-License-Identifier: MIT */
/**
 * Keys of a guest's blocks: the key of the block of real storage that backs it and, beside the host's page-table
 * entry, the page status table entry (PGSTE), where host and guest keep apart what is theirs.
 *
 * Host and guest both want to know of references and changes. When one of them resets the bits of the real key,
 * their old value goes to the other's copy: HR, HC for the host; GR, GC for the guest, whose view is the real bits
 * OR-ed with its copy (Linux arch/s390/mm/pgtable.c).
 */
#include "sie/internal.h"

#include "sie/pgste.h"

/* PGSTE of the page-table entry that a walk ended with; NULL with large frames or untranslated storage. */
static uint8_t *pgste_of(const struct cpu *cpu, const struct dat_result *r)
{
    struct absolute at = absolute(r->entry_address + PGSTE_OFFSET);

    if (r->level != 4 || !storage_valid(cpu->storage, absolute(r->page_table), 2 * PGSTE_OFFSET))
        return NULL;
    return storage_at(cpu->storage, at);
}

/* The host's walk for a guest absolute address; a missing page is no fault, a missing table is. */
static bool walk(struct cpu *cpu, uint64_t address, struct dat_result *r)
{
    const struct storage_view *view = &cpu->interpreting->guest_view;

    if (address > view->limit)
        return false;
    *r = dat_translate(view->host, view->host_asce, view->host_controls, address + view->origin);
    if (r->code && r->code != PIC_PAGE_TRANSLATION) {
        r->host_fault = true;
        r->address = address + view->origin;
        host_access_exception(cpu, r, false);
    }
    return true;
}

static bool find(struct cpu *cpu, uint64_t address, bool with_pgste, struct key_place *place)
{
    struct dat_result r;

    if (!walk(cpu, address, &r))
        return false;
    place->resident = r.code == 0;
    if (place->resident) {
        uint32_t prefix = cpu->interpreting->guest_view.host->prefix;
        uint64_t block = r.address & ~(2 * PAGE_BYTES - 1ULL);
        uint64_t at = block == 0 ? r.address + prefix : block == prefix ? r.address - prefix : r.address;

        if (!storage_valid(cpu->storage, absolute(at), PAGE_BYTES))
            return false;
        place->block = at >> PAGE_SHIFT;
    }
    place->pgste = with_pgste ? pgste_of(cpu, &r) : NULL;
    if (place->pgste && (get_be64(place->pgste) & PGSTE_LOCK))
        intercept_instruction(cpu);
    if (!place->pgste && !place->resident) {
        r.host_fault = true;
        r.address = address + cpu->interpreting->guest_view.origin;
        host_access_exception(cpu, &r, false);
    }
    return true;
}

bool sie_find_key(struct cpu *cpu, uint64_t address, struct key_place *place)
{
    return find(cpu, address, cpu->all->storage_key_facility, place);
}

uint8_t sie_read_key(struct cpu *cpu, const struct key_place *place)
{
    uint64_t pgste = get_be64(place->pgste);
    uint8_t key = place->resident ? cpu->storage->keys[place->block] : pgste_key(pgste);

    return (uint8_t)((key | pgste_guest_bits(pgste)) & (KEY_ACC | KEY_FETCH | KEY_REFERENCE | KEY_CHANGE));
}

static void store_pgste(struct cpu *cpu, uint8_t *where, uint64_t pgste)
{
    storage_stored(cpu->storage, absolute((uint64_t)(where - cpu->storage->bytes)), 8, true);
    put_be64(where, pgste);
}

static void set_real_key(struct cpu *cpu, uint64_t block, uint8_t key)
{
    if (cpu->storage->keys[block] == key)
        return;
    cpu->storage->keys[block] = key;
    tlb_purge_frame(cpu->all, block);
    cpu_mode_changed(cpu);
}

void sie_write_key(struct cpu *cpu, const struct key_place *place, uint8_t key)
{
    uint64_t pgste = get_be64(place->pgste);

    pgste &= ~(PGSTE_ACC | PGSTE_FETCH | PGSTE_GUEST_REFERENCE | PGSTE_GUEST_CHANGE);
    pgste |= (uint64_t)(key & (KEY_ACC | KEY_FETCH)) << PGSTE_KEY_SHIFT;
    pgste |= (key & KEY_REFERENCE ? PGSTE_GUEST_REFERENCE : 0) | (key & KEY_CHANGE ? PGSTE_GUEST_CHANGE : 0);
    if (place->resident) {
        pgste |= pgste_host_bits(cpu->storage->keys[place->block]);
        set_real_key(cpu, place->block, key & (KEY_ACC | KEY_FETCH));
    }
    store_pgste(cpu, place->pgste, pgste);
}

void sie_reset_reference(struct cpu *cpu, const struct key_place *place)
{
    uint64_t pgste = get_be64(place->pgste) & ~PGSTE_GUEST_REFERENCE;

    if (place->resident) {
        uint8_t key = cpu->storage->keys[place->block];

        pgste |= key & KEY_REFERENCE ? PGSTE_HOST_REFERENCE : 0;
        set_real_key(cpu, place->block, key & (uint8_t)~KEY_REFERENCE);
    }
    store_pgste(cpu, place->pgste, pgste);
}

/* ---- Collaborative memory management ---- */

enum { ESSA_GET, ESSA_STABLE, ESSA_UNUSED, ESSA_VOLATILE, ESSA_POTENTIALLY_VOLATILE, ESSA_STABLE_RESIDENT,
       ESSA_STABLE_IF_RESIDENT, ESSA_STABLE_NODAT };
enum { CBRL_ENTRIES = 511 };

/* The state before the operation, as R1 gets it. */
static uint64_t state_word(uint64_t pgste, bool resident)
{
    uint64_t state = (pgste & PGSTE_USAGE) >> 22;

    if (!resident)
        state |= pgste & PGSTE_ZERO ? 3 : 2;
    return state | (pgste & PGSTE_NODAT ? 0x20 : 0);
}

/* What the operation makes of the PGSTE; *discard when the host may have the block. */
static uint64_t next_state(uint64_t pgste, unsigned order, bool resident, bool *discard)
{
    uint64_t other = pgste & ~PGSTE_USAGE;

    switch (order) {
    case ESSA_STABLE:
        return other & ~PGSTE_NODAT;
    case ESSA_STABLE_RESIDENT:
        return other;
    case ESSA_UNUSED:
        *discard = !resident;
        return other | PGSTE_USAGE_UNUSED | (resident ? 0 : PGSTE_ZERO);
    case ESSA_VOLATILE:
        *discard = !resident;
        return other | PGSTE_USAGE_VOLATILE | (resident ? 0 : PGSTE_ZERO);
    case ESSA_POTENTIALLY_VOLATILE:
        if (resident)
            return other | PGSTE_USAGE_POTENTIALLY_VOLATILE;
        if (pgste & PGSTE_ZERO)
            return other | PGSTE_USAGE_VOLATILE;
        *discard = !(pgste & PGSTE_GUEST_CHANGE);
        return *discard ? other | PGSTE_USAGE_VOLATILE | PGSTE_ZERO : other;
    case ESSA_STABLE_IF_RESIDENT:
        return resident ? other : pgste;
    case ESSA_STABLE_NODAT:
        return other | PGSTE_NODAT;
    default:
        return pgste;
    }
}

/* Host address of the next free entry of the collaborative-memory block-reference list; NULL when it is full. */
static uint8_t *next_entry(struct cpu *cpu)
{
    uint64_t list = get_be64(sie_descriptor(cpu) + SD_CBRL);
    struct absolute at = absolute(list & ~7ULL);

    if ((list & 0xff8) >> 3 >= CBRL_ENTRIES || !storage_valid(cpu->storage, at, 8))
        return NULL;
    return storage_at(cpu->storage, at);
}

void sie_essa(struct cpu *cpu, const struct insn *insn, uint64_t address)
{
    struct key_place place;
    bool discard = false;
    uint64_t pgste, next;
    uint8_t *entry = next_entry(cpu);

    if (!find(cpu, address, true, &place))
        program_interruption(cpu, PIC_ADDRESSING);
    if (!place.pgste || !entry)
        intercept_instruction(cpu);
    pgste = get_be64(place.pgste);
    next = next_state(pgste, insn->r3, place.resident, &discard);
    store_pgste(cpu, place.pgste, next);
    if (discard) {
        uint8_t *sd = sie_descriptor(cpu);

        storage_stored(cpu->storage, absolute((uint64_t)(entry - cpu->storage->bytes)), 8, true);
        put_be64(entry, address);
        put_be64(sd + SD_CBRL, get_be64(sd + SD_CBRL) + 8);
    }
    set_gr64(cpu, insn->r1, state_word(pgste, place.resident));
}
