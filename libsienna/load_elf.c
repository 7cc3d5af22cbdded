/* SPDX-License-Identifier: MIT */
/** ELF files (System V ABI, s390x and s390 supplements): every field is taken for hostile. */
#include "libsienna/load.h"

enum { IDENT_CLASS = 4, IDENT_DATA = 5, CLASS_32 = 1, CLASS_64 = 2, MSB = 2, TYPE = 16, MACHINE = 18,
       TYPE_EXECUTABLE = 2, TYPE_SHARED = 3, MACHINE_S390 = 22, SEGMENT_LOAD = 1, SEGMENT_DYNAMIC = 2,
       HEADER_32 = 52, HEADER_64 = 64, SEGMENT_32 = 32, SEGMENT_64 = 56 };

/** What is needed of a program header. */
struct segment {
    uint32_t type;
    uint64_t offset, address, file_bytes, bytes;
};

bool load_is_elf(const uint8_t *data, uint64_t bytes)
{
    return bytes >= 4 && memcmp(data, "\177ELF", 4) == 0;
}

static struct segment segment_get(const uint8_t *p, bool wide)
{
    if (wide)
        return (struct segment){get_be32(p), get_be64(p + 8), get_be64(p + 24), get_be64(p + 32), get_be64(p + 40)};
    return (struct segment){get_be32(p), get_be32(p + 4), get_be32(p + 12), get_be32(p + 16), get_be32(p + 20)};
}

static bool check_header(struct load *l, const char *path, const uint8_t *data, uint64_t bytes)
{
    unsigned class = bytes > IDENT_DATA ? data[IDENT_CLASS] : 0;

    if (bytes < (class == CLASS_64 ? HEADER_64 : HEADER_32))
        return problem_set(l->problem, "the ELF file '%s' is truncated: its header is incomplete", path);
    if ((class != CLASS_32 && class != CLASS_64) || data[IDENT_DATA] != MSB || get_be16(data + MACHINE) != MACHINE_S390)
        return problem_set(l->problem, "the ELF file '%s' is not for s390x", path);
    if (get_be16(data + TYPE) != TYPE_EXECUTABLE && get_be16(data + TYPE) != TYPE_SHARED)
        return problem_set(l->problem, "the ELF file '%s' is no executable: link it first", path);
    return true;
}

/** The program headers, which lie within the file. */
struct headers {
    const uint8_t *first;
    uint64_t size;
    unsigned count;
    bool wide;
};

static struct segment segment_of(const struct headers *h, unsigned i)
{
    return segment_get(h->first + i * h->size, h->wide);
}

static bool headers_get(struct load *l, const char *path, const uint8_t *data, uint64_t bytes, struct headers *h)
{
    bool wide = bytes > IDENT_CLASS && data[IDENT_CLASS] == CLASS_64;
    uint64_t table;

    if (!check_header(l, path, data, bytes))
        return false;
    table = wide ? get_be64(data + 32) : get_be32(data + 28);
    *h = (struct headers){.size = get_be16(data + (wide ? 54 : 42)), .count = get_be16(data + (wide ? 56 : 44)),
                          .wide = wide};
    if (h->count && h->size < (wide ? SEGMENT_64 : SEGMENT_32))
        return problem_set(l->problem, "the ELF file '%s' has program headers of %llu bytes, which is too few", path,
                           (unsigned long long)h->size);
    if (table > bytes || h->count * h->size > bytes - table)
        return problem_set(l->problem, "the ELF file '%s' is truncated: its program headers are incomplete", path);
    h->first = data + table;
    return true;
}

uint64_t load_elf_span(struct load *l, const char *path, const uint8_t *data, uint64_t bytes)
{
    struct headers h;
    uint64_t span = 0;

    if (!headers_get(l, path, data, bytes, &h))
        return 0;
    if (!h.wide || get_be16(data + TYPE) != TYPE_SHARED) {
        problem_set(l->problem, "the ELF file '%s' cannot be moved: link it as a position-independent program", path);
        return 0;
    }
    for (unsigned i = 0; i < h.count; i++) {
        struct segment s = segment_of(&h, i);

        if (s.type != SEGMENT_LOAD || s.bytes == 0)
            continue;
        if (s.address > UINT32_MAX || s.bytes > UINT32_MAX) {
            problem_set(l->problem, "the ELF file '%s' is too big for a boot program", path);
            return 0;
        }
        if (s.address + s.bytes > span)
            span = s.address + s.bytes;
    }
    if (!span)
        problem_set(l->problem, "the ELF file '%s' has nothing to load", path);
    return span;
}

static bool put_segments(struct load *l, const char *path, const uint8_t *data, uint64_t bytes, const struct headers *h)
{
    bool any = false;

    for (unsigned i = 0; i < h->count; i++) {
        struct segment s = segment_of(h, i);

        if (s.type != SEGMENT_LOAD || s.bytes == 0)
            continue;
        if (s.offset > bytes || s.file_bytes > bytes - s.offset)
            return problem_set(l->problem, "the ELF file '%s' is truncated: segment %u is incomplete", path, i);
        if (s.file_bytes > s.bytes)
            return problem_set(l->problem, "the ELF file '%s' has a segment %u larger than its storage", path, i);
        if (!load_put(l, path, l->base + s.address, data + s.offset, s.file_bytes, s.bytes))
            return false;
        any = true;
    }
    return any || problem_set(l->problem, "the ELF file '%s' has nothing to load", path);
}

static bool move(struct load *l, const char *path, const uint8_t *data, uint64_t bytes, const struct headers *h)
{
    for (unsigned i = 0; i < h->count; i++) {
        struct segment s = segment_of(h, i);

        if (s.type != SEGMENT_DYNAMIC)
            continue;
        if (s.offset > bytes || s.file_bytes > bytes - s.offset)
            return problem_set(l->problem, "the ELF file '%s' is truncated: segment %u is incomplete", path, i);
        return load_relocate(l, path, data + s.offset, s.file_bytes);
    }
    return true;
}

bool load_elf(struct load *l, const char *path, const uint8_t *data, uint64_t bytes, struct load_start *start)
{
    struct headers h;

    if (!headers_get(l, path, data, bytes, &h) || !put_segments(l, path, data, bytes, &h) ||
        (l->base && !move(l, path, data, bytes, &h)))
        return false;
    *start = (struct load_start){.chosen = true, .mask = h.wide ? PSW_EA | PSW_BA : PSW_BA,
                                 .entry = l->base + (h.wide ? get_be64(data + 24) : get_be32(data + 24))};
    if (start->entry & 1 || (!h.wide && start->entry >> 31))
        return problem_set(l->problem, "the ELF file '%s' has the impossible entry address 0x%llx", path,
                           (unsigned long long)start->entry);
    return true;
}
