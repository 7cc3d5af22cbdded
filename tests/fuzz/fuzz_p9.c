/* SPDX-License-Identifier: MIT */
/*
 * Fuzz data as a conversation with the 9P server of an empty folder in a
 * folder of its own: afterwards that outer folder still holds just what it did.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "channel/p9_server.h"
#include "channel/p9_wire.h"
#include "fuzz.h"

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    chmod(path, 0700);
    return remove(path);
}

/* Messages are framed by us, so that most of them reach a handler: type, length, fields. */
static const uint8_t types[] = {
    P9_STATFS, P9_LOPEN, P9_LCREATE, P9_SYMLINK, P9_MKNOD, P9_RENAME, P9_READLINK, P9_GETATTR, P9_SETATTR,
    P9_XATTRWALK, P9_XATTRCREATE, P9_READDIR, P9_FSYNC, P9_LOCK, P9_GETLOCK, P9_LINK, P9_MKDIR, P9_RENAMEAT,
    P9_UNLINKAT, P9_VERSION, P9_AUTH, P9_ATTACH, P9_FLUSH, P9_WALK, P9_READ, P9_WRITE, P9_CLUNK, P9_REMOVE,
};

static void talk(struct p9_server *server, const uint8_t *data, size_t size)
{
    static const uint8_t hello[] = {23, 0, 0, 0, P9_ATTACH, 0, 0, 0, 0, 0, 0, 0,
                                    0,  0, 0, 0, 0,         0, 0, 0, 0, 0, 0};
    uint8_t message[7 + 256], reply[8192];

    p9_server_request(server, hello, sizeof hello, reply, sizeof reply);
    while (size >= 2) {
        size_t n = data[1] < size - 2 ? data[1] : size - 2;
        size_t got;

        memset(message, 0, 7);
        message[0] = (uint8_t)(7 + n);
        message[1] = (uint8_t)((7 + n) >> 8);
        message[4] = data[0] < 250 ? types[data[0] % sizeof types] : data[0];
        memcpy(message + 7, data + 2, n);
        got = p9_server_request(server, message, 7 + n, reply, 11 + data[1] * 16U);
        FUZZ_ASSERT(got >= 7 && got <= 11 + data[1] * 16U);
        data += 2 + n;
        size -= 2 + n;
    }
}

/* Memory is faster than a disk to make and remove folders in. */
static void make_top(char *top, size_t room)
{
    snprintf(top, room, "%s/sienna-fuzz-p9-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    FUZZ_ASSERT(mkdtemp(top));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char top[64], folder[80], sentinel[80];
    struct p9_server *server;
    unsigned entries = 0;
    struct stat st;
    DIR *d;

    make_top(top, sizeof top);
    snprintf(folder, sizeof folder, "%s/x", top);
    snprintf(sentinel, sizeof sentinel, "%s/sentinel", top);
    FUZZ_ASSERT(mkdir(folder, 0755) == 0 && symlink("unchanged", sentinel) == 0);
    server = p9_server_create(folder, false);
    FUZZ_ASSERT(server);
    talk(server, data, size);
    p9_server_release(server);
    d = opendir(top);
    FUZZ_ASSERT(d);
    while (readdir(d))
        entries++;
    closedir(d);
    FUZZ_ASSERT(entries == 4 && lstat(sentinel, &st) == 0 && S_ISLNK(st.st_mode));
    nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return 0;
}

/* Conversations that make things, walk, and climb: number of the type in `types`, length, fields. */
size_t fuzz_example(unsigned n, uint8_t *data, size_t room)
{
    static const uint8_t make_directory[] = {16, 15, 0, 0, 0, 0, 1, 0, 'd', 0xed, 1, 0, 0, 0, 0, 0, 0};
    static const uint8_t make_link[] = {3, 15, 0, 0, 0, 0, 1, 0, 'l', 2, 0, '.', '.', 0, 0, 0, 0};
    static const uint8_t walk_down[] = {23, 13, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 'd'};
    static const uint8_t walk_link[] = {23, 23, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 1, 0, 'l', 8, 0,
                                        's', 'e', 'n', 't', 'i', 'n', 'e', 'l'};
    static const uint8_t walk_up[] = {23, 18, 1, 0, 0, 0, 2, 0, 0, 0, 2, 0, 2, 0, '.', '.', 2, 0, '.', '.'};
    static const uint8_t create[] = {2, 19, 1, 0, 0, 0, 1, 0, 'f', 0x42, 0, 0, 0, 0xff, 1, 0, 0, 0, 0, 0, 0};
    static const uint8_t rename_up[] = {17, 15, 0, 0, 0, 0, 1, 0, 'd', 1, 0, 0, 0, 2, 0, '.', '.'};
    static const uint8_t open_it[] = {1, 8, 1, 0, 0, 0, 0, 0, 0, 0};
    static const uint8_t list[] = {11, 16, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0};
    static const uint8_t write_it[] = {25, 18, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 'h', 'i'};
    static const struct {
        const uint8_t *bytes;
        size_t count;
    } parts[] = {
        {make_directory, sizeof make_directory},
        {make_link, sizeof make_link},
        {walk_down, sizeof walk_down},
        {walk_link, sizeof walk_link},
        {walk_up, sizeof walk_up},
        {create, sizeof create},
        {rename_up, sizeof rename_up},
        {open_it, sizeof open_it},
        {list, sizeof list},
        {write_it, sizeof write_it},
    };
    enum { PARTS = sizeof parts / sizeof *parts };
    size_t bytes = 0;

    if (n >= 40)
        return 0;
    for (unsigned i = 0; i < PARTS; i++) {
        unsigned k = (i * (2 * n + 1) + n / PARTS) % PARTS;

        if (bytes + parts[k].count > room)
            break;
        memcpy(data + bytes, parts[k].bytes, parts[k].count);
        bytes += parts[k].count;
    }
    return bytes;
}
