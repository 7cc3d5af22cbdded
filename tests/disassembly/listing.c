/* SPDX-License-Identifier: MIT */
#include "listing.h"

#include "cpu/insn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Each text has a slot of its own, filled with NOPRs, so that nothing can make objdump lose its place. */
static void write_slot(FILE *file, uint64_t text)
{
    unsigned bytes = insn_length((uint8_t)(text >> 56));
    uint8_t slot[SLOT];

    for (unsigned i = 0; i < SLOT; i++)
        slot[i] = i < bytes ? (uint8_t)(text >> (56 - 8 * i)) : i & 1 ? 0 : 7;
    fwrite(slot, 1, SLOT, file);
}

static int write_image(int descriptor, const uint64_t *texts, size_t count)
{
    FILE *file = fdopen(descriptor, "wb");

    if (!file)
        return -1;
    for (size_t i = 0; i < count; i++)
        write_slot(file, texts[i]);
    return fclose(file);
}

/* A line is "address:", tab, bytes, tab, mnemonic, tab, operands. Those that do not begin a slot are left
 * out. */
static void take_line(char *line, char (*lines)[LINE], size_t count)
{
    char *end, *tab;
    unsigned long address = strtoul(line, &end, 16);

    if (*end != ':' || end == line || address % SLOT || address / SLOT >= count)
        return;
    tab = strchr(end, '\t');
    tab = tab ? strchr(tab + 1, '\t') : NULL;
    if (!tab)
        return;
    for (size_t length = strlen(tab); length && (unsigned char)tab[length - 1] <= ' '; length--)
        tab[length - 1] = 0;
    snprintf(lines[address / SLOT], LINE, "%.*s", LINE - 1, tab + 1);
}

char (*listing(const char *objdump, const uint64_t *texts, size_t count))[LINE]
{
    char image[] = "/tmp/sienna-disassembly-XXXXXX", line[256];
    char (*lines)[LINE] = calloc(count, LINE);
    int descriptor = mkstemp(image);
    FILE *output = NULL;

    if (lines && descriptor >= 0 && !write_image(descriptor, texts, count)) {
        snprintf(line, sizeof(line), "'%.150s' -D -z -b binary -m s390:64-bit %s", objdump, image);
        output = popen(line, "r");
    }
    if (output) {
        while (fgets(line, sizeof(line), output))
            take_line(line, lines, count);
    } else {
        perror(image);
    }
    if (!output || pclose(output)) {
        free(lines);
        lines = NULL;
    }
    unlink(image);
    return lines;
}
