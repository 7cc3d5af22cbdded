/* SPDX-License-Identifier: MIT */
/**
 * DIAGNOSE 0x008: a few commands of z/VM's control program (CP), by its register and
 * condition-code conventions: QUERY CPUS, QUERY STORAGE, MESSAGE.
 */
#include <stdio.h>

#include "cpu/cpus.h"
#include "cpu/diagnose.h"
#include "machine/ebcdic.h"

enum {
    COMMAND_BYTES = 240,        /**< the longest command line */
    WANTS_RESPONSE = 0x40,      /**< flag byte of R3: the response goes to storage */
    UNKNOWN_COMMAND = 1,        /**< CP return codes: the number of the message */
    USER_MISSING = 20,
};

/** The command being executed and what it has answered. */
struct command {
    struct cpu *cpu;
    char response[8192];
    unsigned count;
};

static void __attribute__((format(printf, 2, 3))) respond(struct command *c, const char *format, ...)
{
    va_list arguments;
    int n;

    va_start(arguments, format);
    n = vsnprintf(c->response + c->count, sizeof c->response - c->count, format, arguments);
    va_end(arguments);
    if (n > 0)
        c->count += (unsigned)n < sizeof c->response - c->count ? (unsigned)n : 0;
}

/* Is `word` an abbreviation of `full` with at least `least` characters? */
static bool abbreviates(const char *word, const char *full, size_t least)
{
    size_t n = strlen(word);

    return n >= least && n <= strlen(full) && !memcmp(word, full, n);
}

static void query_cpus(struct command *c)
{
    const struct machine *machine = c->cpu->machine;
    const struct cpus *cpus = c->cpu->all;
    bool base = true;

    for (unsigned i = 0; i < cpus->count; i++) {
        const struct cpu *other = cpus->cpu[i];

        if (!other->configured)
            continue;
        respond(c, "CPU %02X  ID  FF%06X%04X8000 %s CP   CPUAFF OFF\n", i, machine->identity.serial & 0xffffff,
                machine->identity.type, base ? "(BASE)" : other->state == CPU_STOPPED ? "STOPPED" : "(ALT)");
        base = false;
    }
}

static void query_storage(struct command *c)
{
    const struct storage *storage = c->cpu->storage;
    uint64_t bytes = 0;
    unsigned unit = 0;

    for (uint64_t at = 0; at < storage->size; at += PAGE_BYTES)
        bytes += storage_valid(storage, absolute(at), 1) ? PAGE_BYTES : 0;
    for (bytes >>= 20; unit < 3 && bytes && !(bytes & 1023); unit++)
        bytes >>= 10;
    respond(c, "STORAGE = %llu%c\n", (unsigned long long)bytes, "MGTP"[unit]);
}

static int query(struct command *c, char *operands)
{
    char *word = strtok_r(operands, " ", &operands);

    if (word && abbreviates(word, "VIRTUAL", 1))
        word = strtok_r(operands, " ", &operands);
    if (word && abbreviates(word, "CPUS", 3))
        query_cpus(c);
    else if (word && abbreviates(word, "STORAGE", 4))
        query_storage(c);
    else
        return -1;
    return 0;
}

static void show(struct cpu *cpu, const char *text)
{
    struct machine *machine = cpu->machine;

    if (machine->configuration.operator_message)
        machine->configuration.operator_message(machine, text);
    else
        machine_log(machine, LOG_INFO, "%s", text);
}

/* MESSAGE user text: whoever it is for, there is one operator. */
static int message(struct command *c, char *operands)
{
    const struct machine_identity *identity = &c->cpu->machine->identity;
    char *user = strtok_r(operands, " ", &operands), text[COMMAND_BYTES + 64];

    if (!user) {
        respond(c, "HCPMSG020E USERID MISSING OR INVALID\n");
        return USER_MISSING;
    }
    snprintf(text, sizeof text, "MSG FROM %s: %s", identity->guest_name[0] ? identity->guest_name : identity->lpar_name,
             operands ? operands : "");
    show(c->cpu, text);
    return 0;
}

/* One command line; returns CP's return code. */
static int execute(struct command *c, const char *line)
{
    char copy[COMMAND_BYTES + 1], *rest = copy, *word;
    int code = -1;

    strcpy(copy, line);
    word = strtok_r(rest, " ", &rest);
    if (!word)
        return 0;
    if (abbreviates(word, "QUERY", 1))
        code = query(c, rest);
    else if (abbreviates(word, "MESSAGE", 1) || !strcmp(word, "MSG"))
        code = message(c, rest);
    if (code >= 0)
        return code;
    respond(c, "HCPCMD001E Unknown CP command: %s\n", word);
    return UNKNOWN_COMMAND;
}

/* Without a response buffer the answer is shown to the operator, line by line. */
static void show_response(struct command *c)
{
    char *rest = c->response, *line;

    while ((line = strtok_r(rest, "\n", &rest)))
        show(c->cpu, line);
}

/* R1+1 address and R3+1 length of the buffer. R3+1 becomes the length used, or (cc 1) what did not fit. */
static void store_response(struct command *c, const struct insn *insn)
{
    struct cpu *cpu = c->cpu;
    uint32_t room = gr32(cpu, insn->r3 + 1u), stored = c->count < room ? c->count : room;
    uint8_t text[sizeof c->response];

    for (unsigned i = 0; i < c->count; i++)
        text[i] = c->response[i] == '\n' ? EBCDIC_NEW_LINE
                                         : ebcdic_from_latin1(EBCDIC_037, (uint8_t)c->response[i]);
    if (stored)
        diagnose_store(cpu, gr32(cpu, insn->r1 + 1u), text, stored);
    set_gr32(cpu, insn->r3 + 1u, c->count > room ? c->count - room : c->count);
    cpu->cc = c->count > room;
}

/* The response buffer must be there before a command takes effect. */
static void require_buffer(struct cpu *cpu, const struct insn *insn)
{
    uint32_t room = gr32(cpu, insn->r3 + 1u);

    diagnose_require(cpu, gr32(cpu, insn->r1 + 1u),
                     room < sizeof ((struct command *)0)->response ? room : sizeof ((struct command *)0)->response);
}

/* R1: real address of the EBCDIC command; R3: flags in bits 32–39, length in bits 40–63. R3 gets the return code. */
void diagnose_command(struct cpu *cpu, const struct insn *insn)
{
    uint32_t control = gr32(cpu, insn->r3), bytes = control & 0xffffff;
    bool wants_response = control >> 24 & WANTS_RESPONSE;
    struct command c = {.cpu = cpu};
    uint8_t ebcdic[COMMAND_BYTES];
    char line[COMMAND_BYTES + 1];
    unsigned count = 0;
    int code = 0;

    specification_unless(cpu, bytes <= COMMAND_BYTES);
    if (wants_response) {
        specification_unless(cpu, insn->r1 != 15 && insn->r3 != 15 && insn->r1 + 1 != insn->r3
                                      && insn->r3 + 1 != insn->r1);
        require_buffer(cpu, insn);
    }
    diagnose_fetch(cpu, gr32(cpu, insn->r1), ebcdic, bytes);
    /* Several commands are separated by new-line characters. */
    for (unsigned i = 0; i <= bytes; i++) {
        if (i == bytes || ebcdic[i] == EBCDIC_NEW_LINE) {
            line[count] = 0;
            code = execute(&c, line);
            count = 0;
        } else {
            uint8_t ch = ebcdic_to_latin1(EBCDIC_037, ebcdic[i]);

            line[count++] = (char)(ch >= ' ' ? ch : ' ');
        }
    }
    set_gr32(cpu, insn->r3, (uint32_t)code);
    if (wants_response)
        store_response(&c, insn);
    else
        show_response(&c);
}
