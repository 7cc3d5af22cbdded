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
    /** Fields are given other values. */
    bool restoring;
    /**
     * Also what only a saved state needs: handles of the world outside, host results that are under way,
     * how the machine ended. None of it may be in digests, which are the same in a replay.
     */
    bool complete;
    size_t room;        /**< restoring: bytes of the saved state that are left */
    const char *refusal; /**< restoring: why the values are not believed, or NULL */
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

/** A restoring walk gets a value that cannot be: refuse the state with half a sentence, unless `valid`. */
static inline void state_check(struct state_walk *walk, bool valid, const char *refusal)
{
    if (walk->restoring && !valid && !walk->refusal)
        walk->refusal = refusal;
}
/** A field that counts what follows: at most `most`, each of at least `bytes` bytes; else refused, and zero. */
void state_count(struct state_walk *walk, const char *name, uint32_t *count, uint32_t most, size_t bytes);
/** A C string in an array of `room` bytes. */
void state_text(struct state_walk *walk, const char *name, char *text, size_t room);

/** A walk that keeps everything: groups and fields with their names, big-endian, in the order of the walk. */
struct state_saver {
    struct state_walk walk;
    uint8_t *bytes; /**< the caller frees them */
    size_t count, room;
};
void state_saver_begin(struct state_saver *saver);

/**
 * A walk that gives all fields the values of such a record. Names, order and sizes must be those of this
 * machine; the first thing that is not so ends the walk (further fields are left alone).
 */
struct state_loader {
    struct state_walk walk;
    const uint8_t *bytes;
    size_t count, at;
    char where[80];     /**< the group walked over */
    char problem[256];  /**< one sentence; "" = none */
};
void state_loader_begin(struct state_loader *loader, const uint8_t *bytes, size_t count);
/** After the walk: was everything there, believed, and nothing left over? Else loader->problem says what. */
bool state_loader_end(struct state_loader *loader);

/** A digest of everything walked over: 64 bits, equal on every host. */
struct state_digest {
    struct state_walk walk;
    uint64_t digest;
};
/** Prepare `digest` for a walk: walk over parts with &digest->walk, then read digest->digest. */
void state_digest_begin(struct state_digest *digest);

#endif
