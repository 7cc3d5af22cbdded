/* SPDX-License-Identifier: MIT */
/** STORE SYSTEM INFORMATION, PERFORM TOPOLOGY FUNCTION, EXTRACT CPU ATTRIBUTE (PoP ch. 7, 10). */
#include <stdio.h>

#include "cpu/control.h"
#include "cpu/cpus.h"
#include "machine/ebcdic.h"

/* CPU capability (smaller is faster): what Linux turns into 4096 BogoMIPS, the modelled clock. */
enum { CAPABILITY = 2441, CAPABILITY_ADJUSTMENT = 1000, MHZ = 4096 };
/* Topology: containers (sockets) of eight CPUs, one level of them. */
enum { CONTAINER_CPUS = 8, NESTING = 2, TOPOLOGY_DEDICATED = 4, TOPOLOGY_VERTICAL_HIGH = 3 };
enum { LPAR_DEDICATED = 0x80, NAME_UTF_8 = 2 };

static void put_text(uint8_t *to, const char *text, unsigned bytes)
{
    ebcdic_field(EBCDIC_037, to, bytes, text);
}

struct counts {
    unsigned total, configured;
};

static struct counts count_cpus(const struct cpu *cpu)
{
    struct counts n = {.total = cpu->all->count};

    for (unsigned i = 0; i < n.total; i++)
        n.configured += cpu->all->cpu[i]->configured;
    return n;
}

/* Total, configured, standby and reserved CPUs, as four halfwords. */
static void put_counts(uint8_t *to, struct counts n)
{
    put_be16(to, (uint16_t)n.total);
    put_be16(to + 2, (uint16_t)n.configured);
    put_be16(to + 4, (uint16_t)(n.total - n.configured));
    put_be16(to + 6, 0);
}

static void put_sequence_and_plant(struct cpu *cpu, uint8_t *to)
{
    char sequence[17];

    snprintf(sequence, sizeof sequence, "00000000000%05X", cpu->machine->identity.serial & 0xffff);
    put_text(to, sequence, 16);
    put_text(to + 16, "02", 4);
}

static bool basic_machine(struct cpu *cpu, uint8_t *b)
{
    struct counts n = count_cpus(cpu);
    char type[5], capacity[17];

    snprintf(type, sizeof type, "%04X", cpu->machine->identity.type);
    snprintf(capacity, sizeof capacity, "7%02u", n.total);
    put_text(b + 32, "IBM", 16);
    put_text(b + 48, type, 4);
    put_text(b + 64, capacity, 16);
    put_sequence_and_plant(cpu, b + 80);
    put_text(b + 100, "A01", 16);
    put_text(b + 116, capacity, 16);
    put_text(b + 132, capacity, 16);
    return true;
}

static bool basic_cpu(struct cpu *cpu, uint8_t *b)
{
    put_sequence_and_plant(cpu, b + 80);
    put_be16(b + 102, cpu->address);
    return true;
}

static bool basic_cpus(struct cpu *cpu, uint8_t *b)
{
    struct counts n = count_cpus(cpu);

    put_be32(b + 32, CAPABILITY);
    put_counts(b + 36, n);
    /* Adjustment factors for 2 … total CPUs, in hundredths: nothing is lost. */
    for (unsigned i = 1; i < n.total; i++)
        put_be16(b + 44 + 2 * (i - 1), 100);
    return true;
}

static unsigned partition_number(const struct cpu *cpu)
{
    return cpu->machine->identity.serial >> 16 & 0xff;
}

static bool partition_cpu(struct cpu *cpu, uint8_t *b)
{
    put_sequence_and_plant(cpu, b + 80);
    put_be16(b + 100, cpu->address);
    put_be16(b + 102, cpu->address);
    return true;
}

static bool partition_cpus(struct cpu *cpu, uint8_t *b)
{
    struct counts n = count_cpus(cpu);

    put_be16(b + 32, (uint16_t)partition_number(cpu));
    b[35] = LPAR_DEDICATED; /* as DIAGNOSE 0x204 tells */
    put_counts(b + 36, n);
    put_text(b + 44, cpu->machine->identity.lpar_name, 8);
    put_be32(b + 52, CAPABILITY_ADJUSTMENT);
    put_be16(b + 72, (uint16_t)n.total);
    put_be16(b + 74, 0);
    return true;
}

/* One virtual-machine description block; the extended name is in UTF-8. */
static bool guest_cpus(struct cpu *cpu, uint8_t *b)
{
    const struct machine_identity *identity = &cpu->machine->identity;
    const char *program = identity->guest_control_program;

    b[31] = 1;
    put_counts(b + 36, count_cpus(cpu));
    put_text(b + 44, identity->guest_name, 8);
    put_be32(b + 52, CAPABILITY_ADJUSTMENT);
    put_text(b + 56, *program ? program : "KVM/Linux", 16);
    memcpy(b + 80, identity->guest_uuid, 16);
    if (*identity->guest_extended_name) {
        b[75] = NAME_UTF_8;
        memcpy(b + 2048, identity->guest_extended_name, strlen(identity->guest_extended_name));
    }
    return true;
}

/* CPU entry of the configured CPUs first … first + 7; returns bytes written. */
static unsigned put_container(struct cpu *cpu, uint8_t *to, unsigned first)
{
    uint64_t mask = 0;

    for (unsigned i = first; i < first + CONTAINER_CPUS && i < cpu->all->count; i++)
        if (cpu->all->cpu[i]->configured)
            mask |= BIT64(i);
    if (!mask)
        return 0;
    to[0] = 1;
    to[7] = (uint8_t)(first / CONTAINER_CPUS);
    /* Dedicated, and entitled to all of a real CPU: vertical high, or horizontal. */
    to[8 + 4] = TOPOLOGY_DEDICATED | (cpu->machine->topology.vertical ? TOPOLOGY_VERTICAL_HIGH : 0);
    put_be64(to + 16, mask);
    return 24;
}

static bool topology(struct cpu *cpu, uint8_t *b, unsigned nesting)
{
    unsigned length = 16;

    if (nesting != NESTING || !has_facility(cpu, FACILITY_TOPOLOGY))
        return false;
    b[9] = CONTAINER_CPUS;
    b[8] = MAX_CPUS / CONTAINER_CPUS;
    b[11] = NESTING;
    for (unsigned first = 0; first < cpu->all->count; first += CONTAINER_CPUS)
        length += put_container(cpu, b + length, first);
    put_be16(b + 2, (uint16_t)length);
    return true;
}

static unsigned current_level(const struct cpu *cpu)
{
    return cpu->machine->identity.guest_name[0] ? 3 : 2;
}

/* Build the system-information block; false when the combination is not provided. */
static bool information(struct cpu *cpu, unsigned function, unsigned selector1, unsigned selector2,
                        uint8_t *b)
{
    if (function == 15)
        return selector1 == 1 && topology(cpu, b, selector2);
    if (function > current_level(cpu) || selector1 > 2 || selector2 > 2)
        return false;
    switch (function << 8 | selector1 << 4 | selector2) {
    case 0x111: return basic_machine(cpu, b);
    case 0x121: return basic_cpu(cpu, b);
    case 0x122: return basic_cpus(cpu, b);
    case 0x221: return partition_cpu(cpu, b);
    case 0x222: return partition_cpus(cpu, b);
    case 0x322: return guest_cpus(cpu, b);
    default: return false;
    }
}

DEFINE_OP(STSI)
{
    uint64_t address = effective_b2(cpu, insn);
    uint32_t gr0 = gr32(cpu, 0), gr1 = gr32(cpu, 1);
    unsigned function = gr0 >> 28;
    uint8_t block[PAGE_BYTES] = {0};

    if (function > current_level(cpu) && !(function == 15 && has_facility(cpu, FACILITY_TOPOLOGY))) {
        cpu->cc = 3;
        return;
    }
    specification_unless(cpu, !(gr0 & 0x0fffff00) && !(gr1 & 0xffff0000));
    if (function == 0) {
        set_gr32(cpu, 0, (gr0 & 0x0fffffff) | current_level(cpu) << 28);
        cpu->cc = 0;
        return;
    }
    specification_unless_aligned(cpu, address, PAGE_BYTES);
    if (!information(cpu, function, gr0 & 0xff, gr1 & 0xffff, block)) {
        cpu->cc = 3;
        return;
    }
    store_bytes(cpu, address, insn->b2, block, PAGE_BYTES);
    cpu->cc = 0;
}

enum { PTF_HORIZONTAL = 0, PTF_VERTICAL = 1, PTF_CHECK = 2, PTF_ALREADY = 1 };

DEFINE_OP(PTF)
{
    struct machine_topology *t = &cpu->machine->topology;
    uint64_t function = gr64(cpu, insn->r1);

    if (cpu->interpreting) {
        cpu->all->sie->ptf(cpu, insn);
        return;
    }
    specification_unless(cpu, function <= PTF_CHECK);
    if (function == PTF_CHECK) {
        cpu->cc = t->changed;
        t->changed = false;
    } else if (t->vertical == (function == PTF_VERTICAL)) {
        set_gr64(cpu, insn->r1, function | PTF_ALREADY << 8);
        cpu->cc = 2;
    } else {
        t->vertical = function == PTF_VERTICAL;
        t->changed = true;
        cpu->cc = 0;
    }
}

/* Two cache levels: 128K instruction and data caches per CPU, and a shared unified one. */
enum { SCOPE_PRIVATE = 1, SCOPE_SHARED = 2, TYPE_SEPARATE = 0, TYPE_UNIFIED = 3 };
static const struct { uint8_t scope, type; uint32_t line, bytes, ways; } caches[] = {
    {SCOPE_PRIVATE, TYPE_SEPARATE, 256, 128 << 10, 8},
    {SCOPE_SHARED, TYPE_UNIFIED, 256, 32 << 20, 16},
};
enum { CACHE_LEVELS = sizeof caches / sizeof caches[0] };

static uint64_t cache_attribute(unsigned attribute, unsigned level)
{
    uint64_t summary = 0;

    if (attribute == 0) {
        for (unsigned i = 0; i < CACHE_LEVELS; i++)
            summary |= (uint64_t)(caches[i].scope << 2 | caches[i].type) << (56 - 8 * i);
        return summary;
    }
    if (level >= CACHE_LEVELS)
        return UINT64_MAX;
    switch (attribute) {
    case 1: return caches[level].line;
    case 2: return caches[level].bytes;
    case 3: return caches[level].ways;
    default: return UINT64_MAX;
    }
}

/* Attribute set in bits 48–55 of the address: 0 caches, 1 CPU speed; what is reserved gives all ones. */
DEFINE_OP(ECAG)
{
    uint64_t address = effective_b2(cpu, insn), value = UINT64_MAX;

    if ((address & 0xffff00) == 0)
        value = cache_attribute(address >> 4 & 15, address >> 1 & 7);
    else if ((address & 0xffffff) == 0x100)
        value = (uint64_t)MHZ << 32 | MHZ;
    set_gr64(cpu, insn->r1, value);
}
