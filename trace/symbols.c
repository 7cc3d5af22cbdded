/* SPDX-License-Identifier: MIT */
#include "trace/symbols.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/options.h"
#include "trace/problem.h"

/* Nothing is taken for part of a symbol that begins further away than this. */
enum { FARTHEST = 1 << 20 };

struct file {
    uint8_t *data;
    size_t bytes;
};

static bool read_file(const char *path, struct file *f, char *problem)
{
    FILE *in = fopen(path, "rb");
    size_t room = 0;

    *f = (struct file){0};
    if (!in)
        return trace_problem(problem, "-symbols: '%s' cannot be read: %s", path, strerror(errno));
    do {
        room = room ? 2 * room : 1 << 20;
        f->data = trace_reallocate(f->data, room + 1);
        f->bytes += fread(f->data + f->bytes, 1, room - f->bytes, in);
    } while (f->bytes == room && room < 1ULL << 31);
    f->data[f->bytes] = 0;
    fclose(in);
    return true;
}

static void add(struct symbols *s, unsigned level, uint64_t address, uint64_t bytes, const char *name, size_t n)
{
    size_t count = s->count[level];
    struct symbol *sym;

    if ((count & (count - 1)) == 0)
        s->list[level] = trace_reallocate(s->list[level], (count ? 2 * count : 1) * sizeof *sym);
    sym = &s->list[level][s->count[level]++];
    sym->address = address;
    sym->bytes = bytes;
    sym->name = trace_allocate(n + 1);
    memcpy(sym->name, name, n);
}

/* Lines "address type name", as nm, System.map and kallsyms have them. */
static size_t take_lines(struct symbols *s, unsigned level, const char *text, uint64_t offset)
{
    size_t taken = 0;

    for (const char *line = text; *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : line + strlen(line)) {
        char *end;
        uint64_t address = strtoull(line, &end, 16);
        const char *name = end + 3;

        if (end == line || end[0] != ' ' || !end[1] || end[2] != ' ' || strchr("aAuUwW", end[1]))
            continue;
        add(s, level, address + offset, 0, name, strcspn(name, " \t\r\n"));
        taken++;
    }
    return taken;
}

static uint64_t big(const uint8_t *p, unsigned bytes)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < bytes; i++)
        v = v << 8 | p[i];
    return v;
}

/* Functions and objects of the symbol table at `table` with names in `names` (section headers). */
static size_t take_table(struct symbols *s, unsigned level, const struct file *f, const uint8_t *table,
                         const uint8_t *names, uint64_t offset)
{
    uint64_t at = big(table + 24, 8), bytes = big(table + 32, 8), strings = big(names + 24, 8);
    uint64_t string_bytes = big(names + 32, 8);
    size_t taken = 0;

    if (at > f->bytes || bytes > f->bytes - at || strings > f->bytes || string_bytes > f->bytes - strings)
        return 0;
    for (uint64_t i = 0; i + 24 <= bytes; i += 24) {
        const uint8_t *p = f->data + at + i;
        uint64_t name = big(p, 4);
        unsigned type = p[4] & 15;

        if (name >= string_bytes || !big(p + 6, 2) || type > STT_FUNC || !f->data[strings + name])
            continue;
        add(s, level, big(p + 8, 8) + offset, big(p + 16, 8), (const char *)f->data + strings + name,
            strnlen((const char *)f->data + strings + name, string_bytes - name));
        taken++;
    }
    return taken;
}

static size_t take_elf(struct symbols *s, unsigned level, const struct file *f, uint64_t offset)
{
    enum { SECTION_BYTES = 64 };
    uint64_t sections = big(f->data + 40, 8), count = big(f->data + 60, 2);
    size_t taken = 0;

    if (sections > f->bytes || count * SECTION_BYTES > f->bytes - sections)
        return 0;
    for (uint64_t i = 0; i < count; i++) {
        const uint8_t *section = f->data + sections + i * SECTION_BYTES;
        uint64_t link = big(section + 40, 4);

        if ((big(section + 4, 4) == SHT_SYMTAB || big(section + 4, 4) == SHT_DYNSYM) && link < count)
            taken += take_table(s, level, f, section, f->data + sections + link * SECTION_BYTES, offset);
    }
    return taken;
}

static int by_address(const void *a, const void *b)
{
    const struct symbol *x = a, *y = b;

    return x->address < y->address ? -1 : x->address > y->address;
}

bool symbols_load(struct symbols *s, const char *text, char problem[SIENNA_PROBLEM_BYTES])
{
    unsigned level = text[0] >= '1' && text[0] <= '3' && text[1] == ':' ? (unsigned)(text[0] - '0') : 0;
    const char *name = text + (level ? 2 : 0), *comma = strstr(name, ",offset=");
    uint64_t offset = 0, end;
    char path[4096];
    struct file f;
    size_t taken;

    if (comma && !trace_range(comma + 8, &offset, &end))
        return trace_problem(problem, "-symbols %s: the offset is a hexadecimal number", text);
    snprintf(path, sizeof path, "%.*s", comma ? (int)(comma - name) : (int)strlen(name), name);
    if (!read_file(path, &f, problem))
        return false;
    if (f.bytes >= 64 && !memcmp(f.data, ELFMAG, SELFMAG) && f.data[EI_CLASS] == ELFCLASS64 &&
        f.data[EI_DATA] == ELFDATA2MSB)
        taken = take_elf(s, level, &f, offset);
    else
        taken = take_lines(s, level, (const char *)f.data, offset);
    free(f.data);
    if (!taken)
        return trace_problem(problem, "-symbols: '%s' has no symbols: say a System.map, a copy of /proc/kallsyms, or "
                                      "a 64-bit s390 ELF file", path);
    qsort(s->list[level], s->count[level], sizeof *s->list[level], by_address);
    return true;
}

static const struct symbol *find(const struct symbols *s, unsigned level, uint64_t address)
{
    size_t low = 0, high = s->count[level];
    const struct symbol *sym;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (s->list[level][middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    if (!low)
        return NULL;
    /* Of several at one address the first is good enough. */
    while (low > 1 && s->list[level][low - 2].address == s->list[level][low - 1].address)
        low--;
    sym = &s->list[level][low - 1];
    return address - sym->address < (sym->bytes ? sym->bytes : FARTHEST) ? sym : NULL;
}

const struct symbol *symbols_find(const struct symbols *s, unsigned level, uint64_t address)
{
    const struct symbol *sym = level < SYMBOL_LEVELS ? find(s, level, address) : NULL;

    return sym ? sym : find(s, 0, address);
}

const struct symbol *symbols_named(const struct symbols *s, unsigned level, const char *name)
{
    for (unsigned l = 0; l < SYMBOL_LEVELS; l++)
        for (size_t i = 0; i < s->count[l] && (!level || !l || l == level); i++)
            if (!strcmp(s->list[l][i].name, name))
                return &s->list[l][i];
    return NULL;
}

void symbols_release(struct symbols *s)
{
    for (unsigned l = 0; l < SYMBOL_LEVELS; l++) {
        for (size_t i = 0; i < s->count[l]; i++)
            free(s->list[l][i].name);
        free(s->list[l]);
    }
    *s = (struct symbols){0};
}
