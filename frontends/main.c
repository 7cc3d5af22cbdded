/* SPDX-License-Identifier: MIT */
/** The `sienna` command: exit code 0 the guest ended itself, 1 it died, 2 wrong use, 3 limit reached; of a replay
 *  4: it differs from its recording. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_memory.h"
#include "host_run.h"
#include "options.h"
#include "recording.h"
#include "sienna_snapshot.h"
#include "sienna_inspect.h"
#include "subcommands.h"
#include "trace/command.h"
#include "trace/writer.h"

static int fail(const char *problem)
{
    fprintf(stderr, "sienna: %s\n", problem);
    return 2;
}

static void print_cpus(void)
{
    const char *name;
    bool exists;

    printf("models:");
    for (unsigned i = 0; sienna_cpu_model(i, &name); i++)
        printf(" %s", name);
    printf("\nfeatures:");
    for (unsigned i = 0; sienna_cpu_feature(i, &name, &exists); i++)
        if (exists)
            printf(" %s", name);
    printf("\n");
}

/* As harnesses name them: with the suffix of QEMU's bus where it has one. */
static int print_devices(const char *type)
{
    static const char *const consoles[] = {"sclpconsole", "sclplmconsole"};
    const char *name, *help, *keys;
    size_t length = type ? strlen(type) : 0;
    bool any = false;

    if (type && length > 4 && !strcmp(type + length - 4, "-ccw"))
        length -= 4;
    for (unsigned i = 0; sienna_device_type(i, &name, &help, &keys); i++) {
        const char *suffix = !strncmp(name, "virtio-", 7) ? "-ccw" : "";

        if (type && (strlen(name) != length || strncmp(name, type, length) != 0))
            continue;
        printf("%s%-*s %s\n%-19s   devno%s%s\n", name, (int)(19 - strlen(name)), suffix, help, "", *keys ? "," : "", keys);
        any = true;
    }
    for (unsigned i = 0; i < 2; i++)
        if (!type || !strcmp(type, consoles[i])) {
            printf("%-19s the %s console on a stream\n%-19s   chardev\n", consoles[i], i ? "line-mode" : "ASCII", "");
            any = true;
        }
    if (!type || !strcmp(type, "loader")) {
        printf("%-19s a raw image in storage\n%-19s   file,addr,cpu-num\n", "loader", "");
        any = true;
    }
    return any ? 0 : fail("-device: there is no such type (see -device help)");
}

static int print_list(const char *list, const char *type)
{
    if (!strcmp(list, "machines")) {
        printf("s390-ccw-virtio  z/Architecture machine with a channel subsystem (default)\n");
        return 0;
    }
    if (!strcmp(list, "cpus")) {
        print_cpus();
        return 0;
    }
    if (!strcmp(list, "monitor")) {
        monitor_help(stdout);
        return 0;
    }
    if (options_list(list)) {
        printf("%s", options_list(list));
        return 0;
    }
    return print_devices(type);
}

static bool networks_can_answer(void *context)
{
    const struct host_run *run = context;

    return sienna_network_descriptor(run->sienna, 0) >= 0;
}

static void network_ready(void *context, int fd, short events)
{
    sienna_network_collect(context);
}

/* Hot-plug may have brought a network that nobody listens to yet. */
static void watch_networks(void *context)
{
    struct host_run *run = context;

    for (unsigned i = 0; sienna_network_descriptor(run->sienna, i) >= 0; i++)
        host_loop_watch(run->loop, sienna_network_descriptor(run->sienna, i), POLLIN, network_ready, run->sienna);
}

static bool compose(struct host_run *run, struct command *c, struct sienna *s, char *problem)
{
    for (unsigned i = 0; i < c->console_count; i++)
        if (!host_run_console(run, c->consoles[i].stream, c->consoles[i].kinds, problem))
            return false;
    for (unsigned i = 0; i < c->device_count; i++)
        if (!sienna_device_add(s, c->devices[i].head, c->devices[i].settings, c->devices[i].count, problem))
            return false;
    run->devices_changed = watch_networks;
    run->answerer = networks_can_answer;
    run->answerer_context = run;
    watch_networks(run);
    for (unsigned i = 0; i < c->monitor_count; i++)
        if (!host_run_monitor(run, c->monitors[i], problem))
            return false;
    if (c->gdb && !host_run_gdb(run, c->gdb, c->program.kernel, problem))
        return false;
    if (c->load_state && (c->record || c->replay))
        return option_problem(problem, "-loadvm: a recording begins with the machine's own beginning: leave out one of them");
    if (c->load_state && !sienna_load_state(s, c->load_state, problem))
        return false;
    if (c->snapshot_every && !sienna_may_go_back(s, problem))
        return false;
    run->snapshots.every = run->snapshots.due = c->snapshot_every;
    if (c->stopped && !host_run_startable(run))
        return option_problem(problem, "-S: nobody could start the machine; add -s, -monitor STREAM or "
                                       "-serial mon:stdio");
    if (c->stopped)
        host_run_stopped(run);
    return true;
}

static bool has_program(const struct command *c)
{
    return c->program.kernel || c->program.image_count;
}

/* Storage of a guest that died, for crash or GDB. */
static void dump(const struct command *c, struct sienna *s)
{
    char problem[SIENNA_PROBLEM_BYTES];

    if (!c->dump || !sienna_exit_code(s))
        return;
    if (sienna_dump(s, c->dump, problem))
        fprintf(stderr, "sienna: the guest's storage is in '%s'\n", c->dump);
    else
        fail(problem);
}

static void trace_line(void *context, const char *text)
{
    fprintf(stderr, "sie: %s\n", text);
}

static bool begin_trace(const struct command *c, struct sienna *s, struct trace_writer **trace, char *problem)
{
    struct trace_options options;

    if (c->trace_sie)
        sienna_observe_sie(s, trace_line, NULL);
    *trace = NULL;
    if (!c->trace)
        return true;
    if (trace_options_parse(&options, c->trace, problem))
        *trace = trace_writer_begin(s, &options, problem);
    return *trace;
}

/* Between two checkpoints; a third of a second on an ordinary host. */
enum { HISTORY_CYCLES = 64 << 20 };

static int run_recorded(struct command *c)
{
    char problem[SIENNA_PROBLEM_BYTES], text[SIENNA_PROBLEM_BYTES + 128];
    struct trace_writer *trace;
    struct host_run run;
    struct sienna *s;
    int code;

    if (!host_memory_suffices(c->machine.storage_bytes, problem))
        return fail(problem);
    c->machine.no_reboot = c->no_reboot;
    s = sienna_create(&c->machine, problem);
    if (!s)
        return fail(problem);
    sienna_boot_program(s, c->bios);
    if ((has_program(c) && !sienna_load(s, &c->program, problem)) || !host_run_init(&run, s, problem)) {
        sienna_release(s);
        return fail(c->replay && recording_trouble(c->replay) ? recording_trouble(c->replay) : problem);
    }
    if (!compose(&run, c, s, problem) || (!has_program(c) && !c->load_state && !sienna_ipl(s, c->ipl, problem)) ||
        (c->history && !sienna_history_keep(s, HISTORY_CYCLES, c->history, problem)) ||
        !begin_trace(c, s, &trace, problem)) {
        host_run_release(&run);
        sienna_release(s);
        return fail(problem);
    }
    run.limit = c->limit;
    run.pace.idle_limit = c->idle_limit;
    run.replay = c->replay != NULL;
    host_run(&run);
    sienna_record_end(s);
    host_run_release(&run);
    code = host_run_exit_code(&run);
    if (trace && !trace_writer_end(trace, problem))
        code = fail(problem);
    if (code || !c->quiet) {
        host_run_end_text(&run, text, sizeof text);
        fprintf(stderr, "%ssienna: %s at virtual time %.3f s\n", run.open_line ? "\n" : "", text, (double)sienna_now(s) / (double)SIENNA_SECOND);
    }
    dump(c, s);
    if (c->digest)
        fprintf(stderr, "sienna: digest %016llx\n", (unsigned long long)sienna_digest(s));
    if (c->machine.test_slow_handlers)
        fprintf(stderr, "sienna: %llu instructions\n", (unsigned long long)sienna_instructions(s));
    if (c->replay && code != 3)
        code = replay_verdict(s, c->replay, code);
    sienna_release(s);
    return code;
}

int run_machine(struct command *c)
{
    char problem[SIENNA_PROBLEM_BYTES];
    struct recording_writer *recording = NULL;
    int code;

    if (c->record && !(recording = record_to_file(c, problem)))
        return fail(problem);
    code = run_recorded(c);
    if (recording && !recording_close(recording, problem)) {
        fprintf(stderr, "sienna: the recording is not complete: %s\n", problem);
        return code ? code : 2;
    }
    return code;
}

static void usage(void)
{
    printf("A z/Architecture machine that runs hypervisors inside it.\n\n");
    for (const struct subcommand *s = subcommands; s->name; s++) {
        int width = printf("%s sienna %s %s", s == subcommands ? "usage:" : "      ", s->name, s->arguments);

        printf("%*s%s\n", width < 44 ? 44 - width : 2, "", s->help);
    }
    printf("\nOptions of sienna run:\n\n");
}

int run_subcommand(int argc, char **argv)
{
    static struct command command;
    char problem[SIENNA_PROBLEM_BYTES];
    int code;

    if (!options_parse(&command, argc, argv, problem))
        return fail(problem);
    if (command.help) {
        usage();
        options_help();
        return 0;
    }
    if (command.version) {
        printf("sienna %s\n", SIENNA_VERSION);
        return 0;
    }
    if (command.list)
        return print_list(command.list, command.list_type);
    if (!options_resolve(&command, problem))
        return fail(problem);
    if (!has_program(&command) && !command.load_state && command.ipl == SIENNA_BOOT_DEVICE && !command.bios &&
        !options_boot_device(&command))
        return fail("nothing to run: say -kernel FILE, or -bios FILE for a disk, or -ipl DEVNO (sienna -help lists the options)");
    if (has_program(&command) && command.ipl != SIENNA_BOOT_DEVICE)
        return fail("-ipl: a program was named, too: leave out one of them");
    command.argc = argc;
    command.argv = argv;
    code = run_machine(&command);
    options_release(&command);
    return code;
}

const struct subcommand subcommands[] = {
    {"run", "[OPTION]...", "a machine; the word may be left out", run_subcommand},
    {"replay", "FILE [OPTION]...", "a recorded run again (sienna replay -help)", replay_subcommand},
    {"demo", "[tour|overrun] [OPTION]...", "a small hypervisor and its guest, at once", demo_subcommand},
    {"test", "[OPTION]... SUITE [NAME]...", "the tests of a suite (sienna test -help)", test_subcommand},
    {"trace", "show|grep|diff|stats|export FILE...", "what a run with -trace FILE has done", trace_command},
    {"snapshot", "info FILE", "what a saved state holds", snapshot_subcommand},
    {0},
};

int main(int argc, char **argv)
{
    for (const struct subcommand *s = subcommands; argc > 1 && s->name; s++)
        if (!strcmp(argv[1], s->name))
            return s->run(argc - 1, argv + 1);
    return run_subcommand(argc, argv);
}
