/* SPDX-License-Identifier: MIT */
/** Storage keys, frames and their usage states (PoP ch. 10). */
#include "cpu/control.h"
#include "cpu/cpus.h"

enum { KEY_BITS = 0xfe, BLOCKS_PER_SEGMENT = 256, SEGMENT_BYTES = 1 << 20 };

/* M3 of SSKE, and the same controls of PFMF in bits 52–54 of its first register. */
enum { NONQUIESCING = 8, IGNORE_REFERENCE = 4, IGNORE_CHANGE = 2, MULTIPLE_BLOCK = 1 };

/* Block number of an absolute address; addressing exception when it does not exist. */
static uint64_t block_at(struct cpu *cpu, struct absolute at)
{
    if (!storage_valid(cpu->storage, absolute(at.v & PAGE_MASK), PAGE_BYTES))
        program_interruption(cpu, PIC_ADDRESSING);
    return at.v >> PAGE_SHIFT;
}

static uint64_t block_of_real(struct cpu *cpu, unsigned r)
{
    return block_at(cpu, prefixed(cpu, real(address_in(cpu, r))));
}

/* Change a key; translations that relied on the old one go everywhere. */
static void set_key(struct cpu *cpu, uint64_t block, uint8_t key)
{
    uint8_t *old = &cpu->storage->keys[block];

    if (*old == key)
        return;
    *old = key;
    tlb_purge_frame(cpu->all, block);
    cpu_mode_changed(cpu);
}

/*
 * Conditional key setting: with MR or MC the key is left as it is when it already agrees in
 * access-control bits, fetch protection and those of R and C that are not to be ignored.
 * Returns whether it was set.
 */
static bool set_key_conditionally(struct cpu *cpu, uint64_t block, uint8_t key, unsigned controls)
{
    uint8_t relevant = KEY_ACC | KEY_FETCH;

    if (!(controls & IGNORE_REFERENCE))
        relevant |= KEY_REFERENCE;
    if (!(controls & IGNORE_CHANGE))
        relevant |= KEY_CHANGE;
    if ((controls & (IGNORE_REFERENCE | IGNORE_CHANGE)) && !((cpu->storage->keys[block] ^ key) & relevant))
        return false;
    set_key(cpu, block, key);
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

    for (; at < end; at += PAGE_BYTES)
        set_key_conditionally(cpu, block_at(cpu, absolute(at)), key, controls);
    set_block_address(cpu, insn->r2, end);
    cpu_charge(cpu, BLOCKS_PER_SEGMENT);
    if (controls & (IGNORE_REFERENCE | IGNORE_CHANGE))
        cpu->cc = 3;
}

DEFINE_OP(SSKE)
{
    unsigned controls = insn->r3 & ~NONQUIESCING;
    uint8_t old;
    uint64_t block;

    if (!has_facility(cpu, FACILITY_CONDITIONAL_SSKE))
        controls &= ~(unsigned)(IGNORE_REFERENCE | IGNORE_CHANGE);
    if ((controls & MULTIPLE_BLOCK) && has_facility(cpu, FACILITY_EDAT_1)) {
        set_multiple_keys(cpu, insn, controls);
        return;
    }
    block = block_of_real(cpu, insn->r2);
    old = cpu->storage->keys[block] & KEY_BITS;
    if (!(controls & (IGNORE_REFERENCE | IGNORE_CHANGE))) {
        set_key(cpu, block, gr64(cpu, insn->r1) & KEY_BITS);
        return;
    }
    cpu->cc = set_key_conditionally(cpu, block, gr64(cpu, insn->r1) & KEY_BITS, controls);
    set_gr64(cpu, insn->r1, (gr64(cpu, insn->r1) & ~0xff00ULL) | (uint64_t)old << 8);
}

DEFINE_OP(ISKE)
{
    uint8_t key = cpu->storage->keys[block_of_real(cpu, insn->r2)] & KEY_BITS;

    set_gr64(cpu, insn->r1, (gr64(cpu, insn->r1) & ~0xffULL) | key);
}

DEFINE_OP(RRBE)
{
    uint64_t block = block_of_real(cpu, insn->r2);
    uint8_t key = cpu->storage->keys[block];

    set_key(cpu, block, (uint8_t)(key & ~KEY_REFERENCE));
    cpu->cc = (key & KEY_REFERENCE ? 2 : 0) | (key & KEY_CHANGE ? 1 : 0);
}

/* Reference bits of the 64 blocks of an aligned 256K, leftmost first. */
static uint64_t reference_bits(struct cpu *cpu, uint64_t first)
{
    uint64_t bits = 0;

    for (unsigned i = 0; i < 64; i++)
        if (cpu->storage->keys[first + i] & KEY_REFERENCE)
            bits |= BIT64(i);
    return bits;
}

static uint64_t first_of_64(struct cpu *cpu, const struct insn *insn)
{
    return block_of_real(cpu, insn->r2) & ~63ULL;
}

DEFINE_OP(RRBM)
{
    uint64_t first = first_of_64(cpu, insn), bits = reference_bits(cpu, first);

    for (unsigned i = 0; i < 64; i++)
        set_key(cpu, first + i, (uint8_t)(cpu->storage->keys[first + i] & ~KEY_REFERENCE));
    set_gr64(cpu, insn->r1, bits);
}

DEFINE_OP(IRBM)
{
    set_gr64(cpu, insn->r1, reference_bits(cpu, first_of_64(cpu, insn)));
}

/* Make a block zeros. Blocks that are zeros already are only read: the host need not back them. */
static void clear_block(struct cpu *cpu, uint64_t block)
{
    static const uint8_t zeros[PAGE_BYTES];
    struct absolute at = absolute(block << PAGE_SHIFT);

    storage_stored(cpu->storage, at, PAGE_BYTES, true);
    if (memcmp(storage_at(cpu->storage, at), zeros, PAGE_BYTES) != 0)
        memset(storage_at(cpu->storage, at), 0, PAGE_BYTES);
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
    uint64_t block = block_of_real(cpu, insn->r2);

    low_address_check(cpu, address);
    clear_block(cpu, block);
    set_gr_amode(cpu, 0, 0);
    cpu->cc = 0;
}

enum {
    PFMF_RESERVED = 0xfffc0101 & INT32_MAX, PFMF_SET_KEY = 0x20000, PFMF_CLEAR = 0x10000, PFMF_SIZE = 0x7000,
    PFMF_1M = 0x1000, PFMF_2G = 0x2000, PFMF_NONQUIESCING = 0x800, PFMF_CONTROLS_SHIFT = 8,
};

static void pfmf_block(struct cpu *cpu, uint32_t function, uint64_t block)
{
    if (function & PFMF_CLEAR)
        clear_block(cpu, block);
    if (function & PFMF_SET_KEY)
        set_key_conditionally(cpu, block, function & KEY_BITS,
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
        pfmf_block(cpu, function, block_of_real(cpu, insn->r2));
        return;
    }
    end = (address | (SEGMENT_BYTES - 1)) + 1;
    for (uint64_t at = address; at < end; at += PAGE_BYTES)
        pfmf_block(cpu, function, block_at(cpu, absolute(at)));
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
    usage = &cpu->storage->usage[block_at(cpu, absolute(address_in(cpu, insn->r2)))];
    old = *usage;
    *usage = next_usage(old, order);
    /* Bits 60–61 the old usage state, 62–63 zero for resident contents, bit 58 no-DAT. */
    set_gr64(cpu, insn->r1, (uint64_t)(old & USAGE_MASK) << 2 | (old & USAGE_NODAT ? 0x20 : 0));
}
