/* SPDX-License-Identifier: MIT */
/**
 * Loading a kernel directly: Linux raw image or any image loaded at absolute 0.
 * Layout facts: Linux arch/s390/boot (head.S, ipl_parm.c), parameter area at 0x10400.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cpu/timer.h"
#include "libsienna/internal.h"

enum { ENTRY = 0x10000, PARAMETERS = 0x10400, PARAMETER_INITRD = 0x08, PARAMETER_INITRD_BYTES = 0x10,
       PARAMETER_LINE_ROOM = 0x30, PARAMETER_LINE = 0x80, LEGACY_LINE_ROOM = 896, INITRD_LOWEST = 8 << 20 };

/* Read a whole file into fresh memory; *bytes its length. */
static uint8_t *read_file(const char *path, uint64_t *bytes, char *problem)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = NULL;
    size_t room = 0, n;

    *bytes = 0;
    if (!file) {
        problem_set(problem, "cannot open '%s': %s", path, strerror(errno));
        return NULL;
    }
    do {
        if (*bytes == room) {
            room = room ? 2 * room : 1 << 20;
            data = machine_reallocate(data, room);
        }
        n = fread(data + *bytes, 1, room - *bytes, file);
        *bytes += n;
    } while (n);
    if (ferror(file)) {
        problem_set(problem, "cannot read '%s': %s", path, strerror(errno));
        free(data);
        data = NULL;
    }
    fclose(file);
    return data;
}

static bool put(struct sienna *s, const char *path, uint64_t at, const uint8_t *data, uint64_t bytes, char *problem)
{
    if (storage_store(s->machine.storage, absolute(at), data, bytes, 0))
        return problem_set(problem, "'%s' (%llu bytes at 0x%llx) does not fit into %llu MiB of storage", path,
                           (unsigned long long)bytes, (unsigned long long)at,
                           (unsigned long long)(s->machine.storage->size >> 20));
    return true;
}

static bool is_linux(const uint8_t *image, uint64_t bytes)
{
    return bytes > PARAMETERS + PARAMETER_LINE + LEGACY_LINE_ROOM && memcmp(image + ENTRY + 8, "S390EP", 6) == 0;
}

static bool put_command_line(struct sienna *s, char *problem)
{
    uint8_t *area = storage_at(s->machine.storage, absolute(PARAMETERS));
    uint64_t room = get_be64(area + PARAMETER_LINE_ROOM);
    size_t length = strlen(s->command_line);

    if (room == 0 || room > 1 << 20)
        room = LEGACY_LINE_ROOM;
    if (length + 1 > room)
        return problem_set(problem, "the command line has %zu characters; this kernel takes at most %llu", length,
                           (unsigned long long)room - 1);
    memcpy(area + PARAMETER_LINE, s->command_line, length + 1);
    return true;
}

static bool put_initrd(struct sienna *s, uint64_t kernel_bytes, char *problem)
{
    uint8_t *area = storage_at(s->machine.storage, absolute(PARAMETERS));
    uint64_t bytes, at = (kernel_bytes + 0xfffff) & ~0xfffffULL;
    uint8_t *data = read_file(s->initrd, &bytes, problem);
    bool ok;

    if (!data)
        return false;
    if (at < INITRD_LOWEST)
        at = INITRD_LOWEST;
    ok = put(s, s->initrd, at, data, bytes, problem);
    free(data);
    if (!ok)
        return false;
    put_be64(area + PARAMETER_INITRD, at);
    put_be64(area + PARAMETER_INITRD_BYTES, bytes);
    return true;
}

static void start_cpu(struct sienna *s, uint64_t entry)
{
    struct cpu *cpu = s->machine.cpus->cpu[0];

    cpu_reset(cpu, RESET_CLEAR);
    cpu->psw_mask = PSW_EA | PSW_BA;
    cpu->ia = entry;
    cpu_enter_state(cpu, CPU_OPERATING, cpu->machine->now);
}

bool program_load(struct sienna *s, char problem[SIENNA_PROBLEM_BYTES])
{
    uint64_t bytes;
    uint8_t *image = read_file(s->kernel, &bytes, problem);
    bool ok;

    if (!image)
        return false;
    if (!is_linux(image, bytes)) {
        free(image);
        return problem_set(problem, "'%s' is no Linux kernel image for s390x (or a truncated one)", s->kernel);
    }
    ok = put(s, s->kernel, 0, image, bytes, problem);
    free(image);
    if (!ok || (s->command_line && !put_command_line(s, problem)) || (s->initrd && !put_initrd(s, bytes, problem)))
        return false;
    start_cpu(s, ENTRY);
    return true;
}
