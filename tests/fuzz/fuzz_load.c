/* SPDX-License-Identifier: MIT */
/**
 * The loader reads files as hostile as they can be: Linux images, ELF files of both classes, boot programs, .ins lists. It
 * either loads them into the guest's storage or says in one sentence why not; and what it loaded can run.
 */
#define _GNU_SOURCE /* memfd_create */
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "sienna.h"

enum { STORAGE = 4 << 20, KERNEL_BYTES = 0x10d00, BRIEFLY = 4096 };

/* Formats whose every byte is the input's. */
enum shape { AS_IS, LINUX_IMAGE, ELF_64, ELF_32, LIST, BOOT_PROGRAM, SHAPES };

static size_t make_linux_image(uint8_t *to, const uint8_t *data, size_t size)
{
    memset(to, 0, KERNEL_BYTES);
    memcpy(to + 0x10008, "S390EP", 6);
    memcpy(to + 0x10400, data, size < 0x100 ? size : 0x100); /* the parameter area */
    return KERNEL_BYTES;
}

/* A valid header and one segment, over which the input is laid. */
static size_t make_elf(uint8_t *to, const uint8_t *data, size_t size, bool wide)
{
    size_t header = wide ? 64 : 52, segment = wide ? 56 : 32, total = 0x200 + size;

    memset(to, 0, total);
    memcpy(to, "\177ELF", 4);
    to[4] = wide ? 2 : 1;
    to[5] = 2;
    to[6] = 1;
    to[17] = 2;
    to[19] = 22;
    to[23] = 1;
    to[wide ? 39 : 31] = (uint8_t)header;
    to[wide ? 53 : 41] = (uint8_t)header;
    to[wide ? 55 : 43] = (uint8_t)segment;
    to[wide ? 57 : 45] = 1 + (size ? data[0] & 7 : 0);
    to[header + 3] = 1;
    memcpy(to + header + 4, data, size < 8 * segment ? size : 8 * segment);
    memcpy(to + 0x200, data, size);
    return total;
}

/* One that can be moved, with a dynamic section and relocations, over whose entries the input is laid. */
static size_t make_boot_program(uint8_t *to, const uint8_t *data, size_t size)
{
    enum { DYNAMIC = 0x100, TABLE = 0x140, BYTES = 0x400, SPAN = 0x1000 };
    static const uint8_t tags[] = {7, 8, 9};
    size_t laid = size < BYTES - DYNAMIC ? size : BYTES - DYNAMIC;

    make_elf(to, (const uint8_t *)"\1", 1, true);
    memset(to + 64, 0, BYTES - 64);
    to[17] = 3;
    to[64 + 3] = 1;
    to[64 + 38] = BYTES >> 8;
    to[64 + 46] = SPAN >> 8;
    to[64 + 56 + 3] = 2;
    to[64 + 56 + 14] = DYNAMIC >> 8;
    to[64 + 56 + 39] = 64;
    for (unsigned i = 0; i < sizeof tags; i++)
        to[DYNAMIC + 16 * i + 7] = tags[i];
    to[DYNAMIC + 14] = TABLE >> 8;
    to[DYNAMIC + 15] = TABLE & 0xff;
    to[DYNAMIC + 31] = 48;
    to[DYNAMIC + 47] = 24;
    to[TABLE + 15] = 12;
    for (size_t i = 0; i < laid; i++)
        to[DYNAMIC + i] ^= data[i];
    return BYTES;
}

static bool put_file(int fd, const uint8_t *data, size_t size)
{
    return !ftruncate(fd, 0) && pwrite(fd, data, size, 0) == (ssize_t)size;
}

static void say_nothing(void *context, int level, const char *text) {}

static void load_and_run(const char *path, size_t size, bool boot)
{
    static const struct sienna_options options = {.storage_bytes = STORAGE, .start_tod = 1ULL << 60,
                                                   .log = say_nothing};
    char problem[SIENNA_PROBLEM_BYTES] = "";
    struct sienna *s = sienna_create(&options, problem);
    struct sienna_program program = {.kernel = path, .command_line = size & 1 ? "quiet" : NULL,
                                     .initrd = size & 2 ? path : NULL};

    FUZZ_ASSERT(s);
    *problem = 0;
    if (boot) {
        sienna_boot_program(s, path);
        FUZZ_ASSERT(sienna_device_add(s, "virtio-rng", NULL, 0, problem));
        if (sienna_ipl(s, 0, problem))
            sienna_run(s, BRIEFLY);
        else
            FUZZ_ASSERT(*problem && memchr(problem, 0, sizeof problem));
    } else if (sienna_load(s, &program, problem))
        sienna_run(s, BRIEFLY);
    else
        FUZZ_ASSERT(*problem && memchr(problem, 0, sizeof problem));
    sienna_release(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t file[KERNEL_BYTES + 0x4000];
    uint8_t shape = size ? data[0] % SHAPES : AS_IS;
    char path[64];
    int fd;

    if (size > 8192)
        return 0;
    fd = memfd_create(shape == LIST ? "program.ins" : "program", 0);
    FUZZ_ASSERT(fd >= 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (size)
        data++, size--;
    if (shape == LINUX_IMAGE)
        size = make_linux_image(file, data, size);
    else if (shape == ELF_64 || shape == ELF_32)
        size = make_elf(file, data, size, shape == ELF_64);
    else if (shape == BOOT_PROGRAM)
        size = make_boot_program(file, data, size);
    else
        memcpy(file, data, size);
    if (put_file(fd, file, size))
        load_and_run(path, size, shape == BOOT_PROGRAM);
    close(fd);
    return 0;
}

static size_t put(uint8_t *data, const void *bytes, size_t count)
{
    memcpy(data + 1, bytes, count);
    return count + 1;
}

size_t fuzz_example(unsigned n, uint8_t *data, size_t room)
{
    /* The rest of a program header: offset, virtual and physical address, lengths in the file and in storage. */
    static const uint8_t wide[] = {0, 0, 0, 5, [11] = 0, [10] = 2, [18] = 0x20, [26] = 0x20, [35] = 16, [43] = 64};
    static const uint8_t narrow[] = {0, 0, 2, 0, 0, 0, 0x20, 0, 0, 0, 0x20, 0, 0, 0, 0, 16, 0, 0, 0, 64, 0, 0, 0, 5};
    static const char list[] = "* a list\nprogram 0x00000000\nother 0x00010000\n";

    if (room < 256)
        return 0;
    switch (n % 5) {
    case 0:
        data[0] = LINUX_IMAGE;
        return put(data, "\0\0\0\0\0\0\0\0\0\0\0\0\0\x80\0\0", 16);
    case 1:
        data[0] = ELF_64;
        return put(data, wide, sizeof wide);
    case 2:
        data[0] = ELF_32;
        return put(data, narrow, sizeof narrow);
    case 3:
        data[0] = BOOT_PROGRAM;
        return put(data, "\0\0\0\0\0\0\0\0", 8);
    default:
        data[0] = LIST;
        return put(data, list, sizeof list - 1);
    }
}
