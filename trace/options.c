/* SPDX-License-Identifier: MIT */
#include "trace/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/problem.h"

bool trace_number(const char *text, uint64_t *value)
{
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    char *end;

    errno = 0;
    if (*text < '0' || *text > '9')
        return false;
    *value = strtoull(text, &end, hex ? 16 : 10);
    return !errno && !*end && end > text + (hex ? 2 : 0);
}

/* An address is hexadecimal, with 0x or without. */
static bool address(const char *text, uint64_t *value)
{
    char *end;

    errno = 0;
    if (!strchr("0123456789abcdefABCDEF", *text) || !*text)
        return false;
    *value = strtoull(text, &end, 16);
    return !errno && !*end;
}

bool trace_range(const char *text, uint64_t *from, uint64_t *to)
{
    char copy[64], *sign;

    if (strlen(text) >= sizeof copy)
        return false;
    strcpy(copy, text);
    sign = strpbrk(copy, "-+");
    if (!sign)
        return address(copy, from) && ((*to = *from), true);
    if (*sign == '-') {
        *sign = 0;
        return address(copy, from) && address(sign + 1, to) && *from <= *to;
    }
    *sign = 0;
    if (!address(copy, from) || !address(sign + 1, to) || !*to || *from + (*to - 1) < *from)
        return false;
    *to += *from - 1;
    return true;
}

bool trace_time_parse(const char *text, uint64_t *units)
{
    static const struct { const char *unit; double units; } table[] = {
        {"s", 4096e6}, {"ms", 4096e3}, {"us", 4096}, {"", 1},
    };
    char *end;
    double v;

    if (*text < '0' || *text > '9')
        return false;
    v = strtod(text, &end);
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++)
        if (!strcmp(end, table[i].unit) && v * table[i].units < 9e18) {
            *units = (uint64_t)(v * table[i].units);
            return true;
        }
    return false;
}

/* ---- Sets of words ---- */

struct word {
    const char *word;
    unsigned bits;
};

static const struct word kinds[] = {
    {"insn", SIENNA_SAW_INSTRUCTION}, {"access", SIENNA_SAW_FETCH | SIENNA_SAW_STORE},
    {"fetch", SIENNA_SAW_FETCH}, {"store", SIENNA_SAW_STORE}, {"branch", SIENNA_SAW_BRANCH},
    {"int", SIENNA_SAW_INTERRUPTION}, {"sie", SIENNA_SAW_ENTRY | SIENNA_SAW_EXIT}, {"io", SIENNA_SAW_IO},
    {"key", SIENNA_SAW_KEY}, {"cr", SIENNA_SAW_CONTROL}, {"sigp", SIENNA_SAW_SIGP},
    {"events", SIENNA_SAW_INTERRUPTION | SIENNA_SAW_ENTRY | SIENNA_SAW_EXIT | SIENNA_SAW_IO | SIENNA_SAW_KEY |
                   SIENNA_SAW_CONTROL | SIENNA_SAW_SIGP},
    {"all", 0x7ff & ~SIENNA_SAW_BRANCH}, {0},
};
static const struct word levels[] = {
    {"1", 2}, {"2", 4}, {"3", 8}, {"host", 2}, {"guest", 4 | 8}, {"both", 2 | 4 | 8}, {0},
};
static const struct word states[] = {
    {"problem", SIENNA_PROBLEM_STATE}, {"supervisor", SIENNA_SUPERVISOR_STATE}, {0},
};
static const struct word spaces[] = {{"primary", 1}, {"ar", 2}, {"secondary", 4}, {"home", 8}, {"real", 16}, {0}};

/* Words joined with '+'; false with a sentence that lists them. */
static bool take_words(const struct word *table, const char *key, const char *text, unsigned *bits, char *problem)
{
    char list[200] = "";

    *bits = 0;
    for (const char *at = text;;) {
        size_t n = strcspn(at, "+");
        const struct word *w = table;

        while (w->word && (strlen(w->word) != n || strncmp(w->word, at, n) != 0))
            w++;
        if (!w->word)
            break;
        *bits |= w->bits;
        if (!at[n])
            return true;
        at += n + 1;
    }
    for (const struct word *w = table; w->word; w++)
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", w == table ? "" : ", ", w->word);
    return trace_problem(problem, "-trace: %s=%s: say one or more of %s, joined with '+'", key, text, list);
}

/* ---- Keys ---- */

typedef bool take_function(struct trace_options *o, const char *key, const char *value, char *problem);

static bool take_kinds(struct trace_options *o, const char *key, const char *value, char *problem)
{
    return take_words(kinds, key, value, &o->filter.kinds, problem);
}

static bool take_levels(struct trace_options *o, const char *key, const char *value, char *problem)
{
    return take_words(levels, key, value, &o->filter.levels, problem);
}

static bool take_states(struct trace_options *o, const char *key, const char *value, char *problem)
{
    return take_words(states, key, value, &o->filter.states, problem);
}

static bool take_spaces(struct trace_options *o, const char *key, const char *value, char *problem)
{
    return take_words(spaces, key, value, &o->filter.spaces, problem);
}

static bool take_guest(struct trace_options *o, const char *key, const char *value, char *problem)
{
    uint64_t n;

    if (!trace_number(value, &n) || n >= SIENNA_ANY_GUEST)
        return trace_problem(problem, "-trace: guest=%s: say the number of a guest; 0 is level 1", value);
    o->filter.guest = (unsigned)n;
    return true;
}

static bool take_cpus(struct trace_options *o, const char *key, const char *value, char *problem)
{
    for (const char *at = value;;) {
        char *end;
        unsigned long n = strtoul(at, &end, 10);

        if (end == at || n >= SIENNA_MAX_CPUS || (*end && *end != '+'))
            return trace_problem(problem, "-trace: cpu=%s: say CPU addresses 0 to %d, joined with '+'", value,
                                 SIENNA_MAX_CPUS - 1);
        o->filter.cpus |= 1ULL << n;
        if (!*end)
            return true;
        at = end + 1;
    }
}

static bool take_asce(struct trace_options *o, const char *key, const char *value, char *problem)
{
    if (address(value, &o->filter.asce) && o->filter.asce)
        return true;
    return trace_problem(problem, "-trace: asce=%s: say an address-space-control element in hexadecimal", value);
}

static bool take_range(struct trace_options *o, const char *key, const char *value, char *problem)
{
    bool data = !strcmp(key, "data");

    if (trace_range(value, data ? &o->filter.first_data : &o->filter.first,
                    data ? &o->filter.last_data : &o->filter.last))
        return true;
    return trace_problem(problem, "-trace: %s=%s: say FIRST-LAST or FIRST+BYTES in hexadecimal", key, value);
}

static bool take_trigger(struct trace_options *o, const char *key, const char *value, char *problem)
{
    bool start = !strcmp(key, "start");
    uint64_t *at = start ? &o->start_at : &o->stop_at;
    enum trace_trigger kind = TRIGGER_NONE;

    if (!strncmp(value, "address:", 8) && address(value + 8, at))
        kind = TRIGGER_ADDRESS;
    else if (!strncmp(value, "position:", 9) && trace_number(value + 9, at))
        kind = TRIGGER_POSITION;
    else if (!strncmp(value, "time:", 5) && trace_time_parse(value + 5, at))
        kind = TRIGGER_TIME;
    else if (!start && !strncmp(value, "count:", 6) && trace_number(value + 6, at) && *at)
        kind = TRIGGER_COUNT;
    else
        return trace_problem(problem, "-trace: %s=%s: say address:HEX, position:N%s or time:1.5s", key, value,
                             start ? "" : ", count:N");
    *(start ? &o->start : &o->stop) = kind;
    return true;
}

static bool take_switch(struct trace_options *o, const char *key, const char *value, char *problem)
{
    bool on = !strcmp(value, "on");

    if (!on && strcmp(value, "off") != 0)
        return trace_problem(problem, "-trace: %s=%s: say on or off", key, value);
    if (!strcmp(key, "apart"))
        o->apart = on;
    else
        o->no_registers = !on;
    return true;
}

static const struct { const char *key; take_function *take; } keys[] = {
    {"filter", take_kinds}, {"level", take_levels}, {"guest", take_guest}, {"cpu", take_cpus},
    {"state", take_states}, {"space", take_spaces}, {"asce", take_asce}, {"range", take_range},
    {"data", take_range}, {"start", take_trigger}, {"stop", take_trigger}, {"apart", take_switch}, {"registers", take_switch},
};
enum { KEYS = sizeof keys / sizeof keys[0] };

bool trace_options_key(struct trace_options *o, const char *word, char problem[SIENNA_PROBLEM_BYTES])
{
    const char *sign = strchr(word, '=');
    size_t n = sign ? (size_t)(sign - word) : strlen(word);
    char list[200] = "";

    for (unsigned i = 0; i < KEYS; i++)
        if (sign && strlen(keys[i].key) == n && !strncmp(keys[i].key, word, n))
            return keys[i].take(o, keys[i].key, sign + 1, problem);
    for (unsigned i = 0; i < KEYS; i++)
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s=", i ? ", " : "", keys[i].key);
    return trace_problem(problem, "-trace: '%s' is not understood; there are %s", word, list);
}

/* What begins and ends at a place or a time need not be looked at before and after: roughly, in the core. */
static void settle_triggers(struct trace_options *o)
{
    if (o->start == TRIGGER_POSITION)
        o->filter.from_position = o->start_at;
    if (o->start == TRIGGER_TIME)
        o->filter.from_time = o->start_at;
    if (o->stop == TRIGGER_POSITION)
        o->filter.to_position = o->stop_at;
    if (o->stop == TRIGGER_TIME)
        o->filter.to_time = o->stop_at;
}

bool trace_options_parse(struct trace_options *o, const char *text, char problem[SIENNA_PROBLEM_BYTES])
{
    size_t n = strcspn(text, ",");
    char word[256];

    *o = (struct trace_options){.filter = {.kinds = 0x7ff & ~SIENNA_SAW_BRANCH, .guest = SIENNA_ANY_GUEST}};
    if (!n || n >= sizeof o->path)
        return trace_problem(problem, "-trace: say sie, or the name of a file");
    memcpy(o->path, text, n);
    while (text[n] == ',') {
        size_t length;

        text += n + 1;
        n = 0;
        length = strcspn(text, ",");
        if (length >= sizeof word)
            return trace_problem(problem, "-trace: a setting is too long");
        memcpy(word, text, length);
        word[length] = 0;
        if (!trace_options_key(o, word, problem))
            return false;
        n = length;
    }
    settle_triggers(o);
    return true;
}
