/* SPDX-License-Identifier: MIT */
#include "libsienna/alter.h"

#include "libsienna/history.h"

#include <stdlib.h>

#include "machine/input.h"

enum { REGISTER_HEAD = 4, THREAD_HEAD = 6, ADDRESS_BYTES = 8 };

/* ---- The receivers ---- */

static void set_register(struct sienna *s, const uint8_t *data, size_t bytes, char *problem)
{
    if (bytes == REGISTER_HEAD + SIENNA_REGISTER_BYTES)
        register_write(s, get_be16(data), (enum sienna_register_class)data[2], data[3], data + REGISTER_HEAD, problem);
}

static void set_thread_register(struct sienna *s, const uint8_t *data, size_t bytes, char *problem)
{
    if (bytes == THREAD_HEAD + SIENNA_REGISTER_BYTES)
        thread_register_write(s, (struct sienna_thread){get_be16(data), get_be16(data + 2)},
                              (enum sienna_register_class)data[4], data[5], data + THREAD_HEAD, problem);
}

static void set_storage(struct sienna *s, const uint8_t *data, size_t bytes, char *problem)
{
    struct absolute at = absolute(bytes > ADDRESS_BYTES ? get_be64(data) : UINT64_MAX);

    if (bytes <= ADDRESS_BYTES || !storage_valid(s->machine.storage, at, bytes - ADDRESS_BYTES)) {
        problem_set(problem, "there is no such storage");
        return;
    }
    storage_stored(s->machine.storage, at, bytes - ADDRESS_BYTES, true);
    memcpy(storage_at(s->machine.storage, at), data + ADDRESS_BYTES, bytes - ADDRESS_BYTES);
}

static void set_key(struct sienna *s, const uint8_t *data, size_t bytes, char *problem)
{
    struct storage *storage = s->machine.storage;
    struct absolute at = absolute(bytes == ADDRESS_BYTES + 1 ? get_be64(data) : UINT64_MAX);

    if (!storage_valid(storage, at, 1)) {
        problem_set(problem, "there is no such storage");
        return;
    }
    storage->keys[at.v >> PAGE_SHIFT] = data[ADDRESS_BYTES] & (KEY_ACC | KEY_FETCH | KEY_REFERENCE | KEY_CHANGE);
    if (storage->key_changed)
        storage->key_changed(storage->machine, absolute(at.v & PAGE_MASK));
}

void machine_revive(struct sienna *s)
{
    if (s->machine.end == MACHINE_PROGRAM_LOOP)
        for (unsigned i = 0; i < s->machine.cpus->count; i++)
            s->machine.cpus->cpu[i]->program_loop = 0;
    s->machine.end = MACHINE_RUNNING;
}

static void revive(struct sienna *s, const uint8_t *data, size_t bytes, char *problem)
{
    machine_revive(s);
}

static const struct row {
    void (*perform)(struct sienna *s, const uint8_t *data, size_t bytes, char *problem);
} rows[ALTERATIONS] = {
    [ALTER_REGISTER] = {set_register}, [ALTER_STORAGE] = {set_storage}, [ALTER_KEY] = {set_key},
    [ALTER_REVIVE] = {revive}, [ALTER_THREAD_REGISTER] = {set_thread_register},
};

static void delivered(struct machine *machine, void *context, const uint8_t *data, size_t bytes)
{
    struct sienna *s = (struct sienna *)machine;
    char problem[SIENNA_PROBLEM_BYTES];

    ((const struct row *)context)->perform(s, data, bytes, s->action_problem ? s->action_problem : problem);
}

void alter_register_sinks(struct sienna *s)
{
    for (unsigned i = 1; i < ALTERATIONS; i++) {
        struct input_sink sink = {INPUT_ALTERATION, (uint16_t)i, delivered, (void *)(uintptr_t)&rows[i]};

        input_register(&s->machine, &sink);
    }
}

/* ---- Through the log ---- */

bool alter_allowed(struct sienna *s, char problem[SIENNA_PROBLEM_BYTES])
{
    return history_may_alter(s, problem);
}

bool alter(struct sienna *s, enum alteration kind, const void *data, size_t bytes, char problem[SIENNA_PROBLEM_BYTES])
{
    if (!alter_allowed(s, problem))
        return false;
    problem[0] = 0;
    cpus_settle(&s->machine);
    s->action_problem = problem;
    input_act(&s->machine, INPUT_ALTERATION, kind, data, bytes);
    s->action_problem = NULL;
    return !problem[0];
}

bool alter_storage(struct sienna *s, struct absolute at, const void *from, size_t bytes)
{
    char problem[SIENNA_PROBLEM_BYTES];
    uint8_t *data = machine_allocate(ADDRESS_BYTES + bytes);
    bool ok;

    put_be64(data, at.v);
    memcpy(data + ADDRESS_BYTES, from, bytes);
    ok = alter(s, ALTER_STORAGE, data, ADDRESS_BYTES + bytes, problem);
    free(data);
    return ok;
}

bool alter_key(struct sienna *s, struct absolute at, uint8_t key)
{
    char problem[SIENNA_PROBLEM_BYTES];
    uint8_t data[ADDRESS_BYTES + 1];

    put_be64(data, at.v);
    data[ADDRESS_BYTES] = key;
    return alter(s, ALTER_KEY, data, sizeof data, problem);
}

bool sienna_register_write(struct sienna *s, unsigned cpu, enum sienna_register_class class, unsigned n,
                           const uint8_t *bytes, char problem[SIENNA_PROBLEM_BYTES])
{
    const struct sienna_register_type *type = sienna_register_type(class);
    uint8_t data[REGISTER_HEAD + SIENNA_REGISTER_BYTES] = {0};

    if (cpu > UINT16_MAX || !type || n >= type->count)
        return problem_set(problem, "there is no such register");
    put_be16(data, (uint16_t)cpu);
    data[2] = (uint8_t)class;
    data[3] = (uint8_t)n;
    memcpy(data + REGISTER_HEAD, bytes, type->bytes);
    return alter(s, ALTER_REGISTER, data, sizeof data, problem);
}

bool sienna_thread_register_write(struct sienna *s, struct sienna_thread thread, enum sienna_register_class class,
                                  unsigned n, const uint8_t *bytes, char problem[SIENNA_PROBLEM_BYTES])
{
    const struct sienna_register_type *type = sienna_register_type(class);
    uint8_t data[THREAD_HEAD + SIENNA_REGISTER_BYTES] = {0};

    if (thread.cpu > UINT16_MAX || thread.guest > UINT16_MAX || !type || n >= type->count)
        return problem_set(problem, "there is no such register");
    put_be16(data, (uint16_t)thread.guest);
    put_be16(data + 2, (uint16_t)thread.cpu);
    data[4] = (uint8_t)class;
    data[5] = (uint8_t)n;
    memcpy(data + THREAD_HEAD, bytes, type->bytes);
    return alter(s, ALTER_THREAD_REGISTER, data, sizeof data, problem);
}

bool sienna_key_write(struct sienna *s, uint64_t address, uint8_t key)
{
    return storage_valid(s->machine.storage, absolute(address), 1) && alter_key(s, absolute(address), key);
}

void sienna_revive(struct sienna *s)
{
    char problem[SIENNA_PROBLEM_BYTES];

    if (s->machine.end)
        alter(s, ALTER_REVIVE, NULL, 0, problem);
}
