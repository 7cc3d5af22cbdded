/* SPDX-License-Identifier: MIT */
/**
 * Feeds a fuzz target without libFuzzer: files named on the command line, or
 * inputs made from a seed, random ones and mutations of the target's examples.
 *
 *   fuzz_NAME [-seed N] [-runs N] [-seconds N] [FILE...]
 *
 * A failing input is left in the file fuzz-failure; the same seed finds it again.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

enum { LONGEST = 8192 };

static uint8_t input[LONGEST];
static size_t input_bytes;

static uint64_t next(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static void failed(int number)
{
    FILE *file = fopen("fuzz-failure", "wb");

    if (file) {
        fwrite(input, 1, input_bytes, file);
        fclose(file);
    }
    fprintf(stderr, "the failing input (%zu bytes) is in the file fuzz-failure\n", input_bytes);
    signal(number, SIG_DFL);
    raise(number);
}

/* Change, insert, remove or repeat a few bytes. */
static void mutate(uint64_t *random)
{
    static const uint8_t telling[] = {0, 1, 2, 4, 7, 8, 0x0f, 0x10, 0x3f, 0x40, 0x7f, 0x80, 0xfe, 0xff};
    unsigned changes = (unsigned)(next(random) % 8);

    while (changes-- && input_bytes) {
        uint64_t r = next(random);
        size_t at = (size_t)(r >> 16) % input_bytes;

        if (r % 8 < 3) {
            input[at] = (uint8_t)(r >> 8);
        } else if (r % 8 < 5) {
            input[at] = telling[(r >> 8) % sizeof telling];
        } else if (r % 8 == 5 && input_bytes < LONGEST) {
            memmove(input + at + 1, input + at, input_bytes++ - at);
        } else if (r % 8 == 6) {
            memmove(input + at, input + at + 1, --input_bytes - at);
        } else {
            input[at] ^= (uint8_t)(1 << (r >> 8) % 8);
        }
    }
}

static void make_input(uint64_t *random)
{
    uint64_t r = next(random);

    input_bytes = fuzz_example && r % 4 ? fuzz_example((unsigned)(r >> 8) % 64, input, LONGEST) : 0;
    if (input_bytes) {
        mutate(random);
        return;
    }
    input_bytes = (size_t)(r >> 20) % ((r & 0x10) ? LONGEST : 64);
    for (size_t i = 0; i < input_bytes; i++)
        input[i] = (uint8_t)next(random);
}

static int run_file(const char *path)
{
    FILE *file = fopen(path, "rb");

    if (!file) {
        perror(path);
        return 2;
    }
    input_bytes = fread(input, 1, LONGEST, file);
    fclose(file);
    LLVMFuzzerTestOneInput(input, input_bytes);
    return 0;
}

int main(int argc, char **argv)
{
    uint64_t random = 1, runs = UINT64_MAX, done = 0, seconds = 0;
    time_t end;
    int i;

    for (i = 1; i + 1 < argc && argv[i][0] == '-'; i += 2) {
        uint64_t value = strtoull(argv[i + 1], NULL, 0);

        if (!strcmp(argv[i], "-seed"))
            random = value;
        else if (!strcmp(argv[i], "-runs"))
            runs = value;
        else if (!strcmp(argv[i], "-seconds"))
            seconds = value;
    }
    signal(SIGABRT, failed);
    signal(SIGSEGV, failed);
    for (; i < argc; i++) {
        int code = run_file(argv[i]);

        if (code || i + 1 == argc)
            return code;
    }
    if (runs == UINT64_MAX && !seconds)
        seconds = 10;
    end = time(NULL) + (time_t)seconds;
    for (; done < runs && (!seconds || time(NULL) < end); done++) {
        make_input(&random);
        LLVMFuzzerTestOneInput(input, input_bytes);
    }
    printf("%llu inputs\n", (unsigned long long)done);
    return 0;
}
