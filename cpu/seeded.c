/* SPDX-License-Identifier: MIT */
#include "cpu/seeded.h"

#include "cpu/cpus.h"
#include "machine/state.h"

/* Cycles. Windows of races are narrow, so short slices are frequent; long delays let others run far ahead. */
enum { TINY_SLICE = 64, SHORT_SLICE = 512, LONE_SLICE = 1 << 16, DELAY = 1 << 16, LONG_DELAY = 1 << 22 };
/* One of so many turns. */
enum { TURNS_DELAYED = 64, TURNS_DELAYED_LONG = 4096, TURNS_EXITED = 8 };

/* Knuth's multiplier and increment; the low bits, which have short periods, are left out. */
static uint32_t draw(struct seeded *s)
{
    s->random = s->random * 6364136223846793005 + 1442695040888963407;
    return (uint32_t)(s->random >> 32);
}

/* 1 to `most`. */
static uint64_t up_to(struct seeded *s, uint64_t most)
{
    return draw(s) % most + 1;
}

static bool one_of(struct seeded *s, unsigned turns)
{
    return draw(s) % turns == 0;
}

void cpus_seed(struct cpus *cpus, uint64_t seed, bool exits, bool delays)
{
    cpus->seeded = (struct seeded){.on = true, .exits = exits, .delays = delays, .random = seed};
    for (unsigned i = 0; i < 4; i++) /* seeds that are near to each other part */
        draw(&cpus->seeded);
}

uint64_t seeded_slice(struct seeded *s, bool lone)
{
    static const unsigned most[8] = {TINY_SLICE, SHORT_SLICE, SHORT_SLICE, SLICE_CYCLES, SLICE_CYCLES, SLICE_CYCLES,
                                     SLICE_CYCLES, SLICE_CYCLES};

    return up_to(s, lone ? LONE_SLICE : most[draw(s) % 8]);
}

unsigned seeded_first(struct seeded *s, unsigned count)
{
    return draw(s) % count;
}

bool seeded_turn(struct seeded *s, struct cpu *cpu, uint64_t now)
{
    uint64_t *until = &s->delayed[cpu->address];

    if (*until > now)
        return false;
    if (s->delays && one_of(s, TURNS_DELAYED)) {
        *until = now + up_to(s, one_of(s, TURNS_DELAYED_LONG / TURNS_DELAYED) ? LONG_DELAY : DELAY) * cpu->cycle;
        return false;
    }
    cpu->forced_exit = s->exits && cpu->interpreting && one_of(s, TURNS_EXITED);
    return true;
}

void seeded_state(struct seeded *s, unsigned cpus, struct state_walk *walk)
{
    STATE(walk, s, on);
    if (!s->on)
        return;
    STATE(walk, s, exits);
    STATE(walk, s, delays);
    STATE(walk, s, random);
    for (unsigned i = 0; i < cpus; i++)
        state_u64(walk, "delayed", &s->delayed[i]);
}
