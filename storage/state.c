/* SPDX-License-Identifier: MIT */
#include "machine/state.h"

#include "storage/storage.h"

static bool all_zeros(const uint8_t *block)
{
    return block[0] == 0 && memcmp(block, block + 1, PAGE_BYTES - 1) == 0;
}

void storage_state(struct storage *storage, struct state_walk *walk)
{
    for (uint64_t f = 0; f < storage->size >> PAGE_SHIFT; f++) {
        uint8_t *block = storage->bytes + (f << PAGE_SHIFT);
        bool offline = storage->frames[f] & FRAME_OFFLINE;

        if (!storage->keys[f] && !storage->usage[f] && !offline && all_zeros(block))
            continue;
        state_group(walk, "block", (uint32_t)f);
        state_bool(walk, "offline", &offline);
        state_u8(walk, "key", &storage->keys[f]);
        state_u8(walk, "usage", &storage->usage[f]);
        state_bytes(walk, "bytes", block, PAGE_BYTES);
    }
}
