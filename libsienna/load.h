/* SPDX-License-Identifier: MIT */
/** Loading: what the readers of the file formats share. */
#ifndef SIENNA_LIBSIENNA_LOAD_H
#define SIENNA_LIBSIENNA_LOAD_H

#include "libsienna/internal.h"

enum { LOAD_EXTENTS = 512 };

/** One load in progress: where files have been put, so that none overwrites another. */
struct load {
    struct sienna *sienna;
    char *problem;
    unsigned extent_count;
    struct load_extent {
        uint64_t from, to; /**< absolute addresses, `to` exclusive */
        char file[128];
    } extents[LOAD_EXTENTS];
    uint64_t highest;      /**< end of the highest extent */
    bool elf;              /**< the kernel is an ELF file */
    uint64_t base;         /**< added to the addresses of an ELF file that can be moved; 0 = it is left where it was linked … */
    uint64_t span;         /**< … else what it takes from there on, as load_elf_span() tells */
};

/** How the loaded program is started. */
struct load_start {
    bool chosen;
    bool through_psw;   /**< the 8-byte PSW at absolute 0 */
    uint64_t mask;      /**< PSW mask, otherwise */
    uint64_t entry;     /**< instruction address */
};

/** A whole file in fresh memory, its length in *bytes. NULL with a problem. */
uint8_t *load_file(struct load *load, const char *path, uint64_t *bytes);
/** Store `bytes` of the file `path` at absolute `at`, followed by zeros up to `room` bytes. */
bool load_put(struct load *load, const char *path, uint64_t at, const uint8_t *data, uint64_t bytes, uint64_t room);

bool load_is_elf(const uint8_t *data, uint64_t bytes);
/** Put the PT_LOAD segments of an ELF file at their physical addresses, beyond load->base. */
bool load_elf(struct load *load, const char *path, const uint8_t *data, uint64_t bytes, struct load_start *start);
/** What of storage a file that can be moved takes, from its address 0 on, in bytes; 0 with a problem when it cannot. */
uint64_t load_elf_span(struct load *load, const char *path, const uint8_t *data, uint64_t bytes);
/** Adapt what was put at load->base to that address, as the file's `dynamic` section says. */
bool load_relocate(struct load *load, const char *path, const uint8_t *dynamic, uint64_t bytes);

bool load_is_list(const char *path, const uint8_t *data, uint64_t bytes);
/** Put the files that an .ins list names, relative to its folder, at their addresses. */
bool load_list(struct load *load, const char *path, const uint8_t *data, uint64_t bytes, struct load_start *start);

#endif
