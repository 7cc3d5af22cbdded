/* SPDX-License-Identifier: MIT */
/** Commands about storage, keys, translation and instructions. */
#include <stdio.h>
#include <stdlib.h>

#include "monitor_internal.h"

enum { LINE_BYTES = 16, MOST_BYTES = 65536, BLOCK = 4096 };

/* Why an address leads nowhere. */
static json_t *unreachable(struct monitor_call *call, unsigned cpu, enum sienna_space space, uint64_t address)
{
    struct sienna_translation t;

    sienna_translate(call->monitor->sienna, cpu, space, address, &t);
    return monitor_fail(call, "%s address %llx leads nowhere: %s exception", monitor_space_name(space),
                        (unsigned long long)address, sienna_program_interruption(t.code));
}

/* "cpu", "address" and "space" of a call. */
static bool place(struct monitor_call *call, unsigned *cpu, enum sienna_space *space, uint64_t *address)
{
    return monitor_cpu(call, cpu) && monitor_address(call, *cpu, space, address);
}

/* ---- Contents ---- */

json_t *monitor_do_storage(struct monitor_call *call)
{
    enum sienna_space space = SIENNA_LOGICAL;
    uint64_t address, count = 64, done;
    uint8_t bytes[LINE_BYTES];
    unsigned cpu;
    json_t *lines;

    if (!place(call, &cpu, &space, &address) || !monitor_number(call, "count", 1, MOST_BYTES, &count))
        return NULL;
    lines = json_array();
    for (done = 0; done < count;) {
        size_t wanted = count - done < LINE_BYTES ? (size_t)(count - done) : LINE_BYTES;
        size_t n = sienna_storage_read(call->monitor->sienna, cpu, space, address + done, bytes, wanted);

        if (!n && !done) {
            json_decref(lines);
            return unreachable(call, cpu, space, address);
        }
        if (n)
            json_array_append_new(lines, json_pack("{s:o, s:o}", "address", monitor_hex(address + done, 16),
                                                   "bytes",
                                                   monitor_hex_bytes(bytes, n)));
        done += n;
        if (n < wanted)
            break;
    }
    return json_pack("{s:s, s:o}", "space", monitor_space_name(space), "lines", lines);
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

json_t *monitor_do_write(struct monitor_call *call)
{
    const char *text = monitor_text(call, "bytes");
    enum sienna_space space = SIENNA_LOGICAL;
    size_t digits = strlen(text), n = digits / 2;
    uint64_t address;
    unsigned cpu;
    uint8_t *bytes;
    bool ok = digits && digits % 2 == 0;

    if (!place(call, &cpu, &space, &address))
        return NULL;
    bytes = malloc(n + 1);
    for (size_t i = 0; bytes && ok && i < n; i++) {
        ok = digit(text[2 * i]) >= 0 && digit(text[2 * i + 1]) >= 0;
        bytes[i] = (uint8_t)(digit(text[2 * i]) << 4 | digit(text[2 * i + 1]));
    }
    if (!bytes || !ok)
        monitor_fail(call, "bytes '%.40s': say an even number of hexadecimal digits", text);
    else if (!sienna_storage_write(call->monitor->sienna, cpu, space, address, bytes, n))
        ok = unreachable(call, cpu, space, address) != NULL;
    free(bytes);
    return ok ? json_pack("{s:I}", "written", (json_int_t)n) : NULL;
}

json_t *monitor_do_disassemble(struct monitor_call *call)
{
    enum sienna_space space = SIENNA_LOGICAL;
    struct sienna_cpu state;
    uint64_t address, count = 8;
    unsigned cpu;
    json_t *lines;

    if (!monitor_cpu(call, &cpu) || !monitor_number(call, "count", 1, 1000, &count))
        return NULL;
    sienna_cpu(call->monitor->sienna, cpu, &state);
    address = state.psw_address;
    if (monitor_given(call, "address") && !monitor_address(call, cpu, &space, &address))
        return NULL;
    lines = json_array();
    for (; count; count--) {
        uint8_t bytes[6];
        char text[128];
        size_t n = sienna_storage_read(call->monitor->sienna, cpu, space, address, bytes, sizeof bytes);
        unsigned length = sienna_disassemble(bytes, n, address, text, sizeof text);

        if (!length)
            break;
        json_array_append_new(lines, json_pack("{s:o, s:o, s:s}", "address", monitor_hex(address, 16),
                                               "bytes",
                                               monitor_hex_bytes(bytes, length), "text", text));
        address += length;
    }
    if (!json_array_size(lines)) {
        json_decref(lines);
        return unreachable(call, cpu, space, address);
    }
    return json_pack("{s:s, s:o}", "space", monitor_space_name(space), "lines", lines);
}

/* ---- Keys ---- */

static json_t *key_value(uint64_t absolute, uint8_t key)
{
    return json_pack("{s:o, s:o, s:i, s:b, s:b, s:b}", "block",
                     monitor_hex(absolute & ~(uint64_t)(BLOCK - 1), 1), "key",
                     monitor_hex(key, 2), "access", key >> 4, "fetch_protected", key >> 3 & 1, "referenced",
                     key >> 2 & 1, "changed", key >> 1 & 1);
}

json_t *monitor_do_keys(struct monitor_call *call)
{
    enum sienna_space space = SIENNA_ABSOLUTE;
    struct sienna_translation t;
    uint64_t address, count = 1;
    unsigned cpu;
    uint8_t key;
    json_t *list;

    if (!place(call, &cpu, &space, &address) || !monitor_number(call, "count", 1, 4096, &count))
        return NULL;
    list = json_array();
    for (uint64_t i = 0; i < count; i++) {
        sienna_translate(call->monitor->sienna, cpu, space, address + i * BLOCK, &t);
        if (t.code || !sienna_key_read(call->monitor->sienna, t.absolute, &key))
            break;
        json_array_append_new(list, key_value(t.absolute, key));
    }
    if (!json_array_size(list)) {
        json_decref(list);
        return unreachable(call, cpu, space, address);
    }
    return json_pack("{s:o}", "keys", list);
}

json_t *monitor_do_set_key(struct monitor_call *call)
{
    enum sienna_space space = SIENNA_ABSOLUTE;
    struct sienna_translation t;
    uint64_t address, key;
    unsigned cpu;
    uint8_t now;

    if (!place(call, &cpu, &space, &address) || !monitor_hexadecimal(call, "key", &key))
        return NULL;
    if (key > 0xfe || (key & 1))
        return monitor_fail(call, "key '%.40s': say two hexadecimal digits, ACC then F, R, C and zero",
                            monitor_text(call, "key"));
    sienna_translate(call->monitor->sienna, cpu, space, address, &t);
    if (t.code || !sienna_key_write(call->monitor->sienna, t.absolute, (uint8_t)key))
        return unreachable(call, cpu, space, address);
    sienna_key_read(call->monitor->sienna, t.absolute, &now);
    return key_value(t.absolute, now);
}

/* ---- Translation ---- */

static const char *table_name(unsigned level)
{
    static const char *const names[] = {"segment", "region third", "region second", "region first", "page"};

    return level < 5 ? names[level] : "none";
}

/* What an entry says besides an origin (PoP fig. 3-12 ff.). */
static json_t *entry_words(const struct sienna_table_entry *e)
{
    static const struct { uint64_t bit; bool page, table; const char *word; } bits[] = {
        {0x400, true, false, "invalid"}, {0x200, true, false, "protected"},
        {0x100, true, false, "no-execute"},
        {0x20, false, true, "invalid"}, {0x400, false, true, "large frame"},
        {0x200, false, true, "protected"},
        {0x100, false, true, "no-execute"},
    };
    char text[64] = "";

    for (unsigned i = 0; i < sizeof bits / sizeof bits[0]; i++)
        if ((e->value & bits[i].bit) && (e->level == 4 ? bits[i].page : bits[i].table))
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", text[0] ? ", " : "",
                     bits[i].word);
    return json_string(text[0] ? text : "valid");
}

static json_t *step(const struct sienna_table_entry *e)
{
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "table", table_name(e->level), "origin",
                     monitor_hex(e->origin, 1), "index", monitor_hex(e->index, 1), "entry_at",
                     monitor_hex(e->address, 1), "entry", monitor_hex(e->value, 16), "says", entry_words(e));
}

static json_t *steps(const struct sienna_translation *t)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < t->entries; i++)
        json_array_append_new(list, step(&t->entry[i]));
    return list;
}

static void add_result(struct monitor_call *call, json_t *value, const struct sienna_translation *t)
{
    uint8_t key;

    json_object_set_new(value, "real", monitor_hex(t->real, 1));
    json_object_set_new(value, "absolute", monitor_hex(t->absolute, 1));
    if (t->dat)
        json_object_set_new(value, "frame_bytes", json_integer((json_int_t)t->frame_bytes));
    json_object_set_new(value, "protected", json_boolean(t->protect));
    json_object_set_new(value, "no_execute", json_boolean(t->no_execute));
    if (sienna_key_read(call->monitor->sienna, t->absolute, &key))
        json_object_set_new(value, "key", monitor_hex(key, 2));
}

static void add_tables(json_t *value, const struct sienna_translation *t)
{
    const char *first = t->asce & 0x20 ? "real space" : table_name((unsigned)(t->asce >> 2 & 3));

    json_object_set_new(value, "asce", monitor_hex(t->asce, 16));
    json_object_set_new(value, "designates", json_string(first));
    json_object_set_new(value, "steps", steps(t));
}

/* What a walk came to: an absolute address, or an exception. */
static json_t *outcome(const struct sienna_translation *t)
{
    return t->code ? monitor_string("%04x %s", t->code, sienna_program_interruption(t->code))
                   : monitor_hex(t->absolute, 1);
}

/* Under SIE each entry of the guest's tables was itself found through the host's: where, and by which entries. */
static void add_host_of_tables(struct monitor_call *call, unsigned cpu, json_t *value,
                               const struct sienna_translation *t)
{
    json_t *rows = json_object_get(value, "steps"), *list = json_array();
    struct sienna_translation h;
    struct sienna_level level;

    for (unsigned i = 0; i < t->entries && sienna_level(call->monitor->sienna, cpu, 1, &level); i++) {
        json_t *row = json_array_get(rows, i);

        if (!sienna_translate_host(call->monitor->sienna, cpu, level.origin + t->entry[i].address, &h))
            break;
        json_object_set_new(row, "host_absolute", outcome(&h));
        for (unsigned j = 0; j < h.entries; j++) {
            row = step(&h.entry[j]);
            json_object_set_new(row, "for", monitor_hex(t->entry[i].address, 1));
            json_array_append_new(list, row);
        }
    }
    if (json_array_size(list))
        json_object_set_new(value, "host_steps_of_tables", list);
    else
        json_decref(list);
}

/* Under SIE: from guest absolute through the host's tables to the machine's absolute address. */
static void add_host(struct monitor_call *call, unsigned cpu, json_t *value, const struct sienna_translation *t)
{
    struct sienna_translation h;

    if (!t->guest || !sienna_translate_host(call->monitor->sienna, cpu, t->host_logical, &h))
        return;
    json_object_set_new(value, "guest_absolute", monitor_hex(t->guest_absolute, 1));
    json_object_set_new(value, "host_logical", monitor_hex(t->host_logical, 1));
    json_object_set_new(value, "host_asce", monitor_hex(h.asce, 16));
    json_object_set_new(value, "host_designates",
                        json_string(h.asce & 0x20 ? "real space" : table_name((unsigned)(h.asce >> 2 & 3))));
    json_object_set_new(value, "host_steps", steps(&h));
    if (h.code) {
        json_object_set_new(value, "host_exception",
                            monitor_string("%04x %s", h.code, sienna_program_interruption(h.code)));
        return;
    }
    json_object_set_new(value, "host_real", monitor_hex(h.real, 1));
    json_object_set_new(value, "host_absolute", monitor_hex(h.absolute, 1));
    json_object_set_new(value, "host_protected", json_boolean(h.protect));
}

json_t *monitor_do_walk(struct monitor_call *call)
{
    enum sienna_space space = SIENNA_LOGICAL;
    struct sienna_translation t;
    uint64_t address;
    unsigned cpu;
    json_t *value;

    if (!place(call, &cpu, &space, &address))
        return NULL;
    sienna_translate(call->monitor->sienna, cpu, space, address, &t);
    value = json_pack("{s:s, s:o, s:b}", "space", monitor_space_name(space), "address",
                      monitor_hex(address, 1),
                      "translation", (int)t.dat);
    if (t.dat) {
        add_tables(value, &t);
        add_host_of_tables(call, cpu, value, &t);
    }
    if (t.code)
        json_object_set_new(value, "exception",
                            monitor_string("%04x %s%s", t.code, sienna_program_interruption(t.code),
                                                               t.host_fault ? " (the host's)" : ""));
    else
        add_result(call, value, &t);
    add_host(call, cpu, value, &t);
    return value;
}

json_t *monitor_do_tlb(struct monitor_call *call)
{
    enum sienna_space space = SIENNA_LOGICAL;
    struct sienna_tlb_entry e;
    bool one = monitor_given(call, "address");
    uint64_t address = 0;
    unsigned cpu, cursor = 0;
    json_t *list;

    if (!monitor_cpu(call, &cpu) || (one && !monitor_address(call, cpu, &space, &address)))
        return NULL;
    list = json_array();
    while (sienna_tlb_entry(call->monitor->sienna, cpu, &cursor, &e)) {
        if (one && e.page != (address & ~(uint64_t)(BLOCK - 1)))
            continue;
        json_array_append_new(
            list, json_pack("{s:o, s:o, s:o, s:i, s:b, s:o}", "page", monitor_hex(e.page, 1), "absolute",
                            monitor_hex(e.absolute, 1), "asce",
                            e.dat ? monitor_hex(e.asce, 1) : json_string("real"),
                            "access_key", e.access_key, "guest", (int)e.guest, "allows",
                            monitor_string("%s%s%s", e.fetch ? "fetch " : "", e.store ? "store " : "",
                                           e.execute ? "execute" : "")));
    }
    return json_pack("{s:i, s:o}", "cpu", (int)cpu, "entries", list);
}
