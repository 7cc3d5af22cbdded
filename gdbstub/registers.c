/* SPDX-License-Identifier: MIT */
/** Registers as the target description numbers them. Values are big-endian, as in the machine. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "gdbstub/internal.h"

#define GNU "org.gnu.gdb.s390."
#define OWN "org.sienna."

/* Features, names and sizes are those that GDB and QEMU know; ranges of registers with numbers in their names. */
static const struct row {
    const char *feature, *name, *after, *type, *group;
    unsigned first, count, bytes;
    enum gdb_source source;
    enum sienna_register_class class;
    unsigned offset;
    bool numbered;
} rows[] = {
    {GNU "core", "pswm", "", "uint64", "psw", 0, 1, 8, SOURCE_REGISTER, SIENNA_PSW, 0, false},
    {GNU "core", "pswa", "", "uint64", "psw", 0, 1, 8, SOURCE_REGISTER, SIENNA_PSW, 8, false},
    {GNU "core", "r", "", "uint64", "general", 0, 16, 8, SOURCE_REGISTER, SIENNA_GR, 0, true},
    {GNU "acr", "acr", "", "uint32", "access", 0, 16, 4, SOURCE_REGISTER, SIENNA_AR, 0, true},
    {GNU "fpr", "fpc", "", "uint32", "float", 0, 1, 4, SOURCE_REGISTER, SIENNA_FPC, 0, false},
    {GNU "fpr", "f", "", "ieee_double", "float", 0, 16, 8, SOURCE_REGISTER, SIENNA_FPR, 0, true},
    {GNU "vx", "v", "l", "uint64", "vector", 0, 16, 8, SOURCE_REGISTER, SIENNA_VR, 8, true},
    {GNU "vx", "v", "", "vec128", "vector", 16, 16, 16, SOURCE_REGISTER, SIENNA_VR, 0, true},
    {GNU "cr", "cr", "", "uint64", "control", 0, 16, 8, SOURCE_REGISTER, SIENNA_CR, 0, true},
    {GNU "virt", "ckc", "", "uint64", "system", 0, 1, 8, SOURCE_REGISTER, SIENNA_CLOCK_COMPARATOR, 0, false},
    {GNU "virt", "cputm", "", "uint64", "system", 0, 1, 8, SOURCE_REGISTER, SIENNA_CPU_TIMER, 0, false},
    {GNU "virt", "last_break", "", "code_ptr", "system", 0, 1, 8, SOURCE_REGISTER, SIENNA_BREAKING_EVENT, 0, false},
    {GNU "virt", "prefix", "", "data_ptr", "system", 0, 1, 8, SOURCE_REGISTER, SIENNA_PREFIX, 0, false},
    {GNU "virt", "pp", "", "uint64", "system", 0, 1, 8, SOURCE_REGISTER, SIENNA_PROGRAM_PARAMETER, 0, false},
    {OWN "time", "tod", "", "uint64", "system", 0, 1, 8, SOURCE_REGISTER, SIENNA_TOD_CLOCK, 0, false},
    {OWN "time", "todpr", "", "uint32", "system", 0, 1, 4, SOURCE_REGISTER, SIENNA_TOD_PROGRAMMABLE, 0, false},
    {OWN "time", "virtual_time", "", "uint64", "system", 0, 1, 8, SOURCE_NOW, 0, 0, false},
    {OWN "time", "position", "", "uint64", "system", 0, 1, 8, SOURCE_POSITION, 0, 0, false},
    {OWN "key", "psw_key", "", "uint8", "system", 0, 1, 1, SOURCE_KEY_PSW, 0, 0, false},
    {OWN "key", "key_address", "", "data_ptr", "system", 0, 1, 8, SOURCE_KEY_ADDRESS, 0, 0, false},
    {OWN "key", "key", "", "uint8", "system", 0, 1, 1, SOURCE_KEY, 0, 0, false},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

/* What every client asks for at every stop; the rest is read when it is looked at. */
static bool in_packet(const struct gdb_register *r)
{
    return !strncmp(r->feature, GNU, strlen(GNU));
}

/* Fields of the state description: their names in the words of registers. */
static bool description_register(struct gdb *g, struct sienna_thread thread, unsigned index, struct gdb_register *r)
{
    struct sienna_description_field field;
    size_t n;

    if (thread.guest == 0 || !sienna_thread_description_field(g->sienna, thread, index, &field))
        return false;
    *r = (struct gdb_register){OWN "sie", "uint64", "sie", "sie_", field.bytes, SOURCE_DESCRIPTION, 0, index, 0};
    r->type = field.bytes == 1 ? "uint8" : field.bytes == 2 ? "uint16" : field.bytes == 4 ? "uint32" : "uint64";
    n = strlen(r->name);
    for (const char *at = field.name; *at && n + 1 < sizeof r->name; at++)
        r->name[n++] = isalnum((unsigned char)*at) ? (char)tolower((unsigned char)*at) : '_';
    r->name[n] = 0;
    return field.bytes == 1 || field.bytes == 2 || field.bytes == 4 || field.bytes == 8;
}

bool gdb_register(struct gdb *g, struct sienna_thread thread, unsigned index, struct gdb_register *r)
{
    for (unsigned i = 0; i < ROWS; i++) {
        const struct row *row = &rows[i];
        unsigned n = row->first + index;

        if (index >= row->count) {
            index -= row->count;
            continue;
        }
        *r = (struct gdb_register){row->feature, row->type, row->group, "", row->bytes, row->source, row->class,
                                   row->numbered ? n : 0, row->offset};
        if (row->numbered)
            snprintf(r->name, sizeof r->name, "%s%u%s", row->name, n, row->after);
        else
            snprintf(r->name, sizeof r->name, "%s", row->name);
        return true;
    }
    return description_register(g, thread, index, r);
}

static void put_number(uint8_t *bytes, unsigned count, uint64_t value)
{
    while (count--) {
        bytes[count] = (uint8_t)value;
        value >>= 8;
    }
}

static uint64_t get_number(const uint8_t *bytes, unsigned count)
{
    uint64_t value = 0;

    while (count--)
        value = value << 8 | *bytes++;
    return value;
}

/* The machine's absolute address that a thread's address means; false when there is none. */
static bool absolute_of(struct gdb *g, struct sienna_thread thread, uint64_t address, uint64_t *absolute)
{
    struct sienna_translation t;
    bool keys;
    enum sienna_space space = gdb_space(g, &address, &keys);

    if (keys || !sienna_thread_translate(g->sienna, thread, space, address, &t) || t.code)
        return false;
    *absolute = t.absolute;
    return true;
}

static bool read_key(struct gdb *g, struct sienna_thread thread, uint64_t address, uint8_t *key)
{
    uint64_t absolute;

    return absolute_of(g, thread, address, &absolute) && sienna_key_read(g->sienna, absolute, key);
}

/* Are these the CPU's own while a guest is interpreted, so that they are known of a guest only then? */
static bool shared_with_host(enum sienna_register_class class, unsigned number)
{
    return (class == SIENNA_GR && number < 14) || class == SIENNA_AR || class == SIENNA_FPR || class == SIENNA_VR ||
           class == SIENNA_FPC;
}

static bool read_machine_register(struct gdb *g, struct sienna_thread thread, const struct gdb_register *r,
                                  uint8_t bytes[16])
{
    const struct sienna_register_type *type = sienna_register_type(r->class);
    uint8_t whole[SIENNA_REGISTER_BYTES] = {0};
    struct sienna_thread_info info;

    if (!sienna_thread(g->sienna, thread, &info) || (!info.registers && shared_with_host(r->class, r->number)) ||
        !sienna_thread_register_read(g->sienna, thread, r->class, r->number, whole))
        return false;
    memset(bytes, 0, 16);
    if (type->bytes < r->bytes)
        memcpy(bytes + r->bytes - type->bytes, whole, type->bytes);
    else
        memcpy(bytes, whole + r->offset, r->bytes);
    return true;
}

bool gdb_register_read(struct gdb *g, struct sienna_thread thread, const struct gdb_register *r, uint8_t bytes[16])
{
    struct sienna_description_field field;
    struct sienna_thread_info info;

    switch (r->source) {
    case SOURCE_REGISTER:
        return read_machine_register(g, thread, r, bytes);
    case SOURCE_NOW:
        put_number(bytes, 8, sienna_now(g->sienna));
        return true;
    case SOURCE_POSITION:
        put_number(bytes, 8, sienna_position(g->sienna));
        return true;
    case SOURCE_KEY_PSW:
        return sienna_thread(g->sienna, thread, &info) && read_key(g, thread, info.cpu.psw_address, bytes);
    case SOURCE_KEY_ADDRESS:
        put_number(bytes, 8, g->key_address);
        return true;
    case SOURCE_KEY:
        return read_key(g, thread, g->key_address, bytes);
    default:
        if (!sienna_thread_description_field(g->sienna, thread, r->number, &field))
            return false;
        put_number(bytes, r->bytes, field.value);
        return true;
    }
}

/* ---- Writing ---- */

/*
 * A harness or a debugger's jump writes where a CPU of level 1 is to go on. One that is stopped gets its start
 * key when the machine goes on; of one that waits the wait ends, unless the client has said what the mask is.
 */
static void note_psw(struct gdb *g, struct sienna_thread thread, bool mask)
{
    uint8_t psw[SIENNA_REGISTER_BYTES];
    char problem[SIENNA_PROBLEM_BYTES];
    struct sienna_cpu cpu;

    if (thread.guest || thread.cpu >= SIENNA_MAX_CPUS || !sienna_cpu(g->sienna, thread.cpu, &cpu))
        return;
    g->start_cpus |= 1ULL << thread.cpu;
    if (mask) {
        g->mask_written |= 1ULL << thread.cpu;
        return;
    }
    if (g->mask_written >> thread.cpu & 1)
        return;
    if (sienna_thread_register_read(g->sienna, thread, SIENNA_PSW, 0, psw) && (psw[1] & 2)) {
        psw[1] &= (uint8_t)~2;
        sienna_thread_register_write(g->sienna, thread, SIENNA_PSW, 0, psw, problem);
    }
}

static bool write_machine_register(struct gdb *g, struct sienna_thread thread, const struct gdb_register *r,
                                   const uint8_t *bytes, char *problem)
{
    const struct sienna_register_type *type = sienna_register_type(r->class);
    uint8_t whole[SIENNA_REGISTER_BYTES] = {0};

    if (!sienna_thread_register_read(g->sienna, thread, r->class, r->number, whole)) {
        snprintf(problem, SIENNA_PROBLEM_BYTES, "there is no such register");
        return false;
    }
    if (type->bytes < r->bytes)
        memcpy(whole, bytes + r->bytes - type->bytes, type->bytes);
    else
        memcpy(whole + r->offset, bytes, r->bytes);
    if (!sienna_thread_register_write(g->sienna, thread, r->class, r->number, whole, problem))
        return false;
    if (r->class == SIENNA_PSW)
        note_psw(g, thread, r->offset == 0);
    return true;
}

static bool register_write(struct gdb *g, struct sienna_thread thread, const struct gdb_register *r,
                           const uint8_t *bytes, char problem[SIENNA_PROBLEM_BYTES])
{
    uint64_t absolute;

    switch (r->source) {
    case SOURCE_REGISTER:
        return write_machine_register(g, thread, r, bytes, problem);
    case SOURCE_KEY_ADDRESS:
        g->key_address = get_number(bytes, 8);
        return true;
    case SOURCE_KEY:
        if (absolute_of(g, thread, g->key_address, &absolute) && sienna_key_write(g->sienna, absolute, *bytes))
            return true;
        snprintf(problem, SIENNA_PROBLEM_BYTES, "there is no storage at key_address");
        return false;
    case SOURCE_DESCRIPTION:
        return sienna_thread_description_write(g->sienna, thread, r->number, get_number(bytes, r->bytes), problem);
    default:
        snprintf(problem, SIENNA_PROBLEM_BYTES, "register %s cannot be written", r->name);
        return false;
    }
}

bool gdb_set_address(struct gdb *g, struct sienna_thread thread, uint64_t address)
{
    struct gdb_register r;
    char problem[SIENNA_PROBLEM_BYTES];
    uint8_t bytes[16];

    put_number(bytes, 8, address);
    return gdb_register(g, thread, GDB_REGISTER_PSWA, &r) && register_write(g, thread, &r, bytes, problem);
}

/* ---- Packets ---- */

static void put_register(struct gdb *g, struct sienna_thread thread, const struct gdb_register *r, struct text *t)
{
    uint8_t bytes[16];

    if (gdb_register_read(g, thread, r, bytes))
        text_hex(t, bytes, r->bytes);
    else
        for (unsigned i = 0; i < r->bytes; i++)
            text_say(t, "xx");
}

bool gdb_do_read_registers(struct gdb *g, struct cursor *c, struct text *reply)
{
    struct sienna_thread thread;
    struct gdb_register r;

    if (!gdb_general(g, &thread))
        return gdb_error(reply, ERROR_THREAD);
    g->looked_at = gdb_from_thread(thread);
    for (unsigned i = 0; gdb_register(g, thread, i, &r) && in_packet(&r); i++)
        put_register(g, thread, &r, reply);
    return true;
}

bool gdb_do_write_registers(struct gdb *g, struct cursor *c, struct text *reply)
{
    char problem[SIENNA_PROBLEM_BYTES];
    struct sienna_thread thread;
    struct gdb_register r;
    uint8_t bytes[16], present[16];

    if (!gdb_general(g, &thread))
        return gdb_error(reply, ERROR_THREAD);
    for (unsigned i = 0; gdb_register(g, thread, i, &r) && in_packet(&r) && !at_end(c); i++) {
        if (left(c) >= 2 * r.bytes && *c->at == 'x') {
            c->at += 2 * r.bytes;
            continue;
        }
        if (!take_bytes(c, bytes, r.bytes))
            return gdb_error(reply, ERROR_PACKET);
        /* What stays as it is needs no writing, and may not be writable. */
        if (gdb_register_read(g, thread, &r, present) && !memcmp(bytes, present, r.bytes))
            continue;
        if (!register_write(g, thread, &r, bytes, problem))
            return gdb_refuse(reply, "%s: %s", r.name, problem);
    }
    return at_end(c) ? gdb_ok(reply) : gdb_error(reply, ERROR_PACKET);
}

static bool find(struct gdb *g, struct cursor *c, struct sienna_thread thread, struct gdb_register *r)
{
    uint64_t number;

    return take_hex(c, &number) && number < 0x10000 && gdb_register(g, thread, (unsigned)number, r);
}

bool gdb_do_read_register(struct gdb *g, struct cursor *c, struct text *reply)
{
    struct sienna_thread thread;
    struct gdb_register r;

    if (!gdb_general(g, &thread))
        return gdb_error(reply, ERROR_THREAD);
    if (!find(g, c, thread, &r) || !at_end(c))
        return gdb_error(reply, ERROR_PACKET);
    g->looked_at = gdb_from_thread(thread);
    put_register(g, thread, &r, reply);
    return true;
}

bool gdb_do_write_register(struct gdb *g, struct cursor *c, struct text *reply)
{
    char problem[SIENNA_PROBLEM_BYTES];
    struct sienna_thread thread;
    struct gdb_register r;
    uint8_t bytes[16];

    if (!gdb_general(g, &thread))
        return gdb_error(reply, ERROR_THREAD);
    if (!find(g, c, thread, &r) || !take(c, '=') || !take_bytes(c, bytes, r.bytes) || !at_end(c))
        return gdb_error(reply, ERROR_PACKET);
    return register_write(g, thread, &r, bytes, problem) ? gdb_ok(reply) : gdb_refuse(reply, "%s", problem);
}
