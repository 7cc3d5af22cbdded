/* SPDX-License-Identifier: MIT */
/** Partial execution of MOVE PAGE: the host learns which of its page-table entries are in the way. */
#include "sie/internal.h"

enum { PEI_PROTECTED = 2, PEI_NOT_PAGE_TABLE = 4 };

/* Address of the last table entry of the host's walk, with what is the matter with it. */
static uint64_t entry_of(const struct storage_view *view, uint64_t address)
{
    struct dat_result r = dat_translate(view->host, view->host_asce, view->host_controls, address + view->origin);
    uint64_t word = r.entry_address & ~7ULL;

    if (r.level != 4)
        word |= PEI_NOT_PAGE_TABLE;
    if (!r.code && r.protect)
        word |= PEI_PROTECTED;
    return word;
}

void sie_partial_move(struct cpu *cpu, const struct insn *insn, uint64_t target, uint64_t source)
{
    struct storage_view view = cpu->interpreting->guest_view;
    uint64_t target_entry = entry_of(&view, target), source_entry = entry_of(&view, source);
    uint8_t *sd = sie_descriptor(cpu);

    cpu_sync_time(cpu);
    sie_intercept(cpu, insn_next_ia(cpu, insn), ICPT_PARTIAL);
    sie_store_instruction(cpu, insn, false);
    put_be64(sd + SD_PEI_TARGET, target_entry);
    put_be64(sd + SD_PEI_SOURCE, source_entry);
    sie_note_exit(cpu, EXIT_INTERCEPTION);
}
