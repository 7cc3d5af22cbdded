/* SPDX-License-Identifier: MIT */
/**
 * Data transfer between a device and the storage areas of a channel program
 * (PoP ch. 15, "CCW indirect data addressing", "Modified CCW indirect data
 * addressing", "Chaining of data"). Storage is accessed with the ORB's key,
 * at most a 4K block at a time, so what precedes a check has been moved.
 */
#include "channel/subchannel.h"
#include "storage/storage.h"

enum { MIDAW_LAST = 0x80, MIDAW_SKIP = 0x40, MIDAW_BYTES = 16 };

/* What happens to the bytes passed over. */
enum movement { PASS_OVER, TO_DEVICE, TO_STORAGE };

static uint8_t access_key(const struct subchannel *s)
{
    return s->orb.control >> 28;
}

static uint64_t highest_address(const struct subchannel *s)
{
    return s->orb.control & ORB_FORMAT_1 ? 0x7fffffff : 0xffffff;
}

static uint8_t check_for(enum storage_exception e)
{
    if (e == STORAGE_OK)
        return 0;
    return e == STORAGE_PROTECTION ? SUBSTATUS_PROTECTION_CHECK : SUBSTATUS_PROGRAM_CHECK;
}

static bool backward(const struct subchannel *s)
{
    return (s->program.command & 0x0f) == COMMAND_READ_BACKWARD;
}

/* Fetch `bytes` of an address list at t->list; false after a check. */
static bool fetch_list(struct subchannel *s, struct transfer *t, uint8_t *to, uint32_t bytes)
{
    if ((t->list & (bytes - 1)) || t->list > highest_address(s)) {
        t->status |= SUBSTATUS_PROGRAM_CHECK;
        return false;
    }
    t->status |= check_for(storage_fetch(s->machine->storage, absolute(t->list), to, bytes, access_key(s)));
    return t->status == 0;
}

static void next_idaw(struct subchannel *s, struct transfer *t)
{
    bool format_2 = s->orb.control & ORB_IDAW_FORMAT_2;
    uint32_t block = format_2 && !(s->orb.control & ORB_IDAW_2K) ? 4096 : 2048;
    uint8_t raw[8];
    uint64_t edge;

    if (!fetch_list(s, t, raw, format_2 ? 8 : 4))
        return;
    t->address = format_2 ? get_be64(raw) : get_be32(raw);
    edge = (backward(s) ? t->address + 1 : t->address) & (block - 1);
    if ((!format_2 && t->address > 0x7fffffff) || (t->list_begun && edge)) {
        t->status |= SUBSTATUS_PROGRAM_CHECK;
        return;
    }
    t->area = backward(s) ? (t->address & (block - 1)) + 1 : block - (t->address & (block - 1));
    t->list += format_2 ? 8 : 4;
    t->list_begun = true;
}

static void next_midaw(struct subchannel *s, struct transfer *t)
{
    uint8_t raw[MIDAW_BYTES];
    uint32_t room;

    /* The list must not run on into another 4K block, nor beyond the MIDAW marked as last. */
    if (t->list_ended || (t->list_begun && (t->list & (PAGE_BYTES - 1)) == 0)) {
        t->status |= SUBSTATUS_PROGRAM_CHECK;
        return;
    }
    if (!fetch_list(s, t, raw, MIDAW_BYTES))
        return;
    t->address = get_be64(raw + 8);
    t->area = get_be16(raw + 6);
    t->area_skipped = (raw[5] & MIDAW_SKIP) && command_is_input(s->program.command);
    t->list_ended = raw[5] & MIDAW_LAST;
    room = backward(s) ? (t->address & (PAGE_BYTES - 1)) + 1 : PAGE_BYTES - (t->address & (PAGE_BYTES - 1));
    if (get_be32(raw) || raw[4] || (raw[5] & ~(MIDAW_LAST | MIDAW_SKIP)) || t->area == 0 || t->area > t->count
        || (!t->area_skipped && t->area > room)) {
        t->status |= SUBSTATUS_PROGRAM_CHECK;
        return;
    }
    t->list += MIDAW_BYTES;
    t->list_begun = true;
}

/* Bytes that can be moved at t->address in one go: up to the end of the area and of the 4K block. */
static uint32_t contiguous(struct subchannel *s, struct transfer *t)
{
    uint32_t block;

    if (t->flags & (CCW_IDA | CCW_MIDA)) {
        if (t->area == 0) {
            if (t->flags & CCW_MIDA)
                next_midaw(s, t);
            else
                next_idaw(s, t);
            if (t->status)
                return 0;
        }
    } else {
        if (t->address > highest_address(s)) {
            t->status |= SUBSTATUS_PROGRAM_CHECK;
            return 0;
        }
        t->area = UINT32_MAX;
    }
    block = t->address & (PAGE_BYTES - 1);
    block = backward(s) ? block + 1 : PAGE_BYTES - block;
    return t->area_skipped || t->area < block ? t->area : block;
}

/* Address-limit checking concerns data addresses only; limits are multiples of 64K. */
static bool within_limit(const struct subchannel *s, uint64_t address)
{
    uint64_t limit = s->machine->channel->address_limit;

    if (!(s->orb.control & ORB_ADDRESS_LIMIT))
        return true;
    switch (s->pmcw.flags & PMCW_LIMIT_MODE) {
    case PMCW_LIMIT_AT_LEAST:
        return address >= limit;
    case PMCW_LIMIT_BELOW:
        return address < limit;
    default:
        return true;
    }
}

/* Move `n` bytes within one 4K block at t->address. */
static void move_block(struct subchannel *s, struct transfer *t, enum movement movement, uint8_t *bytes,
                       uint32_t n)
{
    struct storage *storage = s->machine->storage;
    enum storage_exception e;

    if (!within_limit(s, t->address)) {
        t->status |= SUBSTATUS_PROGRAM_CHECK;
        return;
    }
    if (movement == TO_DEVICE) {
        e = storage_fetch(storage, absolute(t->address), bytes, n, access_key(s));
    } else if (backward(s)) {
        uint8_t reversed[PAGE_BYTES];

        for (uint32_t i = 0; i < n; i++)
            reversed[n - 1 - i] = bytes[i];
        e = storage_store(storage, absolute(t->address - n + 1), reversed, n, access_key(s));
    } else {
        e = storage_store(storage, absolute(t->address), bytes, n, access_key(s));
    }
    t->status |= check_for(e);
}

static void advance(const struct subchannel *s, struct transfer *t, uint32_t n)
{
    t->address += backward(s) ? -(uint64_t)n : n;
    t->area -= n;
    t->count -= n;
}

/* Returns how many bytes were moved; fewer than `bytes` when the count or a check ended it. */
static uint32_t move(struct subchannel *s, struct transfer *t, enum movement movement, uint8_t *data,
                     uint32_t bytes, bool peek)
{
    uint32_t moved = 0;

    while (moved < bytes && t->status == 0 && t->count) {
        uint32_t n = bytes - moved < t->count ? bytes - moved : t->count;

        if ((t->flags & CCW_SKIP) && command_is_input(s->program.command)) {
            if (movement == TO_DEVICE)
                break;
            t->count -= n;
        } else {
            uint32_t room = contiguous(s, t);

            if (t->status)
                break;
            n = n < room ? n : room;
            if (movement != PASS_OVER && !t->area_skipped)
                move_block(s, t, movement, data + moved, n);
            if (t->status)
                break;
            advance(s, t, n);
        }
        moved += n;
        if (t->count == 0 && (t->flags & CCW_CHAIN_DATA))
            program_chain_data(s, t, peek);
    }
    return moved;
}

/* Is `device` executing a command whose data go this way? */
static struct channel_program *transferring(struct channel_device *device, bool input)
{
    struct channel_program *p = &device_subchannel(device)->program;

    if (!p->executing || command_is_input(p->command) != input)
        return NULL;
    p->transferred = true;
    return p;
}

uint32_t device_fetch(struct channel_device *device, void *to, uint32_t bytes)
{
    uint32_t moved = device_fetch_available(device, to, bytes);
    struct channel_program *p = &device_subchannel(device)->program;

    if (moved < bytes && p->transfer.status == 0)
        p->long_block = true;
    return moved;
}

uint32_t device_fetch_available(struct channel_device *device, void *to, uint32_t bytes)
{
    struct channel_program *p = transferring(device, false);

    return p ? move(device_subchannel(device), &p->transfer, TO_DEVICE, to, bytes, false) : 0;
}

uint32_t device_store(struct channel_device *device, const void *from, uint32_t bytes)
{
    struct channel_program *p = transferring(device, true);
    uint8_t *data = (uint8_t *)(uintptr_t)from; /* TO_STORAGE only reads them */
    uint32_t moved;

    if (!p)
        return 0;
    moved = move(device_subchannel(device), &p->transfer, TO_STORAGE, data, bytes, false);
    if (moved < bytes && p->transfer.status == 0)
        p->long_block = true;
    return moved;
}

uint32_t device_peek(struct channel_device *device, uint32_t offset, void *to, uint32_t bytes)
{
    struct subchannel *s = device_subchannel(device);
    struct transfer t = s->program.transfer;

    if (!s->program.executing || backward(s))
        return 0;
    if (move(s, &t, PASS_OVER, NULL, offset, true) < offset)
        return 0;
    return move(s, &t, TO_DEVICE, to, bytes, true);
}

bool device_transfer_failed(const struct channel_device *device)
{
    return device_subchannel(device)->program.transfer.status != 0;
}

uint32_t device_count(const struct channel_device *device)
{
    return device_subchannel(device)->program.transfer.count;
}

bool device_length_suppressed(const struct channel_device *device)
{
    return device_subchannel(device)->program.transfer.flags & CCW_SUPPRESS_LENGTH;
}
