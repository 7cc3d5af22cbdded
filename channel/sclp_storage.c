/* SPDX-License-Identifier: MIT */
/*
 * Storage information and standby storage.
 *
 * Storage is divided into increments, numbered from 1, and these into storage
 * elements of at most ELEMENT_INCREMENTS. Elements of standby storage start
 * detached; attaching one brings all its increments online, and the program
 * then unassigns those it does not want yet.
 */
#include "channel/sclp_internal.h"

enum { MEBIBYTE = 1 << 20, LARGEST_INCREMENT = 128 << 20 };

static unsigned elements_for(uint32_t increments)
{
    return (increments + ELEMENT_INCREMENTS - 1) / ELEMENT_INCREMENTS;
}

static bool divides(uint64_t bytes, uint64_t online, uint64_t standby)
{
    return online % bytes == 0 && standby % bytes == 0;
}

/* The largest power of two (Linux likes its own block size of 128 MiB) that divides both parts evenly. */
static uint64_t increment_for(uint64_t online, uint64_t standby)
{
    uint64_t bytes = LARGEST_INCREMENT;

    while (bytes > MEBIBYTE && !divides(bytes, online, standby))
        bytes >>= 1;
    /* Very much storage: fewer, larger increments, as many as element numbers allow. */
    while ((online + standby) / bytes > (uint64_t)ELEMENT_INCREMENTS * (MAX_ELEMENTS - 1) / 2
           && divides(2 * bytes, online, standby))
        bytes <<= 1;
    return bytes;
}

bool sclp_storage_init(struct machine *machine)
{
    struct sclp_storage *s = &machine->sclp->storage;
    uint64_t standby = machine->sclp->features.standby_bytes;
    uint64_t online = machine->storage->size - standby;
    uint64_t increments;

    if (standby % MEBIBYTE || standby >= machine->storage->size)
        return false;
    s->increment_bytes = increment_for(online, standby);
    increments = (online + standby) / s->increment_bytes;
    s->online_elements = elements_for((uint32_t)(online / s->increment_bytes));
    s->elements = s->online_elements + elements_for((uint32_t)(standby / s->increment_bytes));
    /* Increment numbers have 16 bits in storage information, elements 8. */
    if (increments > 0xffff || s->elements > MAX_ELEMENTS)
        return false;
    s->increments = (uint32_t)increments;
    s->online_increments = (uint32_t)(online / s->increment_bytes);
    for (unsigned i = 0; i < s->online_elements; i++)
        s->attached[i] = true;
    if (standby)
        storage_set_online(machine->storage, absolute(online), standby, false);
    return true;
}

/* The increments [*first, *last) of an element, counted from 0. */
static void element_range(const struct sclp_storage *s, unsigned element, uint32_t *first, uint32_t *last)
{
    uint32_t limit = element < s->online_elements ? s->online_increments : s->increments;

    if (element < s->online_elements)
        *first = element * ELEMENT_INCREMENTS;
    else
        *first = s->online_increments + (element - s->online_elements) * ELEMENT_INCREMENTS;
    *last = *first + ELEMENT_INCREMENTS < limit ? *first + ELEMENT_INCREMENTS : limit;
}

static unsigned element_of(const struct sclp_storage *s, uint32_t increment)
{
    if (increment < s->online_increments)
        return increment / ELEMENT_INCREMENTS;
    return s->online_elements + (increment - s->online_increments) / ELEMENT_INCREMENTS;
}

static bool assigned(const struct machine *machine, uint32_t increment)
{
    uint64_t at = increment * machine->sclp->storage.increment_bytes;

    return storage_valid(machine->storage, absolute(at), 1);
}

static void assign(struct machine *machine, uint32_t increment, bool on)
{
    uint64_t bytes = machine->sclp->storage.increment_bytes;

    storage_set_online(machine->storage, absolute(increment * bytes), bytes, on);
}

static void put_increment(uint8_t *entries, unsigned index, uint32_t increment)
{
    put_be32(entries + 4 * index, (increment + 1) << 16);
}

uint16_t sclp_read_storage_info(struct machine *machine, uint8_t *sccb, unsigned length, uint8_t id)
{
    const struct sclp_storage *s = &machine->sclp->storage;
    uint32_t first, last, count = 0;

    if (id >= s->elements)
        return RESPONSE_INVALID_RESOURCE;
    element_range(s, id, &first, &last);
    if (length < 16 + 4 * (last - first))
        return RESPONSE_SHORT;
    memset(sccb + SCCB_HEADER, 0, length - SCCB_HEADER);
    for (uint32_t i = first; i < last; i++)
        if (!s->attached[id] || assigned(machine, i))
            put_increment(sccb + 16, count++, i);
    put_be16(sccb + 8, (uint16_t)(s->elements - 1));
    put_be16(sccb + 10, (uint16_t)count);
    put_be16(sccb + 12, (uint16_t)(s->attached[id] ? last - first - count : count));
    if (sccb[SCCB_CONTROL + 2] & SCCB_VARIABLE_RESPONSE)
        put_be16(sccb, (uint16_t)(16 + 4 * count));
    return s->attached[id] ? RESPONSE_READ : RESPONSE_STANDBY_READ;
}

uint16_t sclp_attach_storage(struct machine *machine, uint8_t *sccb, unsigned length, uint8_t id)
{
    struct sclp_storage *s = &machine->sclp->storage;
    uint32_t first, last;

    if (id >= s->elements)
        return RESPONSE_INVALID_RESOURCE;
    if (s->attached[id])
        return RESPONSE_ALREADY;
    element_range(s, id, &first, &last);
    if (length < 16 + 4 * (last - first))
        return RESPONSE_SHORT;
    memset(sccb + SCCB_HEADER, 0, length - SCCB_HEADER);
    s->attached[id] = true;
    put_be16(sccb + 10, (uint16_t)(last - first));
    for (uint32_t i = first; i < last; i++) {
        assign(machine, i, true);
        put_increment(sccb + 16, i - first, i);
    }
    return RESPONSE_DONE;
}

/* Increment named by the SCCB, from 0; a negative number when it is not there or not attached. */
static int64_t named_increment(const struct sclp_storage *s, const uint8_t *sccb, uint16_t *response)
{
    uint32_t number = get_be16(sccb + 8);

    if (number == 0 || number > s->increments) {
        *response = RESPONSE_INVALID_RESOURCE;
        return -1;
    }
    if (!s->attached[element_of(s, number - 1)]) {
        *response = RESPONSE_IMPROPER_STATE;
        return -1;
    }
    return number - 1;
}

uint16_t sclp_assign_storage(struct machine *machine, uint8_t *sccb, unsigned length, uint8_t id)
{
    uint16_t response;
    int64_t increment = named_increment(&machine->sclp->storage, sccb, &response);

    if (increment < 0)
        return response;
    if (assigned(machine, (uint32_t)increment))
        return RESPONSE_ALREADY;
    assign(machine, (uint32_t)increment, true);
    return RESPONSE_DONE;
}

uint16_t sclp_unassign_storage(struct machine *machine, uint8_t *sccb, unsigned length, uint8_t id)
{
    uint16_t response;
    int64_t increment = named_increment(&machine->sclp->storage, sccb, &response);

    if (increment < 0)
        return response;
    if (!assigned(machine, (uint32_t)increment))
        return RESPONSE_ALREADY;
    /* Absolute locations 0–8191 belong to the machine as much as to the program. */
    if (increment == 0)
        return RESPONSE_IMPROPER_STATE;
    assign(machine, (uint32_t)increment, false);
    return RESPONSE_DONE;
}
