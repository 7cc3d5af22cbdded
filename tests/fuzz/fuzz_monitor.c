/* SPDX-License-Identifier: MIT */
/**
 * Arbitrary lines to the monitor, as text and as JSON: each is answered by one object or one sentence,
 * and nothing they do harms the host.
 *
 * Input: lines. What could touch the host's files or network (adding devices) is passed over.
 */
#define _GNU_SOURCE
#include <string.h>

#include "fuzz.h"
#include "monitor_internal.h"

static bool stopped = true;

static void set_stopped(void *context, bool stop) { stopped = stop; }
static bool is_stopped(const void *context) { return stopped; }
static void nothing(void *context) {}
static uint64_t lag(const void *context) { return 0; }
static uint64_t limit(const void *context) { return UINT64_MAX; }

static struct {
    bool line_open; /* a JSON answer has begun */
    uint64_t bytes;
} out;

static void take(void *context, const char *bytes, size_t count)
{
    out.bytes += count;
}

static void take_json(void *context, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!out.line_open)
            FUZZ_ASSERT(bytes[i] == '{');
        out.line_open = bytes[i] != '\n';
    }
}

/* One machine and its sessions for all inputs: what one leaves behind is the next one's beginning. */
static struct monitor *begin(struct monitor_session *sessions[3])
{
    static struct monitor *m;
    static struct monitor_session *all[3];
    const struct sienna_options options = {.storage_bytes = 2 << 20, .cpus = 2, .start_tod = 1ULL << 60};
    const struct monitor_host host = {NULL, set_stopped, is_stopped, nothing, lag, limit, nothing};
    char problem[SIENNA_PROBLEM_BYTES];

    if (!m) {
        struct sienna *s = sienna_create(&options, problem);

        FUZZ_ASSERT(s != NULL);
        m = monitor_create(s, &host);
        all[0] = monitor_session_open(m, MONITOR_LINES, take, NULL);
        all[1] = monitor_session_open(m, MONITOR_TERMINAL, take, NULL);
        all[2] = monitor_session_open(m, MONITOR_JSON, take_json, NULL);
    }
    for (unsigned i = 0; i < 3; i++) {
        sessions[i] = all[i];
        monitor_session_listen(all[i], true);
    }
    return m;
}

static void perform_line(struct monitor *m, struct monitor_session *sessions[3], const char *line,
                         size_t count)
{
    char problem[HOST_PROBLEM_BYTES] = "", word[128], text[512];
    const struct monitor_command *command;
    unsigned cpu = 0;
    json_t *value;

    if (memmem(line, count, "device", 6) && memmem(line, count, "add", 3))
        return;
    if (count < sizeof text && !memchr(line, 0, count)) {
        memcpy(text, line, count);
        text[count] = 0;
        value = monitor_perform_text(m, &cpu, text, &command, problem);
        FUZZ_ASSERT(value ? json_is_object(value) : problem[0] && !strchr(problem, '\n'));
        json_decref(value);
        for (unsigned i = 0; i < 300 && monitor_completion(m, text, i, word, sizeof word); i++)
            FUZZ_ASSERT(word[0]);
    }
    for (unsigned i = 0; i < 3; i++) {
        monitor_session_type(sessions[i], line, count);
        monitor_session_type(sessions[i], i == 1 ? "\r" : "\n", 1);
    }
    FUZZ_ASSERT(!out.line_open);
    m->quitting = false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct monitor_session *sessions[3];
    struct monitor *m = begin(sessions);
    const char *at = (const char *)data, *end = at + size;

    for (unsigned lines = 0; at < end && lines < 16; lines++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));

        stop = stop ? stop : end;
        perform_line(m, sessions, at, (size_t)(stop - at));
        at = stop + 1;
    }
    for (unsigned i = 0; i < 3; i++)
        monitor_session_listen(sessions[i], false);
    /* Conditions that never hold would make each step of the next inputs a long way. */
    monitor_stops_release(m);
    return 0;
}

size_t fuzz_example(unsigned n, uint8_t *data, size_t room)
{
    static const char *const lines[] = {
        "help\nstatus\ncpus\nregisters all\n",
        "set gr4 12\nset psw 00000001800000000000000000010000\nstep 10\n",
        "write 10000 a73b0001a7f4fffe\ndisassemble 10000 3\n",
        "x %gr4+10 32 absolute 0\nkeys 0 4\nset-key 1000 f8\n",
        "walk primary:1000\nset cr1 20\nwalk 7000 home cpu=1\ntlb\n",
        "subchannels\ndevices\nevents\npending 1\n",
        "{\"command\":\"storage\",\"arguments\":{\"address\":\"real:200\",\"count\":16},\"id\":1}\n",
        "{\"command\":\"registers\",\"arguments\":{\"set\":\"vector\",\"cpu\":1}}\n",
        "stop 0\nstore-status 0\ncont 0\nrestart 1\n",
        "reset clear\nipl\nmachine-check warning\nconfigure 1 off\n",
        "link 0 on\nballoon 1 2\ndevice-remove 0\nquiesce\n",
        "storage \"10 0\"\ncpu 1\nhelp st\ninterrupt 0\nquit\n", "re\tg\t\x1b[A\x1b[D\x7fx\x03y\n",
        "step 100 any\ns 5 1\n",
        "break 10004 if %gr3 > 10 && word[%gr4+8] == 5\nwatch absolute:800 8 access if !([800] & 1)\nstops\ndelete\n",
        "catch svc 2a if (1 || 0) - 1\nb 10000 guest=0 if=\"byte[%psw] != a7\"\ndelete 1\nrs 1 0 1\n",
    };
    const char *line = lines[n % (sizeof lines / sizeof lines[0])];
    size_t bytes = strlen(line);

    if (bytes > room)
        return 0;
    memcpy(data, line, bytes);
    return bytes;
}
