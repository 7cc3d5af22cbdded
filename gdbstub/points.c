/* SPDX-License-Identifier: MIT */
/** Breakpoints and watchpoints, with conditions and commands that are evaluated here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gdbstub/agent.h"
#include "gdbstub/internal.h"

static void free_code(struct gdb_code *code)
{
    while (code) {
        struct gdb_code *next = code->next;

        free(code);
        code = next;
    }
}

static void forget(struct gdb *g, struct gdb_point *p)
{
    sienna_stop_remove(g->sienna, p->id);
    free_code(p->conditions);
    free_code(p->commands);
    free(p);
}

void gdb_forget_points(struct gdb *g, unsigned guest)
{
    for (struct gdb_point **at = &g->points; *at;) {
        struct gdb_point *p = *at;

        if (guest != SIENNA_ANY_GUEST && p->guest != guest) {
            at = &p->next;
            continue;
        }
        *at = p->next;
        forget(g, p);
    }
    if (!g->points)
        sienna_stop_condition(g->sienna, NULL, NULL);
}

struct gdb_point *gdb_find_point(const struct gdb *g, unsigned id)
{
    for (struct gdb_point *p = g->points; p; p = p->next)
        if (p->id == id)
            return p;
    return NULL;
}

bool gdb_point_changed(struct gdb *g, struct gdb_point *p, struct sienna_thread thread)
{
    uint8_t now[GDB_SEEN_BYTES];
    size_t n;
    bool same;

    if (p->bytes > sizeof now)
        return true;
    if (thread.guest != p->guest || thread.cpu == SIENNA_ANY_CPU)
        thread = (struct sienna_thread){p->guest, 0};
    n = gdb_storage_read(g, thread, p->address, now, p->bytes);
    same = n == p->seen_bytes && !memcmp(now, p->seen, n);
    p->seen_bytes = n;
    memcpy(p->seen, now, n);
    return !same;
}

/* ---- Expressions ---- */

struct looker {
    struct gdb *gdb;
    struct sienna_thread thread;
};

static bool read_register(void *context, unsigned number, uint64_t *value)
{
    struct looker *l = context;
    struct gdb_register r;
    uint8_t bytes[16];

    if (!gdb_register(l->gdb, l->thread, number, &r) || !gdb_register_read(l->gdb, l->thread, &r, bytes))
        return false;
    *value = 0;
    for (unsigned i = 0; i < r.bytes && i < 8; i++)
        *value = *value << 8 | bytes[i];
    return true;
}

static bool read_storage(void *context, uint64_t address, void *to, size_t bytes)
{
    struct looker *l = context;

    return gdb_storage_read(l->gdb, l->thread, address, to, bytes) == bytes;
}

static void print(void *context, const char *text, size_t bytes)
{
    struct gdb *g = ((struct looker *)context)->gdb;

    /* On the way back the machine passes by places more than once. */
    if (g->resumed && !g->non_stop && g->direction > 0)
        gdb_console(g, text, bytes);
}

/* Is one of them true? One that cannot be evaluated counts as true, and says why. */
static bool any_true(struct gdb *g, const struct gdb_code *code, const struct agent_machine *machine)
{
    for (; code; code = code->next) {
        uint64_t value = 0;
        const char *problem = agent_run(code->code, code->bytes, machine, &value);

        if (problem) {
            text_say(&g->problem, "a breakpoint's condition cannot be evaluated: %s\n", problem);
            return true;
        }
        if (value)
            return true;
    }
    return false;
}

/* Is a stop wanted because of this point? Its commands are performed, and do instead of the stop. */
static bool point_wanted(struct gdb *g, const struct gdb_point *p, const struct agent_machine *machine)
{
    uint64_t value;

    if (p->conditions && !any_true(g, p->conditions, machine))
        return false;
    if (!p->commands)
        return true;
    for (const struct gdb_code *code = p->commands; code; code = code->next) {
        const char *problem = agent_run(code->code, code->bytes, machine, &value);

        if (problem) {
            text_say(&g->problem, "a breakpoint's commands cannot be performed: %s\n", problem);
            return true;
        }
    }
    return false;
}

bool gdb_wanted(void *context, const struct sienna_stop *stop)
{
    struct gdb *g = context;
    const struct gdb_point *met = gdb_find_point(g, stop->id);
    struct looker looker = {g, stop->thread};
    struct agent_machine machine = {&looker, read_register, read_storage, print};
    bool wanted = false;

    /* Somebody else's. */
    if (!met)
        return true;
    /* Several at one address are one stop. */
    for (const struct gdb_point *p = g->points; p; p = p->next)
        if (p == met || (p->type < 2 && met->type < 2 && p->guest == met->guest && p->address == met->address))
            wanted |= point_wanted(g, p, &machine);
    return wanted;
}

/* ---- Packets ---- */

/* "X LENGTH , BYTES" as often as it comes. */
static bool take_code(struct cursor *c, struct gdb_code **list)
{
    uint64_t bytes;

    while (take(c, 'X')) {
        struct gdb_code *code;

        if (!take_hex(c, &bytes) || !take(c, ',') || bytes > left(c) / 2)
            return false;
        code = malloc(sizeof *code + (size_t)bytes);
        if (!code)
            abort();
        code->next = NULL;
        code->bytes = (size_t)bytes;
        *list = code;
        list = &code->next;
        if (!take_bytes(c, code->code, code->bytes))
            return false;
    }
    return true;
}

static bool take_point(struct cursor *c, struct gdb_point *p)
{
    uint64_t type, persistent;

    if (!take_hex(c, &type) || type > 4 || !take(c, ',') || !take_range(c, ',', &p->address, &p->bytes))
        return false;
    p->type = (unsigned)type;
    while (take(c, ';')) {
        if (take_word(c, "cmds:")) {
            if (!take_hex(c, &persistent) || !take(c, ',') || p->commands || !take_code(c, &p->commands))
                return false;
        } else if (p->conditions || !take_code(c, &p->conditions)) {
            return false;
        }
    }
    return at_end(c);
}

/* An old one at the same place: setting it again changes its conditions, and must not be two of them. */
static struct gdb_point **find(struct gdb *g, const struct gdb_point *like)
{
    struct gdb_point **at = &g->points;

    while (*at && ((*at)->type != like->type || (*at)->guest != like->guest || (*at)->address != like->address ||
                   (like->type > 1 && (*at)->bytes != like->bytes)))
        at = &(*at)->next;
    return at;
}

/* The machine's storage is watched whoever it is that comes by; a guest's is where its host has put it now. */
static bool machine_storage(struct gdb *g, unsigned guest, struct sienna_stop_at *where)
{
    struct sienna_translation t;

    where->guest = SIENNA_ANY_GUEST;
    if (!guest || where->kind == SIENNA_STOP_KEY)
        return true;
    if (!sienna_thread_translate(g->sienna, (struct sienna_thread){guest, 0}, SIENNA_ABSOLUTE, where->address, &t) ||
        t.code)
        return false;
    where->address = t.absolute;
    return true;
}

static bool add(struct gdb *g, struct gdb_point *p, char *problem)
{
    static const enum sienna_stop_kind kinds[] = {SIENNA_STOP_INSTRUCTION, SIENNA_STOP_INSTRUCTION, SIENNA_STOP_STORE,
                                                  SIENNA_STOP_FETCH, SIENNA_STOP_ACCESS};
    uint64_t address = p->address;
    bool keys;
    struct sienna_stop_at where = {kinds[p->type], p->guest, SIENNA_ANY_CPU, gdb_space(g, &address, &keys), address,
                                   p->type < 2 ? 1 : p->bytes, 0};

    if (keys && p->type == 2) {
        where.kind = SIENNA_STOP_KEY;
        where.space = SIENNA_ABSOLUTE;
        where.address = address * 4096;
        where.bytes = p->bytes * 4096;
    } else if (keys) {
        where.space = SIENNA_SPACES;
    }
    if (where.space == SIENNA_ABSOLUTE && p->type >= 2 && !machine_storage(g, p->guest, &where)) {
        snprintf(problem, SIENNA_PROBLEM_BYTES, "the host gives no storage there now");
        return false;
    }
    p->id = sienna_stop_add(g->sienna, &where, problem);
    return p->id != 0;
}

bool gdb_do_insert(struct gdb *g, struct cursor *c, struct text *reply)
{
    struct gdb_point *p = calloc(1, sizeof *p), **old;
    char problem[SIENNA_PROBLEM_BYTES] = "";
    struct sienna_thread thread;

    if (!p)
        abort();
    if (!take_point(c, p) || !gdb_general(g, &thread)) {
        free_code(p->conditions);
        free_code(p->commands);
        free(p);
        return gdb_error(reply, ERROR_PACKET);
    }
    p->guest = thread.guest;
    old = find(g, p);
    if (*old) {
        free_code((*old)->conditions);
        free_code((*old)->commands);
        (*old)->conditions = p->conditions;
        (*old)->commands = p->commands;
        free(p);
        return gdb_ok(reply);
    }
    if (!add(g, p, problem)) {
        free_code(p->conditions);
        free_code(p->commands);
        free(p);
        return gdb_refuse(reply, "%s", problem);
    }
    gdb_point_changed(g, p, thread);
    *old = p;
    sienna_stop_condition(g->sienna, gdb_wanted, g);
    return gdb_ok(reply);
}

bool gdb_do_remove(struct gdb *g, struct cursor *c, struct text *reply)
{
    struct gdb_point like = {0}, **old, *p;
    struct sienna_thread thread;
    bool good = take_point(c, &like) && gdb_general(g, &thread);

    free_code(like.conditions);
    free_code(like.commands);
    if (!good)
        return gdb_error(reply, ERROR_PACKET);
    like.guest = thread.guest;
    old = find(g, &like);
    p = *old;
    if (p) {
        *old = p->next;
        forget(g, p);
    }
    return gdb_ok(reply);
}
