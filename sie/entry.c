/* SPDX-License-Identifier: MIT */
/** START INTERPRETIVE EXECUTION: what is wrong in the state description, and what it asks for. */
#include "sie/internal.h"

#include "cpu/timer.h"

#define MEGABYTE_MASK (~0xfffffULL)
#define CPUSTAT_RRF 0x00008000u
#define CPUSTAT_SLS 0x00006000u
#define CPUSTAT_MCDS 0x00000100u

static void set_views(struct cpu *cpu, const uint8_t *sd)
{
    struct interpretation *in = cpu->interpretation;
    bool unlimited = get_be32(sd + SD_CPUSTAT) & CPUSTAT_SM;
    uint64_t origin = unlimited ? 0 : get_be64(sd + SD_MSO) & MEGABYTE_MASK;
    uint64_t limit = get_be64(sd + SD_MSL) | ~MEGABYTE_MASK;

    in->host_view = (struct storage_view){.storage = cpu->storage, .prefix = cpu->prefix};
    in->guest_view = (struct storage_view){
        .storage = cpu->storage, .host = &in->host_view, .host_asce = cpu->cr[1],
        .host_controls = level_dat_controls(cpu) & ~(uint32_t)DAT_IEP, .origin = origin,
        .limit = unlimited ? UINT64_MAX : limit - origin,
    };
}

static uint32_t assists(const uint8_t *sd)
{
    uint32_t eca = get_be32(sd + SD_ECA), set = 0;
    uint8_t ecb = sd[SD_ECB], ecb2 = sd[SD_ECB2];

    set |= eca & ECA_MVPGI ? ASSIST_MVPG : 0;
    set |= eca & ECA_VX ? ASSIST_VECTOR : 0;
    set |= (eca & ECA_SIGPI) || (ecb & ECB_SRSI) ? ASSIST_SIGP : 0;
    set |= eca & ECA_SII ? ASSIST_INTERLOCK : 0;
    set |= ecb & ECB_PTF ? ASSIST_PTF : 0;
    set |= ecb2 & ECB2_PFMFI ? ASSIST_PFMF : 0;
    set |= ecb2 & ECB2_CMMA ? ASSIST_ESSA : 0;
    set |= get_be32(sd + SD_FACILITIES) & 0x7ffffff8 ? ASSIST_STFLE : 0;
    set |= get_be32(sd + SD_CPUSTAT) & CPUSTAT_KSS ? ASSIST_KEYLESS : 0;
    return set;
}

static void set_profile(struct cpu *cpu, const uint8_t *sd)
{
    struct interception_profile *p = &cpu->interpretation->profile;

    memset(p, 0, sizeof *p); /* profiles are compared bytewise */
    p->ictl = get_be32(sd + SD_ICTL);
    p->lctl = get_be16(sd + SD_LCTL);
    p->assists = assists(sd);
    memcpy(p->svcc, sd + SD_SVCC, sizeof p->svcc);
}

/* An address in the host's real storage to absolute. */
static struct absolute host_real(const struct cpu *cpu, uint64_t address)
{
    return prefixed(cpu, real(address));
}

static void set_controls(struct cpu *cpu, const uint8_t *sd)
{
    uint32_t stat = get_be32(sd + SD_CPUSTAT), gisa = get_be32(sd + SD_GISA) & 0x7ffffff0;
    uint64_t sca = (uint64_t)get_be32(sd + SD_SCA_HIGH) << 32 | get_be32(sd + SD_SCA_LOW);
    struct guest_controls c = {
        .eca = get_be32(sd + SD_ECA), .ecd = get_be32(sd + SD_ECD), .ecb = sd[SD_ECB], .ecb2 = sd[SD_ECB2],
        .ecb3 = sd[SD_ECB3], .edat2 = stat & CPUSTAT_GED2, .edat1 = stat & (CPUSTAT_GED | CPUSTAT_GED2),
        .guest_per = stat & CPUSTAT_PER, .epoch = get_be64(sd + SD_EPOCH), .epoch_index = sd[SD_EPOCH_INDEX],
        .facilities = host_real(cpu, get_be32(sd + SD_FACILITIES) & 0x7ffffff8),
    };

    c.extended_sca = c.ecb2 & ECB2_ESCA;
    sca &= c.extended_sca ? ~0x3fULL : ~0xfULL;
    c.sca = host_real(cpu, sca);
    c.has_sca = sca != 0;
    c.gisa = host_real(cpu, gisa);
    c.has_gisa = gisa && (c.eca & ECA_AIV);
    cpu->interpretation->controls = c;
}

/* The instruction-blocking control takes from the guest what came after a generation of machines. */
static const struct facility_list *guest_facilities(const struct cpu *cpu, const uint8_t *sd)
{
    const struct cpus *all = cpu->all;
    uint16_t ibc = get_be16(sd + SD_IBC) & 0xfff;

    if (!ibc || !all->own_ibc || ibc >> 4 >= all->own_ibc >> 4)
        return &all->facilities;
    return &all->blocked[(ibc < all->lowest_ibc ? all->lowest_ibc : ibc) >> 4 & 15];
}

static void save_host(struct cpu *cpu, const struct insn *insn)
{
    struct host_state *h = &cpu->interpretation->host;

    *h = (struct host_state){
        .psw_mask = cpu->psw_mask, .ia = insn_ia(cpu, insn), .length = insn->length, .cc = cpu->cc, .gr14 = gr64(cpu, 14), .gr15 = gr64(cpu, 15),
        .prefix = cpu->prefix, .todpr = cpu->todpr, .breaking_event = cpu->breaking_event,
        .program_parameter = cpu->program_parameter, .clock_comparator = cpu->clock_comparator,
        .cpu_timer_end = cpu->cpu_timer_end,
    };
    memcpy(h->cr, cpu->cr, sizeof h->cr);
}

/* Size of the system control area in its storage block. */
static unsigned sca_bytes(const struct guest_controls *c)
{
    return c->extended_sca ? SCA_EXTENDED_ENTRIES + 248 * SCA_EXTENDED_ENTRY
                           : SCA_BASIC_ENTRIES + 64 * SCA_BASIC_ENTRY;
}

static enum validity check_satellites(const struct cpu *cpu)
{
    const struct guest_controls *c = &cpu->interpretation->controls;
    unsigned bytes = sca_bytes(c);

    /* Real addresses below 8K are absolute ones in the prefix area, and the other way round. */
    if (c->has_sca && c->sca.v - cpu->interpretation->host.prefix < 2 * PAGE_BYTES)
        return VALIDITY_SCA_LOW;
    if (c->has_sca && c->sca.v < 2 * PAGE_BYTES)
        return VALIDITY_SCA_PREFIX;
    if (c->has_sca && !storage_valid(cpu->storage, c->sca, bytes))
        return VALIDITY_SCA;
    if (c->has_sca && !c->extended_sca && (c->sca.v & (PAGE_BYTES - 1)) + bytes > PAGE_BYTES)
        return VALIDITY_SCA_CROSSES;
    if ((cpu->interpretation->profile.assists & ASSIST_STFLE) &&
        !storage_valid(cpu->storage, c->facilities, FACILITY_LIMIT / 8))
        return VALIDITY_FACILITIES;
    if (c->has_gisa && !storage_valid(cpu->storage, c->gisa, 32))
        return VALIDITY_GISA;
    return 0;
}

/* The first thing wrong in the state description; 0 = nothing. */
static enum validity check(const struct cpu *cpu, const uint8_t *sd)
{
    const uint32_t both = CPUSTAT_GED | CPUSTAT_GED2;
    uint32_t stat = get_be32(sd + SD_CPUSTAT);
    uint64_t origin = get_be64(sd + SD_MSO) & MEGABYTE_MASK;

    if (!(stat & CPUSTAT_ZARCH) || sd[SD_FORMAT] != 0 || (stat & both) == both ||
        (stat & (CPUSTAT_RRF | CPUSTAT_MCDS)))
        return VALIDITY_MODE;
    if (stat & CPUSTAT_SLS)
        return VALIDITY_INTERPRETED_SIE;
    if (!(stat & CPUSTAT_SM) && origin > (get_be64(sd + SD_MSL) | ~MEGABYTE_MASK))
        return VALIDITY_ORIGIN;
    if (cpu->prefix + 2 * PAGE_BYTES - 1ULL > cpu->interpretation->guest_view.limit)
        return VALIDITY_PREFIX;
    return check_satellites(cpu);
}

bool sie_possible(const struct cpu *cpu)
{
    const struct interpretation *in = cpu->interpretation;

    return !(in->descriptor.v & (SD_BYTES - 1)) && storage_valid(cpu->storage, in->descriptor, SD_BYTES) &&
           !(in->guest_view.origin & ~MEGABYTE_MASK) && !(in->controls.gisa.v & 15) && !(in->controls.sca.v & 15) &&
           cpu->prefix + 2 * PAGE_BYTES - 1ULL <= in->guest_view.limit && !check_satellites(cpu);
}

/*
 * What this CPU's TLB holds of guests is good when the same CPU interpreted this state description last:
 * invalidations reach all CPUs, but a guest's own PTLB only the one on which it is.
 */
static void purge_if_moved(struct cpu *cpu)
{
    uint8_t *host_cpu = sie_descriptor(cpu) + SD_HOST_CPU;

    if (get_be16(host_cpu) != cpu->address)
        tlb_purge_guests(cpu);
    put_be16(host_cpu, cpu->address);
}

void sie_enter(struct cpu *cpu, const struct insn *insn, struct real address)
{
    struct absolute at = prefixed(cpu, address);
    enum validity why;
    const uint8_t *sd;

    if (!storage_valid(cpu->storage, at, SD_BYTES))
        program_interruption(cpu, PIC_ADDRESSING);
    cpu_sync_time(cpu);
    if (!cpu->interpretation)
        cpu->interpretation = machine_allocate(sizeof *cpu->interpretation);
    cpu->interpretation->descriptor = at;
    sd = sie_descriptor(cpu);
    storage_stored(cpu->storage, at, SD_BYTES, true);
    save_host(cpu, insn);
    set_views(cpu, sd);
    set_profile(cpu, sd);
    set_controls(cpu, sd);
    cpu->facilities = guest_facilities(cpu, sd);
    sie_push(cpu);
    sie_note_entry(cpu);
    why = check(cpu, sd);
    if (why) {
        sie_validity(cpu, why);
        return;
    }
    purge_if_moved(cpu);
    machine_end_slice_at(cpu->machine, timer_deadline(cpu, cpu->machine->now));
}
