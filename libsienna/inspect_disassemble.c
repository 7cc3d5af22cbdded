/* SPDX-License-Identifier: MIT */
/** Instructions in words, for monitors and debuggers. */
#include "libsienna/inspect.h"

unsigned sienna_disassemble(const uint8_t *bytes, size_t count, uint64_t address, char *text, size_t room)
{
    uint8_t whole[8] = {0};
    unsigned length;

    if (count < 2)
        return 0;
    length = insn_length(bytes[0]);
    if (count < length)
        return 0;
    memcpy(whole, bytes, length);
    insn_disassemble(get_be64(whole), address, text, room);
    for (char *tab = text; (tab = strchr(tab, '\t'));)
        *tab = ' ';
    return length;
}
