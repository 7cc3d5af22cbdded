/* SPDX-License-Identifier: MIT */
/** The monitor's commands: names, arguments, help, completion. docs/sienna.1 lists the same. */
#include <stdio.h>

#include "monitor_internal.h"

#define CPU {"cpu", PARAMETER_CPU, .optional = true}
#define SPACE {"space", PARAMETER_CHOICE, .optional = true, .choices = MONITOR_SPACES}
#define ADDRESS {"address", PARAMETER_ADDRESS}
#define GUEST {"guest", PARAMETER_NUMBER, .optional = true}
#define IF {"if", PARAMETER_CLAUSE, .optional = true}
#define COUNT {"count", PARAMETER_NUMBER, .optional = true}
#define KIND {"kind", PARAMETER_CHOICE, .optional = true, .choices = "normal|clear"}
#define SETS "general|control|access|floating|vector|timers|all"

const struct monitor_command monitor_commands[] = {
    {"help", "?", {{"name", PARAMETER_COMMAND, .optional = true}}, "list the commands, or explain one",
     monitor_do_help, monitor_show_help},
    {"status", "info", {{0}}, "does the machine run, and where is it in time", monitor_do_status, NULL},
    {"cpus", NULL, {{0}}, "states of all CPUs", monitor_do_cpus, NULL},
    {"cpu", NULL, {{"cpu", PARAMETER_CPU}}, "choose the CPU that further commands are about", monitor_do_cpu,
     NULL},
    {"registers", "r", {{"set", PARAMETER_CHOICE, .optional = true, .choices = SETS}, CPU},
     "PSW and registers of a CPU", monitor_do_registers, monitor_show_registers},
    {"set", NULL, {{"register", PARAMETER_REGISTER}, {"value", PARAMETER_TEXT}, CPU},
     "put a hexadecimal value into a register (psw takes both halves as one number)", monitor_do_set, NULL},
    {"pending", NULL, {CPU}, "interruptions that wait, and whether the CPU's masks let them through",
     monitor_do_pending, NULL},
    {"storage", "x", {ADDRESS, COUNT, SPACE, CPU}, "show storage: count bytes (default 64, at most 65536)",
     monitor_do_storage, monitor_show_storage},
    {"write", NULL, {ADDRESS, {"bytes", PARAMETER_TEXT}, SPACE, CPU}, "put hexadecimal digits into storage",
     monitor_do_write, NULL},
    {"disassemble", "d",
     {{"address", PARAMETER_ADDRESS, .optional = true}, COUNT, SPACE, CPU},
     "instructions in words (default: 8 of them from the PSW on)", monitor_do_disassemble, monitor_show_code},
    {"keys", NULL, {ADDRESS, COUNT, SPACE, CPU}, "storage keys of 4K blocks (default: one, absolute)",
     monitor_do_keys, NULL},
    {"set-key", NULL, {ADDRESS, {"key", PARAMETER_TEXT}, SPACE, CPU}, "put a storage key in place",
     monitor_do_set_key,
     NULL},
    {"walk", NULL, {ADDRESS, SPACE, CPU}, "translate an address step by step", monitor_do_walk, NULL},
    {"tlb", NULL, {{"address", PARAMETER_ADDRESS, .optional = true}, CPU},
     "entries of a CPU's translation-lookaside buffer, all or those for a page", monitor_do_tlb, NULL},
    {"subchannels", NULL, {{"device", PARAMETER_DEVICE, .optional = true}},
     "subchannels, or one device's PMCW and SCSW", monitor_do_subchannels, NULL},
    {"devices", NULL, {{0}}, "devices", monitor_do_devices, NULL},
    {"events", NULL, {{0}}, "what will happen at which virtual time", monitor_do_events, NULL},
    {"exits", NULL, {{0}}, "how often guests under SIE were left, by cause", monitor_do_exits, NULL},
    {"why-exit", NULL, {CPU}, "why a CPU left its guest under SIE last", monitor_do_why_exit, NULL},
    {"levels", NULL, {CPU}, "the levels that a CPU is in: the host at SIE, and its guest", monitor_do_levels, NULL},
    {"description", NULL, {CPU}, "a guest's state description, field by field", monitor_do_description, NULL},
    {"kernel", NULL, {{"guest", PARAMETER_NUMBER, .optional = true}},
     "which Linux runs at level 1 or in a guest, and how far it was moved", monitor_do_kernel, NULL},
    {"guests", NULL, {{0}}, "level 1 and the guests that were entered with SIE", monitor_do_guests, NULL},
    {"threads", NULL, {GUEST}, "CPUs of level 1 and of guests, or of one of them", monitor_do_threads, NULL},
    {"break", "b", {ADDRESS, GUEST, IF},
     "stop before the instruction at a logical address is executed, if a condition holds: if %gr2 == 10",
     monitor_do_break, NULL},
    {"watch", NULL,
     {ADDRESS, {"bytes", PARAMETER_NUMBER, .optional = true},
      {"kind", PARAMETER_CHOICE, .optional = true, .choices = "access|fetch|store"}, SPACE, GUEST, IF},
     "stop after storage (default: 8 bytes, logical) was accessed (default: stored into)", monitor_do_watch, NULL},
    {"catch", NULL,
     {{"event", PARAMETER_CHOICE, .choices = MONITOR_EVENTS}, {"number", PARAMETER_TEXT, .optional = true}, GUEST, IF},
     "stop after an event: with this hexadecimal code, order, register, subchannel or (key) block",
     monitor_do_catch, NULL},
    {"delete", NULL, {{"id", PARAMETER_NUMBER, .optional = true}},
     "forget a stop, or all that were set here (gdb's are its own)", monitor_do_delete, NULL},
    {"stops", NULL, {{0}}, "where the machine is to stop", monitor_do_stops, NULL},
    {"stop", NULL, {CPU}, "stop the machine; with a CPU: its stop key", monitor_do_stop, monitor_show_where},
    {"cont", "c", {CPU}, "let the machine run on; with a CPU: its start key", monitor_do_cont, NULL},
    {"step", "s", {COUNT, {"cpu", PARAMETER_TEXT, .optional = true}},
     "execute count instructions (default 1) of a CPU, or of any with cpu=any", monitor_do_step,
     monitor_show_where},
    {"position", NULL, {{0}}, "the place in the machine's history (cycles of all CPUs), and how far it reaches",
     monitor_do_position, NULL},
    {"go", NULL, {{"position", PARAMETER_TEXT}}, "go to a position or bookmark in history, back or forth",
     monitor_do_go, monitor_show_where},
    {"reverse-step", "rs", {COUNT, CPU, GUEST},
     "go back by count instructions (default 1) of a CPU, or of a guest's virtual CPU",
     monitor_do_reverse_step, monitor_show_where},
    {"reverse-continue", "rc", {{0}}, "go back to the last breakpoint or other stop that was met",
     monitor_do_reverse_continue, monitor_show_where},
    {"last-store", NULL, {ADDRESS, COUNT, SPACE, CPU},
     "go back to the instruction that last stored into count bytes (default 8)", monitor_do_last_store,
     monitor_show_where},
    {"bookmark", NULL, {{"name", PARAMETER_TEXT}}, "give the present position a name", monitor_do_bookmark, NULL},
    {"bookmarks", NULL, {{0}}, "positions that have names", monitor_do_bookmarks, NULL},
    {"restart", NULL, {CPU}, "restart key: a restart interruption, which also starts a stopped CPU",
     monitor_do_restart, NULL},
    {"interrupt", NULL, {CPU}, "interrupt key: external interruption 0040", monitor_do_interrupt, NULL},
    {"store-status", NULL, {CPU}, "store a stopped CPU's registers at absolute 1200", monitor_do_store_status,
     NULL},
    {"configure", NULL, {{"cpu", PARAMETER_CPU}, {"state", PARAMETER_CHOICE, .choices = "off|on"}},
     "put a CPU into the configuration or take a stopped one out", monitor_do_configure, NULL},
    {"machine-check", NULL,
     {{"kind", PARAMETER_CHOICE, .choices = "warning|degradation|recovery|external-damage"}},
     "a machine-check interruption", monitor_do_machine_check, NULL},
    {"reset", NULL, {KIND}, "reset the machine; its CPUs are stopped then (default: normal)",
     monitor_do_reset, NULL},
    {"ipl", NULL, {KIND}, "reset and load the program again (default: clear)", monitor_do_ipl, NULL},
    {"quiesce", NULL, {{0}}, "ask the guest to shut down", monitor_do_quiesce, NULL},
    {"device-add", NULL, {{"device", PARAMETER_REST}},
     "attach a device: TYPE[,KEY=VALUE...] as -device help lists them",
     monitor_do_device_add, NULL},
    {"device-remove", NULL, {{"device", PARAMETER_DEVICE}}, "take a device away", monitor_do_device_remove,
     NULL},
    {"link", NULL, {{"device", PARAMETER_DEVICE}, {"state", PARAMETER_CHOICE, .choices = "off|on"}},
     "pull or plug a network adapter's cable", monitor_do_link, NULL},
    {"balloon", NULL, {{"device", PARAMETER_DEVICE}, {"mebibytes", PARAMETER_NUMBER, .optional = true}},
     "ask the guest to give back so much storage; without a size: how much it has", monitor_do_balloon, NULL},
    {"savevm", NULL, {{"name", PARAMETER_TEXT}, {"file", PARAMETER_TEXT, .optional = true}},
     "keep the machine's state in memory, or write it with file=PATH", monitor_do_savevm, NULL},
    {"loadvm", NULL, {{"name", PARAMETER_TEXT, .optional = true}, {"file", PARAMETER_TEXT, .optional = true}},
     "go back to a state: by its name, or file=PATH", monitor_do_loadvm, NULL},
    {"delvm", NULL, {{"name", PARAMETER_TEXT}}, "forget a state kept in memory, or all", monitor_do_delvm, NULL},
    {"snapshots", NULL, {{0}}, "states kept in memory", monitor_do_snapshots, NULL},
    {"commit", NULL, {{"device", PARAMETER_DEVICE, .optional = true}},
     "write what was written to -snapshot disks to their images", monitor_do_commit, NULL},
    {"quit", "q", {{0}}, "end the machine", monitor_do_quit, NULL},
    {.name = NULL},
};

const struct monitor_command *monitor_find(const char *name, size_t length)
{
    for (const struct monitor_command *c = monitor_commands; c->name; c++)
        if ((strlen(c->name) == length && !memcmp(c->name, name, length)) ||
            (c->alias && strlen(c->alias) == length && !memcmp(c->alias, name, length)))
            return c;
    return NULL;
}

static void upper(char *to, const char *from, size_t room)
{
    size_t i;

    for (i = 0; from[i] && i + 1 < room; i++)
        to[i] = (char)(from[i] >= 'a' && from[i] <= 'z' ? from[i] - 32 : from[i]);
    to[i] = 0;
}

void monitor_usage(const struct monitor_command *c, char *text, size_t room)
{
    size_t used = (size_t)snprintf(text, room, "%s", c->name);

    for (const struct monitor_parameter *p = c->parameters; p < c->parameters + MONITOR_PARAMETERS && p->name;
         p++) {
        char name[32];

        if (p->kind == PARAMETER_CHOICE && strcmp(p->name, "space"))
            snprintf(name, sizeof name, "%s", p->choices);
        else if (p->kind == PARAMETER_CLAUSE)
            snprintf(name, sizeof name, "%s CONDITION", p->name);
        else
            upper(name, p->name, sizeof name);
        if (p->kind == PARAMETER_CHOICE && strlen(p->choices) >= sizeof name)
            upper(name, p->name, sizeof name);
        if (used < room)
            used += (size_t)snprintf(text + used, room - used, p->optional ? " [%s]" : " %s", name);
    }
}

void monitor_help(FILE *out)
{
    for (const struct monitor_command *c = monitor_commands; c->name; c++) {
        char usage[128];

        monitor_usage(c, usage, sizeof usage);
        fprintf(out, "  %-44s %s\n", usage, c->help);
    }
}

/* ---- The command that explains the others ---- */

static json_t *explain(const struct monitor_command *c)
{
    char usage[128];
    json_t *value;

    monitor_usage(c, usage, sizeof usage);
    value = json_pack("{s:s, s:s, s:s}", "name", c->name, "usage", usage, "help", c->help);
    if (c->alias)
        json_object_set_new(value, "alias", json_string(c->alias));
    return value;
}

json_t *monitor_do_help(struct monitor_call *call)
{
    const char *name = monitor_text(call, "name");
    const struct monitor_command *c = name ? monitor_find(name, strlen(name)) : NULL;
    json_t *list;

    if (name && !c)
        return monitor_fail(call, "there is no command '%s'; help lists them", name);
    list = json_array();
    if (c)
        json_array_append_new(list, explain(c));
    for (c = monitor_commands; c->name && !name; c++)
        json_array_append_new(list, explain(c));
    return json_pack("{s:o}", "commands", list);
}

/* ---- Completion ---- */

struct completion {
    const char *word; /* what is there of it */
    size_t length;
    unsigned wanted, seen;
    char *out;
    size_t room;
};

/* True when this is the one. */
static bool offer(struct completion *c, const char *prefix, const char *word, size_t length)
{
    char whole[128];

    snprintf(whole, sizeof whole, "%s%.*s", prefix, (int)length, word);
    if (strncmp(whole, c->word, c->length) || c->seen++ != c->wanted)
        return false;
    snprintf(c->out, c->room, "%s", whole);
    return true;
}

static bool offer_choices(struct completion *c, const char *prefix, const char *choices)
{
    for (const char *at = choices, *end; at; at = end ? end + 1 : NULL) {
        end = strchr(at, '|');
        if (offer(c, prefix, at, end ? (size_t)(end - at) : strlen(at)))
            return true;
    }
    return false;
}

static bool offer_registers(struct completion *c, const char *prefix)
{
    char name[32];

    for (unsigned class = 0; class < SIENNA_REGISTER_CLASSES; class++) {
        const struct sienna_register_type *type = sienna_register_type((enum sienna_register_class)class);

        for (unsigned n = 0; n < type->count; n++) {
            if (type->count > 1)
                snprintf(name, sizeof name, "%s%u", type->name, n);
            else
                snprintf(name, sizeof name, "%s", type->name);
            if (offer(c, prefix, name, strlen(name)))
                return true;
        }
    }
    return false;
}

static bool offer_devices(struct monitor *m, struct completion *c)
{
    struct sienna_subchannel s;
    char name[16];

    for (unsigned i = 0; sienna_subchannel(m->sienna, i, &s); i++) {
        snprintf(name, sizeof name, "fe.0.%04x", s.device_number);
        if (s.valid && offer(c, "", name, strlen(name)))
            return true;
    }
    return false;
}

static bool offer_types(struct completion *c)
{
    const char *name, *help, *keys;

    for (unsigned i = 0; sienna_device_type(i, &name, &help, &keys); i++)
        if (offer(c, "", name, strlen(name)))
            return true;
    return false;
}

static bool offer_commands(struct completion *c)
{
    for (const struct monitor_command *command = monitor_commands; command->name; command++)
        if (offer(c, "", command->name, strlen(command->name)))
            return true;
    return false;
}

static bool offer_parameter(struct monitor *m, const struct monitor_parameter *p, struct completion *c)
{
    char number[16];

    switch (p->kind) {
    case PARAMETER_CHOICE: return offer_choices(c, "", p->choices);
    case PARAMETER_REGISTER: return offer_registers(c, "");
    case PARAMETER_ADDRESS: return offer_registers(c, "%");
    case PARAMETER_DEVICE: return offer_devices(m, c);
    case PARAMETER_COMMAND: return offer_commands(c);
    case PARAMETER_REST: return offer_types(c);
    case PARAMETER_CPU:
        for (unsigned i = 0; i < sienna_cpu_count(m->sienna); i++) {
            snprintf(number, sizeof number, "%u", i);
            if (offer(c, "", number, strlen(number)))
                return true;
        }
        return false;
    default: return false;
    }
}

/* The word with "name=" before it stripped of that, for a parameter of that name. */
static const struct monitor_parameter *named(const struct monitor_command *command, struct completion *c)
{
    for (const struct monitor_parameter *p = command->parameters;
         p < command->parameters + MONITOR_PARAMETERS && p->name; p++) {
        size_t n = strlen(p->name);

        if (c->length > n && !strncmp(c->word, p->name, n) && c->word[n] == '=') {
            c->word += n + 1;
            c->length -= n + 1;
            return p;
        }
    }
    return NULL;
}

bool monitor_completion(struct monitor *m, const char *line, unsigned index, char *word, size_t room)
{
    const char *first = line + strspn(line, " "), *at = first;
    size_t length = strcspn(first, " ");
    const struct monitor_command *command = monitor_find(first, length);
    const struct monitor_parameter *p;
    struct completion c = {first, length, index, 0, word, room};
    unsigned position = 0;

    if (!first[length])
        return offer_commands(&c);
    if (!command)
        return false;
    for (at = first + length; *at; position++) {
        at += strspn(at, " ");
        c.word = at;
        c.length = strcspn(at, " ");
        at += c.length;
        if (!*at)
            break;
    }
    p = named(command, &c);
    if (!p)
        p = position < MONITOR_PARAMETERS ? &command->parameters[position] : NULL;
    return p && p->name && offer_parameter(m, p, &c);
}
