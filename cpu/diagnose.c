/* SPDX-License-Identifier: MIT */
/** DIAGNOSE: dispatch by function code, and the functions that fit into a few lines. */
#include "cpu/diagnose.h"

#include "cpu/cpus.h"

/* ---- Real storage, prefix applied to each piece ---- */

static struct absolute piece(const struct cpu *cpu, uint64_t address, unsigned *bytes)
{
    unsigned rest = page_rest(address);

    if (*bytes > rest)
        *bytes = rest;
    return prefixed(cpu, real(address));
}

void diagnose_require(struct cpu *cpu, uint64_t address, unsigned bytes)
{
    for (unsigned done = 0, count; done < bytes; done += count) {
        count = bytes - done;
        if (!storage_valid(cpu->storage, piece(cpu, address + done, &count), count))
            program_interruption(cpu, PIC_ADDRESSING);
    }
}

void diagnose_fetch(struct cpu *cpu, uint64_t address, void *to, unsigned bytes)
{
    diagnose_require(cpu, address, bytes);
    for (unsigned done = 0, count; done < bytes; done += count) {
        count = bytes - done;
        storage_fetch(cpu->storage, piece(cpu, address + done, &count), (uint8_t *)to + done, count, 0);
    }
}

void diagnose_store(struct cpu *cpu, uint64_t address, const void *from, unsigned bytes)
{
    diagnose_require(cpu, address, bytes);
    for (unsigned done = 0, count; done < bytes; done += count) {
        count = bytes - done;
        storage_store(cpu->storage, piece(cpu, address + done, &count), (const uint8_t *)from + done, count, 0);
    }
}

/* ---- Small functions ---- */

static void end_slice(struct cpu *cpu)
{
    cpu_sync_time(cpu);
    machine_end_slice_at(cpu->machine, cpu->machine->now);
}

/* Voluntary time-slice end. */
static void diagnose_yield(struct cpu *cpu, const struct insn *insn)
{
    end_slice(cpu);
}

/* Directed yield: the CPU whose address is in R1 runs next. Yielding to oneself or to nobody does nothing. */
static void diagnose_yield_to(struct cpu *cpu, const struct insn *insn)
{
    uint16_t target = (uint16_t)gr32(cpu, insn->r1);

    if (target >= cpu->all->count || target == cpu->address)
        return;
    cpu->all->next = target;
    end_slice(cpu);
}

/* Set control-program code: a byte for the kind of program, seven for its version. */
static void diagnose_control_program(struct cpu *cpu, const struct insn *insn)
{
    cpu->machine->configuration.control_program_code = gr64(cpu, insn->r1);
}

enum { KVM_VIRTIO_CCW_NOTIFY = 3 };

/* KVM hypercalls, of which the virtio-ccw transport needs one: subchannel GR2, queue GR3, cookie GR4. */
static void diagnose_kvm(struct cpu *cpu, const struct insn *insn)
{
    struct machine *machine = cpu->machine;

    specification_unless(cpu, machine->io.virtio_notify && gr64(cpu, 1) == KVM_VIRTIO_CCW_NOTIFY);
    cpu_enter_service(cpu);
    set_gr64(cpu, 2, (uint64_t)machine->io.virtio_notify(machine, gr32(cpu, 2), gr64(cpu, 3),
                                                         (int64_t)gr64(cpu, 4)));
}

/* Page-reference parameters. The version and length are fixed; `format` is 2^63 for z/Architecture. */
struct page_reference {
    unsigned code, subcode, doublewords, version;
    uint64_t token, select, compare, format;
};

static struct page_reference fetch_page_reference(struct cpu *cpu, uint64_t address)
{
    uint8_t block[40];

    specification_unless_aligned(cpu, address, 8);
    diagnose_fetch(cpu, address, block, sizeof block);
    return (struct page_reference){get_be16(block), get_be16(block + 2), get_be16(block + 4), get_be16(block + 6),
                                   get_be64(block + 8), get_be64(block + 16), get_be64(block + 24),
                                   get_be64(block + 32)};
}

/*
 * Pfault handshake. Storage of this machine is never paged out, so an accepted token is
 * never used; the handshake itself behaves as the CP Programming Services book has it.
 */
void diagnose_page_reference(struct cpu *cpu, const struct insn *insn)
{
    struct page_reference p = fetch_page_reference(cpu, gr64(cpu, insn->r1));

    specification_unless(cpu, p.code == 0x258 && p.version == 2 && p.doublewords >= 5 && p.subcode <= 1);
    if (p.subcode == 0 && cpu->page_reference_token) {
        set_gr64(cpu, insn->r3, 8);
    } else if (p.subcode == 0) {
        specification_unless(cpu, (p.compare & p.select) == p.compare && !(p.token & 7)
                                      && p.format == 1ULL << 63);
        if (!storage_valid(cpu->storage, prefixed(cpu, real(p.token)), 8))
            program_interruption(cpu, PIC_ADDRESSING);
        cpu->page_reference_token = true;
        set_gr64(cpu, insn->r3, 0);
    } else {
        specification_unless(cpu, !p.token && !p.select && !p.compare && !p.format);
        set_gr64(cpu, insn->r3, cpu->page_reference_token ? 0 : 4);
        cpu->page_reference_token = false;
    }
}

/* The next range of online storage at or after *at; false at the end. *at becomes its last byte plus one. */
static bool next_extent(const struct storage *storage, uint64_t *first, uint64_t *at)
{
    while (*at < storage->size && !storage_valid(storage, absolute(*at), 1))
        *at += PAGE_BYTES;
    *first = *at;
    while (*at < storage->size && storage_valid(storage, absolute(*at), 1))
        *at += PAGE_BYTES;
    return *at > *first;
}

enum { STORAGE_CONFIGURATION = 0x10, EXTENT_BYTES = 16 };

/*
 * R1 and R1+1: address and length of a list of extents (first byte, last byte); R3: subcode,
 * then the number of extents. cc 1 when the list had no room for all of them.
 */
void diagnose_storage_extents(struct cpu *cpu, const struct insn *insn)
{
    uint64_t address = gr64(cpu, insn->r1), room = gr64(cpu, (insn->r1 + 1) & 15);
    uint64_t first, at = 0, count = 0;
    uint8_t extents[PAGE_BYTES];

    specification_unless(cpu, !(insn->r1 & 1) && gr64(cpu, insn->r3) == STORAGE_CONFIGURATION
                                  && room && !(room % EXTENT_BYTES) && !(address % EXTENT_BYTES));
    if (room > sizeof extents)
        room = sizeof extents;
    while (next_extent(cpu->storage, &first, &at)) {
        if (count < room / EXTENT_BYTES) {
            put_be64(extents + count * EXTENT_BYTES, first);
            put_be64(extents + count * EXTENT_BYTES + 8, at - 1);
        }
        count++;
    }
    diagnose_store(cpu, address, extents, (unsigned)(count * EXTENT_BYTES < room ? count * EXTENT_BYTES : room));
    set_gr64(cpu, insn->r3, count);
    cpu->cc = count > room / EXTENT_BYTES;
}

/* ---- Dispatch ---- */

static const struct diagnose_row {
    uint16_t code;
    diagnose_function *function;
} rows[] = {
    {0x008, diagnose_command},
    {0x044, diagnose_yield},
    {0x09c, diagnose_yield_to},
    {0x204, diagnose_lpar_data},
    {0x210, diagnose_device},
    {0x224, diagnose_cpu_names},
    {0x258, diagnose_page_reference},
    {0x260, diagnose_storage_extents},
    {0x288, diagnose_watchdog},
    {0x308, diagnose_load},
    {0x318, diagnose_control_program},
    {0x500, diagnose_kvm},
};

/* The function code is bits 48–63 of the second-operand address. */
DEFINE_OP(DIAG)
{
    uint16_t code = (uint16_t)effective_b2(cpu, insn);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].code == code) {
            rows[i].function(cpu, insn);
            return;
        }
    program_interruption(cpu, PIC_SPECIFICATION);
}
