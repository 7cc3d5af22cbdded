/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
/** Storage, by kind of address. Reading and writing pass by protection and change no reference bit. */
#include <stdlib.h>
#include <string.h>

#include "gdbstub/internal.h"

/* The first 16 bits of an address that name a kind; no guest maps storage there. */
static const struct {
    uint64_t prefix;
    const char *name;
    enum sienna_space space;
    bool keys;
} spaces[] = {
    {0xfffa, "absolute", SIENNA_ABSOLUTE, false},   {0xfffb, "real", SIENNA_REAL, false},
    {0xfff0, "logical", SIENNA_LOGICAL, false},     {0xfff1, "primary", SIENNA_PRIMARY, false},
    {0xfff2, "secondary", SIENNA_SECONDARY, false}, {0xfff3, "home", SIENNA_HOME, false},
    {0xfffc, "keys", SIENNA_ABSOLUTE, true},
};
enum { KINDS = sizeof spaces / sizeof spaces[0], BLOCK = 4096, PREFIX_SHIFT = 48 };

enum sienna_space gdb_space(const struct gdb *g, uint64_t *address, bool *keys)
{
    *keys = false;
    for (unsigned i = 0; i < KINDS; i++)
        if (*address >> PREFIX_SHIFT == spaces[i].prefix) {
            *address &= ~0ULL >> (64 - PREFIX_SHIFT);
            *keys = spaces[i].keys;
            return spaces[i].space;
        }
    return g->space;
}

/* "space", "space KIND": false when the line is something else. */
bool gdb_monitor_space(struct gdb *g, const char *line, struct text *out)
{
    const char *name;

    if (strncmp(line, "space", 5) || (line[5] && line[5] != ' '))
        return false;
    name = line + 5 + strspn(line + 5, " ");
    for (unsigned i = 0; *name && i < KINDS; i++)
        if (!strcmp(name, spaces[i].name) && !spaces[i].keys) {
            g->space = spaces[i].space;
            name = "";
        }
    if (*name) {
        text_say(out, "space: say absolute, real, logical, primary, secondary or home\n");
        return true;
    }
    for (unsigned i = 0; i < KINDS; i++)
        if (spaces[i].space == g->space && !spaces[i].keys)
            text_say(out, "addresses are %s\n", spaces[i].name);
    return true;
}

size_t gdb_storage_read(struct gdb *g, struct sienna_thread thread, uint64_t address, void *to, size_t bytes)
{
    uint8_t *keys_to = to;
    bool keys;
    enum sienna_space space = gdb_space(g, &address, &keys);
    size_t n = 0;

    if (!keys)
        return sienna_thread_storage_read(g->sienna, thread, space, address, to, bytes);
    while (thread.guest == 0 && n < bytes && address + n <= UINT64_MAX / BLOCK &&
           sienna_key_read(g->sienna, (address + n) * BLOCK, keys_to + n))
        n++;
    return n;
}

bool gdb_storage_write(struct gdb *g, struct sienna_thread thread, uint64_t address, const void *from, size_t bytes)
{
    const uint8_t *keys_from = from;
    uint8_t present;
    bool keys;
    enum sienna_space space = gdb_space(g, &address, &keys);

    if (!keys)
        return sienna_thread_storage_write(g->sienna, thread, space, address, from, bytes);
    if (thread.guest || address + bytes > UINT64_MAX / BLOCK)
        return false;
    for (size_t i = 0; i < bytes; i++)
        if (!sienna_key_read(g->sienna, (address + i) * BLOCK, &present))
            return false;
    for (size_t i = 0; i < bytes; i++)
        sienna_key_write(g->sienna, (address + i) * BLOCK, keys_from[i]);
    return true;
}

/* ---- Packets ---- */

/* As much as is there of what was asked for and fits into a packet. */
static size_t fetch(struct gdb *g, struct cursor *c, uint8_t *bytes, size_t room, struct text *reply)
{
    struct sienna_thread thread;
    uint64_t address, count;
    size_t n;

    if (!take_range(c, ',', &address, &count) || !at_end(c)) {
        gdb_error(reply, ERROR_PACKET);
        return 0;
    }
    if (!gdb_general(g, &thread)) {
        gdb_error(reply, ERROR_THREAD);
        return 0;
    }
    if (!count)
        return 0;
    n = gdb_storage_read(g, thread, address, bytes, count < room ? (size_t)count : room);
    if (!n)
        gdb_error(reply, ERROR_STORAGE);
    return n;
}

bool gdb_do_read(struct gdb *g, struct cursor *c, struct text *reply)
{
    uint8_t bytes[GDB_PACKET_BYTES / 2 - 4];
    size_t n = fetch(g, c, bytes, sizeof bytes, reply);

    text_hex(reply, bytes, n);
    return true;
}

bool gdb_do_read_binary(struct gdb *g, struct cursor *c, struct text *reply)
{
    uint8_t bytes[GDB_PACKET_BYTES / 2 - 4];
    size_t n = fetch(g, c, bytes, sizeof bytes, reply);

    if (reply->count)
        return true;
    text_say(reply, "b");
    text_binary(reply, bytes, n);
    return true;
}

static bool store(struct gdb *g, uint64_t address, const void *bytes, size_t count, struct text *reply)
{
    struct sienna_thread thread;

    if (!gdb_general(g, &thread))
        return gdb_error(reply, ERROR_THREAD);
    if (count && !gdb_storage_write(g, thread, address, bytes, count))
        return gdb_error(reply, ERROR_STORAGE);
    return gdb_ok(reply);
}

bool gdb_do_write(struct gdb *g, struct cursor *c, struct text *reply)
{
    uint8_t bytes[GDB_PACKET_BYTES / 2];
    uint64_t address, count;

    if (!take_range(c, ',', &address, &count) || !take(c, ':') || count > sizeof bytes ||
        !take_bytes(c, bytes, (size_t)count) || !at_end(c))
        return gdb_error(reply, ERROR_PACKET);
    return store(g, address, bytes, (size_t)count, reply);
}

bool gdb_do_write_binary(struct gdb *g, struct cursor *c, struct text *reply)
{
    uint64_t address, count;

    if (!take_range(c, ',', &address, &count) || !take(c, ':') || left(c) != count)
        return gdb_error(reply, ERROR_PACKET);
    return store(g, address, c->at, (size_t)count, reply);
}

/* ---- Long ranges: a client must not keep the machine waiting for long. ---- */

enum { MOST_BYTES = 1 << 28 };

bool gdb_do_search(struct gdb *g, struct cursor *c, struct text *reply)
{
    static const char words[] = "a search is limited to 256 MiB";
    uint8_t *window;
    uint64_t start, count;
    struct sienna_thread thread;
    size_t pattern;

    if (!take_range(c, ';', &start, &count) || !take(c, ';') || !left(c))
        return gdb_error(reply, ERROR_PACKET);
    if (!gdb_general(g, &thread))
        return gdb_error(reply, ERROR_THREAD);
    if (count > MOST_BYTES)
        return gdb_refuse(reply, "%s", words);
    pattern = left(c);
    window = malloc(BLOCK + pattern);
    if (!window)
        abort();
    text_say(reply, "0");
    /* Page by page, each with as much of the next as a match may need; pages that are not there are passed over. */
    for (uint64_t done = 0; done + pattern <= count; done += BLOCK) {
        uint64_t rest = count - done;
        size_t want = rest < BLOCK + pattern - 1 ? (size_t)rest : BLOCK + pattern - 1;
        size_t n = gdb_storage_read(g, thread, start + done, window, want);
        const uint8_t *match = n >= pattern ? memmem(window, n, c->at, pattern) : NULL;

        if (match) {
            text_clear(reply);
            text_say(reply, "1,%llx", (unsigned long long)(start + done + (uint64_t)(match - window)));
            break;
        }
    }
    free(window);
    return true;
}

/* The polynomial 04c11db7, most significant bit first, from all ones, as compare-sections computes it. */
static uint32_t checksum(uint32_t crc, const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        crc ^= (uint32_t)bytes[i] << 24;
        for (unsigned bit = 0; bit < 8; bit++)
            crc = crc << 1 ^ (crc >> 31 ? 0x04c11db7 : 0);
    }
    return crc;
}

bool gdb_do_crc(struct gdb *g, struct cursor *c, struct text *reply)
{
    uint64_t address, count;
    struct sienna_thread thread;
    uint8_t bytes[BLOCK];
    uint32_t crc = ~0U;

    if (!take_range(c, ',', &address, &count) || !at_end(c))
        return gdb_error(reply, ERROR_PACKET);
    if (!gdb_general(g, &thread))
        return gdb_error(reply, ERROR_THREAD);
    if (count > MOST_BYTES / 16)
        return gdb_refuse(reply, "a checksum is limited to 16 MiB");
    while (count) {
        size_t want = count < BLOCK ? (size_t)count : BLOCK;

        if (gdb_storage_read(g, thread, address, bytes, want) != want)
            return gdb_error(reply, ERROR_STORAGE);
        crc = checksum(crc, bytes, want);
        address += want;
        count -= want;
    }
    text_say(reply, "C%x", crc);
    return true;
}
