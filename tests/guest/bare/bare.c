/* SPDX-License-Identifier: MIT */
#include "bare.h"

enum {
    WRITE_EVENT_DATA = 0x00760005, READ_EVENT_DATA = 0x00770005, WRITE_EVENT_MASK = 0x00780005,
    ASCII_EVENT = 0x1a, ASCII_MASK = 1u << (32 - ASCII_EVENT), SCCB_BYTES = 4096, EVENT_PENDING = 1,
    SERVICE_PARAMETER = 0x80,
    RESPONSE_OK = 0x0020,
};

/** An SCCB with one event buffer, or an event mask. */
struct sccb {
    uint16_t length;
    uint8_t function, control[3];
    uint16_t response;
    union {
        struct {
            uint16_t length;
            uint8_t type, flags;
            uint16_t reserved;
            char data[SCCB_BYTES - 14];
        } event;
        struct {
            uint16_t reserved, length;
            uint32_t program_receives, program_sends, machine_receives, machine_sends;
        } mask;
    };
};
static struct sccb sccb __attribute__((aligned(4096)));
static char prefix_area[8192] __attribute__((aligned(8192)));
static int masked, pending;

/* A word of the prefix area; the compiler believes that nothing is there. */
static uint32_t lowcore_word(uint64_t address)
{
    __asm__("" : "+r"(address));
    return *(volatile uint32_t *)address;
}

/* The command performed: its completion is an external interruption. */
static void perform(unsigned command)
{
    while (service(command, &sccb) == 2)
        ;
    do {
        while (wait_external() != EXTERNAL_SERVICE)
            ;
        pending |= lowcore_word(SERVICE_PARAMETER) & EVENT_PENDING;
    } while (!(lowcore_word(SERVICE_PARAMETER) & ~7u));
}

static void begin(unsigned bytes)
{
    sccb.length = (uint16_t)bytes;
    sccb.function = sccb.control[0] = sccb.control[1] = sccb.control[2] = 0;
    sccb.response = 0;
}

static void set_mask(void)
{
    if (masked++)
        return;
    begin(28);
    sccb.mask.reserved = 0;
    sccb.mask.length = 4;
    sccb.mask.program_receives = sccb.mask.program_sends = ASCII_MASK;
    perform(WRITE_EVENT_MASK);
}

void say(const char *text)
{
    unsigned n = 0;

    set_mask();
    for (; text[n]; n++)
        sccb.event.data[n] = text[n];
    begin(14 + n);
    sccb.event.length = (uint16_t)(6 + n);
    sccb.event.type = ASCII_EVENT;
    sccb.event.flags = 0;
    sccb.event.reserved = 0;
    perform(WRITE_EVENT_DATA);
}

void say_number(uint64_t number)
{
    char digits[21];
    unsigned at = sizeof digits - 1;

    digits[at] = 0;
    do
        digits[--at] = (char)('0' + number % 10);
    while (number /= 10);
    say(digits + at);
}

static char typed[256];
static unsigned typed_count;

/* What waits, behind what was typed before; the first byte tells of what kind it is. */
static void receive(void)
{
    begin(SCCB_BYTES);
    sccb.control[2] = 0x80; /* variable-length response */
    perform(READ_EVENT_DATA);
    pending = 0;
    for (unsigned i = 1; sccb.response == RESPONSE_OK && i < sccb.event.length - 6u; i++)
        if (typed_count < sizeof typed)
            typed[typed_count++] = sccb.event.data[i];
}

/* Take a line off what was typed. Returns 0 when there is none yet. */
static int take_line(char *line, unsigned room)
{
    unsigned end = 0, used = 0;

    while (end < typed_count && typed[end] != '\n' && typed[end] != '\r')
        end++;
    if (end == typed_count)
        return 0;
    for (; used < end && used + 1 < room; used++)
        line[used] = typed[used];
    line[used] = 0;
    typed_count -= ++end;
    for (unsigned i = 0; i < typed_count; i++)
        typed[i] = typed[end + i];
    return 1;
}

void listen(char *line, unsigned room)
{
    set_mask();
    while (!take_line(line, room)) {
        while (!pending)
            if (wait_external() == EXTERNAL_SERVICE)
                pending |= lowcore_word(SERVICE_PARAMETER) & EVENT_PENDING;
        receive();
    }
}

int start_second(void)
{
    enum { SET_PREFIX = 0x0d, RESTART = 6, NOT_OPERATIONAL = 3 };
    extern char second_start[];
    uint64_t *restart_psw = (uint64_t *)(prefix_area + 0x1a0);
    int code;

    for (unsigned i = 0x1a0; i < 0x200; i += 4) /* the same new PSWs */
        *(uint32_t *)(prefix_area + i) = lowcore_word(i);
    restart_psw[0] = 0x0000000180000000;
    restart_psw[1] = (uint64_t)second_start;
    while ((code = sigp(1, SET_PREFIX, (unsigned long)prefix_area)) == 2)
        ;
    if (code == NOT_OPERATIONAL)
        return 0;
    while (sigp(1, RESTART, 0) == 2)
        ;
    return 1;
}

extern const char parameters[];

const char *command_line(void)
{
    return parameters + 0x80;
}

const char *initrd(uint64_t *bytes)
{
    *bytes = *(const uint64_t *)(parameters + 0x10);
    return *(const char *const *)(parameters + 0x08);
}

uint64_t clock(void)
{
    uint64_t tod;

    __asm__ volatile("stckf %0" : "=Q"(tod) : : "cc");
    return tod;
}

__attribute__((weak)) void second_test(void)
{
}
