/* SPDX-License-Identifier: MIT */
#include "host_pace.h"

/* Host time between two looks at the outside while the machine is busy, and the bounds of one run. */
enum { POLL_INTERVAL = 4000000, LEAST_CHUNK = 1 << 16, GREATEST_CHUNK = 1 << 28 };

/* Nanoseconds without activity that make a guest quiet, and how late a quiet one's events may be served. */
enum { QUIET_AFTER = 2000000000, QUIET_SLACK = 50000000 };

/* TOD units in a thousand nanoseconds. */
enum { UNITS = 4096, NANOSECONDS = 1000 };

static uint64_t scale(uint64_t value, uint64_t numerator, uint64_t denominator, bool up)
{
    unsigned __int128 product = (unsigned __int128)value * numerator + (up ? denominator - 1 : 0);

    return (uint64_t)(product / denominator);
}

/* The virtual time that wall time `wall` stands for. */
static uint64_t virtual_at(const struct pace *p, uint64_t wall)
{
    return p->virtual_anchor + (wall > p->wall_anchor ? scale(wall - p->wall_anchor, UNITS, NANOSECONDS, false) : 0);
}

/* The first nanosecond at which virtual time `time` has been reached. */
static uint64_t wall_at(const struct pace *p, uint64_t time)
{
    return p->wall_anchor + (time > p->virtual_anchor ? scale(time - p->virtual_anchor, NANOSECONDS, UNITS, true) : 0);
}

static uint64_t clock_now(const struct pace *p)
{
    return p->host.clock(p->host.context);
}

static uint64_t machine_now(const struct pace *p)
{
    return p->machine.now(p->machine.context);
}

static void anchor(struct pace *p)
{
    p->wall_anchor = clock_now(p);
    p->virtual_anchor = machine_now(p);
}

void pace_init(struct pace *p, const struct paced_machine *machine, const struct paced_host *host)
{
    *p = (struct pace){.machine = *machine, .host = *host, .chunk = 1 << 20};
    anchor(p);
    p->polled = p->active = p->wall_anchor;
}

void pace_set_outside(struct pace *p, bool outside)
{
    if (outside && !p->outside)
        anchor(p);
    p->outside = outside;
}

void pace_set_stopped(struct pace *p, bool stopped)
{
    if (p->stopped && !stopped)
        anchor(p);
    p->stopped = stopped;
}

uint64_t pace_lag(const struct pace *p)
{
    uint64_t wall = clock_now(p), reached = wall_at(p, machine_now(p));

    return p->outside && !p->stopped && wall > reached ? wall - reached : 0;
}

static void sleep_on_host(struct pace *p, int64_t nanoseconds)
{
    bool ready = p->host.poll(p->host.context, nanoseconds);

    p->polled = clock_now(p);
    if (ready)
        p->active = p->polled;
}

static bool quiet(struct pace *p, uint64_t wall)
{
    uint64_t calls = p->machine.service_calls(p->machine.context);

    if (calls != p->calls)
        p->active = wall;
    p->calls = calls;
    return wall - p->active >= QUIET_AFTER;
}

/* No event will come and nobody outside can answer: only somebody new outside, within the limit, can help. */
static enum pace_result nothing_wakes(struct pace *p)
{
    uint64_t wall = clock_now(p);

    if (!p->dead_since)
        p->dead_since = wall ? wall : 1;
    if (wall - p->dead_since >= p->idle_limit)
        return PACE_DEAD;
    sleep_on_host(p, (int64_t)(p->dead_since + p->idle_limit - wall));
    return PACE_GOES_ON;
}

/* Every CPU waits. Skip to the next event, or sleep until it is due or somebody answers. */
static enum pace_result idle(struct pace *p)
{
    uint64_t next = p->machine.next_event(p->machine.context), now = machine_now(p), wall, reached;

    if (p->machine.input_waiting(p->machine.context))
        return PACE_GOES_ON;
    if (!p->outside) {
        if (next == UINT64_MAX)
            return nothing_wakes(p);
        p->dead_since = 0;
        p->machine.skip_to(p->machine.context, next);
        return PACE_GOES_ON;
    }
    p->dead_since = 0;
    wall = clock_now(p);
    if (next == UINT64_MAX)
        sleep_on_host(p, -1);
    else if (wall_at(p, next) > wall)
        sleep_on_host(p, (int64_t)(wall_at(p, next) - wall) + (quiet(p, wall) ? QUIET_SLACK : 0));
    if (!p->outside)
        return PACE_GOES_ON;
    reached = virtual_at(p, clock_now(p));
    if (reached > next)
        reached = next;
    /* Time that passed without anything happening does not matter to waiting CPUs. */
    if (reached > now && (reached == next || p->machine.input_waiting(p->machine.context)))
        p->machine.skip_to(p->machine.context, reached);
    return PACE_GOES_ON;
}

/* Keep runs between one and four milliseconds. */
static void adapt(struct pace *p, uint64_t took)
{
    if (took < POLL_INTERVAL / 4 && p->chunk < GREATEST_CHUNK)
        p->chunk *= 2;
    else if (took > POLL_INTERVAL && p->chunk > LEAST_CHUNK)
        p->chunk /= 2;
}

static enum pace_result busy(struct pace *p)
{
    uint64_t now = machine_now(p), limit = now + p->chunk, start = clock_now(p);
    bool full = true;

    if (p->outside) {
        uint64_t reached = virtual_at(p, start);

        if (reached <= now) {
            /* Ahead by less than a nanosecond, or exactly on time: let wall time move on. */
            sleep_on_host(p, (int64_t)(wall_at(p, now + LEAST_CHUNK) - start));
            return PACE_GOES_ON;
        }
        full = reached >= limit;
        limit = full ? limit : reached;
    }
    switch (p->machine.run(p->machine.context, limit)) {
    case PACED_ENDED:
        return PACE_ENDED;
    case PACED_IDLE:
        return idle(p);
    default:
        if (full)
            adapt(p, clock_now(p) - start);
        return PACE_GOES_ON;
    }
}

void pace_went_back(struct pace *p)
{
    anchor(p);
    p->active = p->wall_anchor;
    p->dead_since = 0;
}

enum pace_result pace_step(struct pace *p)
{
    if (p->stopped || (p->host.congested && p->host.congested(p->host.context))) {
        sleep_on_host(p, -1);
        return PACE_GOES_ON;
    }
    if (clock_now(p) - p->polled >= POLL_INTERVAL)
        sleep_on_host(p, 0);
    return p->stopped ? PACE_GOES_ON : busy(p);
}
