/* SPDX-License-Identifier: MIT */
/**
 * Channel-subsystem monitoring (PoP ch. 17): measurement blocks of both
 * formats and the device-connect-time interval in the ESW. Times are in
 * units of 128 us of virtual time.
 */
#include "channel/subchannel.h"
#include "storage/storage.h"

enum { UNIT = 128 * TOD_MICROSECOND };
/* ESW format 0, extended-status flags. */
enum { BLOCK_PROGRAM_CHECK = 0x20, BLOCK_PROTECTION_CHECK = 0x08 };

int set_channel_monitor(struct machine *machine, uint32_t gr1, uint64_t gr2)
{
    struct channel_subsystem *css = machine->channel;

    if ((gr1 & 0x0ffffffc) || ((gr1 & 2) && (gr2 & 0x1f)))
        return -OPERAND_EXCEPTION;
    css->measuring_blocks = gr1 & 2;
    css->measuring_connect = gr1 & 1;
    if (css->measuring_blocks) {
        css->measurement_key = gr1 >> 28;
        css->measurement_origin = gr2;
    }
    return 0;
}

static bool counted(const struct subchannel *s)
{
    return s->machine->channel->measuring_blocks && (s->pmcw.flags & PMCW_MEASURE_BLOCK);
}

static bool format_1(const struct subchannel *s)
{
    return s->pmcw.word6 & PMCW6_MEASURE_FORMAT_1;
}

static struct absolute block_address(const struct subchannel *s)
{
    if (format_1(s))
        return absolute(s->pmcw.measurement_address);
    return absolute(s->machine->channel->measurement_origin + 32ull * s->pmcw.measurement_index);
}

/* Fetch or store the block's fields; an error ends the updating for this subchannel. */
static bool access_block(struct subchannel *s, uint8_t *bytes, uint64_t count, bool store)
{
    struct storage *storage = s->machine->storage;
    uint8_t key = s->machine->channel->measurement_key;
    enum storage_exception e = store ? storage_store(storage, block_address(s), bytes, count, key)
                                     : storage_fetch(storage, block_address(s), bytes, count, key);

    if (e) {
        s->logout_flags |= e == STORAGE_PROTECTION ? BLOCK_PROTECTION_CHECK : BLOCK_PROGRAM_CHECK;
        s->pmcw.flags &= ~PMCW_MEASURE_BLOCK;
    }
    return e == STORAGE_OK;
}

static void add32(uint8_t *field, uint32_t amount)
{
    put_be32(field, get_be32(field) + amount);
}

void measurement_started(struct subchannel *s)
{
    uint8_t b[32];

    if (!counted(s) || !access_block(s, b, sizeof b, false))
        return;
    if (format_1(s))
        add32(b, 1);
    else
        put_be16(b, get_be16(b) + 1);
    access_block(s, b, sizeof b, true);
}

void measurement_ended(struct subchannel *s)
{
    struct measurement *m = &s->measurement;
    unsigned at = format_1(s) ? 8 : 4;
    uint8_t b[32];

    if (m->updated)
        return;
    m->updated = true;
    if (s->machine->channel->measuring_connect && (s->pmcw.flags & PMCW_MEASURE_CONNECT))
        s->connect_interval = m->connected / UNIT > 0xffff ? 0xffff : m->connected / UNIT;
    if (!counted(s) || !access_block(s, b, sizeof b, false))
        return;
    if (format_1(s))
        add32(b + 4, 1);
    else
        put_be16(b + 2, get_be16(b + 2) + 1);
    add32(b + at, m->connected / UNIT);
    add32(b + at + 4, m->pending / UNIT);
    add32(b + at + 8, m->disconnected / UNIT);
    access_block(s, b, sizeof b, true);
}
