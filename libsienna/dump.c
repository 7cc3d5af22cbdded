/* SPDX-License-Identifier: MIT */
/**
 * Dumps: an ELF core file (64-bit, big-endian, machine 22) with a segment per range of online storage and the
 * registers of each configured CPU in notes, as crash and GDB read them. Blocks of zeros are holes in the file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cpu/timer.h"
#include "libsienna/internal.h"

enum { ELF_HEADER = 64, PROGRAM_HEADER = 56, SEGMENT_ALIGNMENT = 4096, CHUNK = 65536 };
enum { ET_CORE = 4, EM_S390 = 22, PT_LOAD = 1, PT_NOTE = 4, FLAGS_RWX = 7 };
/* Note types: of all systems, and of Linux on this architecture. */
enum { NT_PRSTATUS = 1, NT_FPREGSET = 2, NT_TIMER = 0x301, NT_TODCMP = 0x302, NT_TODPREG = 0x303, NT_CTRS = 0x304,
       NT_PREFIX = 0x305, NT_VXRS_LOW = 0x309, NT_VXRS_HIGH = 0x30a };
enum { NOTES_LARGEST = 2048 * SIENNA_MAX_CPUS };

struct dump {
    struct sienna *sienna;
    int file;
    uint8_t notes[NOTES_LARGEST];
    unsigned note_bytes;
    struct extent { uint64_t from, to; } *extents;
    unsigned extent_count;
};

/* A note with room for `bytes`, zeroed; returns where its contents go. */
static uint8_t *note(struct dump *d, const char *name, uint32_t type, unsigned bytes)
{
    uint8_t *p = d->notes + d->note_bytes;
    unsigned name_bytes = ((unsigned)strlen(name) + 4) & ~3U;

    put_be32(p, (uint32_t)strlen(name) + 1);
    put_be32(p + 4, bytes);
    put_be32(p + 8, type);
    memcpy(p + 12, name, strlen(name));
    d->note_bytes += 12 + name_bytes + ((bytes + 3) & ~3U);
    return p + 12 + name_bytes;
}

static void note_status(struct dump *d, const struct cpu *cpu)
{
    enum { STATUS_BYTES = 336, PID = 32, REGISTERS = 112 };
    uint8_t *p = note(d, "CORE", NT_PRSTATUS, STATUS_BYTES);

    put_be32(p + PID, cpu->address + 1u); /* 0 would mean: no such thread */
    p += REGISTERS;
    put_be64(p, cpu_psw_mask(cpu));
    put_be64(p + 8, cpu->ia);
    for (unsigned i = 0; i < 16; i++) {
        put_be64(p + 16 + 8 * i, gr64(cpu, i));
        put_be32(p + 144 + 4 * i, cpu->ar[i]);
    }
}

static void note_vectors(struct dump *d, const struct cpu *cpu)
{
    uint8_t *low = note(d, "LINUX", NT_VXRS_LOW, 16 * 8), *high = note(d, "LINUX", NT_VXRS_HIGH, 16 * 16);

    for (unsigned i = 0; i < 16; i++) {
        put_be64(low + 8 * i, VD(&cpu->vr[i], 1));
        put_be64(high + 16 * i, VD(&cpu->vr[16 + i], 0));
        put_be64(high + 16 * i + 8, VD(&cpu->vr[16 + i], 1));
    }
}

static void note_cpu(struct dump *d, const struct cpu *cpu)
{
    uint8_t *p;

    note_status(d, cpu);
    p = note(d, "CORE", NT_FPREGSET, 8 + 16 * 8);
    put_be32(p, cpu->fpc);
    for (unsigned i = 0; i < 16; i++)
        put_be64(p + 8 + 8 * i, fpr(cpu, i));
    put_be64(note(d, "LINUX", NT_TIMER, 8), (uint64_t)cpu_timer_at(cpu, cpu->machine->now));
    put_be64(note(d, "LINUX", NT_TODCMP, 8), cpu->clock_comparator);
    put_be32(note(d, "LINUX", NT_TODPREG, 4), cpu->todpr);
    p = note(d, "LINUX", NT_CTRS, 16 * 8);
    for (unsigned i = 0; i < 16; i++)
        put_be64(p + 8 * i, cpu->cr[i]);
    put_be32(note(d, "LINUX", NT_PREFIX, 4), cpu->prefix);
    if (has_facility(cpu, FACILITY_VECTOR))
        note_vectors(d, cpu);
}

/* Ranges of storage that are online. */
static void find_extents(struct dump *d)
{
    const struct storage *s = d->sienna->machine.storage;
    uint64_t at = 0, from;

    while (at < s->size) {
        while (at < s->size && !storage_valid(s, absolute(at), 1))
            at += PAGE_BYTES;
        from = at;
        while (at < s->size && storage_valid(s, absolute(at), 1))
            at += PAGE_BYTES;
        if (at == from)
            break;
        d->extents = machine_reallocate(d->extents, (d->extent_count + 1) * sizeof *d->extents);
        d->extents[d->extent_count++] = (struct extent){from, at};
    }
}

static void put_segment(uint8_t *p, uint32_t type, uint64_t offset, uint64_t address, uint64_t bytes)
{
    put_be32(p, type);
    put_be32(p + 4, type == PT_LOAD ? FLAGS_RWX : 0);
    put_be64(p + 8, offset);
    put_be64(p + 16, address);
    put_be64(p + 24, address);
    put_be64(p + 32, bytes);
    put_be64(p + 40, type == PT_LOAD ? bytes : 0);
    put_be64(p + 48, type == PT_LOAD ? SEGMENT_ALIGNMENT : 4);
}

static bool write_all(int file, const uint8_t *from, uint64_t bytes, uint64_t offset)
{
    while (bytes) {
        ssize_t n = pwrite(file, from, bytes, (off_t)offset);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        from += n;
        bytes -= (uint64_t)n;
        offset += (uint64_t)n;
    }
    return true;
}

static bool all_zero(const uint8_t *p, uint64_t bytes)
{
    return p[0] == 0 && !memcmp(p, p + 1, bytes - 1);
}

static bool write_extent(struct dump *d, const struct extent *e, uint64_t offset)
{
    const uint8_t *storage = d->sienna->machine.storage->bytes;

    for (uint64_t at = e->from; at < e->to; at += CHUNK) {
        uint64_t bytes = e->to - at < CHUNK ? e->to - at : CHUNK;

        if (!all_zero(storage + at, bytes) && !write_all(d->file, storage + at, bytes, offset + at - e->from))
            return false;
    }
    return ftruncate(d->file, (off_t)(offset + e->to - e->from)) == 0;
}

static void put_header(uint8_t *p, unsigned segments)
{
    static const uint8_t identification[16] = {0x7f, 'E', 'L', 'F', 2, 2, 1};

    memcpy(p, identification, sizeof identification);
    put_be16(p + 16, ET_CORE);
    put_be16(p + 18, EM_S390);
    put_be32(p + 20, 1);
    put_be64(p + 32, ELF_HEADER);
    put_be16(p + 52, ELF_HEADER);
    put_be16(p + 54, PROGRAM_HEADER);
    put_be16(p + 56, (uint16_t)segments);
}

static bool write_dump(struct dump *d)
{
    uint64_t head_bytes = ELF_HEADER + (uint64_t)PROGRAM_HEADER * (d->extent_count + 1);
    uint64_t offset = (head_bytes + d->note_bytes + SEGMENT_ALIGNMENT - 1) & ~(uint64_t)(SEGMENT_ALIGNMENT - 1);
    uint8_t *head = machine_allocate(head_bytes);
    bool ok = true;

    put_header(head, d->extent_count + 1);
    put_segment(head + ELF_HEADER, PT_NOTE, head_bytes, 0, d->note_bytes);
    for (unsigned i = 0; i < d->extent_count && ok; i++) {
        const struct extent *e = &d->extents[i];

        put_segment(head + ELF_HEADER + PROGRAM_HEADER * (i + 1), PT_LOAD, offset, e->from, e->to - e->from);
        ok = write_extent(d, e, offset);
        offset += e->to - e->from;
    }
    ok = ok && write_all(d->file, head, head_bytes, 0) && write_all(d->file, d->notes, d->note_bytes, head_bytes);
    free(head);
    return ok;
}

bool sienna_dump(struct sienna *s, const char *path, char problem[SIENNA_PROBLEM_BYTES])
{
    struct dump *d = machine_allocate(sizeof *d);
    bool ok;

    d->sienna = s;
    d->file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ok = d->file >= 0;
    if (ok) {
        find_extents(d);
        for (unsigned i = 0; i < s->machine.cpus->count; i++)
            if (s->machine.cpus->cpu[i]->configured)
                note_cpu(d, s->machine.cpus->cpu[i]);
        ok = write_dump(d);
        if (close(d->file))
            ok = false;
    }
    if (!ok)
        problem_set(problem, "the dump cannot be written to '%s': %s", path, strerror(errno));
    free(d->extents);
    free(d);
    return ok;
}
