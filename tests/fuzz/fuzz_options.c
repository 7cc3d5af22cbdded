/* SPDX-License-Identifier: MIT */
/** The command's options: any words are either understood or refused in one sentence that names an option. */
#include <stdbool.h>
#include <string.h>

#include "fuzz.h"
#include "options.h"

enum { WORDS = 24, LONGEST_TEXT = 2000 };

static const char *const words[] = {
    "-m", "512M", "-smp", "2,maxcpus=4", "-cpu", "z14,edat2=off", "-kernel", "vmlinuz", "-append", "quiet", "-drive",
    "file=disk.img,if=none,id=d0", "-device", "virtio-blk,drive=d0,bootindex=1", "-nic", "user,hostfwd=tcp::2222-:22",
    "-serial", "stdio", "-monitor", "none", "-name", "guest", "-uuid", "00112233-4455-6677-8899-aabbccddeeff",
    "-device", "loader,file=x,addr=0x1000", "-clock-scale", "2", "-idle-limit", "10", "-rtc", "base=2024-01-01", "-net", "nic,model=virtio,macaddr=52:54:00:12:34:56",
    "-net", "user", "-mon", "chardev=c,mode=readline", "-chardev", "stdio,id=c,mux=on,signal=off", "-serial", "chardev:c",
    "-device", "virtio-serial-ccw,devno=fe.0.0002", "-device", "virtconsole,chardev=c", "-accel", "kvm:tcg", "-action",
    "reboot=shutdown,panic=exit-failure", "-object", "rng-random,filename=/dev/urandom,id=r", "-smp",
    "4,sockets=2,cores=2,threads=1", "-vga", "none", "-device", "virtio-rng-ccw,help", "-sched", "seed=5,exits=off,delays=on"};

/* What devices, loaders and names refer to lasts as long as the process. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "detect_leaks=0"; }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[LONGEST_TEXT + 1], problem[SIENNA_PROBLEM_BYTES] = "";
    char *argv[WORDS + 2] = {"sienna"};
    struct command *command = calloc(1, sizeof *command);
    int argc = 1;

    if (size > LONGEST_TEXT)
        size = LONGEST_TEXT;
    memcpy(text, data, size);
    text[size] = 0;
    for (size_t at = 0; at < size && argc <= WORDS; at += strlen(text + at) + 1)
        if (text[at])
            argv[argc++] = text + at;
    FUZZ_ASSERT(command);
    if (!options_parse(command, argc, argv, problem) || !options_resolve(command, problem))
        FUZZ_ASSERT(*problem && memchr(problem, 0, sizeof problem));
    options_release(command);
    free(command);
    return 0;
}

/* Pairs of words, each ended by a zero. */
size_t fuzz_example(unsigned n, uint8_t *data, size_t room)
{
    const unsigned pairs = sizeof words / sizeof *words / 2;
    size_t bytes = 0;

    for (unsigned i = 0; i < 3; i++) {
        unsigned pair = (n * 7 + i * (n / 8 + 1)) % pairs;

        for (unsigned j = 0; j < 2; j++) {
            size_t count = strlen(words[2 * pair + j]) + 1;

            if (bytes + count > room)
                return bytes;
            memcpy(data + bytes, words[2 * pair + j], count);
            bytes += count;
        }
    }
    return bytes;
}
