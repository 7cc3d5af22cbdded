/* SPDX-License-Identifier: MIT */
/* READ SCP INFO and READ CPU INFO: what the configuration is. */
#include "channel/sclp_internal.h"

enum { CPU_ENTRY = 16, SCP_CPU_OFFSET = 144, CPU_INFO_OFFSET = 24 };

#define FACILITY_CHANNEL_PATH_INFO 0x8000000000000000ULL
#define FACILITY_CHANNEL_PATH_RECONFIGURATION 0x2000000000000000ULL
#define FACILITY_CPU_INFO 0x0800000000000000ULL
#define FACILITY_CPU_RECONFIGURATION 0x0400000000000000ULL
#define FACILITY_STORAGE_ATTACH 0x0000800000000000ULL
#define FACILITY_STORAGE_INFO 0x0000400000000000ULL
#define FACILITY_STORAGE_ASSIGN 0x0000200000000000ULL

uint64_t sclp_facilities(const struct machine *machine)
{
    const struct sclp *sclp = machine->sclp;
    uint64_t f = FACILITY_CPU_INFO | FACILITY_STORAGE_ATTACH | FACILITY_STORAGE_INFO
        | FACILITY_STORAGE_ASSIGN;

    if (machine->processors.configure)
        f |= FACILITY_CPU_RECONFIGURATION;
    if (sclp->have_paths)
        f |= FACILITY_CHANNEL_PATH_INFO;
    if (sclp->have_paths && sclp->paths.configure)
        f |= FACILITY_CHANNEL_PATH_RECONFIGURATION;
    return f;
}

static void cpu_entry(const struct sclp_features *f, uint8_t *entry, unsigned cpu)
{
    memset(entry, 0, CPU_ENTRY);
    entry[0] = (uint8_t)cpu;
    entry[2] = (uint8_t)((f->sief2 ? 0x08 : 0) | (f->skey ? 0x04 : 0));
    entry[3] = (uint8_t)((f->gpere ? 0x20 : 0) | (f->siif ? 0x10 : 0) | (f->sigpif ? 0x08 : 0));
    entry[7] = (uint8_t)((f->ib ? 0x20 : 0) | (f->cei ? 0x10 : 0));
}

/* Entries of the CPUs that are (not) configured, from `entry` on; returns how many. */
static unsigned cpu_entries(struct machine *machine, uint8_t *entry, bool configured)
{
    unsigned count = 0;

    for (unsigned cpu = 0; cpu < machine->processors.count(machine); cpu++)
        if (machine->processors.configured(machine, cpu) == configured)
            cpu_entry(&machine->sclp->features, entry + CPU_ENTRY * count++, cpu);
    return count;
}

static void put_features(const struct sclp_features *f, uint8_t *sccb)
{
    put_be32(sccb + 76, f->ibc);
    sccb[84] = f->core_type_valid ? 0x01 : 0;
    sccb[85] = (uint8_t)((f->gsls ? 0x80 : 0) | (f->esop ? 0x02 : 0));
    sccb[91] = f->tlb_guest ? 0x40 : 0;
    sccb[98] = f->kss ? 0x01 : 0;
    sccb[99] = f->host_address_bits;
    sccb[116] = (uint8_t)((f->sca_64bit ? 0x80 : 0) | (f->cmma ? 0x40 : 0) | (f->esca ? 0x08 : 0));
    sccb[117] = (uint8_t)((f->pfmfi ? 0x40 : 0) | (f->ibs ? 0x20 : 0));
    sccb[118] = (uint8_t)((f->aisii ? 0x40 : 0) | (f->aeni ? 0x20 : 0) | (f->aisi ? 0x10 : 0)
                          | (f->gisa_format_1 ? 0x08 : 0));
    put_be32(sccb + 124, f->hmfai);
    sccb[134] = f->diag_318 ? 0x80 : 0;
}

static void put_storage(const struct sclp_storage *s, uint8_t *sccb)
{
    uint32_t mebibytes = (uint32_t)(s->increment_bytes >> 20);

    put_be16(sccb + 8, s->increments <= 0xffff ? (uint16_t)s->increments : 0);
    sccb[10] = mebibytes <= 0xff ? (uint8_t)mebibytes : 0;
    put_be32(sccb + 100, mebibytes <= 0xff ? 0 : mebibytes);
    put_be64(sccb + 104, s->increments <= 0xffff ? 0 : s->increments);
}

uint16_t sclp_read_scp_info(struct machine *machine, uint8_t *sccb, unsigned length, uint8_t id)
{
    struct sclp *sclp = machine->sclp;
    unsigned cpus = machine->processors.count(machine);
    unsigned needed = SCP_CPU_OFFSET + cpus * CPU_ENTRY;

    if (length < needed)
        return RESPONSE_SHORT;
    memset(sccb + SCCB_HEADER, 0, length - SCCB_HEADER);
    put_storage(&sclp->storage, sccb);
    put_be16(sccb + 16, (uint16_t)cpus);
    put_be16(sccb + 18, SCP_CPU_OFFSET);
    ebcdic_field(EBCDIC_500, sccb + 24, 8, sclp->features.loadparm);
    put_be64(sccb + 48, sclp_facilities(machine));
    put_features(&sclp->features, sccb);
    put_be16(sccb + 120, (uint16_t)(cpus - 1));
    cpus = cpu_entries(machine, sccb + SCP_CPU_OFFSET, true);
    cpu_entries(machine, sccb + SCP_CPU_OFFSET + cpus * CPU_ENTRY, false);
    if (sccb[SCCB_CONTROL + 2] & SCCB_VARIABLE_RESPONSE)
        put_be16(sccb, (uint16_t)needed);
    return RESPONSE_READ;
}

uint16_t sclp_read_cpu_info(struct machine *machine, uint8_t *sccb, unsigned length, uint8_t id)
{
    unsigned needed = CPU_INFO_OFFSET + machine->processors.count(machine) * CPU_ENTRY;
    unsigned configured, standby;

    if (length < needed)
        return RESPONSE_SHORT;
    memset(sccb + SCCB_HEADER, 0, length - SCCB_HEADER);
    configured = cpu_entries(machine, sccb + CPU_INFO_OFFSET, true);
    standby = cpu_entries(machine, sccb + CPU_INFO_OFFSET + configured * CPU_ENTRY, false);
    put_be16(sccb + 8, (uint16_t)configured);
    put_be16(sccb + 10, CPU_INFO_OFFSET);
    put_be16(sccb + 12, (uint16_t)standby);
    put_be16(sccb + 14, (uint16_t)(CPU_INFO_OFFSET + configured * CPU_ENTRY));
    if (sccb[SCCB_CONTROL + 2] & SCCB_VARIABLE_RESPONSE)
        put_be16(sccb, (uint16_t)needed);
    return RESPONSE_READ;
}
