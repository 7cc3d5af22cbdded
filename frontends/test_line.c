/* SPDX-License-Identifier: MIT */
/** The command line of a test, for the child process and for a person who wants to see it again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test_run.h"

/* Tests begin on a fixed date: the host's would give each run another digest. */
#define START_DATE "base=2026-01-01"

static void add_two(char ***words, unsigned *count, const char *option, const char *value)
{
    if (!value)
        return;
    suite_add_word(words, count, option);
    suite_add_word(words, count, value);
}

/* loader,file=FILE,addr=ADDRESS,cpu-num=0; commas in the name are doubled. */
static void add_image(char ***words, unsigned *count, const char *image)
{
    char *text = NULL, *file;
    uint64_t address;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    if (!out)
        abort();
    suite_image(image, &file, &address);
    fprintf(out, "loader,file=");
    for (const char *at = file; *at; at++)
        fprintf(out, *at == ',' ? ",," : "%c", *at);
    fprintf(out, ",addr=%#llx,cpu-num=0", (unsigned long long)address);
    fclose(out);
    add_two(words, count, "-device", text);
    free(text);
    free(file);
}

char **test_words(const struct suite_test *t, bool digest, const uint64_t *seed)
{
    char limit[24], schedule[32], **words = NULL;
    unsigned count = 0;

    snprintf(limit, sizeof limit, "%llu", (unsigned long long)t->limit_ms);
    suite_add_word(&words, &count, "sienna");
    suite_add_word(&words, &count, t->recording.text ? "replay" : "run");
    if (t->recording.text) {
        suite_add_word(&words, &count, t->recording.text);
        add_two(&words, &count, "-serial", "stdio");
        add_two(&words, &count, "-limit", limit);
        if (digest || t->digest.text)
            suite_add_word(&words, &count, "-digest");
        for (unsigned i = 0; i < t->options.count; i++)
            suite_words(t->options.values[i].text, &words, &count);
        return words;
    }
    add_two(&words, &count, "-m", t->storage.text);
    add_two(&words, &count, "-smp", t->cpus.text);
    add_two(&words, &count, "-rtc", START_DATE);
    add_two(&words, &count, "-limit", limit);
    suite_add_word(&words, &count, "-no-reboot");
    if (seed) {
        snprintf(schedule, sizeof schedule, "seed=%llu", (unsigned long long)*seed);
        add_two(&words, &count, "-sched", schedule);
    }
    if (digest || t->digest.text)
        suite_add_word(&words, &count, "-digest");
    add_two(&words, &count, "-kernel", t->kernel.text);
    if (t->image.text)
        add_image(&words, &count, t->image.text);
    add_two(&words, &count, "-initrd", t->initrd.text);
    add_two(&words, &count, "-append", t->append.text);
    for (unsigned i = 0; i < t->options.count; i++)
        suite_words(t->options.values[i].text, &words, &count);
    return words;
}

void test_record(struct test_run *run, const char *folder, unsigned number)
{
    char *whole = realpath(folder, NULL);
    size_t bytes;
    unsigned count = 0;
    FILE *out;

    if (!whole || run->test->recording.text) {
        free(whole);
        return;
    }
    out = open_memstream(&run->recording, &bytes);
    if (!out)
        abort();
    fprintf(out, "%s/.run-%ld-%u", whole, (long)getpid(), number);
    fclose(out);
    free(whole);
    while (run->words[count])
        count++;
    add_two(&run->words, &count, "-record", run->recording);
}

bool test_has_schedule(const struct suite_test *t)
{
    bool has = t->recording.text != NULL;

    for (unsigned i = 0; i < t->options.count; i++) {
        char **words = NULL;
        unsigned count = 0;

        suite_words(t->options.values[i].text, &words, &count);
        for (unsigned j = 0; j < count; j++)
            has |= !strcmp(words[j], "-sched") || !strcmp(words[j], "--sched");
        suite_free_words(words);
    }
    return has;
}

static void quote(FILE *out, const char *word)
{
    if (*word && strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+.,:/@%")
                     == strlen(word)) {
        fputs(word, out);
        return;
    }
    fputc('\'', out);
    for (; *word; word++)
        fputs(*word == '\'' ? "'\\''" : (char[]){*word, 0}, out);
    fputc('\'', out);
}

char *test_shell_line(const struct test_run *run)
{
    char *line = NULL, program[4096];
    size_t bytes;
    FILE *out = open_memstream(&line, &bytes);
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);

    if (!out)
        abort();
    fputs("cd ", out);
    quote(out, run->suite->folder);
    fputs(" && ", out);
    if (run->test->input.count) {
        fputs("printf '%s\\n'", out);
        for (unsigned i = 0; i < run->test->input.count; i++) {
            fputc(' ', out);
            quote(out, run->test->input.values[i].text);
        }
        fputs(" | ", out);
    }
    program[n > 0 ? n : 0] = 0;
    quote(out, n > 0 ? program : "sienna");
    for (char **word = run->words + 1; *word; word++) {
        if (run->recording && !strcmp(*word, "-record") && !word[2])
            break; /* whoever looks again has other plans */
        fputc(' ', out);
        quote(out, *word);
    }
    if (!run->test->input.count)
        fputs(" </dev/null", out);
    fclose(out);
    return line;
}
