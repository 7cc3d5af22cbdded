/* SPDX-License-Identifier: MIT */
/** Snapshots in memory by name: those that the monitor takes, and those of -snapshot-every. */
#ifndef SIENNA_FRONTENDS_HOST_SNAPSHOTS_H
#define SIENNA_FRONTENDS_HOST_SNAPSHOTS_H

#include "sienna_snapshot.h"

enum { SNAPSHOTS_AUTOMATIC = 16 }; /**< automatic ones that are kept: the latest */

struct host_snapshot {
    struct host_snapshot *next; /**< in the order in which they were taken */
    struct sienna_checkpoint *checkpoint;
    bool automatic;
    char name[SIENNA_SNAPSHOT_NAME];
};

struct host_snapshots {
    struct sienna *sienna;
    struct host_snapshot *first;
    uint64_t every, due;       /**< virtual time between automatic ones, and of the next; 0 = none */
    unsigned automatic, count; /**< automatic ones there are, and were */
};

/** Keep the machine's state as `name`, in place of an earlier one of that name. False with a sentence. */
bool host_snapshots_take(struct host_snapshots *snapshots, const char *name, char problem[SIENNA_PROBLEM_BYTES]);
bool host_snapshots_restore(struct host_snapshots *snapshots, const char *name, char problem[SIENNA_PROBLEM_BYTES]);
/** Forget one, or with "all" all of them. */
bool host_snapshots_delete(struct host_snapshots *snapshots, const char *name, char problem[SIENNA_PROBLEM_BYTES]);
/** Take an automatic one when it is due. */
void host_snapshots_tick(struct host_snapshots *snapshots);
void host_snapshots_release(struct host_snapshots *snapshots);

#endif
