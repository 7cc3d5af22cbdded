/* SPDX-License-Identifier: MIT */
/* Requests on open files and directories. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "channel/p9_internal.h"

/* Open flags on the wire are those of Linux on most architectures; the host's may differ. */
enum {
    WIRE_WRITE_ONLY = 01,
    WIRE_READ_WRITE = 02,
    WIRE_ACCESS = 03,
    WIRE_EXCLUSIVE = 0200,
    WIRE_TRUNCATE = 01000,
    WIRE_APPEND = 02000,
    WIRE_DATA_SYNC = 010000,
    WIRE_DIRECTORY = 0200000,
    WIRE_SYNC = 04010000,
};

static int host_flags(uint32_t wire)
{
    static const int access[4] = {O_RDONLY, O_WRONLY, O_RDWR, O_RDONLY};
    int flags = access[wire & WIRE_ACCESS];

    if (wire & WIRE_EXCLUSIVE)
        flags |= O_EXCL;
    if (wire & WIRE_TRUNCATE)
        flags |= O_TRUNC;
    if (wire & WIRE_APPEND)
        flags |= O_APPEND;
    if (wire & WIRE_DIRECTORY)
        flags |= O_DIRECTORY;
    if ((wire & WIRE_SYNC) == WIRE_SYNC)
        flags |= O_SYNC;
    else if (wire & WIRE_DATA_SYNC)
        flags |= O_DSYNC;
    return flags;
}

static bool opens_to_change(uint32_t wire)
{
    return (wire & WIRE_ACCESS) != 0 || (wire & WIRE_TRUNCATE);
}

static int put_opened(struct p9_server *s, const struct stat *st, struct p9_writer *out)
{
    struct p9_qid qid = p9_ids_qid(&s->ids, st);

    p9_put_qid(out, &qid);
    p9_put32(out, 0); /* transfers as large as messages allow */
    return 0;
}

int p9_lopen(struct p9_server *s, struct p9_reader *in, struct p9_writer *out)
{
    int error = 0;
    struct p9_fid *fid = p9_get_fid(s, in, &error);
    uint32_t wire = p9_get32(in);
    struct stat st;

    if (!fid)
        return error;
    if (in->bad || fid->file >= 0)
        return EINVAL;
    if (s->read_only && opens_to_change(wire))
        return EROFS;
    fid->file = p9_folder_file(s->folder, fid->path, host_flags(wire) & ~O_EXCL);
    if (fid->file < 0) {
        error = -fid->file;
        fid->file = -1;
        return error;
    }
    if (fstat(fid->file, &st) < 0)
        return errno;
    fid->directory = S_ISDIR(st.st_mode);
    return put_opened(s, &st, out);
}

/* The fid of the directory becomes that of the new, open file. */
int p9_lcreate(struct p9_server *s, struct p9_reader *in, struct p9_writer *out)
{
    int error = 0, file;
    struct p9_fid *fid = p9_get_fid(s, in, &error);
    char name[P9_NAME_LARGEST], *path;
    uint32_t wire, mode, group;
    struct stat st;

    p9_get_string(in, name);
    wire = p9_get32(in);
    mode = p9_get32(in);
    group = p9_get32(in);
    if (!fid)
        return error;
    if (in->bad || fid->file >= 0 || !p9_name_permitted(name))
        return EINVAL;
    if (s->read_only)
        return EROFS;
    path = p9_path_join(fid->path, name);
    file = p9_folder_create(s->folder, path, host_flags(wire), mode);
    if (file < 0) {
        free(path);
        return -file;
    }
    p9_folder_set_owner(s->folder, path, fid->user, group);
    free(fid->path);
    fid->path = path;
    fid->file = file;
    if (fstat(file, &st) < 0)
        return errno;
    return put_opened(s, &st, out);
}

/* Bytes of data that fit into a reply behind its count field. */
static uint32_t data_room(const struct p9_server *s, const struct p9_writer *out, uint32_t wanted)
{
    size_t room = (size_t)(out->end - out->at);

    if (room > s->message_size - P9_HEADER_BYTES)
        room = s->message_size - P9_HEADER_BYTES;
    room = room > 4 ? room - 4 : 0;
    return wanted < room ? wanted : (uint32_t)room;
}

static ssize_t read_attribute(const struct p9_fid *fid, uint8_t *to, uint64_t offset, uint32_t count)
{
    if (fid->attribute != P9_ATTRIBUTE_READ)
        return -EINVAL;
    if (offset >= fid->value_size)
        return 0;
    if (count > fid->value_size - offset)
        count = (uint32_t)(fid->value_size - offset);
    memcpy(to, fid->value + offset, count);
    return count;
}

static ssize_t read_file(const struct p9_fid *fid, uint8_t *to, uint64_t offset, uint32_t count)
{
    ssize_t n;

    if (fid->file < 0)
        return -EBADF;
    if (fid->directory)
        return -EISDIR;
    do
        n = pread(fid->file, to, count, (off_t)offset);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

int p9_read(struct p9_server *s, struct p9_reader *in, struct p9_writer *out)
{
    struct p9_fid *fid = p9_fids_find(&s->fids, p9_get32(in));
    uint64_t offset = p9_get64(in);
    uint32_t count = p9_get32(in);
    ssize_t n;

    if (!fid)
        return EBADF;
    if (in->bad || (size_t)(out->end - out->at) < 4)
        return EINVAL;
    count = data_room(s, out, count);
    n = fid->attribute ? read_attribute(fid, out->at + 4, offset, count)
                       : read_file(fid, out->at + 4, offset, count);
    if (n < 0)
        return (int)-n;
    p9_put32(out, (uint32_t)n);
    out->at += n;
    return 0;
}

static ssize_t write_attribute(struct p9_fid *fid, const uint8_t *from, uint64_t offset, uint32_t count)
{
    if (fid->attribute != P9_ATTRIBUTE_WRITE || offset != fid->value_written ||
        count > fid->value_size - fid->value_written)
        return -EINVAL;
    if (count)
        memcpy(fid->value + offset, from, count);
    fid->value_written += count;
    return count;
}

static ssize_t write_file(const struct p9_fid *fid, const uint8_t *from, uint64_t offset, uint32_t count)
{
    uint32_t done = 0;

    if (fid->file < 0 || fid->directory)
        return -EBADF;
    while (done < count) {
        ssize_t n = pwrite(fid->file, from + done, count - done, (off_t)(offset + done));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return done ? (ssize_t)done : -errno;
        if (n == 0)
            break;
        done += (uint32_t)n;
    }
    return done;
}

int p9_write(struct p9_server *s, struct p9_reader *in, struct p9_writer *out)
{
    struct p9_fid *fid = p9_fids_find(&s->fids, p9_get32(in));
    uint64_t offset = p9_get64(in);
    uint32_t count = p9_get32(in);
    ssize_t n;

    if (!fid)
        return EBADF;
    if (in->bad || count > (size_t)(in->end - in->at))
        return EINVAL;
    if (s->read_only)
        return EROFS;
    n = fid->attribute ? write_attribute(fid, in->at, offset, count) : write_file(fid, in->at, offset, count);
    if (n < 0)
        return (int)-n;
    p9_put32(out, (uint32_t)n);
    return 0;
}

int p9_fsync(struct p9_server *s, struct p9_reader *in, struct p9_writer *out)
{
    int error = 0;
    struct p9_fid *fid = p9_get_fid(s, in, &error);
    bool data_only = in->at < in->end && p9_get32(in);

    if (!fid)
        return error;
    if (fid->file < 0)
        return EBADF;
    return (data_only ? fdatasync(fid->file) : fsync(fid->file)) < 0 ? errno : 0;
}

/* --- Directories. --- */

static uint8_t entry_type(mode_t mode)
{
    return (uint8_t)((mode & S_IFMT) >> 12);
}

/* Offsets are positions in the sorted list, which is made anew when reading begins at 0. */
int p9_readdir(struct p9_server *s, struct p9_reader *in, struct p9_writer *out)
{
    int error = 0, failed;
    struct p9_fid *fid = p9_get_fid(s, in, &error);
    uint64_t offset = p9_get64(in);
    uint32_t count = p9_get32(in);
    struct p9_writer entries;

    if (!fid)
        return error;
    if (in->bad || fid->file < 0 || (size_t)(out->end - out->at) < 4)
        return EINVAL;
    if (!fid->directory)
        return ENOTDIR;
    if (offset == 0 || !fid->listed) {
        p9_listing_release(&fid->listing);
        failed = p9_folder_list(s->folder, fid->path, &fid->listing);
        if (failed)
            return -failed;
        fid->listed = true;
    }
    entries = (struct p9_writer){out->at + 4, out->at + 4, out->at + 4 + data_room(s, out, count), false};
    for (; offset < fid->listing.count; offset++) {
        const struct p9_entry *e = &fid->listing.entry[offset];
        struct p9_qid qid;

        if ((size_t)(entries.end - entries.at) < P9_QID_BYTES + 8 + 1 + 2 + strlen(e->name))
            break;
        qid = p9_ids_qid(&s->ids, &e->st);
        p9_put_qid(&entries, &qid);
        p9_put64(&entries, offset + 1);
        p9_put8(&entries, entry_type(e->st.st_mode));
        p9_put_string(&entries, e->name);
    }
    p9_put32(out, (uint32_t)(entries.at - entries.start));
    out->at = entries.at;
    return 0;
}

/* --- Locks: see p9_server.h. --- */

enum { LOCK_SUCCESS = 0, LOCK_TYPE_NONE = 2 };

int p9_lock(struct p9_server *s, struct p9_reader *in, struct p9_writer *out)
{
    int error = 0;
    struct p9_fid *fid = p9_get_fid(s, in, &error);
    char client[P9_NAME_LARGEST];

    if (!fid)
        return error;
    p9_get8(in);
    p9_get32(in);
    p9_get64(in);
    p9_get64(in);
    p9_get32(in);
    p9_get_string(in, client);
    if (in->bad)
        return EINVAL;
    p9_put8(out, LOCK_SUCCESS);
    return 0;
}

int p9_getlock(struct p9_server *s, struct p9_reader *in, struct p9_writer *out)
{
    int error = 0;
    struct p9_fid *fid = p9_get_fid(s, in, &error);
    char client[P9_NAME_LARGEST];
    uint64_t start, length;
    uint32_t process;

    if (!fid)
        return error;
    p9_get8(in);
    start = p9_get64(in);
    length = p9_get64(in);
    process = p9_get32(in);
    p9_get_string(in, client);
    if (in->bad)
        return EINVAL;
    p9_put8(out, LOCK_TYPE_NONE);
    p9_put64(out, start);
    p9_put64(out, length);
    p9_put32(out, process);
    p9_put_string(out, client);
    return 0;
}
