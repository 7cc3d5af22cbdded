/* SPDX-License-Identifier: MIT */
/** Names of addresses, per level: from System.map, /proc/kallsyms or an ELF file. */
#ifndef SIENNA_TRACE_SYMBOLS_H
#define SIENNA_TRACE_SYMBOLS_H

#include "sienna.h"

enum { SYMBOL_LEVELS = 4 };
struct symbol {
    uint64_t address, bytes;      /**< bytes 0: to the next one */
    char *name;
};
struct symbols {
    struct symbol *list[SYMBOL_LEVELS]; /**< by level, in order of addresses; [0]: of all levels */
    size_t count[SYMBOL_LEVELS];
};
/** Load `[LEVEL:]FILE[,offset=HEX]`. False with a sentence. */
bool symbols_load(struct symbols *symbols, const char *text, char problem[SIENNA_PROBLEM_BYTES]);
/** The symbol that `address` is in at that level, or NULL. */
const struct symbol *symbols_find(const struct symbols *symbols, unsigned level, uint64_t address);
/** The symbol of that name, or NULL; level 0: any. */
const struct symbol *symbols_named(const struct symbols *symbols, unsigned level, const char *name);
void symbols_release(struct symbols *symbols);

#endif
