/* SPDX-License-Identifier: MIT */
/** Storage keys, frames and their usage states (PoP ch. 10). */
#include "cpu/control.h"
#include "cpu/cpus.h"
#include "cpu/level.h"
#include "cpu/observe.h"

enum { KEY_BITS = 0xfe, BLOCKS_PER_SEGMENT = 256, SEGMENT_BYTES = 1 << 20 };

/* M3 of SSKE, and the same controls of PFMF in bits 52–54 of its first register. */
enum { NONQUIESCING = 8, IGNORE_REFERENCE = 4, IGNORE_CHANGE = 2, MULTIPLE_BLOCK = 1 };

/* The key of the block at an absolute address of the present level; addressing exception when there is none. */
static struct key_place key_at(struct cpu *cpu, struct absolute at)
{
    struct key_place place = {.resident = true, .block = at.v >> PAGE_SHIFT};
    bool there = cpu->interpreting ? cpu->all->sie->find_key(cpu, at.v & PAGE_MASK, &place)
                                   : storage_valid(cpu->storage, absolute(at.v & PAGE_MASK), PAGE_BYTES);

    if (!there)
        program_interruption(cpu, PIC_ADDRESSING);
    return place;
}

static struct key_place key_of_real(struct cpu *cpu, unsigned r)
{
    return key_at(cpu, prefixed(cpu, real(address_in(cpu, r))));
}

static uint8_t read_key(struct cpu *cpu, const struct key_place *place)
{
    return place->pgste ? cpu->all->sie->read_key(cpu, place) : cpu->storage->keys[place->block] & KEY_BITS;
}

/* Change a key; translations that relied on the old one go everywhere. */
static void set_key(struct cpu *cpu, const struct key_place *place, uint8_t key)
{
    if (cpu->all->observed & OBSERVED_KEY)
        observe(cpu, OBSERVED_KEY, read_key(cpu, place), 0, place->block << PAGE_SHIFT, key);
    if (place->pgste) {
        cpu->all->sie->write_key(cpu, place, key);
    } else if (cpu->storage->keys[place->block] != key) {
        cpu->storage->keys[place->block] = key;
        tlb_purge_frame(cpu->all, place->block);
        cpu_mode_changed(cpu);
    }
}

static void reset_reference(struct cpu *cpu, const struct key_place *place)
{
    if (place->pgste)
        cpu->all->sie->reset_reference(cpu, place);
    else
        set_key(cpu, place, cpu->storage->keys[place->block] & (uint8_t)~KEY_REFERENCE);
}

/*
 * Conditional key setting: with MR or MC the key is left as it is when it already agrees in
 * access-control bits, fetch protection and those of R and C that are not to be ignored.
 * Returns whether it was set.
 */
static bool set_key_conditionally(struct cpu *cpu, const struct key_place *place, uint8_t key, unsigned controls)
{
    uint8_t relevant = KEY_ACC | KEY_FETCH;

    if (!(controls & IGNORE_REFERENCE))
        relevant |= KEY_REFERENCE;
    if (!(controls & IGNORE_CHANGE))
        relevant |= KEY_CHANGE;
    if ((controls & (IGNORE_REFERENCE | IGNORE_CHANGE)) && !((read_key(cpu, place) ^ key) & relevant))
        return false;
    set_key(cpu, place, key);
    return true;
}

/* Bits of an address register that 24- and 31-bit modes replace end at bit 32; its byte index stays. */
static void set_block_address(struct cpu *cpu, unsigned r, uint64_t address)
{
    uint64_t byte = gr64(cpu, r) & ~PAGE_MASK;

    if (amode64(cpu))
        set_gr64(cpu, r, (address & PAGE_MASK) | byte);
    else
        set_gr32(cpu, r, (uint32_t)((address & cpu->address_mask & PAGE_MASK) | byte));
}

/* The blocks from an absolute address to the end of its segment. */
static void set_multiple_keys(struct cpu *cpu, const struct insn *insn, unsigned controls)
{
    uint64_t at = address_in(cpu, insn->r2) & PAGE_MASK;
    uint64_t end = (at | (SEGMENT_BYTES - 1)) + 1;
    uint8_t key = gr64(cpu, insn->r1) & KEY_BITS;

    for (; at < end; at += PAGE_BYTES) {
        struct key_place place = key_at(cpu, absolute(at));

        set_key_conditionally(cpu, &place, key, controls);
    }
    set_block_address(cpu, insn->r2, end);
    cpu_charge(cpu, BLOCKS_PER_SEGMENT);
    if (controls & (IGNORE_REFERENCE | IGNORE_CHANGE))
        cpu->cc = 3;
}

DEFINE_OP(SSKE)
{
    unsigned controls = insn->r3 & ~NONQUIESCING;
    uint8_t key = gr64(cpu, insn->r1) & KEY_BITS, old;
    struct key_place place;

    if (!has_facility(cpu, FACILITY_CONDITIONAL_SSKE))
        controls &= ~(unsigned)(IGNORE_REFERENCE | IGNORE_CHANGE);
    if ((controls & MULTIPLE_BLOCK) && level_has_edat1(cpu)) {
        set_multiple_keys(cpu, insn, controls);
        return;
    }
    place = key_of_real(cpu, insn->r2);
    if (!(controls & (IGNORE_REFERENCE | IGNORE_CHANGE))) {
        set_key(cpu, &place, key);
        return;
    }
    old = read_key(cpu, &place);
    cpu->cc = set_key_conditionally(cpu, &place, key, controls);
    set_gr64(cpu, insn->r1, (gr64(cpu, insn->r1) & ~0xff00ULL) | (uint64_t)old << 8);
}

DEFINE_OP(ISKE)
{
    struct key_place place = key_of_real(cpu, insn->r2);

    set_gr64(cpu, insn->r1, (gr64(cpu, insn->r1) & ~0xffULL) | read_key(cpu, &place));
}

DEFINE_OP(RRBE)
{
    struct key_place place = key_of_real(cpu, insn->r2);
    uint8_t key = read_key(cpu, &place);

    reset_reference(cpu, &place);
    cpu->cc = (key & KEY_REFERENCE ? 2 : 0) | (key & KEY_CHANGE ? 1 : 0);
}

/* Reference bits of the 64 blocks of the aligned 256K that R2 names, leftmost first; reset them on request. */
static uint64_t reference_bits(struct cpu *cpu, const struct insn *insn, bool reset)
{
    uint64_t first = prefixed(cpu, real(address_in(cpu, insn->r2))).v & ~(64ULL * PAGE_BYTES - 1), bits = 0;

    for (unsigned i = 0; i < 64; i++) {
        struct key_place place = key_at(cpu, absolute(first + i * PAGE_BYTES));

        if (read_key(cpu, &place) & KEY_REFERENCE)
            bits |= BIT64(i);
        if (reset)
            reset_reference(cpu, &place);
    }
    return bits;
}

DEFINE_OP(RRBM)
{
    set_gr64(cpu, insn->r1, reference_bits(cpu, insn, true));
}

DEFINE_OP(IRBM)
{
    set_gr64(cpu, insn->r1, reference_bits(cpu, insn, false));
}

/* Make a block zeros. Blocks that are zeros already are only read: the host need not back them. */
static void clear_block(struct cpu *cpu, struct absolute at)
{
    static const uint8_t zeros[PAGE_BYTES];

    storage_stored(cpu->storage, at, PAGE_BYTES, true);
    if (memcmp(storage_at(cpu->storage, at), zeros, PAGE_BYTES) != 0)
        memset(storage_at(cpu->storage, at), 0, PAGE_BYTES);
}

/* The block at an absolute address of the present level, to be stored into. */
static struct absolute block_for_store(struct cpu *cpu, struct absolute at)
{
    struct absolute block;

    if (!level_block(cpu, absolute(at.v & PAGE_MASK), &block))
        program_interruption(cpu, PIC_ADDRESSING);
    return block;
}

/* Low-address protection of a 4K block of real storage that is to be cleared. */
static void low_address_check(struct cpu *cpu, uint64_t address)
{
    struct fault fault = {.code = PIC_PROTECTION, .teid = (address & PAGE_MASK) | TEID_LOW_ADDRESS};

    if ((cpu->cr[0] & CR0_LOW_ADDRESS_PROTECTION) && (address & PAGE_MASK & ~0x1000ULL) == 0)
        access_exception(cpu, &fault);
}

/* All storage of this machine is usable. */
DEFINE_OP(TB)
{
    uint64_t address = address_in(cpu, insn->r2) & PAGE_MASK;
    struct absolute block = block_for_store(cpu, prefixed(cpu, real(address)));

    low_address_check(cpu, address);
    clear_block(cpu, block);
    set_gr_amode(cpu, 0, 0);
    cpu->cc = 0;
}

enum {
    PFMF_RESERVED = 0xfffc0101 & INT32_MAX, PFMF_SET_KEY = 0x20000, PFMF_CLEAR = 0x10000, PFMF_SIZE = 0x7000,
    PFMF_1M = 0x1000, PFMF_2G = 0x2000, PFMF_NONQUIESCING = 0x800, PFMF_CONTROLS_SHIFT = 8,
};

static void pfmf_block(struct cpu *cpu, uint32_t function, struct absolute at)
{
    struct key_place place;

    if (function & PFMF_CLEAR)
        clear_block(cpu, block_for_store(cpu, at));
    place = key_at(cpu, at);
    if (function & PFMF_SET_KEY)
        set_key_conditionally(cpu, &place, function & KEY_BITS,
                              has_facility(cpu, FACILITY_CONDITIONAL_SSKE)
                                  ? function >> PFMF_CONTROLS_SHIFT & (IGNORE_REFERENCE | IGNORE_CHANGE) : 0);
}

static bool pfmf_valid(const struct cpu *cpu, uint32_t function)
{
    uint32_t size = function & PFMF_SIZE;

    if ((function & (0x80000000u | PFMF_RESERVED)) ||
        ((function & PFMF_NONQUIESCING) && !has_facility(cpu, FACILITY_NONQUIESCING_KEY)))
        return false;
    return size == 0 || size == PFMF_1M ||
           (size == PFMF_2G && has_facility(cpu, FACILITY_EDAT_2) && amode64(cpu));
}

/*
 * A 4K frame has a real address. Larger ones have an absolute address anywhere in the frame: the
 * rest of the frame is managed, a segment per unit of operation, and the register counts up.
 */
DEFINE_OP(PFMF)
{
    uint32_t function = gr32(cpu, insn->r1), size = function & PFMF_SIZE;
    uint64_t address = address_in(cpu, insn->r2) & PAGE_MASK, end;

    specification_unless(cpu, pfmf_valid(cpu, function));
    if (function & PFMF_CLEAR)
        low_address_check(cpu, address);
    if (size == 0) {
        pfmf_block(cpu, function, prefixed(cpu, real(address)));
        return;
    }
    end = (address | (SEGMENT_BYTES - 1)) + 1;
    for (uint64_t at = address; at < end; at += PAGE_BYTES)
        pfmf_block(cpu, function, absolute(at));
    set_block_address(cpu, insn->r2, end);
    cpu_charge(cpu, BLOCKS_PER_SEGMENT);
    if (size == PFMF_2G && (end & ((1ULL << 31) - 1)))
        cpu_redo(cpu, insn);
}

/*
 * Collaborative memory management: a usage state per block. This machine never takes a block
 * away, so contents are always resident and states are only remembered.
 */
enum usage {
    USAGE_STABLE, USAGE_UNUSED, USAGE_POTENTIALLY_VOLATILE, USAGE_VOLATILE, USAGE_MASK = 3, USAGE_NODAT = 4,
};
enum { ESSA_GET, ESSA_STABLE, ESSA_UNUSED, ESSA_VOLATILE, ESSA_POTENTIALLY_VOLATILE, ESSA_STABLE_RESIDENT,
       ESSA_STABLE_IF_RESIDENT, ESSA_STABLE_NODAT };

/* Making a block stable without saying more ends its no-DAT state; other orders keep that. */
static uint8_t next_usage(uint8_t usage, unsigned order)
{
    uint8_t nodat = usage & USAGE_NODAT;

    switch (order) {
    case ESSA_STABLE: return USAGE_STABLE;
    case ESSA_UNUSED: return USAGE_UNUSED | nodat;
    case ESSA_VOLATILE: return USAGE_VOLATILE | nodat;
    case ESSA_POTENTIALLY_VOLATILE: return USAGE_POTENTIALLY_VOLATILE | nodat;
    case ESSA_STABLE_RESIDENT: case ESSA_STABLE_IF_RESIDENT: return USAGE_STABLE | nodat;
    case ESSA_STABLE_NODAT: return USAGE_STABLE | USAGE_NODAT;
    default: return usage;
    }
}

DEFINE_OP(ESSA)
{
    unsigned order = insn->r3, last = has_facility(cpu, FACILITY_ESSA_NODAT) ? ESSA_STABLE_NODAT
                                                                            : ESSA_STABLE_IF_RESIDENT;
    uint8_t *usage, old;

    specification_unless(cpu, order <= last);
    if (cpu->interpreting) {
        cpu->all->sie->essa(cpu, insn, address_in(cpu, insn->r2) & PAGE_MASK);
        return;
    }
    usage = &cpu->storage->usage[key_at(cpu, absolute(address_in(cpu, insn->r2))).block];
    old = *usage;
    *usage = next_usage(old, order);
    /* Bits 60–61 the old usage state, 62–63 zero for resident contents, bit 58 no-DAT. */
    set_gr64(cpu, insn->r1, (uint64_t)(old & USAGE_MASK) << 2 | (old & USAGE_NODAT ? 0x20 : 0));
}
