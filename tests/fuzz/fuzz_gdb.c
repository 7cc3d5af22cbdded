/* SPDX-License-Identifier: MIT */
/**
 * Arbitrary bytes from a client of the gdb stub, and arbitrary agent expressions. Whatever comes: each packet is
 * answered by at most one answer besides texts for the console, the host is not harmed, and when the client is
 * gone nothing is left of it.
 *
 * Input: a byte that chooses (8: a client whose end nobody tells), then bytes of the link with ordinary framing (lines
 * are packets), or raw, or code.
 */
#include <string.h>

#include "fuzz.h"
#include "gdbstub/agent.h"
#include "gdbstub/gdb.h"
#include "sienna_debug.h"

static struct {
    bool running;
    bool open;     /* within a packet */
    unsigned sum_digits;
} state;

/* What the stub says is well-formed. */
static void hear(void *context, const void *bytes, size_t count)
{
    const char *at = bytes;

    for (size_t i = 0; i < count; i++) {
        if (state.sum_digits) {
            FUZZ_ASSERT(strchr("0123456789abcdef", at[i]) && at[i]);
            state.sum_digits--;
        } else if (state.open) {
            FUZZ_ASSERT(at[i] != '$' && at[i] != '%');
            state.open = at[i] != '#';
            state.sum_digits = state.open ? 0 : 2;
        } else {
            FUZZ_ASSERT(strchr("+-$%", at[i]) && at[i]);
            state.open = at[i] == '$' || at[i] == '%';
        }
    }
}

static void set_running(void *context, bool running)
{
    if (running)
        sienna_revive(context);
    state.running = running;
}

static bool is_running(const void *context) { return state.running; }
static void quit(void *context) {}
static void monitor(void *context, unsigned cpu, const char *line, gdb_text *out, void *out_context)
{
    out(out_context, line, strlen(line));
}

static struct sienna *machine(void)
{
    const struct sienna_options options = {.storage_bytes = 2 << 20, .cpus = 2, .start_tod = 1ULL << 60, .log_level = 0};
    static const uint8_t psw[SIENNA_REGISTER_BYTES] = {0, 0, 0, 1, 0x80, [14] = 0x80};
    static struct sienna *s;
    char problem[SIENNA_PROBLEM_BYTES];

    if (!s)
        s = sienna_create(&options, problem);
    FUZZ_ASSERT(s != NULL);
    /* CPU 1 loops: slices are short while two CPUs are busy. */
    sienna_storage_write(s, 1, SIENNA_ABSOLUTE, 0x8000, "\xa7\x1b\x00\x01\xa7\xf4\xff\xfe", 8);
    sienna_register_write(s, 1, SIENNA_PSW, 0, psw, problem);
    sienna_operate(s, SIENNA_START, 1, problem);
    return s;
}

static void run(struct gdb *g, struct sienna *s)
{
    for (unsigned i = 0; i < 4 && state.running; i++) {
        enum sienna_outcome outcome = gdb_run(g, sienna_now(s) + 500);

        if (outcome == SIENNA_STOPPED) {
            state.running = false;
            gdb_met_stop(g);
        } else if (outcome == SIENNA_ENDED) {
            state.running = false;
            gdb_stopped(g, "it has ended");
        } else if (outcome == SIENNA_IDLE) {
            break;
        }
    }
}

static void packets(struct gdb *g, struct sienna *s, const char *at, size_t count)
{
    const char *end = at + count;

    for (unsigned n = 0; at < end && n < 16; n++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        char tail[4];
        uint8_t sum = 0;

        stop = stop ? stop : end;
        for (const char *c = at; c < stop; c++)
            sum += (uint8_t)*c;
        snprintf(tail, sizeof tail, "#%02x", sum);
        gdb_receive(g, "$", 1);
        gdb_receive(g, at, (size_t)(stop - at));
        gdb_receive(g, tail, 3);
        run(g, s);
        at = stop + 1;
    }
}

static bool read_register(void *context, unsigned number, uint64_t *value)
{
    *value = number * 0x0101010101010101ULL;
    return number < 64;
}

static bool read_storage(void *context, uint64_t address, void *to, size_t bytes)
{
    memset(to, (int)address | 1, bytes);
    return address < 0x10000;
}

static void print(void *context, const char *text, size_t bytes)
{
    FUZZ_ASSERT(bytes <= AGENT_TEXT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sienna *s = machine();
    const struct gdb_host host = {s, hear, set_running, is_running, monitor, quit, NULL, size && (data[0] & 8)};
    const struct agent_machine looker = {NULL, read_register, read_storage, print};
    uint64_t value;
    struct gdb *g;

    if (!size)
        return 0;
    if (data[0] % 4 == 3) {
        agent_run(data + 1, size - 1, &looker, &value);
        return 0;
    }
    memset(&state, 0, sizeof state);
    g = gdb_create(s, &host);
    gdb_connected(g, true);
    if (data[0] % 4 == 2) {
        gdb_receive(g, data + 1, size - 1);
        run(g, s);
    } else {
        packets(g, s, (const char *)data + 1, size - 1);
    }
    FUZZ_ASSERT(!state.open);
    gdb_connected(g, false);
    gdb_release(g);
    return 0;
}

size_t fuzz_example(unsigned n, uint8_t *data, size_t room)
{
    static const char *const examples[] = {
        "0qSupported:multiprocess+;swbreak+;hwbreak+\nQStartNoAckMode\n!\n?\nqfThreadInfo\nqsThreadInfo\n",
        "0?\nP0=0000000180000000\nP1=0000000000001000\nM1000,c:a7190000a71b0001a7f4fffe\nZ0,1008,2\nc\nc\nz0,1008,2\n",
        ("0?\nZ0,1008,2;X7,26000322051327\nvCont;c\nZ0,1004,4;cmds:0,X14,260003220022003401000872312025"
         "6c640a0027\nc\n"),
        "0Hg1\ng\np2\nP43=00112233445566778899aabbccddeeff\nm0,40\nx0,40\nX0,4:abcd\nmfffc000000000000,4\n",
        "0qXfer:features:read:target.xml:0,fff\nqXfer:threads:read::0,100\nqXfer:osdata:read:processes:0,100\n",
        "0QNonStop:1\n?\nvStopped\nvCont;t:p1.2\nvStopped\nvCont;c:1\nvCont;c:2\nvCont;t\nvStopped\nvStopped\nvCtrlC\n",
        "0vCont;s:p1.1\nvCont;r1000,1008:p1.1;c\nvCont;s:1;c\ns\nc1000\nC05;1000\nS05\n",
        "0qRcmd,737061636520726561\nqSearch:memory:0;1000;ab\nqCRC:0,100\nqThreadExtraInfo,1\nqC\nT1\n",
        "8qSupported:multiprocess+\nQStartNoAckMode\n!\n?\nZ0,1008,2\nqSupported:a+\n?\nqSupported\nk\n",
        "0D;1\nvAttach;1\nvKill;1\nR00\n?\nvAttach;2\nD\nk\n",
        "2$qAttached#8f+-$?#3f\003$m0,4#fd",
        "3\x26\x00\x03\x22\x05\x13\x27",
        "3\x22\x01\x20\x00\x08\x22\x05\x27\x22\x09\x27",
        "3\x22\x05\x22\x00\x22\x00\x34\x01\x00\x04%5d\x00\x27",
        "0?\nZ2,2000,8\nZ3,2000,8\nZ4,fffa000000002000,8\nZ1,1000,2\nc\nZ2,fffc000000000001,1\n",
        "0bs\nbc\nvCont?\nqAttached:1\nqSymbol::\nQPassSignals:1\nvMustReplyEmpty\n",
    };
    const char *text = examples[n % (sizeof examples / sizeof examples[0])];
    size_t bytes = strlen(text);

    /* Those of code hold zeros. */
    if (text[0] == '3')
        bytes = n % 16 == 11 ? 8 : n % 16 == 12 ? 12 : 16;
    if (bytes > room)
        return 0;
    memcpy(data, text, bytes);
    return bytes;
}
