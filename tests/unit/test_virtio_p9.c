/* SPDX-License-Identifier: MIT */
/* The 9P file server: Linux' requests, and requests that try to leave the folder. */
#define _GNU_SOURCE
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "channel/p9_server.h"
#include "channel/p9_wire.h"
#include "unit/suite.h"

static char top[64], folder[80];
static struct p9_server *server;
static uint8_t reply[65536];
static struct p9_reader answer; /* behind the header of a good reply */

static void make(const char *name, const char *contents)
{
    char path[256];
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", top, name);
    f = fopen(path, "w");
    fputs(contents, f);
    fclose(f);
}

static char *host(const char *name)
{
    static char path[256];

    snprintf(path, sizeof path, "%s/%s", top, name);
    return path;
}

/* Send a request; fields by letter: b, w, d, q numbers of 1, 2, 4, 8 bytes, s a string, D counted data.
   Returns the error. */
static int request(uint8_t type, const char *fields, ...)
{
    uint8_t message[65536];
    struct p9_writer w = {message, message + 7, message + sizeof message, false};
    struct p9_writer header = {message, message, message + 7, false};
    va_list a;
    size_t n;

    va_start(a, fields);
    for (; *fields; fields++) {
        if (*fields == 's') {
            p9_put_string(&w, va_arg(a, const char *));
        } else if (*fields == 'D') {
            const char *data = va_arg(a, const char *);

            p9_put32(&w, (uint32_t)strlen(data));
            p9_put_bytes(&w, data, strlen(data));
        } else if (*fields == 'q') {
            p9_put64(&w, va_arg(a, uint64_t));
        } else {
            p9_put(&w, va_arg(a, unsigned), *fields == 'b' ? 1 : *fields == 'w' ? 2 : 4);
        }
    }
    va_end(a);
    p9_put32(&header, (uint32_t)(w.at - message));
    p9_put8(&header, type);
    p9_put16(&header, 0x1234);
    n = p9_server_request(server, message, (size_t)(w.at - message), reply, sizeof reply);
    ck_assert_uint_ge(n, 7);
    answer = (struct p9_reader){reply, reply + n, false};
    ck_assert_uint_eq(p9_get32(&answer), n);
    if (p9_get8(&answer) == P9_LERROR + 1) {
        p9_get16(&answer);
        return (int)p9_get32(&answer);
    }
    ck_assert_uint_eq(reply[4], type + 1);
    ck_assert_uint_eq(p9_get16(&answer), 0x1234);
    return 0;
}

/* Fid 1 becomes the folder, as Linux attaches. */
static void start(bool read_only)
{
    server = p9_server_create(folder, read_only);
    ck_assert_ptr_nonnull(server);
    ck_assert_int_eq(request(P9_VERSION, "ds", 65536, "9P2000.L"), 0);
    ck_assert_uint_eq(p9_get32(&answer), 65536);
    ck_assert_int_eq(request(P9_ATTACH, "ddssd", 1, ~0U, "root", "", geteuid()), 0);
    ck_assert_uint_eq(p9_get8(&answer), 0x80);
}

static void set_up(void)
{
    strcpy(top, "/tmp/sienna-p9-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(top));
    snprintf(folder, sizeof folder, "%s/share", top);
    mkdir(folder, 0755);
    mkdir(host("share/dir"), 0755);
    mkdir(host("outside"), 0755);
    make("secret", "secret");
    make("outside/secret", "secret");
    make("share/file", "contents of the file");
    make("share/dir/inner", "inner");
    ck_assert_int_eq(symlink("../secret", host("share/link")), 0);
    ck_assert_int_eq(symlink("/", host("share/rootlink")), 0);
    ck_assert_int_eq(symlink("../outside", host("share/outlink")), 0);
    ck_assert_int_eq(symlink("file", host("share/goodlink")), 0);
    mkfifo(host("share/fifo"), 0666);
}

static void tear_down(void)
{
    char line[256];

    p9_server_release(server);
    snprintf(line, sizeof line, "rm -rf %s", top);
    ck_assert_int_eq(system(line), 0);
}

static int walk1(uint32_t from, uint32_t to, const char *name)
{
    return request(P9_WALK, "ddws", from, to, 1, name);
}

/* The fields of a setattr request behind the fid. */
#define SETATTR_FIELDS "ddddqqqqq"

START_TEST(versions)
{
    start(false);
    ck_assert_int_eq(request(P9_VERSION, "ds", 100, "9P2000.L"), EMSGSIZE);
    ck_assert_int_eq(request(P9_VERSION, "ds", 8192, "9P2000.u"), 0);
    p9_get32(&answer);
    ck_assert_uint_eq(p9_get16(&answer), 7); /* "unknown" */
    ck_assert_int_eq(request(P9_VERSION, "ds", 1 << 30, "9P2000.L"), 0);
    ck_assert_uint_eq(p9_get32(&answer), P9_MESSAGE_LARGEST);
    ck_assert_int_eq(walk1(1, 2, "file"), EBADF); /* a new session has no fids */
}
END_TEST

START_TEST(reading)
{
    start(_i);
    ck_assert_int_eq(walk1(1, 2, "file"), 0);
    ck_assert_int_eq(request(P9_READ, "dqd", 2, (uint64_t)0, 10), EBADF);
    ck_assert_int_eq(request(P9_LOPEN, "dd", 2, 0), 0);
    ck_assert_int_eq(request(P9_LOPEN, "dd", 2, 0), EINVAL);
    ck_assert_int_eq(request(P9_READ, "dqd", 2, (uint64_t)9, 1000), 0);
    ck_assert_uint_eq(p9_get32(&answer), 11);
    ck_assert_mem_eq(answer.at, "of the file", 11);
    ck_assert_int_eq(request(P9_READ, "dqd", 2, (uint64_t)100, 1000), 0);
    ck_assert_uint_eq(p9_get32(&answer), 0);
    ck_assert_int_eq(request(P9_CLUNK, "d", 2), 0);
    ck_assert_int_eq(request(P9_CLUNK, "d", 2), EBADF);
}
END_TEST

START_TEST(attributes)
{
    struct stat st;

    start(false);
    ck_assert_int_eq(walk1(1, 2, "file"), 0);
    ck_assert_int_eq(request(P9_GETATTR, "dq", 2, (uint64_t)0x7ff), 0);
    ck_assert_uint_eq(p9_get64(&answer), 0x7ff);
    ck_assert_uint_eq(p9_get8(&answer), 0);
    answer.at += 12;
    ck_assert_uint_eq(p9_get32(&answer), S_IFREG | 0644);
    answer.at += 8;
    ck_assert_uint_eq(p9_get64(&answer), 1);
    answer.at += 8;
    ck_assert_uint_eq(p9_get64(&answer), 20);
    /* Mode, size, and times that are given. */
    ck_assert_int_eq(request(P9_SETATTR, "d" SETATTR_FIELDS, 2, 0x1b9, 0600, 0, 0, (uint64_t)5, (uint64_t)1000,
                             (uint64_t)7, (uint64_t)2000, (uint64_t)8), 0);
    ck_assert_int_eq(stat(host("share/file"), &st), 0);
    ck_assert_uint_eq(st.st_mode, S_IFREG | 0600);
    ck_assert_int_eq(st.st_size, 5);
    ck_assert_int_eq(st.st_mtim.tv_sec, 2000);
    ck_assert_int_eq(st.st_atim.tv_nsec, 7);
    ck_assert_int_eq(request(P9_STATFS, "d", 2), 0);
    ck_assert_uint_ne(p9_get32(&answer), 0);
    ck_assert_uint_ne(p9_get32(&answer), 0);
}
END_TEST

START_TEST(directory_is_sorted)
{
    static const char *const names[] = {".",        "..",   "dir",     "fifo",    "file",
                                        "goodlink", "link", "outlink", "rootlink"};
    uint64_t offset = 0;
    unsigned seen = 0;

    start(false);
    ck_assert_int_eq(walk1(1, 2, "nothing"), ENOENT);
    ck_assert_int_eq(request(P9_WALK, "ddw", 1, 2, 0), 0);
    ck_assert_int_eq(request(P9_LOPEN, "dd", 2, 0200000), 0);
    for (;;) {
        uint32_t bytes;
        char name[P9_NAME_LARGEST];

        ck_assert_int_eq(request(P9_READDIR, "dqd", 2, offset, 80), 0);
        bytes = p9_get32(&answer);
        ck_assert_uint_le(bytes, 80);
        if (bytes == 0)
            break;
        while (answer.at < answer.end) {
            answer.at += 13;
            offset = p9_get64(&answer);
            p9_get8(&answer);
            p9_get_string(&answer, name);
            ck_assert_str_eq(name, names[seen]);
            seen++;
        }
    }
    ck_assert_uint_eq(seen, 9);
}
END_TEST

START_TEST(making_and_removing)
{
    struct stat st;

    start(false);
    umask(077);
    ck_assert_int_eq(request(P9_WALK, "ddw", 1, 2, 0), 0);
    ck_assert_int_eq(request(P9_LCREATE, "dsddd", 2, "new", 0102, 0664, getegid()), 0);
    ck_assert_int_eq(request(P9_WRITE, "dqD", 2, (uint64_t)2, "hello"), 0);
    ck_assert_uint_eq(p9_get32(&answer), 5);
    ck_assert_int_eq(request(P9_FSYNC, "dd", 2, 0), 0);
    ck_assert_int_eq(stat(host("share/new"), &st), 0);
    ck_assert_uint_eq(st.st_mode, S_IFREG | 0664);
    ck_assert_int_eq(st.st_size, 7);
    /* Its name goes; the open file stays. */
    ck_assert_int_eq(request(P9_UNLINKAT, "dsd", 1, "new", 0), 0);
    ck_assert_int_eq(request(P9_GETATTR, "dq", 2, (uint64_t)0x7ff), 0);
    ck_assert_int_eq(request(P9_READ, "dqd", 2, (uint64_t)2, 10), 0);
    ck_assert_uint_eq(p9_get32(&answer), 5);
    ck_assert_int_eq(request(P9_MKDIR, "dsdd", 1, "made", 0750, getegid()), 0);
    ck_assert_int_eq(stat(host("share/made"), &st), 0);
    ck_assert_uint_eq(st.st_mode, S_IFDIR | 0750);
    ck_assert_int_eq(request(P9_MKDIR, "dsdd", 1, "made", 0750, getegid()), EEXIST);
    ck_assert_int_eq(request(P9_UNLINKAT, "dsd", 1, "made", 0), EISDIR);
    ck_assert_int_eq(request(P9_UNLINKAT, "dsd", 1, "made", 0x200), 0);
    ck_assert_int_eq(request(P9_SYMLINK, "dssd", 1, "sym", "/etc/passwd", getegid()), 0);
    ck_assert_int_eq(walk1(1, 3, "sym"), 0);
    ck_assert_uint_eq(answer.at[2], 2); /* qid type: symbolic link */
    ck_assert_int_eq(request(P9_READLINK, "d", 3), 0);
    ck_assert_uint_eq(p9_get16(&answer), 11);
    ck_assert_mem_eq(answer.at, "/etc/passwd", 11);
    ck_assert_int_eq(request(P9_REMOVE, "d", 3), 0);
    ck_assert_int_eq(request(P9_CLUNK, "d", 3), EBADF);
    ck_assert_int_eq(lstat(host("share/sym"), &st), -1);
    ck_assert_int_eq(request(P9_MKNOD, "dsdddd", 1, "pipe", S_IFIFO | 0600, 0, 0, getegid()), 0);
    ck_assert_int_eq(request(P9_MKNOD, "dsdddd", 1, "disk", S_IFBLK | 0600, 8, 0, getegid()), EPERM);
    ck_assert_int_eq(walk1(1, 3, "file"), 0);
    ck_assert_int_eq(request(P9_LINK, "dds", 1, 3, "second"), 0);
    ck_assert_int_eq(stat(host("share/second"), &st), 0);
    ck_assert_uint_eq(st.st_nlink, 2);
}
END_TEST

START_TEST(renaming_keeps_handles)
{
    start(false);
    ck_assert_int_eq(request(P9_WALK, "ddwss", 1, 2, 2, "dir", "inner"), 0);
    ck_assert_uint_eq(p9_get16(&answer), 2);
    ck_assert_int_eq(request(P9_RENAMEAT, "dsds", 1, "dir", 1, "moved"), 0);
    ck_assert_int_eq(request(P9_GETATTR, "dq", 2, (uint64_t)0x7ff), 0);
    ck_assert_int_eq(request(P9_RENAME, "dds", 2, 1, "up"), 0);
    ck_assert_int_eq(request(P9_GETATTR, "dq", 2, (uint64_t)0x7ff), 0);
    ck_assert_int_eq(access(host("share/up"), F_OK), 0);
    ck_assert_int_eq(request(P9_RENAME, "dds", 1, 1, "root"), EBUSY);
}
END_TEST

START_TEST(extended_attributes)
{
    start(false);
    if (setxattr(host("share/file"), "user.test", "value", 5, 0) < 0)
        return; /* this host's file system has none */
    ck_assert_int_eq(walk1(1, 2, "file"), 0);
    ck_assert_int_eq(request(P9_XATTRWALK, "dds", 2, 3, "user.test"), 0);
    ck_assert_uint_eq(p9_get64(&answer), 5);
    ck_assert_int_eq(request(P9_READ, "dqd", 3, (uint64_t)1, 100), 0);
    ck_assert_uint_eq(p9_get32(&answer), 4);
    ck_assert_mem_eq(answer.at, "alue", 4);
    ck_assert_int_eq(request(P9_GETATTR, "dq", 3, (uint64_t)0x7ff), EBADF);
    ck_assert_int_eq(request(P9_CLUNK, "d", 3), 0);
    ck_assert_int_eq(request(P9_XATTRWALK, "dds", 2, 3, "user.absent"), ENODATA);
    ck_assert_int_eq(request(P9_WALK, "ddw", 2, 4, 0), 0);
    ck_assert_int_eq(request(P9_XATTRCREATE, "dsqd", 4, "user.new", (uint64_t)6, 0), 0);
    ck_assert_int_eq(request(P9_WRITE, "dqD", 4, (uint64_t)0, "abc"), 0);
    ck_assert_int_eq(request(P9_WRITE, "dqD", 4, (uint64_t)3, "defg"), EINVAL);
    ck_assert_int_eq(request(P9_WRITE, "dqD", 4, (uint64_t)3, "def"), 0);
    ck_assert_int_eq(request(P9_CLUNK, "d", 4), 0);
    ck_assert_int_eq(request(P9_XATTRWALK, "dds", 2, 5, ""), 0);
    ck_assert_uint_eq(p9_get64(&answer), sizeof "user.test" + sizeof "user.new");
    ck_assert_int_eq(request(P9_WALK, "ddw", 2, 4, 0), 0);
    ck_assert_int_eq(request(P9_XATTRCREATE, "dsqd", 4, "user.new", (uint64_t)0, 2), 0);
    ck_assert_int_eq(request(P9_CLUNK, "d", 4), 0);
    ck_assert_int_eq(request(P9_XATTRWALK, "dds", 2, 6, "user.new"), ENODATA);
}
END_TEST

START_TEST(locks)
{
    start(false);
    ck_assert_int_eq(walk1(1, 2, "file"), 0);
    ck_assert_int_eq(request(P9_LOCK, "dbdqqds", 2, 1, 0, (uint64_t)0, (uint64_t)0, 77, "guest"), 0);
    ck_assert_uint_eq(p9_get8(&answer), 0);
    ck_assert_int_eq(request(P9_GETLOCK, "dbqqds", 2, 1, (uint64_t)3, (uint64_t)4, 77, "guest"), 0);
    ck_assert_uint_eq(p9_get8(&answer), 2);
    ck_assert_uint_eq(p9_get64(&answer), 3);
}
END_TEST

START_TEST(read_only_folder)
{
    start(true);
    ck_assert_int_eq(walk1(1, 2, "file"), 0);
    ck_assert_int_eq(request(P9_LOPEN, "dd", 2, 1), EROFS);
    ck_assert_int_eq(request(P9_LOPEN, "dd", 2, 2), EROFS);
    ck_assert_int_eq(request(P9_LOPEN, "dd", 2, 01000), EROFS);
    ck_assert_int_eq(request(P9_LCREATE, "dsddd", 1, "new", 0102, 0664, 0), EROFS);
    ck_assert_int_eq(request(P9_MKDIR, "dsdd", 1, "new", 0755, 0), EROFS);
    ck_assert_int_eq(request(P9_SYMLINK, "dssd", 1, "new", "x", 0), EROFS);
    ck_assert_int_eq(request(P9_MKNOD, "dsdddd", 1, "new", S_IFIFO, 0, 0, 0), EROFS);
    ck_assert_int_eq(request(P9_LINK, "dds", 1, 2, "new"), EROFS);
    ck_assert_int_eq(request(P9_RENAMEAT, "dsds", 1, "file", 1, "new"), EROFS);
    ck_assert_int_eq(request(P9_RENAME, "dds", 2, 1, "new"), EROFS);
    ck_assert_int_eq(request(P9_UNLINKAT, "dsd", 1, "file", 0), EROFS);
    ck_assert_int_eq(request(P9_SETATTR,
                             "d" SETATTR_FIELDS,
                             2, 1, 0600, 0, 0, (uint64_t)0, (uint64_t)0, (uint64_t)0, (uint64_t)0,
                             (uint64_t)0),
                     EROFS);
    ck_assert_int_eq(request(P9_XATTRCREATE, "dsqd", 2, "user.x", (uint64_t)1, 0), EROFS);
    ck_assert_int_eq(request(P9_REMOVE, "d", 2), EROFS);
    ck_assert_int_eq(access(host("share/file"), F_OK), 0);
}
END_TEST

/* --- Ways out of the folder that must not be. --- */

START_TEST(links_lead_nowhere)
{
    static const char *const links[] = {"link", "rootlink", "outlink"};
    const char *name = links[_i];

    start(false);
    ck_assert_int_eq(walk1(1, 2, name), 0);
    ck_assert_int_eq(request(P9_LOPEN, "dd", 2, 0), ELOOP);
    ck_assert_int_eq(walk1(2, 3, "secret"), ENOTDIR);
    ck_assert_int_eq(walk1(2, 3, "tmp"), ENOTDIR);
    /* "..": of the link's own path, not of where it leads. */
    ck_assert_int_eq(request(P9_WALK, "ddwss", 2, 3, 2, "..", "file"), 0);
    ck_assert_uint_eq(p9_get16(&answer), 2);
    ck_assert_int_eq(request(P9_LCREATE, "dsddd", 2, "new", 0102, 0664, 0), ENOTDIR);
    ck_assert_int_eq(request(P9_MKDIR, "dsdd", 2, "new", 0755, 0), ENOTDIR);
    ck_assert_int_eq(request(P9_UNLINKAT, "dsd", 2, "secret", 0), ENOTDIR);
    ck_assert_int_eq(request(P9_RENAMEAT, "dsds", 2, "secret", 1, "got"), ENOTDIR);
    ck_assert_int_eq(request(P9_RENAMEAT, "dsds", 1, "file", 2, "put"), ENOTDIR);
    /* Changes concern the link itself. */
    ck_assert_int_ne(request(P9_SETATTR,
                             "d" SETATTR_FIELDS,
                             2, 8, 0, 0, 0, (uint64_t)0, (uint64_t)0, (uint64_t)0, (uint64_t)0, (uint64_t)0),
                     0);
    ck_assert_int_ne(request(P9_SETATTR,
                             "d" SETATTR_FIELDS,
                             2, 1, 0777, 0, 0, (uint64_t)0, (uint64_t)0, (uint64_t)0, (uint64_t)0,
                             (uint64_t)0),
                     0);
    ck_assert_int_eq(access(host("secret"), F_OK), 0);
    ck_assert_int_eq(access(host("outside/secret"), F_OK), 0);
    ck_assert_int_eq(access(host("outside/new"), F_OK), -1);
}
END_TEST

START_TEST(creating_over_a_link_does_not_follow_it)
{
    struct stat st;

    start(false);
    ck_assert_int_eq(request(P9_WALK, "ddw", 1, 2, 0), 0);
    ck_assert_int_eq(request(P9_LCREATE, "dsddd", 2, "link", 01102, 0664, 0), ELOOP);
    ck_assert_int_eq(stat(host("secret"), &st), 0);
    ck_assert_int_eq(st.st_size, 6);
}
END_TEST

START_TEST(parent_of_the_folder_is_the_folder)
{
    start(false);
    ck_assert_int_eq(request(P9_WALK, "ddwsss", 1, 2, 3, "..", "..", "file"), 0);
    ck_assert_uint_eq(p9_get16(&answer), 3);
    ck_assert_int_eq(request(P9_WALK, "ddwss", 1, 3, 2, "..", "secret"), 0);
    ck_assert_uint_eq(p9_get16(&answer), 1); /* got no further than ".." */
    ck_assert_int_eq(request(P9_GETATTR, "dq", 3, (uint64_t)0x7ff), EBADF);
}
END_TEST

START_TEST(names_are_names)
{
    static const char *const bad[] = {"../secret", "dir/inner", "/etc", "", "."};

    start(false);
    ck_assert_int_ne(walk1(1, 2, bad[_i]), 0);
    ck_assert_int_eq(request(P9_LCREATE, "dsddd", 1, bad[_i], 0102, 0664, 0), EINVAL);
    ck_assert_int_eq(request(P9_MKDIR, "dsdd", 1, bad[_i], 0755, 0), EINVAL);
    ck_assert_int_eq(request(P9_UNLINKAT, "dsd", 1, bad[_i], 0), EINVAL);
    ck_assert_int_eq(request(P9_UNLINKAT, "dsd", 1, "..", 0x200), EINVAL);
    ck_assert_int_eq(request(P9_RENAMEAT, "dsds", 1, "file", 1, bad[_i]), EINVAL);
    ck_assert_int_eq(request(P9_RENAMEAT, "dsds", 1, bad[_i], 1, "x"), EINVAL);
    ck_assert_int_eq(access(host("secret"), F_OK), 0);
}
END_TEST

/* A directory replaced by a link behind the server's back. */
START_TEST(directory_swapped_for_a_link)
{
    char was[256];

    start(false);
    ck_assert_int_eq(walk1(1, 2, "dir"), 0);
    strcpy(was, host("share/was"));
    ck_assert_int_eq(rename(host("share/dir"), was), 0);
    ck_assert_int_eq(symlink("../outside", host("share/dir")), 0);
    ck_assert_int_eq(walk1(2, 3, "secret"), ENOTDIR);
    ck_assert_int_eq(request(P9_LOPEN, "dd", 2, 0), ELOOP);
}
END_TEST

START_TEST(special_files_are_not_opened)
{
    start(false);
    ck_assert_int_eq(walk1(1, 2, "fifo"), 0);
    ck_assert_int_eq(request(P9_LOPEN, "dd", 2, 0), EACCES);
    ck_assert_int_eq(request(P9_LOPEN, "dd", 2, 1), EACCES);
}
END_TEST

START_TEST(malformed_messages)
{
    static const struct {
        uint8_t bytes[16];
        size_t count;
        int error;
    } bad[] = {
        {{7, 0, 0, 0, 200, 1, 0}, 7, EOPNOTSUPP},
        {{7, 0, 0, 0, 0, 1, 0}, 7, EOPNOTSUPP},
        {{6, 0, 0, 0, P9_CLUNK, 1, 0}, 7, EMSGSIZE},
        {{8, 0, 0, 0, P9_CLUNK, 1, 0}, 7, EMSGSIZE},
        {{7, 0, 0, 0, P9_CLUNK, 1, 0}, 7, EBADF},
        {{13, 0, 0, 0, P9_WALK, 1, 0, 1, 0, 0, 0, 9, 0}, 13, EINVAL},
    };
    size_t n;

    start(false);
    n = p9_server_request(server, bad[_i].bytes, bad[_i].count, reply, sizeof reply);
    ck_assert_uint_eq(n, 11);
    ck_assert_uint_eq(reply[4], P9_LERROR + 1);
    ck_assert_uint_eq(reply[7], bad[_i].error);
    ck_assert_uint_eq(p9_server_request(server, bad[0].bytes, 7, reply, 10), 0);
    ck_assert_uint_eq(p9_server_request(server, bad[0].bytes, 6, reply, 100), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("9P");
    TCase *tests = tcase_create("9P");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, versions);
    tcase_add_loop_test(tests, reading, 0, 2);
    tcase_add_test(tests, attributes);
    tcase_add_test(tests, directory_is_sorted);
    tcase_add_test(tests, making_and_removing);
    tcase_add_test(tests, renaming_keeps_handles);
    tcase_add_test(tests, extended_attributes);
    tcase_add_test(tests, locks);
    tcase_add_test(tests, read_only_folder);
    tcase_add_loop_test(tests, links_lead_nowhere, 0, 3);
    tcase_add_test(tests, creating_over_a_link_does_not_follow_it);
    tcase_add_test(tests, parent_of_the_folder_is_the_folder);
    tcase_add_loop_test(tests, names_are_names, 0, 5);
    tcase_add_test(tests, directory_swapped_for_a_link);
    tcase_add_test(tests, special_files_are_not_opened);
    tcase_add_loop_test(tests, malformed_messages, 0, 6);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
