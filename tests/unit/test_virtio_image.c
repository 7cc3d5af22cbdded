/* SPDX-License-Identifier: MIT */
/* Disk images: contents, overlays, durability, and what hosts can do wrong. */
#define _GNU_SOURCE
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "channel/block_image.h"
#include "unit/suite.h"

static char path[64];
static char problem[BLOCK_PROBLEM_BYTES];

static void make_file(uint64_t bytes)
{
    int file;

    strcpy(path, "/tmp/sienna-image-XXXXXX");
    file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    for (uint64_t i = 0; i < bytes; i++) {
        uint8_t byte = (uint8_t)(i / 512 + 1);

        ck_assert_int_eq(pwrite(file, &byte, 1, (off_t)i), 1);
    }
    close(file);
}

static struct block_image *open_image(bool read_only, bool snapshot)
{
    struct block_image_parameters p = {.path = path, .read_only = read_only, .snapshot = snapshot};
    struct block_image *image = block_image_open(&p, problem);

    ck_assert_msg(image != NULL, "%s", problem);
    return image;
}

static int request(struct block_image *image, enum block_operation operation, uint64_t offset, void *data,
                   uint64_t bytes)
{
    struct block_request r = {.operation = operation, .offset = offset, .bytes = bytes, .data = data};

    block_image_submit(image, &r);
    return block_image_finish(image, &r);
}

static uint8_t file_byte(uint64_t offset)
{
    int file = open(path, O_RDONLY);
    uint8_t byte = 0;

    ck_assert_int_eq(pread(file, &byte, 1, (off_t)offset), 1);
    close(file);
    return byte;
}

START_TEST(reads_and_writes)
{
    struct block_image *image;
    uint8_t data[1024], zeros[512] = {0};

    make_file(20 * 512);
    image = open_image(false, false);
    ck_assert_uint_eq(block_image_size(image), 20 * 512);
    ck_assert_int_eq(request(image, BLOCK_READ, 512, data, 1024), 0);
    ck_assert_uint_eq(data[0], 2);
    ck_assert_uint_eq(data[1023], 3);
    memset(data, 0xaa, sizeof data);
    ck_assert_int_eq(request(image, BLOCK_WRITE, 1024, data, 1024), 0);
    ck_assert_int_eq(request(image, BLOCK_FLUSH, 0, NULL, 0), 0);
    ck_assert_uint_eq(file_byte(1024), 0xaa);
    ck_assert_uint_eq(file_byte(2048), 5);
    ck_assert_int_eq(request(image, BLOCK_ZERO, 1024, NULL, 512), 0);
    ck_assert_int_eq(request(image, BLOCK_READ, 1024, data, 512), 0);
    ck_assert_mem_eq(data, zeros, 512);
    ck_assert_int_eq(request(image, BLOCK_DISCARD, 4096, NULL, 4096), 0);
    ck_assert_int_eq(request(image, BLOCK_READ, 4096, data, 512), 0);
    ck_assert_mem_eq(data, zeros, 512);
    ck_assert_int_eq(request(image, BLOCK_READ, 19 * 512, data, 1024), EINVAL);
    block_image_close(image);
    ck_assert_uint_eq(file_byte(1536), 0xaa);
    unlink(path);
}
END_TEST

START_TEST(last_partial_sector)
{
    struct block_image *image;
    uint8_t data[512];

    make_file(1000);
    image = open_image(false, false);
    ck_assert_uint_eq(block_image_size(image), 1024);
    ck_assert_int_eq(request(image, BLOCK_READ, 512, data, 512), 0);
    ck_assert_uint_eq(data[487], 2);
    ck_assert_uint_eq(data[488], 0);
    block_image_close(image);
    unlink(path);
}
END_TEST

/* A model of the disk in memory against the overlay, with random ranges. */
START_TEST(snapshot_overlay)
{
    enum { BYTES = 40 * 512 };
    static uint8_t model[BYTES], data[BYTES];
    struct block_image *image;
    unsigned seed = 1;

    make_file(BYTES - 100);
    image = open_image(false, true);
    ck_assert_int_eq(request(image, BLOCK_READ, 0, model, BYTES), 0);
    for (unsigned i = 0; i < 2000; i++) {
        uint64_t from = (uint64_t)(rand_r(&seed) % 40), n = (uint64_t)(rand_r(&seed) % (int)(40 - from)) + 1;

        from *= 512;
        n *= 512;
        switch (rand_r(&seed) % 4) {
        case 0:
            memset(data, (int)i, n);
            memset(model + from, (int)i, n);
            ck_assert_int_eq(request(image, BLOCK_WRITE, from, data, n), 0);
            break;
        case 1:
            memset(model + from, 0, n > 2048 ? 2048 : n);
            ck_assert_int_eq(
                request(image, i & 1 ? BLOCK_ZERO : BLOCK_DISCARD, from, NULL, n > 2048 ? 2048 : n), 0);
            break;
        default:
            ck_assert_int_eq(request(image, BLOCK_READ, from, data, n), 0);
            ck_assert_mem_eq(data, model + from, n);
        }
        if (i % 256 == 0) {
            block_image_close(image);
            image = open_image(false, true);
            ck_assert_int_eq(request(image, BLOCK_READ, 0, model, BYTES), 0);
            for (unsigned b = 0; b < BYTES - 100; b++)
                ck_assert_uint_eq(model[b], (uint8_t)(b / 512 + 1));
        }
    }
    ck_assert_int_eq(request(image, BLOCK_FLUSH, 0, NULL, 0), 0);
    block_image_close(image);
    for (unsigned sector = 0; sector < 40; sector++)
        ck_assert_uint_eq(file_byte(sector * 512), sector + 1);
    unlink(path);
}
END_TEST

START_TEST(read_only_image)
{
    struct block_image *image;
    struct block_request r = {.operation = BLOCK_WRITE, .bytes = 512, .data = (uint8_t[512]){0}};

    make_file(4096);
    chmod(path, 0400);
    image = open_image(true, false);
    ck_assert(block_image_read_only(image));
    block_image_submit(image, &r);
    ck_assert_int_eq(block_image_finish(image, &r), EROFS);
    ck_assert(block_image_explain(image, &r, problem));
    ck_assert_ptr_nonnull(strstr(problem, path));
    ck_assert_ptr_nonnull(strstr(problem, "read-only"));
    ck_assert(!block_image_explain(image, &r, problem));
    block_image_close(image);
    unlink(path);
}
END_TEST

START_TEST(truncated_while_open)
{
    struct block_image *image;
    struct block_request r = {
        .operation = BLOCK_READ, .offset = 8192, .bytes = 512, .data = (uint8_t[512]){0}};

    make_file(16384);
    image = open_image(false, false);
    ck_assert_int_eq(truncate(path, 8192), 0);
    block_image_submit(image, &r);
    ck_assert_int_eq(block_image_finish(image, &r), ENODATA);
    ck_assert(block_image_explain(image, &r, problem));
    ck_assert_ptr_nonnull(strstr(problem, "shorter"));
    block_image_close(image);
    unlink(path);
}
END_TEST

/* A file-size limit stands in for a full disk: both make pwrite() fail half-way. */
START_TEST(host_refuses_to_write)
{
    struct rlimit limit = {8192, 8192};
    struct block_image *image;
    struct block_request r = {
        .operation = BLOCK_WRITE, .offset = 8192, .bytes = 512, .data = (uint8_t[512]){1}};

    make_file(16384);
    image = open_image(false, false);
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    block_image_submit(image, &r);
    ck_assert_int_eq(block_image_finish(image, &r), EFBIG);
    ck_assert(block_image_explain(image, &r, problem));
    ck_assert_uint_eq(file_byte(8192), 17);
    block_image_close(image);
    unlink(path);
}
END_TEST

START_TEST(refusals)
{
    struct block_image_parameters p = {.path = path};
    struct block_image *image;

    make_file(512);
    image = open_image(false, false);
    ck_assert_ptr_null(block_image_open(&p, problem));
    ck_assert_ptr_nonnull(strstr(problem, "in use"));
    block_image_close(image);
    image = open_image(true, false);
    ck_assert_ptr_null(block_image_open(&p, problem));
    block_image_close(open_image(false, true)); /* readers may be many */
    block_image_close(image);
    ck_assert_int_eq(truncate(path, 0), 0);
    ck_assert_ptr_null(block_image_open(&p, problem));
    ck_assert_ptr_nonnull(strstr(problem, "empty"));
    unlink(path);
    ck_assert_ptr_null(block_image_open(&p, problem));
    ck_assert_ptr_nonnull(strstr(problem, "No such file"));
    p.path = "/tmp";
    p.read_only = true;
    ck_assert_ptr_null(block_image_open(&p, problem));
    ck_assert_ptr_nonnull(strstr(problem, "neither a file nor a block device"));
}
END_TEST

/* Whatever a killed process reported as flushed is in the file. */
START_TEST(flushed_survives_kill)
{
    for (unsigned round = 0; round < 5; round++) {
        unsigned reported = 0, number;
        int link[2];
        pid_t child;

        make_file(512 * 64);
        ck_assert_int_eq(pipe(link), 0);
        child = fork();
        if (child == 0) {
            struct block_image *image = open_image(false, false);
            uint8_t data[512];

            for (unsigned i = 1; i < 100000; i++) {
                put_be32(data, i);
                if (request(image, BLOCK_WRITE, i % 64 * 512, data, 512) ||
                    request(image, BLOCK_FLUSH, 0, NULL, 0) || write(link[1], &i, sizeof i) != sizeof i)
                    _exit(1);
            }
            _exit(0);
        }
        close(link[1]);
        /* However slow the disk is today, something has been reported before the kill. */
        ck_assert_int_eq(read(link[0], &reported, sizeof reported), sizeof reported);
        usleep(20000 + 7000 * round);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        while (read(link[0], &number, sizeof number) == sizeof number)
            reported = number;
        close(link[0]);
        ck_assert_uint_gt(reported, 0);
        for (unsigned i = reported > 63 ? reported - 63 : 1; i <= reported; i++) {
            int file = open(path, O_RDONLY);
            uint8_t data[4];

            ck_assert_int_eq(pread(file, data, 4, (off_t)(i % 64 * 512)), 4);
            close(file);
            /* The next lap may have begun to overwrite it. */
            ck_assert(get_be32(data) == i || get_be32(data) == i + 64);
        }
        unlink(path);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("block image");
    TCase *tests = tcase_create("block image");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, reads_and_writes);
    tcase_add_test(tests, last_partial_sector);
    tcase_add_test(tests, snapshot_overlay);
    tcase_add_test(tests, read_only_image);
    tcase_add_test(tests, truncated_while_open);
    tcase_add_test(tests, host_refuses_to_write);
    tcase_add_test(tests, refusals);
    tcase_add_test(tests, flushed_survives_kill);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
