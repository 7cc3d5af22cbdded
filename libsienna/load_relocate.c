/* SPDX-License-Identifier: MIT */
/**
 * Programs that run wherever they are put: ELF files of type ET_DYN whose only relocations are R_390_RELATIVE (System V
 * ABI, s390x supplement), such as the boot program of QEMU's s390-ccw machine. Every field is taken for hostile.
 */
#include "libsienna/load.h"

enum { TAG_END = 0, TAG_RELA = 7, TAG_RELA_BYTES = 8, TAG_RELA_ENTRY = 9, RELA_BYTES = 24,
       RELOCATION_NONE = 0, RELOCATION_RELATIVE = 12 };

/** Where the relocations are in the unmoved program. */
struct relocations {
    uint64_t at, bytes, entry;
};

static void read_dynamic(const uint8_t *data, uint64_t bytes, struct relocations *r)
{
    for (uint64_t i = 0; i + 16 <= bytes; i += 16) {
        uint64_t value = get_be64(data + i + 8);

        switch (get_be64(data + i)) {
        case TAG_END: return;
        case TAG_RELA: r->at = value; break;
        case TAG_RELA_BYTES: r->bytes = value; break;
        case TAG_RELA_ENTRY: r->entry = value; break;
        default: break;
        }
    }
}

/* One entry of the table: the doubleword at `offset` becomes the address of `addend`, where the program is now. */
static bool relocate(struct load *l, const char *path, const uint8_t *entry)
{
    uint64_t offset = get_be64(entry), type = get_be64(entry + 8), addend = get_be64(entry + 16);
    uint8_t value[8];

    if (type == RELOCATION_NONE)
        return true;
    if (type != RELOCATION_RELATIVE)
        return problem_set(l->problem, "the ELF file '%s' has a relocation of type %llu, which a program that is moved as a "
                           "whole does not need", path, (unsigned long long)type);
    if (offset > l->span || l->span - offset < 8)
        return problem_set(l->problem, "the ELF file '%s' has a relocation outside of its storage", path);
    put_be64(value, l->base + addend);
    storage_store(l->sienna->machine.storage, absolute(l->base + offset), value, 8, 0);
    return true;
}

bool load_relocate(struct load *l, const char *path, const uint8_t *dynamic, uint64_t bytes)
{
    struct relocations r = {0};

    read_dynamic(dynamic, bytes, &r);
    if (!r.bytes)
        return true;
    if (r.entry != RELA_BYTES || r.bytes % RELA_BYTES || r.at > l->span || r.bytes > l->span - r.at)
        return problem_set(l->problem, "the ELF file '%s' has no usable table of relocations", path);
    for (uint64_t i = 0; i < r.bytes; i += RELA_BYTES) {
        uint8_t entry[RELA_BYTES];

        /* Copied, since a relocation may overwrite the table. */
        memcpy(entry, storage_at(l->sienna->machine.storage, absolute(l->base + r.at + i)), sizeof entry);
        if (!relocate(l, path, entry))
            return false;
    }
    return true;
}
