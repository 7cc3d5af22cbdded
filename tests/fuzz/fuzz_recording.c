/* SPDX-License-Identifier: MIT */
/**
 * Recordings as hostile as they can be. The input is a file; or inputs of which a well-formed file is made, which
 * a small machine then replays: it ends, differs or is cut, and nothing else happens.
 */
#define _GNU_SOURCE /* memfd_create */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "trace/recording.h"

enum { LARGEST = 4096, BRIEFLY = 1 << 20, ASKED = 0x8000 };

static void say_nothing(void *context, int level, const char *text) {}

static void replay(struct recording_reader *r)
{
    const struct sienna_options options = {.storage_bytes = 1 << 20, .cpus = 2, .max_cpus = 3, .log = say_nothing,
                                           .player = recording_player(r)};
    struct sienna_program program = {.kernel = "/nonexistent"};
    struct sienna_setting settings[] = {{"file", "/nonexistent"}, {"path", "/nonexistent"}, {"mount_tag", "x"}};
    char problem[SIENNA_PROBLEM_BYTES] = "";
    struct sienna *s = sienna_create(&options, problem);
    struct sienna_replay state;

    if (!s) {
        FUZZ_ASSERT(*problem);
        return;
    }
    sienna_load(s, &program, problem);
    sienna_console_open(s, SIENNA_CONSOLE_LINE_MODE, true, NULL, NULL);
    sienna_device_add(s, "virtio-blk", settings, 1, problem);
    sienna_device_add(s, "virtio-9p", settings + 1, 2, problem);
    sienna_device_add(s, "punch", settings, 1, problem);
    for (unsigned i = 0; i < 16 && sienna_run(s, BRIEFLY) == SIENNA_IDLE; i++)
        sienna_skip_to(s, sienna_next_event(s) < BRIEFLY ? sienna_next_event(s) : BRIEFLY);
    FUZZ_ASSERT(sienna_replay(s, &state));
    sienna_release(s);
}

/* Inputs one behind the other, of random kinds and places. */
static void write_inputs(const char *path, struct fuzz_input *in)
{
    static const char *const header[] = {"version=0", "model=1"};
    char problem[SIENNA_PROBLEM_BYTES];
    struct recording_writer *w = recording_create(path, header, 2, problem);
    uint64_t time = 0;

    FUZZ_ASSERT(w);
    while (in->at < in->end) {
        uint8_t kind = fuzz_byte(in);
        struct sienna_input i = {.kind = (uint16_t)((kind & 0xf) | (kind & 0x80 ? ASKED : 0)),
                                 .port = fuzz_byte(in) % 16, .place = kind & 0x40 ? 0x8000 : 0};

        time += fuzz_byte(in) * (kind & 0x20 ? 4096 : 0);
        i.time = time;
        i.position = kind & 0x10 ? time : 0;
        i.bytes = fuzz_byte(in);
        if (i.bytes > (size_t)(in->end - in->at))
            i.bytes = (uint32_t)(in->end - in->at);
        i.data = in->at;
        in->at += i.bytes;
        recording_recorder(w)->record(recording_recorder(w)->context, &i);
    }
    FUZZ_ASSERT(recording_close(w, problem));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data + 1, data + size};
    char path[64], problem[SIENNA_PROBLEM_BYTES] = "";
    struct recording_reader *r;
    struct sienna_input input;
    int fd;

    if (size < 2 || size > LARGEST)
        return 0;
    fd = memfd_create("recording", 0);
    FUZZ_ASSERT(fd >= 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (data[0] & 3)
        write_inputs(path, &in);
    else
        FUZZ_ASSERT(write(fd, data + 1, size - 1) == (ssize_t)size - 1);
    r = recording_open(path, problem);
    if (!r) {
        FUZZ_ASSERT(*problem && memchr(problem, 0, sizeof problem));
    } else if (data[0] & 1) {
        replay(r);
    } else {
        while (recording_next(r, &input))
            FUZZ_ASSERT(!input.bytes || input.data);
    }
    recording_release(r);
    close(fd);
    return 0;
}

/* The beginning of a recording: the date, two settings, a file that is not there, devices. */
size_t fuzz_example(unsigned n, uint8_t *data, size_t room)
{
    static const uint8_t inputs[] = {
        1, 0x85, 0, 0, 8, 0x10, 0, 0, 0, 0, 0, 0, 0, 0x87, 1, 0, 1, 1, 0x89, 0, 0, 12, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0,
        0x87, 2, 0, 1, 1, 0x8a, 0, 0, 9, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0x8b, 0, 0, 1, 1, 0x8b, 0, 0, 1, 1,
        0x08, 1, 0, 20, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0,
        0x21, 0, 9, 3, 'l', 's', 10, 0x24, 11, 1, 3, 0, 0, 2, 0x2d, 0, 5, 8, 0, 0, 0, 0, 0, 0, 0, 0,
    };

    if (room < sizeof inputs)
        return 0;
    memcpy(data, inputs, sizeof inputs);
    data[0] = (uint8_t)(n % 4);
    return sizeof inputs;
}
