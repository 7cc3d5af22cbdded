/* SPDX-License-Identifier: MIT */
/** Items in words. */
#ifndef SIENNA_TRACE_PRINT_H
#define SIENNA_TRACE_PRINT_H

#include <stdio.h>

#include "trace/reader.h"
#include "trace/symbols.h"

enum { TRACE_LINE = 8192 };
/** What happened, in one line without where and when: "ag %r4,2048", "program interruption 0001 (operation)" … */
void print_what(const struct trace_item *item, const struct symbols *symbols, char *text, size_t room);
/** What an instruction changed and accessed: "r4=… [800]=…"; may be empty. */
void print_effects(const struct trace_item *item, char *text, size_t room);
/** A whole line: position, time, thread, address, what, effects. */
void print_item(FILE *out, const struct trace_item *item, const struct symbols *symbols);
/** "L2.1s": level, CPU of the guest, s or p for the state. */
void print_thread(const struct trace_item *item, char *text, size_t room);
/** "name+0x12", or the empty string. */
void print_symbol(const struct symbols *symbols, unsigned level, uint64_t address, char *text, size_t room);
/** Disassemble, blanks instead of tabs. */
void print_instruction(uint64_t text, uint64_t address, char *out, size_t room);
/** "r4", "a3", "v16", "fpc". */
void print_register(const struct trace_change *change, char *text, size_t room);
/** Name of an event's kind, for people and for tables: "insn", "int" … */
const char *print_kind(enum sienna_seen_kind kind);
/** An exit's cause in words. */
void print_exit(const struct trace_item *item, char *text, size_t room);

#endif
