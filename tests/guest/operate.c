/* SPDX-License-Identifier: MIT */
/**
 * Drives a booted guest through the public interface by a script:
 *
 *   operate KERNEL INITRD SCRIPT [KEY=VALUE…]
 *
 * Keys: memory (MiB), cpus, max_cpus, standby (MiB), append, name, cpu. A script has one command a line:
 *
 *   expect TEXT           run until the console shows TEXT (after what was expected before)
 *   type TEXT             type TEXT and a new line
 *   run SECONDS           run for that much virtual time
 *   add TYPE [KEY=VALUE…] (the value KERNEL is the kernel's file), remove DEVNO
 *   link DEVNO up|down, balloon DEVNO BYTES
 *   cpu N on|off, check NUMBER, restart N, interrupt N, quiesce
 *   refuse COMMAND        COMMAND must be refused with a sentence
 *   end CODE TEXT         run until the machine ends with this exit code and a sentence containing TEXT
 *
 * All waiting is in virtual time, so a slow host changes nothing.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sienna.h"

enum { CONSOLE_BYTES = 1 << 20, PATIENCE = 120 };

static struct operation {
    struct sienna *sienna;
    struct sienna_console *console;
    const char *kernel;
    char shown[CONSOLE_BYTES + 1]; /* what the console has shown */
    size_t count, seen;            /* seen: behind what has been expected so far */
    enum sienna_outcome outcome;
    char problem[SIENNA_PROBLEM_BYTES];
    unsigned line;
} o;

_Noreturn static void __attribute__((format(printf, 1, 2))) fail(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    printf("\nline %u: ", o.line);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    exit(1);
}

static void show(void *context, const uint8_t *bytes, size_t count)
{
    fwrite(bytes, 1, count, stdout);
    if (count > CONSOLE_BYTES - o.count)
        count = CONSOLE_BYTES - o.count;
    memcpy(o.shown + o.count, bytes, count);
    o.count += count;
    o.shown[o.count] = 0;
}

/* A moment of virtual time; an idle machine skips to its next event. */
static void step(uint64_t limit)
{
    uint64_t next;

    o.outcome = sienna_run(o.sienna, limit);
    if (o.outcome != SIENNA_IDLE)
        return;
    next = sienna_next_event(o.sienna);
    sienna_skip_to(o.sienna, next < limit ? next : limit);
}

static void run_until(uint64_t time)
{
    while (sienna_now(o.sienna) < time && o.outcome != SIENNA_ENDED)
        step(time);
}

static void expect(const char *text)
{
    char state[512];
    uint64_t limit = sienna_now(o.sienna) + PATIENCE * SIENNA_SECOND;
    char *at;

    while (!(at = strstr(o.shown + o.seen, text))) {
        if (o.outcome == SIENNA_ENDED || sienna_now(o.sienna) >= limit)
            sienna_end_text(o.sienna, state, sizeof state), fail("'%s' has not appeared: %s", text, state);
        step(sienna_now(o.sienna) + SIENNA_SECOND / 100);
    }
    o.seen = (size_t)(at - o.shown) + strlen(text);
}

static void type(const char *text)
{
    sienna_console_type(o.console, text, strlen(text));
    sienna_console_type(o.console, "\n", 1);
}

static void end(const char *operands)
{
    uint64_t limit = sienna_now(o.sienna) + PATIENCE * SIENNA_SECOND;
    char text[512], *rest;
    int code = (int)strtol(operands, &rest, 0);

    while (o.outcome != SIENNA_ENDED && sienna_now(o.sienna) < limit)
        step(limit);
    sienna_end_text(o.sienna, text, sizeof text);
    printf("\n%s\n", text);
    if (o.outcome != SIENNA_ENDED || sienna_exit_code(o.sienna) != code || !strstr(text, rest + (*rest == ' ')))
        fail("another end (code %d): %s", sienna_exit_code(o.sienna), text);
}

static bool add(char *operands)
{
    struct sienna_setting settings[8];
    unsigned count = 0;
    char *rest, *type_name = strtok_r(operands, " ", &rest), *word;

    while (count < 8 && (word = strtok_r(NULL, " ", &rest))) {
        settings[count].key = strsep(&word, "=");
        settings[count++].value = !word ? "on" : !strcmp(word, "KERNEL") ? o.kernel : word;
    }
    return sienna_device_add(o.sienna, type_name, settings, count, o.problem);
}

static bool act(const char *command, char *operands)
{
    char *rest;
    unsigned long number = strtoul(operands, &rest, 0);
    bool on = strstr(rest, "on") || strstr(rest, "up");

    if (!strcmp(command, "add"))
        return add(operands);
    if (!strcmp(command, "remove"))
        return sienna_device_remove(o.sienna, (unsigned)number, o.problem);
    if (!strcmp(command, "link"))
        return sienna_network_link(o.sienna, (unsigned)number, on, o.problem);
    if (!strcmp(command, "balloon"))
        return sienna_balloon_target(o.sienna, (unsigned)number, strtoull(rest, NULL, 0), o.problem);
    if (!strcmp(command, "cpu"))
        return sienna_configure_cpu(o.sienna, (unsigned)number, on, o.problem);
    if (!strcmp(command, "check"))
        return sienna_machine_check(o.sienna, (enum sienna_machine_check)number, o.problem);
    if (!strcmp(command, "restart"))
        return sienna_restart_key(o.sienna, (unsigned)number, o.problem);
    if (!strcmp(command, "interrupt"))
        return sienna_interrupt_key(o.sienna, (unsigned)number, o.problem);
    if (!strcmp(command, "quiesce"))
        return sienna_quiesce(o.sienna);
    fail("there is no command '%s'", command);
}

static void execute(char *line)
{
    char *operands = strchr(line, ' ');

    if (operands)
        *operands++ = 0;
    else
        operands = line + strlen(line);
    if (!strcmp(line, "expect"))
        expect(operands);
    else if (!strcmp(line, "type"))
        type(operands);
    else if (!strcmp(line, "run"))
        run_until(sienna_now(o.sienna) + strtoull(operands, NULL, 0) * SIENNA_SECOND);
    else if (!strcmp(line, "end"))
        end(operands);
    else if (!strcmp(line, "refuse")) {
        line = operands;
        operands = strchr(line, ' ');
        *operands++ = 0;
        if (act(line, operands))
            fail("that was not refused");
    } else if (!act(line, operands))
        fail("%s", o.problem);
}

static const char *option(int argc, char **argv, const char *key, const char *otherwise)
{
    size_t n = strlen(key);

    for (int i = 4; i < argc; i++)
        if (!strncmp(argv[i], key, n) && argv[i][n] == '=')
            return argv[i] + n + 1;
    return otherwise;
}

static void start(int argc, char **argv)
{
    struct sienna_options options = {
        .storage_bytes = strtoull(option(argc, argv, "memory", "512"), NULL, 0) << 20,
        .standby_bytes = strtoull(option(argc, argv, "standby", "0"), NULL, 0) << 20,
        .cpus = (unsigned)atoi(option(argc, argv, "cpus", "1")),
        .max_cpus = (unsigned)atoi(option(argc, argv, "max_cpus", "0")),
        .guest_name = option(argc, argv, "name", NULL),
        .cpu_model = option(argc, argv, "cpu", NULL),
    };
    struct sienna_program program = {.kernel = argv[1], .initrd = argv[2],
                                     .command_line = option(argc, argv, "append", "console=ttysclp0")};

    o.kernel = argv[1];
    o.sienna = sienna_create(&options, o.problem);
    if (!o.sienna || !sienna_load(o.sienna, &program, o.problem))
        fail("%s", o.problem);
    /* What a kernel chooses by itself, and what the scripts choose. */
    sienna_console_open(o.sienna, SIENNA_CONSOLE_LINE_MODE, true, show, NULL);
    o.console = sienna_console_open(o.sienna, SIENNA_CONSOLE_ASCII, true, show, NULL);
}

int main(int argc, char **argv)
{
    char line[1024];
    FILE *script;

    if (argc < 4 || !(script = fopen(argv[3], "r"))) {
        fprintf(stderr, "usage: operate KERNEL INITRD SCRIPT [KEY=VALUE...]\n");
        return 2;
    }
    start(argc, argv);
    while (fgets(line, sizeof line, script)) {
        o.line++;
        line[strcspn(line, "\n")] = 0;
        if (line[0] && line[0] != '#')
            execute(line);
    }
    fclose(script);
    sienna_release(o.sienna);
    printf("\nall %u lines done\n", o.line);
    return 0;
}
