/* SPDX-License-Identifier: MIT */
/**
 * The blocks in which the program sees and sets a subchannel: SCHIB (MODIFY
 * and STORE SUBCHANNEL) and IRB (TEST SUBCHANNEL); PoP ch. 14, 15 and 16.
 */
#include "channel/subchannel.h"

enum { IRB_BYTES = 64, ESW = 12, ERW = ESW + 4, ECW = 32 };

static void put_scsw(uint8_t *to, const struct scsw *scsw)
{
    put_be16(to, scsw->flags);
    put_be16(to + 2, scsw->control);
    put_be32(to + 4, scsw->ccw_address);
    to[8] = scsw->device_status;
    to[9] = scsw->subchannel_status;
    put_be16(to + 10, scsw->count);
}

static void put_pmcw(uint8_t to[28], const struct pmcw *p)
{
    put_be32(to, p->parameter);
    put_be16(to + 4, p->flags);
    put_be16(to + 6, p->device_number);
    to[8] = p->lpm;
    to[9] = p->pnom;
    to[10] = p->lpum;
    to[11] = p->pim;
    put_be16(to + 12, p->measurement_index);
    to[14] = p->pom;
    to[15] = p->pam;
    memset(to + 16, 0, 8);
    to[16] = p->chpid;
    put_be32(to + 24, p->word6);
}

int store_subchannel(struct machine *machine, uint32_t sid, uint8_t schib[52])
{
    struct subchannel *s = subchannel_at(machine, sid);

    if (!sid_valid(sid))
        return -OPERAND_EXCEPTION;
    if (!s)
        return 3;
    put_pmcw(schib, &s->pmcw);
    put_scsw(schib + 28, &s->scsw);
    put_be64(schib + 40, s->pmcw.measurement_address);
    put_be32(schib + 48, 0);
    return 0;
}

static bool schib_valid(const uint8_t schib[52])
{
    uint16_t flags = get_be16(schib + 4);
    uint32_t word6 = get_be32(schib + 24);

    if ((flags & PMCW_RESERVED) || (flags & PMCW_LIMIT_MODE) == PMCW_LIMIT_MODE)
        return false;
    if (word6 & (PMCW6_RESERVED | PMCW6_EXTENDED_MEASUREMENT))
        return false;
    return !(word6 & PMCW6_MEASURE_FORMAT_1) || (get_be64(schib + 40) & 0x3f) == 0;
}

int modify_subchannel(struct machine *machine, uint32_t sid, const uint8_t schib[52])
{
    struct subchannel *s = subchannel_at(machine, sid);
    const uint32_t word6 = PMCW6_MEASURE_FORMAT_1 | PMCW6_CONCURRENT_SENSE;
    struct pmcw *p;
    bool was_enabled;

    if (!sid_valid(sid) || !schib_valid(schib))
        return -OPERAND_EXCEPTION;
    if (!s)
        return 3;
    if (!s->device)
        return 0;
    if (s->scsw.control & SC_PENDING)
        return 1;
    if (s->scsw.control & FC_ANY)
        return 2;
    p = &s->pmcw;
    was_enabled = p->flags & PMCW_ENABLED;
    p->parameter = get_be32(schib);
    p->flags = (p->flags & ~PMCW_PROGRAM_SETS) | (get_be16(schib + 4) & PMCW_PROGRAM_SETS);
    p->lpm = schib[8];
    p->measurement_index = get_be16(schib + 12);
    p->pom = schib[14];
    p->word6 = (p->word6 & ~word6) | (get_be32(schib + 24) & word6);
    p->measurement_address = get_be64(schib + 40);
    if (was_enabled && !(p->flags & PMCW_ENABLED)) {
        s->alert = false;
        s->unsolicited = 0;
        if (s->device->operations->disabled)
            s->device->operations->disabled(s->device);
    }
    return 0;
}

/* Extended-status word: format 0 with a logout, else 1 to 3, which differ in what is meaningful. */
static void put_esw(uint8_t *irb, const struct subchannel *s)
{
    enum { LPUM_VALID = 0x4000 };
    uint32_t word = (uint32_t)s->pmcw.lpum << 16;

    if (s->scsw.flags & SCSW_LOGOUT)
        word |= (uint32_t)s->logout_flags << 24 | LPUM_VALID;
    else
        word |= s->connect_interval;
    put_be32(irb + ESW, word);
    if (s->sense_bytes) {
        irb[ERW] = 0x01; /* S: the ECW holds concurrent sense … */
        irb[ERW + 1] = s->sense_bytes;
        memcpy(irb + ECW, s->sense, sizeof s->sense);
    }
}

int test_subchannel(struct machine *machine, uint32_t sid, uint8_t irb[96], unsigned *irb_bytes)
{
    struct subchannel *s = subchannel_at(machine, sid);

    if (!sid_valid(sid))
        return -OPERAND_EXCEPTION;
    if (!subchannel_operational(s))
        return 3;
    memset(irb, 0, IRB_BYTES);
    *irb_bytes = IRB_BYTES;
    put_scsw(irb, &s->scsw);
    if (!(s->scsw.control & SC_PENDING))
        return 1;
    put_esw(irb, s);
    status_clear(s);
    return 0;
}
