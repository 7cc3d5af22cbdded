/* SPDX-License-Identifier: MIT */
/*
 * The oracle for what QEMU lacks: hercules running harness-bare. Each request starts it anew:
 * it loads harness, cases and control block from files, and saves the results to a file when
 * its automatic operator sees the disabled wait at the end.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "oracle.h"

enum { OUT_BYTES = CASE_SLOTS * CASE_SLOT_BYTES, PATIENCE = 20 };

static void write_file(const struct oracle *oracle, const char *name, const void *bytes, size_t count)
{
    char path[80];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", oracle->folder, name);
    file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, count, file) != count || fclose(file))
        oracle_fail(path);
}

static void write_scripts(const struct oracle *oracle)
{
    static const char configuration[] =
        "ARCHMODE z/Arch\nNUMCPU 1\nMAINSIZE 64\nCPUMODEL 2097\nOSTAILOR QUIET\n000E 1403 /dev/null\n";
    char text[1024];

    write_file(oracle, "configuration", configuration, strlen(configuration));
    snprintf(text, sizeof text,
             "hao tgt HHCCP011I\nhao cmd script %s/after\nloadcore %s %x\nloadcore %s/cases %x\n"
             "loadcore %s/control %x\nloadcore %s/psw 1a0\nrestart\n",
             oracle->folder, oracle->harnesses->image, BARE_ORIGIN, oracle->folder, BARE_IN, oracle->folder,
             BARE_CONTROL, oracle->folder);
    write_file(oracle, "before", text, strlen(text));
    snprintf(text, sizeof text, "stop\npause 1\nsavecore %s/results %x %x\nquit\n", oracle->folder, BARE_OUT,
             BARE_OUT + OUT_BYTES - 1);
    write_file(oracle, "after", text, strlen(text));
}

void oracle_hercules_open(struct oracle *oracle)
{
    uint8_t psw[16] = {0};

    strcpy(oracle->folder, "/tmp/sienna-hercules-XXXXXX");
    if (!mkdtemp(oracle->folder))
        oracle_fail(oracle->folder);
    oracle->chunk = calloc(1, CASE_CHUNK_BYTES);
    oracle->out = calloc(1, OUT_BYTES);
    put64(psw, 0x0000000180000000);
    put64(psw + 8, BARE_ORIGIN);
    write_file(oracle, "psw", psw, sizeof psw);
    write_scripts(oracle);
}

void oracle_hercules_close(struct oracle *oracle)
{
    static const char *const files[] = {"configuration", "before", "after", "psw", "control", "cases", "results", "log"};
    char path[80];

    for (unsigned i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/%s", oracle->folder, files[i]);
        unlink(path);
    }
    rmdir(oracle->folder);
    free(oracle->chunk);
    free(oracle->out);
}

void oracle_hercules_begin(struct oracle *oracle)
{
    size_t bytes = CASE_CHUNK_FIRST + (size_t)(oracle->first + oracle->count) * CASE_SLOT_BYTES;
    uint8_t control[20] = {0};
    char path[80];

    put32(control + CONTROL_REQUEST, oracle->sequence);
    put32(control + CONTROL_FIRST, oracle->first);
    put32(control + CONTROL_COUNT, oracle->count);
    put32(control + CONTROL_ONCE, 1);
    write_file(oracle, "control", control, sizeof control);
    write_file(oracle, "cases", oracle->chunk, bytes);
    oracle->child = oracle_fork();
    if (oracle->child)
        return;
    /* Hercules does nothing more when its messages go to /dev/null. */
    snprintf(path, sizeof path, "%s/log", oracle->folder);
    if (!getenv("SIENNA_DIFF_VERBOSE") && freopen(path, "w", stdout))
        dup2(1, 2);
    snprintf(path, sizeof path, "%s/before", oracle->folder);
    setenv("HERCULES_RC", path, 1);
    snprintf(path, sizeof path, "%s/configuration", oracle->folder);
    execlp("hercules", "hercules", "-d", "-f", path, (char *)NULL);
    _exit(127);
}

/* Wait for the end; false when no results were saved. */
static bool await(struct oracle *oracle)
{
    const struct timespec moment = {0, 10000000};
    char path[80];
    bool saved;
    int status;
    FILE *file;

    for (unsigned i = 0; waitpid(oracle->child, &status, WNOHANG) == 0; i++) {
        if (i == PATIENCE * 100)
            kill(oracle->child, SIGKILL);
        nanosleep(&moment, NULL);
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
        fprintf(stderr, "sienna-diff: hercules cannot be started: is it installed?\n");
        exit(2);
    }
    snprintf(path, sizeof path, "%s/results", oracle->folder);
    file = fopen(path, "rb");
    saved = file && fread(oracle->out, 1, OUT_BYTES, file) == OUT_BYTES;
    if (file)
        fclose(file);
    unlink(path);
    return saved;
}

/* Hercules itself sometimes hangs when it starts or ends, so a request is made three times. */
void oracle_hercules_finish(struct oracle *oracle, uint8_t *died)
{
    bool saved = await(oracle);

    for (unsigned tries = 0; !saved && tries < 2; tries++) {
        oracle_hercules_begin(oracle);
        saved = await(oracle);
    }
    if (!saved) {
        fprintf(stderr, "sienna-diff: hercules saves no results\n");
        exit(2);
    }
    for (unsigned i = oracle->first; i < oracle->first + oracle->count; i++)
        died[i] = get32(oracle->out + (size_t)i * CASE_SLOT_BYTES + OUT_DONE) != oracle->sequence;
}
