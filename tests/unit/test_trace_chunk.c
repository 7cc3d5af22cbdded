/* SPDX-License-Identifier: MIT */
/** Files of chunks: what is written is read, and what is damaged, cut or foreign is told in a sentence. */
#define _GNU_SOURCE
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trace/chunk.h"
#include "unit/files.h"
#include "unit/suite.h"

static const struct chunk_kind kind = {"TEST", 3, "test"};
#define DATA CHUNK_TAG('D', 'A', 'T', 'A')
#define MARK CHUNK_TAG('M', 'A', 'R', 'K')

static char problem[SIENNA_PROBLEM_BYTES];
static const char *path;

static void begin(void)
{
    make_folder("chunks");
    path = file_in_folder("file");
}

static void fill(uint8_t *data, size_t bytes, unsigned seed)
{
    for (size_t i = 0; i < bytes; i++)
        data[i] = (uint8_t)(seed + i * i / 7);
}

/* Ten chunks of data at positions 100, 200 …, a mark after every third. */
static void write_chunks(void)
{
    struct chunk_writer *w = chunk_create(path, &kind, 1, problem);
    uint8_t data[3000];

    ck_assert_msg(w != NULL, "%s", problem);
    for (unsigned i = 0; i < 10; i++) {
        struct chunk c = {.tag = DATA, .position = 100 * (i + 1), .time = 7 * i, .count = i};

        fill(data, sizeof data, i);
        ck_assert(chunk_write(w, &c, data, sizeof data - i, problem));
        c.tag = MARK;
        if (i % 3 == 2)
            ck_assert(chunk_write(w, &c, NULL, 0, problem));
    }
    ck_assert(chunk_close(w, problem));
}

/* Every chunk that the file still has is what was written, or is told to be damaged. */
static size_t check_contents(struct chunk_reader *r)
{
    size_t whole = 0;
    uint8_t data[3000];

    for (size_t i = 0; i < chunk_count(r); i++) {
        const struct chunk *c = chunk_at(r, i);
        uint8_t *got = chunk_read(r, i, problem);

        if (got && c->tag == DATA) {
            fill(data, sizeof data, (unsigned)c->count);
            ck_assert_uint_eq(c->bytes, 3000 - c->count);
            ck_assert(!memcmp(data, got, c->bytes));
            whole++;
        } else if (!got) {
            ck_assert_ptr_nonnull(strstr(problem, "is damaged"));
        }
        free(got);
    }
    return whole;
}

START_TEST(written_and_read)
{
    struct chunk_reader *r;

    write_chunks();
    r = chunk_open(path, &kind, problem);
    ck_assert_msg(r != NULL, "%s", problem);
    ck_assert(!chunk_was_cut(r));
    ck_assert_uint_eq(chunk_count(r), 13);
    ck_assert_uint_eq(check_contents(r), 10);
    ck_assert_uint_eq(chunk_find(r, DATA, 99), SIZE_MAX);
    for (uint64_t p = 100; p < 1200; p += 50)
        ck_assert_uint_eq(chunk_at(r, chunk_find(r, DATA, p))->position, p >= 1000 ? 1000 : p / 100 * 100);
    ck_assert_uint_eq(chunk_at(r, chunk_find(r, MARK, 599))->position, 300);
    ck_assert_uint_eq(chunk_find(r, MARK, 299), SIZE_MAX);
    chunk_release(r);
}
END_TEST

START_TEST(cut_anywhere)
{
    static uint8_t whole[64 << 10];
    size_t bytes, before = 0;

    write_chunks();
    bytes = read_file(path, whole, sizeof whole);
    for (size_t n = 16; n < bytes; n += 37) {
        struct chunk_reader *r;
        size_t there;

        write_file(path, whole, n);
        r = chunk_open(path, &kind, problem);
        ck_assert_msg(r != NULL, "%s", problem);
        ck_assert(chunk_was_cut(r));
        there = check_contents(r);
        ck_assert_uint_ge(there, before);
        before = there;
        chunk_release(r);
    }
    ck_assert_uint_eq(before, 10);
}
END_TEST

START_TEST(any_bit_wrong)
{
    static uint8_t whole[64 << 10];
    size_t bytes;

    write_chunks();
    bytes = read_file(path, whole, sizeof whole);
    for (size_t n = 0; n < bytes; n += 61) {
        struct chunk_reader *r;

        whole[n] ^= 0x10;
        write_file(path, whole, bytes);
        r = chunk_open(path, &kind, problem);
        if (r) {
            size_t there = check_contents(r);

            ck_assert_uint_ge(n, 16);
            ck_assert_uint_le(there, 10);
        } else {
            ck_assert_uint_lt(n, 16);
        }
        chunk_release(r);
        whole[n] ^= 0x10;
    }
}
END_TEST

static void refused(const char *file, const char *words)
{
    ck_assert_ptr_null(chunk_open(file, &kind, problem));
    ck_assert_msg(strstr(problem, words) != NULL, "%s", problem);
}

START_TEST(foreign_files)
{
    static const struct chunk_kind other = {"ELSE", 3, "something else"}, later = {"TEST", 4, "test"};
    struct chunk_writer *w;

    refused("/nonexistent/file", "cannot be read");
    refused("/", "no regular file");
    write_file(path, "", 0);
    refused(path, "is no test");
    write_file(path, "#!/bin/sh\necho something\n", 25);
    refused(path, "is no test");
    w = chunk_create(path, &other, 1, problem);
    ck_assert(chunk_close(w, problem));
    refused(path, "but no test");
    w = chunk_create(path, &later, 1, problem);
    ck_assert(chunk_close(w, problem));
    refused(path, "of version 4; this sienna reads version 3");
    ck_assert_ptr_null(chunk_create("/nonexistent/file", &kind, 1, problem));
    ck_assert_ptr_nonnull(strstr(problem, "cannot be created"));
}
END_TEST

START_TEST(no_room)
{
    struct chunk_writer *w;
    uint8_t data[3000];

    if (access("/dev/full", W_OK))
        return;
    fill(data, sizeof data, 1);
    w = chunk_create("/dev/full", &kind, 1, problem);
    ck_assert_ptr_null(w);
    ck_assert_ptr_nonnull(strstr(problem, "cannot be written"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("chunk");
    TCase *c = tcase_create("chunk");

    tcase_add_checked_fixture(c, begin, remove_folder);
    tcase_add_test(c, written_and_read);
    tcase_add_test(c, cut_anywhere);
    tcase_add_test(c, any_bit_wrong);
    tcase_add_test(c, foreign_files);
    tcase_add_test(c, no_room);
    suite_add_tcase(suite, c);
    return run_suite(suite);
}
