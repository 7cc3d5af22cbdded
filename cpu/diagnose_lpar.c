/* SPDX-License-Identifier: MIT */
/**
 * DIAGNOSE 0x204 and 0x224: LPAR data and CPU-type names; 0x210: device information.
 *
 * The machine is one partition with dedicated CPUs of type CP. A dedicated CPU is
 * dispatched all the time it is online, waiting or not, so its dispatch time is the
 * virtual time.
 */
#include <stdlib.h>

#include "cpu/cpus.h"
#include "cpu/diagnose.h"
#include "machine/ebcdic.h"

enum {
    STORE_SIMPLE = 4,       /**< basic data of all partitions */
    RETURN_SIZE = 5,        /**< blocks needed for subcodes 6 and 7 */
    STORE_EXTENDED = 6,
    STORE_SECONDARY = 7,    /**< and secondary (multithreading) CPUs: there are none */
    EXTENDED_FORMAT = 0x00010000,
    PHYSICAL_DATA = 0x80,
    CPU_ONLINE = 0x20,
    DEDICATED_WEIGHT = 0xffff,
    UNAVAILABLE = 4,        /**< return code: subcode not available */
};

/* Lengths of the simple [0] and extended [1] format. */
static const struct lengths {
    uint16_t information, partition, cpu;
} lengths[2] = {{16, 16, 24}, {64, 96, 96}};

static unsigned data_bytes(const struct cpus *cpus, const struct lengths *l)
{
    return l->information + 2u * (l->partition + cpus->count * l->cpu);
}

static void put_information(struct cpu *cpu, uint8_t *at, const struct lengths *l)
{
    uint64_t clock = cpu->machine->tod_base + cpu->machine->now;

    at[0] = 1;
    at[1] = PHYSICAL_DATA;
    put_be16(at + 4, (uint16_t)cpu->all->count);
    put_be16(at + 6, l->information);
    put_be64(at + 8, clock);
    if (l == &lengths[1])
        put_be64(at + 16, 0); /* second half of the clock value: programmable field */
}

static unsigned configured_cpus(const struct cpus *cpus)
{
    unsigned n = 0;

    for (unsigned i = 0; i < cpus->count; i++)
        n += cpus->cpu[i]->configured;
    return n;
}

static void put_partition(struct cpu *cpu, uint8_t *at, bool extended)
{
    const struct machine *machine = cpu->machine;
    const char *name = machine->identity.lpar_name;
    uint8_t number = (uint8_t)(machine->identity.serial >> 16);

    at[0] = number;
    at[1] = (uint8_t)configured_cpus(cpu->all);
    ebcdic_field(EBCDIC_500, at + 8, 8, name);
    if (!extended)
        return;
    at[2] = (uint8_t)cpu->all->count;
    ebcdic_field(EBCDIC_500, at + 16, 8, "");
    ebcdic_field(EBCDIC_500, at + 24, 8, "");
    put_be64(at + 32, machine->storage->size >> 20);
    at[48] = number;
    ebcdic_field(EBCDIC_500, at + 56, 8, "");
    ebcdic_field(EBCDIC_500, at + 64, 8, "");
}

static void put_logical_cpu(const struct cpu *cpu, uint8_t *at, bool extended)
{
    uint64_t microseconds = cpu->configured ? cpu->machine->now / TOD_MICROSECOND : 0;

    put_be16(at, cpu->address);
    at[5] = cpu->configured ? CPU_ONLINE : 0;
    put_be16(at + 6, DEDICATED_WEIGHT);
    put_be64(at + 8, microseconds);
    put_be64(at + 16, microseconds);
    if (!extended)
        return;
    put_be16(at + 24, DEDICATED_WEIGHT);
    put_be16(at + 26, DEDICATED_WEIGHT);
    put_be16(at + 28, DEDICATED_WEIGHT);
    put_be64(at + 32, microseconds);
}

static void put_physical_cpu(const struct cpu *cpu, uint8_t *at, bool extended)
{
    put_be16(at, cpu->address);
    if (extended)
        put_be16(at + 6, DEDICATED_WEIGHT);
}

/* Information block, the partition with its CPUs, then the physical CPUs. */
static void build(struct cpu *cpu, uint8_t *at, const struct lengths *l)
{
    struct cpus *cpus = cpu->all;
    bool extended = l == &lengths[1];

    put_information(cpu, at, l);
    at += l->information;
    put_partition(cpu, at, extended);
    if (!extended)
        at[1] = (uint8_t)cpus->count; /* this format has one count: of the entries */
    at += l->partition;
    for (unsigned i = 0; i < cpus->count; i++, at += l->cpu)
        put_logical_cpu(cpus->cpu[i], at, extended);
    at[1] = (uint8_t)cpus->count;
    ebcdic_field(EBCDIC_500, at + 8, 8, "PHYSICAL");
    at += l->partition;
    for (unsigned i = 0; i < cpus->count; i++, at += l->cpu)
        put_physical_cpu(cpus->cpu[i], at, extended);
}

/* Extended data goes to a logical address, simple data to a real one. */
static void store(struct cpu *cpu, uint64_t address, const uint8_t *data, unsigned bytes, bool extended)
{
    if (!extended) {
        diagnose_store(cpu, address, data, bytes);
        return;
    }
    for (unsigned pass = 0; pass < 2; pass++)
        for (unsigned done = 0; done < bytes; done += PAGE_BYTES) {
            unsigned count = bytes - done < PAGE_BYTES ? bytes - done : PAGE_BYTES;
            struct span s = span_store(cpu, address + done, 0, count);

            if (pass)
                span_write(&s, data + done);
        }
}

/*
 * R1: address of the area; R3 and R3+1: subcode with format, number of 4K blocks of the area;
 * afterwards return code and number of blocks used.
 */
void diagnose_lpar_data(struct cpu *cpu, const struct insn *insn)
{
    uint64_t subcode = gr64(cpu, insn->r3), blocks = gr64(cpu, insn->r3 | 1u), address = gr64(cpu, insn->r1);
    bool extended = subcode & EXTENDED_FORMAT;
    unsigned function = (unsigned)subcode & 0xff, bytes = data_bytes(cpu->all, &lengths[extended]);
    unsigned needed = (bytes + PAGE_BYTES - 1) / PAGE_BYTES;
    uint8_t data[16384] = {0};

    specification_unless(cpu, !(insn->r3 & 1));
    if ((subcode & ~(uint64_t)EXTENDED_FORMAT) != function || function < STORE_SIMPLE || function > STORE_SECONDARY
        || extended != (function != STORE_SIMPLE)) {
        set_gr64(cpu, insn->r3, UNAVAILABLE);
        return;
    }
    if (function != RETURN_SIZE) {
        specification_unless(cpu, !(address & ~PAGE_MASK) && (!extended || blocks >= needed));
        cpu_sync_time(cpu);
        build(cpu, data, &lengths[extended]);
        store(cpu, address, data, bytes, extended);
    }
    set_gr64(cpu, insn->r3, 0);
    set_gr64(cpu, insn->r3 | 1u, needed);
}

/* R3: real address, below 2 GiB, of a block for 16-byte names; byte 0 is the highest index. */
void diagnose_cpu_names(struct cpu *cpu, const struct insn *insn)
{
    uint64_t address = gr64(cpu, insn->r3);
    uint8_t names[PAGE_BYTES] = {0};

    specification_unless(cpu, !(address & ~PAGE_MASK) && address <= 0x7fffffff);
    ebcdic_field(EBCDIC_500, names + 16, 16, "CP");
    diagnose_store(cpu, address, names, sizeof names);
}

/* Classes and types of DIAGNOSE 0x210. */
static const struct device_class {
    uint16_t unit, device; /**< control-unit and device type from Sense ID; 0 = any */
    uint8_t class, type;
} classes[] = {
    {0, 0x3390, 0x04, 0x82}, {0, 0x3380, 0x04, 0x20}, {0, 0x9336, 0x01, 0x40}, {0, 0x3278, 0x40, 0x01},
    {0x3270, 0, 0x40, 0x01}, {0x3215, 0, 0x80, 0x00}, {0, 0x3505, 0x20, 0x81}, {0, 0x3525, 0x10, 0x82},
    {0, 0x1403, 0x10, 0x41}, {0, 0x3490, 0x08, 0x81}, {0, 0x3590, 0x08, 0x83}, {0x3088, 0, 0x02, 0x80},
    {0x1731, 0, 0x02, 0x20}, {0, 0, 0x02, 0x00},
};

/*
 * R1: address, below 2 GiB, of device number 0–1, length 2–3, then the answer: virtual class,
 * type, status, flags, real class, type, model, feature. cc 3: no such device; cc 2: the
 * device is virtual, nothing is known of a real one.
 */
void diagnose_device(struct cpu *cpu, const struct insn *insn)
{
    struct machine *machine = cpu->machine;
    uint64_t address = gr64(cpu, insn->r1);
    const struct device_class *c = classes;
    uint8_t block[8], id[8];

    specification_unless(cpu, !(address & 3) && address <= 0x7fffffff);
    diagnose_fetch(cpu, address, block, sizeof block);
    specification_unless(cpu, get_be16(block + 2) >= sizeof block);
    if (!machine->io.identify || !machine->io.identify(machine, get_be16(block), id)) {
        cpu->cc = 3;
        return;
    }
    while ((c->unit && c->unit != get_be16(id + 1)) || (c->device && c->device != get_be16(id + 4)))
        c++;
    put_be32(block + 4, (uint32_t)c->class << 24 | (uint32_t)c->type << 16);
    diagnose_store(cpu, address, block, sizeof block);
    cpu->cc = 2;
}
