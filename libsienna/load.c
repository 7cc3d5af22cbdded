/* SPDX-License-Identifier: MIT */
/**
 * Loading a program directly: Linux images, ELF files, .ins lists, raw images at an address.
 * Layout facts: Linux arch/s390/boot (head.S, ipl_parm.c), parameter area at 0x10400.
 */
#include <stdlib.h>

#include "cpu/timer.h"
#include "libsienna/load.h"

enum { ENTRY = 0x10000, PARAMETERS = 0x10400, PARAMETER_INITRD = 0x08, PARAMETER_INITRD_BYTES = 0x10,
       PARAMETER_LINE_ROOM = 0x30, PARAMETER_LINE = 0x80, LEGACY_LINE_ROOM = 896, INITRD_LOWEST = 8 << 20 };

/* The signature that tells of a parameter area, which then lies wholly in a kernel's first megabyte. */
static bool is_linux(const uint8_t *image, uint64_t bytes)
{
    return bytes > PARAMETERS + PARAMETER_LINE + LEGACY_LINE_ROOM && memcmp(image + ENTRY + 8, "S390EP", 6) == 0;
}

static bool is_loaded_linux(const struct load *l)
{
    const struct storage *storage = l->sienna->machine.storage;

    return is_linux(storage_at(storage, absolute(0)), storage->size);
}

/* Bytes from `from` on that one file has put there. */
static uint64_t covered(const struct load *l, uint64_t from)
{
    for (unsigned i = 0; i < l->extent_count; i++)
        if (l->extents[i].from <= from && from < l->extents[i].to)
            return l->extents[i].to - from;
    return 0;
}

/*
 * Programs that are built like Linux have the area, too: ELF files that start where Linux does and leave the place to
 * it. QEMU knows them by this.
 */
static bool has_parameters(const struct load *l, const struct load_start *start)
{
    return is_loaded_linux(l) ||
           (l->elf && start->entry == ENTRY && covered(l, PARAMETERS) > PARAMETER_LINE);
}

static uint64_t line_room(const struct load *l, const uint8_t *area)
{
    uint64_t room = get_be64(area + PARAMETER_LINE_ROOM), rest;

    if (is_loaded_linux(l))
        return room == 0 || room > l->sienna->machine.storage->size - PARAMETERS - PARAMETER_LINE || room > 1 << 20
                   ? LEGACY_LINE_ROOM : room;
    rest = covered(l, PARAMETERS + PARAMETER_LINE);
    return rest < LEGACY_LINE_ROOM ? rest : LEGACY_LINE_ROOM;
}

static bool put_command_line(struct load *l)
{
    struct sienna *s = l->sienna;
    uint8_t *area = storage_at(s->machine.storage, absolute(PARAMETERS));
    uint64_t room = line_room(l, area);
    size_t length = strlen(s->command_line);

    if (length + 1 > room)
        return problem_set(l->problem, "the command line has %zu characters; this kernel takes at most %llu", length,
                           (unsigned long long)room - 1);
    memcpy(area + PARAMETER_LINE, s->command_line, length + 1);
    return true;
}

static bool put_initrd(struct load *l, uint64_t kernel_end)
{
    struct sienna *s = l->sienna;
    uint8_t *area = storage_at(s->machine.storage, absolute(PARAMETERS));
    uint64_t bytes, at = (kernel_end + 0xfffff) & ~0xfffffULL;
    uint8_t *data = load_file(l, s->initrd, &bytes);
    bool ok;

    if (!data)
        return false;
    if (at < INITRD_LOWEST)
        at = INITRD_LOWEST;
    if (!bytes) {
        free(data);
        return problem_set(l->problem, "'%s' is empty, so it is no initial RAM disk", s->initrd);
    }
    ok = load_put(l, s->initrd, at, data, bytes, bytes);
    free(data);
    if (!ok)
        return false;
    put_be64(area + PARAMETER_INITRD, at);
    put_be64(area + PARAMETER_INITRD_BYTES, bytes);
    return true;
}

static bool put_kernel(struct load *l, struct load_start *start)
{
    const char *path = l->sienna->kernel;
    uint64_t bytes;
    uint8_t *image = load_file(l, path, &bytes);
    bool ok;

    if (!image)
        return false;
    if (load_is_elf(image, bytes)) {
        l->elf = true;
        ok = load_elf(l, path, image, bytes, start);
    } else if (is_linux(image, bytes)) {
        ok = load_put(l, path, 0, image, bytes, bytes);
        *start = (struct load_start){.chosen = true, .mask = PSW_EA | PSW_BA, .entry = ENTRY};
    } else if (load_is_list(path, image, bytes)) {
        ok = load_list(l, path, image, bytes, start);
    } else {
        ok = problem_set(l->problem, "'%s' is no Linux kernel image for s390x (or a truncated one), no ELF file and "
                         "no .ins list; -device loader,file=FILE,addr=ADDRESS,cpu-num=0 starts a raw image", path);
    }
    free(image);
    return ok;
}

static bool put_images(struct load *l, struct load_start *start)
{
    struct sienna *s = l->sienna;

    for (unsigned i = 0; i < s->image_count; i++) {
        const struct loaded_image *image = &s->images[i];
        uint64_t bytes;
        uint8_t *data = load_file(l, image->file, &bytes);
        bool ok = data && load_put(l, image->file, image->address, data, bytes, bytes);

        free(data);
        if (!ok)
            return false;
        if (image->start)
            *start = (struct load_start){.chosen = true, .mask = PSW_EA | PSW_BA, .entry = image->address};
    }
    return true;
}

static bool start_cpu(struct load *l, const struct load_start *start)
{
    struct sienna *s = l->sienna;
    struct cpu *cpu = s->machine.cpus->cpu[0];

    if (start->entry & 1)
        return problem_set(l->problem, "a program cannot start at the odd address 0x%llx",
                           (unsigned long long)start->entry);
    cpu_reset(cpu, RESET_CLEAR);
    if (start->through_psw || !start->chosen) {
        if (!(get_be64(storage_at(s->machine.storage, absolute(0))) & PSW_SHORT))
            return problem_set(l->problem, "what was loaded leaves no PSW at absolute 0 to start with");
        machine_load_short_psw(cpu);
        return true;
    }
    cpu->psw_mask = start->mask;
    cpu->ia = start->entry;
    cpu_enter_state(cpu, CPU_OPERATING, cpu->machine->now);
    return true;
}

static bool load_all(struct load *l)
{
    struct sienna *s = l->sienna;
    struct load_start start = {0};
    uint64_t kernel_end;
    bool parameters;

    if (s->kernel && !put_kernel(l, &start))
        return false;
    kernel_end = l->highest;
    if (!put_images(l, &start))
        return false;
    parameters = has_parameters(l, &start);
    /* Harnesses that always say -append say it with nothing in it, too. */
    if (((s->command_line && *s->command_line) || s->initrd) && !parameters)
        return problem_set(l->problem, "'%s' has no parameter area that could take %s",
                           s->kernel ? s->kernel : s->images[0].file,
                           s->initrd ? "an initial RAM disk" : "a command line");
    if ((s->command_line && parameters && !put_command_line(l)) || (s->initrd && !put_initrd(l, kernel_end)))
        return false;
    return start_cpu(l, &start);
}

bool program_load(struct sienna *s, char problem[SIENNA_PROBLEM_BYTES])
{
    struct load *l = machine_allocate(sizeof *l);
    bool ok;

    l->sienna = s;
    l->problem = problem;
    ok = load_all(l);
    free(l);
    return ok;
}

enum { BOOT_ALIGNMENT = 1 << 20 };

/* The end of configured storage, or of what 31-bit addresses reach: there a boot program is out of the way of what it loads. */
static uint64_t boot_program_end(const struct storage *storage)
{
    uint64_t end = storage->size < 1ULL << 31 ? storage->size : 1ULL << 31;

    while (end > BOOT_ALIGNMENT && !storage_valid(storage, absolute(end - BOOT_ALIGNMENT), BOOT_ALIGNMENT))
        end -= BOOT_ALIGNMENT;
    return end;
}

static bool put_boot_program(struct load *l, struct load_start *start)
{
    const char *path = l->sienna->boot_program;
    uint64_t bytes, end = boot_program_end(l->sienna->machine.storage);
    uint8_t *image = load_file(l, path, &bytes);
    bool ok;

    if (!image)
        return false;
    l->span = load_is_elf(image, bytes) ? load_elf_span(l, path, image, bytes)
                                        : problem_set(l->problem, "'%s' is no ELF file", path);
    ok = l->span && (l->span < end - BOOT_ALIGNMENT ||
                  problem_set(l->problem, "'%s' does not fit into %llu MiB of storage", path, (unsigned long long)(end >> 20)));
    l->base = (end - l->span) & ~(uint64_t)(BOOT_ALIGNMENT - 1);
    ok = ok && load_elf(l, path, image, bytes, start);
    free(image);
    return ok;
}

bool boot_program_load(struct sienna *s, char problem[SIENNA_PROBLEM_BYTES])
{
    struct load *l = machine_allocate(sizeof *l);
    struct load_start start = {0};
    bool ok;

    l->sienna = s;
    l->problem = problem;
    ok = put_boot_program(l, &start) && start_cpu(l, &start);
    free(l);
    return ok;
}
