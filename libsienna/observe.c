/* SPDX-License-Identifier: MIT */
/** The stream of what is seen, for include/sienna_observe.h: records are the core's own. */
#include "sienna_observe.h"

#include "cpu/observe.h"
#include "cpu/seen.h"
#include "libsienna/internal.h"

_Static_assert(sizeof(struct seen) == sizeof(struct sienna_seen) &&
                   offsetof(struct seen, word) == offsetof(struct sienna_seen, word),
               "records are handed over as they are");
_Static_assert((int)SEEN_SIGP == (int)SIENNA_SEEN_SIGP && (int)SEEN_STORE == (int)SIENNA_SEEN_STORE &&
                   (int)OBSERVED_SIGP == (int)SIENNA_SAW_SIGP && (int)SEEN_FPC == (int)SIENNA_SEEN_FPC &&
                   (int)SEEN_ANY_GUEST == (int)SIENNA_ANY_GUEST,
               "the same numbers in both headers");

static uint64_t or_all(uint64_t set) { return set ? set : UINT64_MAX; }
static unsigned or_any(unsigned set) { return set ? set : UINT32_MAX; }

/* The core counts the states as PSW bit 15 does. */
static unsigned states_of(unsigned states)
{
    return or_any((states & SIENNA_SUPERVISOR_STATE ? 1 : 0) | (states & SIENNA_PROBLEM_STATE ? 2 : 0));
}

/* The core counts spaces as PSW bits 16–17 do: primary, access register, secondary, home; real is 4. */
static struct seen_filter filter_of(const struct sienna_filter *f)
{
    return (struct seen_filter){
        .kinds = f->kinds, .cpus = or_all(f->cpus), .levels = or_any(f->levels), .guest = f->guest,
        .states = states_of(f->states), .spaces = or_any(f->spaces), .one_asce = f->asce != 0, .asce = f->asce,
        .first = f->first, .last = or_all(f->last), .first_data = f->first_data, .last_data = or_all(f->last_data),
        .from_position = f->from_position, .from_time = f->from_time, .to_position = or_all(f->to_position),
        .to_time = or_all(f->to_time),
    };
}

void sienna_observe(struct sienna *s, const struct sienna_observer *o)
{
    struct seen_filter filter;

    if (!o) {
        seen_set(s->machine.cpus, NULL, NULL, 0, NULL, NULL);
        return;
    }
    filter = filter_of(&o->filter);
    seen_set(s->machine.cpus, &filter, (struct seen *)o->buffer, o->room,
             (struct seen *(*)(void *, struct seen *, size_t))o->full, o->context);
}

void sienna_observe_flush(struct sienna *s)
{
    seen_flush(s->machine.cpus);
}
