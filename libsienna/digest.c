/* SPDX-License-Identifier: MIT */
/** A digest of the whole machine's canonical state. */
#include "libsienna/machine_state.h"

uint64_t sienna_digest(struct sienna *s)
{
    struct state_digest digest;

    state_digest_begin(&digest);
    storage_state(s->machine.storage, &digest.walk);
    machine_state(s, &digest.walk);
    return digest.digest;
}
