/* SPDX-License-Identifier: MIT */
/**
 * Invalidation of DAT-table entries and purging of lookaside buffers (PoP ch. 10).
 * What each drops on which CPUs stands in docs/purge.md.
 *
 * There is no ART-lookaside buffer: each use of an ALET translates it again.
 */
#include "cpu/control.h"
#include "cpu/cpus.h"
#include "cpu/level.h"
#include "storage/dat.h"

DEFINE_OP(PTLB)
{
    if (cpu->interpreting)
        tlb_purge_guests(cpu);
    else
        tlb_purge_all(cpu);
    cpu_mode_changed(cpu);
}

DEFINE_OP(PALB)
{
    (void)insn;
    (void)cpu;
}

/*
 * A guest's invalidations respect the lock that its host may hold in the SCA. One that is carried out is
 * carried out at once, so the guests' own count of the lock never shows.
 */
static void interlock(struct cpu *cpu)
{
    if (cpu->interpreting && cpu->all->sie->interlocked(cpu))
        intercept_instruction(cpu);
}

static void purge_everywhere(struct cpu *cpu)
{
    for (unsigned i = 0; i < cpu->all->count; i++) {
        if (cpu->interpreting)
            tlb_purge_guests(cpu->all->cpu[i]);
        else
            tlb_purge_all(cpu->all->cpu[i]);
    }
    cpu_mode_changed(cpu);
}

/* Host address of a doubleword table entry at a real address, subject to key-controlled and
 * low-address protection, about to be stored into. */
static uint8_t *entry_for_update(struct cpu *cpu, uint64_t at)
{
    return span_in_space(cpu, SPACE_REAL, 0, access_key(cpu), at & ~7ULL, 8, ACCESS_STORE).host[0];
}

/* With the local-clearing control (M4 bit 3) only this CPU need be purged. */
static struct cpu *purge_scope(struct cpu *cpu, const struct insn *insn)
{
    return (insn->imm & 1) && has_facility(cpu, FACILITY_LOCAL_TLB_CLEARING) ? cpu : NULL;
}

static uint64_t page_index(uint64_t address) { return address >> PAGE_SHIFT & 0xff; }

/* Set and clear bits of one page-table entry and drop what was formed from it. */
static void change_page_entry(struct cpu *cpu, const struct insn *insn, uint64_t origin, uint64_t address,
                              uint64_t set, uint64_t reset)
{
    uint8_t *entry = entry_for_update(cpu, origin + page_index(address) * 8);

    put_be64(entry, (get_be64(entry) | set) & ~reset);
    tlb_purge_page(cpu->all, purge_scope(cpu, insn), cpu_level(cpu), origin, address);
}

/*
 * With a nonzero R3 field (IPTE-range facility) the count of additional entries is in bits 56–63
 * of that register: it counts down, the address counts up, and 255 tells that all is done. The
 * bits to its left are options that narrow what must be purged; purging more is always allowed.
 */
DEFINE_OP(IPTE)
{
    uint64_t origin = gr64(cpu, insn->r1) & SEGMENT_ORIGIN;
    bool range = insn->r3 && has_facility(cpu, FACILITY_IPTE_RANGE);
    unsigned additional = range ? gr64(cpu, insn->r3) & 0xff : 0;

    interlock(cpu);
    specification_unless(cpu, page_index(gr64(cpu, insn->r2)) + additional <= 255);
    for (unsigned i = 0; i <= additional; i++) {
        uint64_t address = gr64(cpu, insn->r2);

        change_page_entry(cpu, insn, origin, address, PAGE_INVALID, 0);
        if (range) {
            set_gr64(cpu, insn->r2, address + PAGE_BYTES);
            set_gr64(cpu, insn->r3, (gr64(cpu, insn->r3) & ~0xffULL) | ((gr64(cpu, insn->r3) - 1) & 0xff));
        }
    }
    cpu_charge(cpu, 4 * additional);
    cpu_mode_changed(cpu);
}

DEFINE_OP(RDP)
{
    interlock(cpu);
    change_page_entry(cpu, insn, gr64(cpu, insn->r1) & SEGMENT_ORIGIN, gr64(cpu, insn->r2), 0, PAGE_PROTECT);
    cpu_mode_changed(cpu);
}

/* Index of `address` in a table of level 0 (segment) to 3 (region first). */
static uint64_t table_index(uint64_t address, unsigned level) { return address >> (20 + 11 * level) & 0x7ff; }

enum { IDTE_CLEAR_BY_ASCE = 0x800, IDTE_RESERVED = 0xff000 };

/*
 * Clearing by ASCE, or invalidation of 1–2048 entries of a region or segment table. All entries
 * are probed before the first is changed.
 */
DEFINE_OP(IDTE)
{
    uint64_t designation = gr64(cpu, insn->r1), address = gr64(cpu, insn->r2);
    unsigned level = ASCE_TYPE(designation), additional = address & 0x7ff;
    uint64_t first = table_index(address, level);

    interlock(cpu);
    specification_unless(cpu, !(address & IDTE_RESERVED));
    if (address & IDTE_CLEAR_BY_ASCE) {
        tlb_purge_asce(cpu->all, purge_scope(cpu, insn), cpu_level(cpu), gr64(cpu, insn->r3));
        cpu_mode_changed(cpu);
        return;
    }
    specification_unless(cpu, first + additional <= 2047);
    for (uint64_t i = first; i <= first + additional; i++)
        entry_for_update(cpu, (designation & ASCE_ORIGIN) + i * 8);
    for (uint64_t i = first; i <= first + additional; i++) {
        uint8_t *entry = entry_for_update(cpu, (designation & ASCE_ORIGIN) + i * 8);

        put_be64(entry, get_be64(entry) | TABLE_INVALID);
    }
    tlb_purge_tables(cpu->all, purge_scope(cpu, insn), cpu_level(cpu));
    cpu_charge(cpu, 2 * additional);
    cpu_mode_changed(cpu);
}

/*
 * Designated-table type, bits 59–61 of R2: 0 page table, 4–7 segment table to region-first table.
 * Compares and replaces like CSPG, but finds the entry and purges only what depends on it.
 */
DEFINE_OP(CRDTE)
{
    uint64_t table = gr64(cpu, insn->r2), address = gr64(cpu, insn->r2 | 1);
    unsigned type = table >> 2 & 7;
    uint8_t *entry;
    uint64_t at;

    interlock(cpu);
    specification_unless(cpu, type == 0 || type >= 4);
    if (type == 0)
        at = (table & SEGMENT_ORIGIN) + page_index(address) * 8;
    else
        at = (table & ASCE_ORIGIN) + table_index(address, type - 4) * 8;
    entry = entry_for_update(cpu, at);
    if (get_be64(entry) != gr64(cpu, insn->r1)) {
        set_gr64(cpu, insn->r1, get_be64(entry));
        cpu->cc = 1;
        return;
    }
    put_be64(entry, gr64(cpu, insn->r1 | 1));
    if (type == 0)
        tlb_purge_page(cpu->all, purge_scope(cpu, insn), cpu_level(cpu), table & SEGMENT_ORIGIN, address);
    else
        tlb_purge_tables(cpu->all, purge_scope(cpu, insn), cpu_level(cpu));
    cpu->cc = 0;
    cpu_mode_changed(cpu);
}

DEFINE_OP(CSP)
{
    struct span operand;

    interlock(cpu);
    operand = span_update(cpu, address_in(cpu, insn->r2) & ~3ULL, insn->r2, 4);
    if (get_be32(operand.host[0]) != gr32(cpu, insn->r1)) {
        set_gr32(cpu, insn->r1, get_be32(operand.host[0]));
        cpu->cc = 1;
        return;
    }
    put_be32(operand.host[0], gr32(cpu, insn->r1 | 1));
    if (gr64(cpu, insn->r2) & 1)
        purge_everywhere(cpu);
    cpu->cc = 0;
}

DEFINE_OP(CSPG)
{
    struct span operand;

    interlock(cpu);
    operand = span_update(cpu, address_in(cpu, insn->r2) & ~7ULL, insn->r2, 8);
    if (get_be64(operand.host[0]) != gr64(cpu, insn->r1)) {
        set_gr64(cpu, insn->r1, get_be64(operand.host[0]));
        cpu->cc = 1;
        return;
    }
    put_be64(operand.host[0], gr64(cpu, insn->r1 | 1));
    if (gr64(cpu, insn->r2) & 1)
        purge_everywhere(cpu);
    cpu->cc = 0;
}
