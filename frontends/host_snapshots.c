/* SPDX-License-Identifier: MIT */
#include "host_snapshots.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct host_snapshot **find(struct host_snapshots *s, const char *name)
{
    struct host_snapshot **at = &s->first;

    while (*at && strcmp((*at)->name, name))
        at = &(*at)->next;
    return at;
}

static void forget(struct host_snapshots *s, struct host_snapshot **at)
{
    struct host_snapshot *gone = *at;

    *at = gone->next;
    s->automatic -= gone->automatic;
    sienna_checkpoint_release(s->sienna, gone->checkpoint);
    free(gone);
}

static bool take(struct host_snapshots *s, const char *name, bool automatic, char *problem)
{
    struct sienna_checkpoint *c = sienna_checkpoint(s->sienna, problem);
    struct host_snapshot **at = find(s, name), *new = c ? calloc(1, sizeof *new) : NULL;

    if (!new) {
        if (c)
            snprintf(problem, SIENNA_PROBLEM_BYTES, "the host has no memory left");
        sienna_checkpoint_release(s->sienna, c);
        return false;
    }
    if (*at)
        forget(s, at);
    new->checkpoint = c;
    new->automatic = automatic;
    snprintf(new->name, sizeof new->name, "%s", name);
    s->automatic += automatic;
    for (at = &s->first; *at;)
        at = &(*at)->next;
    *at = new;
    return true;
}

bool host_snapshots_take(struct host_snapshots *s, const char *name, char problem[SIENNA_PROBLEM_BYTES])
{
    if (!*name || strlen(name) >= SIENNA_SNAPSHOT_NAME || !strcmp(name, "all")) {
        snprintf(problem, SIENNA_PROBLEM_BYTES, "a snapshot's name has 1 to %d characters and is not 'all'",
                 SIENNA_SNAPSHOT_NAME - 1);
        return false;
    }
    return take(s, name, false, problem);
}

bool host_snapshots_restore(struct host_snapshots *s, const char *name, char problem[SIENNA_PROBLEM_BYTES])
{
    struct host_snapshot *found = *find(s, name);

    if (!found) {
        snprintf(problem, SIENNA_PROBLEM_BYTES, "there is no snapshot '%.100s'", name);
        return false;
    }
    if (!sienna_checkpoint_restore(s->sienna, found->checkpoint, problem))
        return false;
    s->due = sienna_now(s->sienna) + s->every;
    return true;
}

bool host_snapshots_delete(struct host_snapshots *s, const char *name, char problem[SIENNA_PROBLEM_BYTES])
{
    struct host_snapshot **at = find(s, name);

    if (!strcmp(name, "all")) {
        while (s->first)
            forget(s, &s->first);
        return true;
    }
    if (!*at) {
        snprintf(problem, SIENNA_PROBLEM_BYTES, "there is no snapshot '%.100s'", name);
        return false;
    }
    forget(s, at);
    return true;
}

/* The oldest automatic one makes room for the next. */
static void make_room(struct host_snapshots *s)
{
    struct host_snapshot **at = &s->first;

    if (s->automatic < SNAPSHOTS_AUTOMATIC)
        return;
    while (!(*at)->automatic)
        at = &(*at)->next;
    forget(s, at);
}

void host_snapshots_tick(struct host_snapshots *s)
{
    char name[SIENNA_SNAPSHOT_NAME], problem[SIENNA_PROBLEM_BYTES];

    if (!s->every || sienna_now(s->sienna) < s->due)
        return;
    s->due = sienna_now(s->sienna) + s->every;
    make_room(s);
    snprintf(name, sizeof name, "auto-%u", ++s->count);
    if (!take(s, name, true, problem))
        fprintf(stderr, "sienna: %s\n", problem);
}

void host_snapshots_release(struct host_snapshots *s)
{
    while (s->first)
        forget(s, &s->first);
}
