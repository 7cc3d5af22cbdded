/* SPDX-License-Identifier: MIT */
#include "trace/print.h"

#include <stdarg.h>
#include <string.h>

static void append(char *text, size_t room, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void append(char *text, size_t room, const char *format, ...)
{
    size_t n = strlen(text);
    va_list arguments;

    va_start(arguments, format);
    if (n < room)
        vsnprintf(text + n, room - n, format, arguments);
    va_end(arguments);
}

#define LLX(v) ((unsigned long long)(v))

const char *print_kind(enum sienna_seen_kind kind)
{
    static const char *const names[SIENNA_SEEN_KINDS] = {
        "insn", "target", "slice", "thread", "register", "fetch", "store", "int", "entry", "exit", "io", "key", "cr",
        "sigp", "branch",
    };

    return names[kind];
}

void print_instruction(uint64_t text, uint64_t address, char *out, size_t room)
{
    uint8_t bytes[8];

    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(text >> (56 - 8 * i));
    if (!sienna_disassemble(bytes, 6, address, out, room))
        snprintf(out, room, "?");
    for (char *tab = out; (tab = strchr(tab, '\t'));)
        *tab = ' ';
}

void print_symbol(const struct symbols *symbols, unsigned level, uint64_t address, char *text, size_t room)
{
    const struct symbol *s = symbols ? symbols_find(symbols, level, address) : NULL;

    if (!s)
        snprintf(text, room, "%s", "");
    else if (s->address == address)
        snprintf(text, room, "%s", s->name);
    else
        snprintf(text, room, "%s+0x%llx", s->name, LLX(address - s->address));
}

void print_thread(const struct trace_item *item, char *text, size_t room)
{
    snprintf(text, room, "L%u.%u%c", item->level, item->level == 1 ? item->cpu : item->guest_cpu,
             item->modes >> 48 & 1 ? 'p' : 's');
}

static void print_interruption(const struct trace_item *i, char *text, size_t room)
{
    static const char *const classes[] = {"program", "supervisor-call", "external", "I/O", "machine-check", "restart"};
    const char *class = i->class < sizeof classes / sizeof classes[0] ? classes[i->class] : "?", *name;

    snprintf(text, room, "%s interruption", class);
    switch (i->class) {
    case SIENNA_INTERRUPTION_PROGRAM:
        name = sienna_program_interruption(i->code & 0x7f);
        append(text, room, " %04x%s%s%s%s", i->code, name ? " (" : "", name ? name : "", name ? ")" : "",
               i->code & 0x80 ? " with a PER event" : "");
        if (((i->code & 0x7f) >= 0x10 && (i->code & 0x7f) <= 0x11) || (i->code & 0x7f) == 4 ||
            ((i->code & 0x7f) >= 0x38 && (i->code & 0x7f) <= 0x3b))
            append(text, room, " at %llx", LLX(i->value & ~0xfffULL));
        break;
    case SIENNA_INTERRUPTION_SVC: append(text, room, " %u", i->code); break;
    case SIENNA_INTERRUPTION_EXTERNAL:
        append(text, room, " %04x", i->code);
        if (i->code >= 0x1200 && i->code <= 0x1202)
            append(text, room, " from CPU %llu", LLX(i->value >> 32));
        else if (i->value)
            append(text, room, ", parameter %08llx", LLX(i->value & 0xffffffff));
        break;
    case SIENNA_INTERRUPTION_IO: append(text, room, " of %08x, parameter %08llx", i->code, LLX(i->value)); break;
    case SIENNA_INTERRUPTION_MACHINE_CHECK: append(text, room, " %016llx", LLX(i->value)); break;
    }
}

void print_exit(const struct trace_item *i, char *text, size_t room)
{
    static const struct { uint8_t code; const char *name; } names[] = {
        {0x04, "instruction"}, {0x08, "program interruption"}, {0x0c, "instruction and program interruption"},
        {0x10, "external request"}, {0x14, "external interruption"}, {0x18, "I/O request"}, {0x1c, "wait"},
        {0x20, "validity"}, {0x28, "stop request"}, {0x2c, "operation exception"}, {0x38, "partial execution"},
        {0x3c, "I/O interruption"}, {0x40, "I/O instruction"}, {0x48, "ESCA"}, {0x5c, "keyless"},
    };
    char words[160];

    if (i->detail == SIENNA_EXIT_HOST_INTERRUPTION) {
        snprintf(text, room, "host interruption");
        return;
    }
    if (i->detail == SIENNA_EXIT_HOST_FAULT) {
        snprintf(text, room, "host fault");
        return;
    }
    snprintf(text, room, "interception %02x", i->detail);
    for (unsigned n = 0; n < sizeof names / sizeof names[0]; n++)
        if (names[n].code == i->detail)
            snprintf(text, room, "%s", names[n].name);
    if (i->detail == 0x08) {
        append(text, room, " %04x", i->code);
    } else if (i->code) {
        print_instruction((uint64_t)i->code << 32, 0, words, sizeof words);
        append(text, room, " %.*s", (int)strcspn(words, " "), words);
    }
}

static const char *io_name(uint32_t opcode)
{
    static const struct { uint16_t opcode; const char *name; } names[] = {
        {0xb230, "clear subchannel"}, {0xb231, "halt subchannel"}, {0xb232, "modify subchannel"},
        {0xb233, "start subchannel"}, {0xb234, "store subchannel"}, {0xb235, "test subchannel"},
        {0xb238, "resume subchannel"}, {0xb23b, "reset channel path"}, {0xb276, "cancel subchannel"},
        {0xb25f, "channel-subsystem call"},
    };

    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].opcode == opcode)
            return names[i].name;
    return "I/O instruction";
}

void print_what(const struct trace_item *i, const struct symbols *symbols, char *text, size_t room)
{
    char words[160];

    text[0] = 0;
    switch (i->kind) {
    case SIENNA_SEEN_INSTRUCTION:
        print_instruction(i->text, i->address, text, room);
        if (i->executes) {
            print_instruction(i->target_text, i->target_address, words, sizeof words);
            append(text, room, " -> %s", words);
        }
        break;
    case SIENNA_SEEN_INTERRUPTION:
        print_interruption(i, text, room);
        break;
    case SIENNA_SEEN_ENTRY:
        snprintf(text, room, "SIE entry, description %llx", LLX(i->value));
        break;
    case SIENNA_SEEN_EXIT:
        print_exit(i, words, sizeof words);
        snprintf(text, room, "SIE exit, description %llx: %s", LLX(i->value), words);
        break;
    case SIENNA_SEEN_IO:
        snprintf(text, room, "%s, GR1 %08llx, cc %u", io_name(i->code), LLX(i->value & 0xffffffff), i->detail);
        break;
    case SIENNA_SEEN_KEY:
        snprintf(text, room, "storage key of %llx: %02x, was %02x", LLX(i->value), i->code, i->detail);
        break;
    case SIENNA_SEEN_CONTROL:
        snprintf(text, room, "control register %u: %016llx, was %016llx", i->code, LLX(i->value), LLX(i->address));
        break;
    case SIENNA_SEEN_SIGP:
        snprintf(text, room, "SIGP order %02x to CPU %llu, parameter %llx, cc %u", i->code, LLX(i->address),
                 LLX(i->value), i->detail);
        break;
    case SIENNA_SEEN_BRANCH:
        print_symbol(symbols, i->level, i->value, words, sizeof words);
        snprintf(text, room, "branch to %llx%s%s", LLX(i->value), *words ? " " : "", words);
        break;
    default:
        snprintf(text, room, "%s", print_kind(i->kind));
    }
}

void print_register(const struct trace_change *c, char *text, size_t room)
{
    static const char letters[] = "rav";

    if (c->class == SIENNA_SEEN_FPC)
        snprintf(text, room, "fpc");
    else
        snprintf(text, room, "%c%u", letters[c->class % 3], c->number);
}

static void append_data(char *text, size_t room, const struct trace_access *a)
{
    enum { SHOWN = 64 };

    append(text, room, " %s[%llx]=", a->store ? "" : "f", LLX(a->address));
    for (uint32_t i = 0; i < a->bytes && i < SHOWN; i++)
        append(text, room, "%02x", a->data[i]);
    if (a->bytes > SHOWN)
        append(text, room, "...(%u bytes)", a->bytes);
}

void print_effects(const struct trace_item *item, char *text, size_t room)
{
    char name[16];

    text[0] = 0;
    for (unsigned i = 0; i < item->changes; i++) {
        const struct trace_change *c = &item->change[i];

        print_register(c, name, sizeof name);
        if (c->class == SIENNA_SEEN_VR)
            append(text, room, " %s=%016llx_%016llx", name, LLX(c->now[0]), LLX(c->now[1]));
        else if (c->class == SIENNA_SEEN_GR)
            append(text, room, " %s=%016llx", name, LLX(c->now[1]));
        else
            append(text, room, " %s=%08llx", name, LLX(c->now[1]));
    }
    for (unsigned i = 0; i < item->accesses; i++)
        append_data(text, room, &item->access[i]);
}

void print_item(FILE *out, const struct trace_item *i, const struct symbols *symbols)
{
    char what[400], effects[TRACE_LINE], thread[32], symbol[160];
    bool placed = i->kind == SIENNA_SEEN_INSTRUCTION || i->kind == SIENNA_SEEN_BRANCH ||
                  i->kind == SIENNA_SEEN_INTERRUPTION || i->kind == SIENNA_SEEN_EXIT;
    bool event = i->kind != SIENNA_SEEN_INSTRUCTION;

    print_what(i, symbols, what, sizeof what);
    print_effects(i, effects, sizeof effects);
    print_thread(i, thread, sizeof thread);
    print_symbol(symbols, i->level, i->address, symbol, sizeof symbol);
    fprintf(out, "%12llu %.10f %-6s ", LLX(i->position), (double)i->time / (double)SIENNA_SECOND, thread);
    if (placed)
        fprintf(out, "%16llx%s%s%s ", LLX(i->address), *symbol ? " <" : "", symbol, *symbol ? ">" : "");
    else
        fprintf(out, "%16s ", "");
    fprintf(out, "%s%s%s%s\n", event ? "== " : "", what, *effects ? " ;" : "", effects);
}
