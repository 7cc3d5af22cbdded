/* SPDX-License-Identifier: MIT */
/* Configuring CPUs and channel paths. */
#include "channel/sclp_internal.h"

static uint16_t set_cpu(struct machine *machine, unsigned cpu, bool on)
{
    const struct cpu_service *p = &machine->processors;

    if (!p->configure)
        return RESPONSE_INVALID_COMMAND;
    if (cpu >= p->count(machine))
        return RESPONSE_INVALID_RESOURCE;
    if (p->configured(machine, cpu) == on)
        return RESPONSE_ALREADY;
    return p->configure(machine, cpu, on) ? RESPONSE_DONE : RESPONSE_IMPROPER_STATE;
}

uint16_t sclp_configure_cpu(struct machine *machine, uint8_t *sccb, unsigned length, uint8_t id)
{
    return set_cpu(machine, id, true);
}

uint16_t sclp_deconfigure_cpu(struct machine *machine, uint8_t *sccb, unsigned length, uint8_t id)
{
    return set_cpu(machine, id, false);
}

/* Recognized 8–39, standby 40–71, configured 72–103, then CSSID data up to 111. */
uint16_t sclp_read_channel_paths(struct machine *machine, uint8_t *sccb, unsigned length, uint8_t id)
{
    struct sclp *sclp = machine->sclp;

    if (!sclp->have_paths)
        return RESPONSE_INVALID_COMMAND;
    memset(sccb + SCCB_HEADER, 0, length - SCCB_HEADER);
    sclp->paths.read(machine, sccb + 8, sccb + 40, sccb + 72);
    return RESPONSE_READ;
}

static bool is_set(const uint8_t mask[32], unsigned chpid)
{
    return mask[chpid / 8] & (0x80 >> chpid % 8);
}

static uint16_t set_path(struct machine *machine, unsigned chpid, bool on)
{
    struct sclp *sclp = machine->sclp;
    uint8_t recognized[32] = {0}, standby[32] = {0}, configured[32] = {0};

    if (!sclp->have_paths || !sclp->paths.configure)
        return RESPONSE_INVALID_COMMAND;
    sclp->paths.read(machine, recognized, standby, configured);
    if (!is_set(recognized, chpid))
        return RESPONSE_INVALID_RESOURCE;
    if (is_set(configured, chpid) == on)
        return RESPONSE_ALREADY;
    return sclp->paths.configure(machine, chpid, on) ? RESPONSE_DONE : RESPONSE_IMPROPER_STATE;
}

uint16_t sclp_configure_channel_path(struct machine *machine, uint8_t *sccb, unsigned length, uint8_t id)
{
    return set_path(machine, id, true);
}

uint16_t sclp_deconfigure_channel_path(struct machine *machine, uint8_t *sccb, unsigned length, uint8_t id)
{
    return set_path(machine, id, false);
}
