/* SPDX-License-Identifier: MIT */
#include "libsienna/snapshot_file.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

static const uint8_t magic[8] = {'S', 'I', 'E', 'N', 'N', 'A', 'S', 'T'};
enum { FILE_HEAD = 12, SECTION_HEADER = 20 };
/* Header of a section: tag, bytes before compression, bytes in the file, CRC of these, CRC of the header. */

/* ---- Writing ---- */

static void cannot_write(struct snapshot_writer *w)
{
    if (!w->failed)
        problem_set(w->problem, "cannot write the state to '%.300s': %s", w->path, strerror(errno));
    w->failed = true;
}

bool snapshot_create(struct snapshot_writer *w, const char *path, char *problem)
{
    uint8_t head[FILE_HEAD];
    size_t room = strlen(path) + 6;

    *w = (struct snapshot_writer){.path = path, .problem = problem, .level = 1};
    w->part = machine_allocate(room);
    snprintf(w->part, room, "%s.part", path);
    w->file = fopen(w->part, "wbe");
    if (!w->file) {
        cannot_write(w);
        free(w->part);
        return false;
    }
    w->bytes = machine_allocate(SECTION_MOST);
    w->packed = machine_allocate(compressBound(SECTION_MOST));
    memcpy(head, magic, sizeof magic);
    put_be32(head + 8, SNAPSHOT_FORMAT);
    if (fwrite(head, sizeof head, 1, w->file) != 1)
        cannot_write(w);
    return true;
}

static void write_section(struct snapshot_writer *w)
{
    uLongf stored = compressBound(SECTION_MOST);
    uint8_t header[SECTION_HEADER];

    if (compress2(w->packed, &stored, w->bytes, w->count, w->level) != Z_OK) {
        errno = ENOMEM;
        cannot_write(w);
        return;
    }
    put_be32(header, w->tag);
    put_be32(header + 4, (uint32_t)w->count);
    put_be32(header + 8, (uint32_t)stored);
    put_be32(header + 12, (uint32_t)crc32(0, w->packed, (uInt)stored));
    put_be32(header + 16, (uint32_t)crc32(0, header, 16));
    if (fwrite(header, sizeof header, 1, w->file) != 1 || fwrite(w->packed, stored, 1, w->file) != 1)
        cannot_write(w);
    w->count = 0;
}

void snapshot_section(struct snapshot_writer *w, enum section_tag tag)
{
    if (w->count)
        write_section(w);
    w->tag = tag;
}

uint8_t *snapshot_room(struct snapshot_writer *w, size_t bytes, const void *again, size_t again_bytes)
{
    if (w->count + bytes > SECTION_MOST)
        write_section(w);
    if (!w->count && again_bytes) {
        memcpy(w->bytes, again, again_bytes);
        w->count = again_bytes;
    }
    w->count += bytes;
    return w->bytes + w->count - bytes;
}

bool snapshot_finish(struct snapshot_writer *w)
{
    snapshot_section(w, SECTION_END);
    write_section(w);
    if (fflush(w->file) || fsync(fileno(w->file)) < 0)
        cannot_write(w);
    if (fclose(w->file) || (!w->failed && rename(w->part, w->path) < 0))
        cannot_write(w);
    if (w->failed)
        remove(w->part);
    free(w->part);
    free(w->bytes);
    free(w->packed);
    return !w->failed;
}

/* ---- Reading ---- */

bool snapshot_damaged(struct snapshot_reader *r, const char *how)
{
    return problem_set(r->problem, "'%.300s' is damaged: %s", r->path, how);
}

bool snapshot_open(struct snapshot_reader *r, const char *path, char *problem)
{
    uint8_t head[FILE_HEAD];
    bool whole;

    *r = (struct snapshot_reader){.path = path, .problem = problem, .file = fopen(path, "rbe")};
    if (!r->file)
        return problem_set(problem, "cannot open '%.300s': %s", path, strerror(errno));
    r->bytes = machine_allocate(SECTION_MOST);
    r->packed = machine_allocate(compressBound(SECTION_MOST));
    whole = fread(head, sizeof head, 1, r->file) == 1;
    if (!whole || memcmp(head, magic, sizeof magic)) {
        problem_set(problem, "'%.300s' holds no state of a machine", path);
    } else if (get_be32(head + 8) != SNAPSHOT_FORMAT) {
        problem_set(problem, "'%.300s' has format %u, and this version of sienna reads format %d", path,
                    get_be32(head + 8), SNAPSHOT_FORMAT);
    } else {
        return true;
    }
    snapshot_close(r);
    return false;
}

bool snapshot_next(struct snapshot_reader *r)
{
    uint8_t header[SECTION_HEADER], more;
    uint32_t stored;
    uLongf count, got = SECTION_MOST;

    if (fread(header, sizeof header, 1, r->file) != 1)
        return snapshot_damaged(r, "it ends too early");
    if (get_be32(header + 16) != (uint32_t)crc32(0, header, 16))
        return snapshot_damaged(r, "a section's header is wrong");
    r->tag = get_be32(header);
    count = get_be32(header + 4);
    stored = get_be32(header + 8);
    if (count > SECTION_MOST || stored > compressBound(SECTION_MOST))
        return snapshot_damaged(r, "a section is too long");
    if (stored && fread(r->packed, stored, 1, r->file) != 1)
        return snapshot_damaged(r, "it ends too early");
    if (get_be32(header + 12) != (uint32_t)crc32(0, r->packed, stored))
        return snapshot_damaged(r, "a section's checksum is wrong");
    if (uncompress(r->bytes, &got, r->packed, stored) != Z_OK || got != count)
        return snapshot_damaged(r, "a section does not decompress");
    r->count = count;
    if (r->tag == SECTION_END && fread(&more, 1, 1, r->file))
        return snapshot_damaged(r, "it goes on behind its end");
    return true;
}

void snapshot_close(struct snapshot_reader *r)
{
    if (r->file)
        fclose(r->file);
    free(r->bytes);
    free(r->packed);
    r->file = NULL;
    r->bytes = r->packed = NULL;
}

/* ---- The head ---- */

static void walk_cpu(struct sienna_snapshot_cpu *c, struct state_walk *walk)
{
    uint32_t level = c->level;

    STATE(walk, c, configured);
    STATE(walk, c, operating);
    state_u32(walk, "level", &level);
    c->level = level;
    STATE(walk, c, psw_mask);
    STATE(walk, c, psw_address);
}

static void walk_device(struct snapshot_head *h, unsigned i, struct state_walk *walk)
{
    struct sienna_snapshot_device *d = &h->info.device[i];
    uint32_t number = d->number;

    state_text(walk, "type", d->type, sizeof d->type);
    state_u32(walk, "number", &number);
    state_check(walk, number <= 0xffff, "there is no such device number");
    d->number = number;
    STATE(walk, d, disk_bytes);
    STATE(walk, d, overlay_bytes);
    STATE(walk, &h->place[i], subchannel);
    state_check(walk, h->place[i].subchannel < h->subchannels &&
                      (!i || h->place[i].subchannel > h->place[i - 1].subchannel), "there is no such subchannel");
    STATE(walk, &h->place[i], disk_digest);
    STATE(walk, &h->place[i], overlay);
}

void snapshot_head(struct snapshot_head *h, struct state_walk *walk)
{
    struct sienna_snapshot_info *i = &h->info;
    uint32_t cpus = i->cpus, devices = i->devices;

    state_group(walk, "snapshot", 0);
    state_text(walk, "version", i->version, sizeof i->version);
    state_text(walk, "name", i->name, sizeof i->name);
    STATE(walk, i, date);
    STATE(walk, i, time);
    STATE(walk, i, position);
    STATE(walk, i, storage_bytes);
    STATE(walk, i, standby_bytes);
    STATE(walk, i, blocks);
    state_count(walk, "cpus", &cpus, SIENNA_SNAPSHOT_CPUS, 1);
    i->cpus = cpus;
    for (unsigned n = 0; n < cpus; n++)
        walk_cpu(&i->cpu[n], walk);
    STATE(walk, h, subchannels);
    state_check(walk, h->subchannels <= 0x10000, "it has too many subchannels");
    state_count(walk, "devices", &devices, SIENNA_SNAPSHOT_DEVICES, 1);
    i->devices = devices;
    for (unsigned n = 0; n < devices; n++)
        walk_device(h, n, walk);
}

/* Texts of a hostile file are shown as they can be. */
static void make_printable(char *text)
{
    for (; *text; text++)
        if ((uint8_t)*text < ' ' || *text == 0x7f)
            *text = '?';
}

bool snapshot_read_head(struct snapshot_reader *r, struct snapshot_head *head)
{
    struct state_loader loader;

    memset(head, 0, sizeof *head);
    if (!snapshot_next(r))
        return false;
    if (r->tag != SECTION_HEAD)
        return snapshot_damaged(r, "it does not begin with its head");
    state_loader_begin(&loader, r->bytes, r->count);
    snapshot_head(head, &loader.walk);
    if (!state_loader_end(&loader))
        return snapshot_damaged(r, loader.problem);
    head->info.format = SNAPSHOT_FORMAT;
    make_printable(head->info.version);
    make_printable(head->info.name);
    for (unsigned i = 0; i < head->info.devices; i++)
        make_printable(head->info.device[i].type);
    return true;
}
