/* SPDX-License-Identifier: MIT */
/**
 * Walking over the canonical state of a part of the machine.
 *
 * Each part describes its guest-visible state once, field by field; the walk
 * decides what is done with it: digesting, saving or restoring. Fields have
 * names and a width and are handed on as big-endian bytes, so that nothing
 * depends on the host's byte order, padding or pointers. Members of arrays and
 * devices are set apart by state_group().
 */
#ifndef SIENNA_MACHINE_STATE_H
#define SIENNA_MACHINE_STATE_H

#include "machine/types.h"

struct state_walk {
    /** One field. A restoring walk changes `bytes`; the others read them. */
    void (*field)(struct state_walk *walk, const char *name, uint8_t *bytes, size_t count);
    /** What follows belongs to number `index` of `name` ("subchannel" 5, "test-device" 0). */
    void (*group)(struct state_walk *walk, const char *name, uint32_t index);
};

static inline void state_group(struct state_walk *walk, const char *name, uint32_t index)
{
    walk->group(walk, name, index);
}
static inline void state_bytes(struct state_walk *walk, const char *name, void *bytes, size_t count)
{
    walk->field(walk, name, bytes, count);
}
void state_u8(struct state_walk *walk, const char *name, uint8_t *value);
void state_u16(struct state_walk *walk, const char *name, uint16_t *value);
void state_u32(struct state_walk *walk, const char *name, uint32_t *value);
void state_u64(struct state_walk *walk, const char *name, uint64_t *value);
void state_bool(struct state_walk *walk, const char *name, bool *value);

/** A field of a structure under its own name: STATE(walk, s, ccw_address). */
#define STATE(walk, s, member) \
    _Generic((s)->member, uint8_t: state_u8, uint16_t: state_u16, uint32_t: state_u32, uint64_t: state_u64, \
             bool: state_bool)(walk, #member, &(s)->member)

/** A digest of everything walked over: 64 bits, equal on every host. */
struct state_digest {
    struct state_walk walk;
    uint64_t digest;
};
/** Prepare `digest` for a walk: walk over parts with &digest->walk, then read digest->digest. */
void state_digest_begin(struct state_digest *digest);

#endif
