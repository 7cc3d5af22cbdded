/* SPDX-License-Identifier: MIT */
/**
 * Hostile state descriptions: an input writes bytes into two of them, into what they designate (system
 * control area, facility list, interruption state, CMMA log), into the host's tables with their PGSTEs, the
 * guests' lowcore and code, and lets two CPUs interpret them meanwhile. Whatever comes, entry is a validity
 * interception or a legal run: virtual time goes on, the host's registers come back, and with satellites
 * where they belong only known codes are stored.
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cpu/access.h"
#include "cpu/cpus.h"
#include "fuzz.h"
#include "machine/machine.h"
#include "sie/sie.h"
#include "sie/state_descriptor.h"
#include "storage/storage.h"

enum {
    STORAGE = 1 << 20, CPUS = 2, CODE = 0x10000, DESCRIPTIONS = 0x20000, SATELLITES = 0x24000, SCA = 0x24000,
    LIST = 0x28000, GISA = 0x28400, LOG = 0x29000, SEGMENTS = 0x30000, PAGES = 0x31000, GUEST = 0x80000,
    GUEST_BYTES = 0x80000, GUEST_CODE = 0x4000,
    EXAMPLE_BYTES = 6, LONGEST_RUN = 20000,
};

struct target {
    struct machine machine;
    bool clean; /* satellites are where they belong, the guests in their own frames */
};

static uint8_t *at(struct target *t, uint64_t address) { return t->machine.storage->bytes + address; }
static uint8_t *description(struct target *t, unsigned cpu) { return at(t, DESCRIPTIONS + cpu * SD_BYTES); }

static void put_psw(uint8_t *to, uint64_t mask, uint64_t address)
{
    put_be64(to, mask);
    put_be64(to + 8, address);
}

/* The host enters again and again, whatever interrupts it. */
static void make_host(struct target *t)
{
    struct facility_list all;

    machine_init(&t->machine);
    t->machine.storage = storage_create(&t->machine, STORAGE);
    facility_list_all(&all);
    cpus_create(&t->machine, CPUS, CPUS, &all);
    t->machine.cpus->sie = &sie_interpretation;
    put_be64(at(t, CODE), 0xb214e000a7f4fffe); /* sie 0(14); j .-4 */
    for (unsigned psw = 0x1a0; psw <= 0x1f0; psw += 16)
        put_psw(at(t, psw), PSW_EA | PSW_BA, CODE);
    put_be64(at(t, SEGMENTS), PAGES);
    for (unsigned i = 1; i < 512; i++)
        put_be64(at(t, SEGMENTS + 8 * i), 0x20);
    for (unsigned i = 0; i < 256; i++)
        put_be64(at(t, PAGES + 8 * i), i < GUEST_BYTES >> 12 ? GUEST + i * 0x1000 : 0x400);
    for (unsigned i = 0; i < CPUS; i++) {
        struct cpu *cpu = t->machine.cpus->cpu[i];

        cpu->psw_mask = PSW_EA | PSW_BA | PSW_EXTERNAL;
        cpu->cr[0] |= CR0_AFP | CR0_VECTOR | CR0_CPU_TIMER | CR0_EDAT;
        cpu->cr[1] = SEGMENTS;
        cpu->ia = CODE;
        cpu->clock_comparator = UINT64_MAX;
        cpu->cpu_timer_end = INT64_MAX;
        cpu->gr[14].d = DESCRIPTIONS + i * SD_BYTES;
        cpu->gr[15].d = 0x15;
        cpu->state = CPU_OPERATING;
    }
}

static void place_satellites(struct target *t, unsigned cpu)
{
    uint8_t *sd = description(t, cpu);

    put_be32(sd + SD_SCA_HIGH, 0);
    put_be32(sd + SD_SCA_LOW, SCA);
    put_be32(sd + SD_FACILITIES, LIST);
    put_be32(sd + SD_GISA, GISA);
    put_be64(sd + SD_CBRL, LOG);
}

static void make_guest(struct target *t, unsigned cpu)
{
    uint8_t *sd = description(t, cpu), *entry = at(t, SCA + SCA_BASIC_ENTRIES + cpu * SCA_BASIC_ENTRY);

    put_be32(sd + SD_CPUSTAT, CPUSTAT_ZARCH | CPUSTAT_SM | CPUSTAT_GED2);
    put_be32(sd + SD_ECA, ECA_SIGPI | ECA_SII | ECA_MVPGI | ECA_VX | ECA_PROTEXCI | ECA_AIV);
    sd[SD_ECB] = ECB_SPECI | ECB_SRSI | ECB_PTF | ECB_HOSTPROTINT;
    sd[SD_ECB2] = ECB2_CMMA;
    put_be16(sd + SD_CPU_ADDRESS, (uint16_t)cpu);
    put_psw(sd + SD_PSW, PSW_EA | PSW_BA | PSW_EXTERNAL, GUEST_CODE);
    put_be64(sd + SD_CR, 0x6ee0 | CR0_AFP | CR0_VECTOR | CR0_EDAT);
    put_be64(sd + SD_CLOCK_COMPARATOR, 5000);
    put_be64(sd + SD_CPU_TIMER, 3000);
    place_satellites(t, cpu);
    put_be64(entry + SCA_ENTRY_DESCRIPTION, DESCRIPTIONS + cpu * SD_BYTES);
    put_be64(at(t, SCA + SCA_BASIC_MASK), 0xc000000000000000);
    for (unsigned psw = 0x1a0; psw <= 0x1f0; psw += 16)
        put_psw(at(t, GUEST + psw), PSW_EA | PSW_BA, GUEST_CODE);
}

static uint64_t interesting(struct fuzz_input *in)
{
    static const uint64_t values[] = {
        0, 1, 4, 0x20, 0x24, 0x400, 0x800, 0x1000, 0x2000, DESCRIPTIONS, DESCRIPTIONS + SD_BYTES, SCA,
        SCA + 0x7f0,
        LIST, GISA | 1, LOG | 0xff8, SEGMENTS, PAGES, GUEST, STORAGE - 8, STORAGE, 0x7ffff000, 0x80000000,
        0xffffffff,
        0x100000000, INT64_MAX, 1ULL << 63, UINT64_MAX, UINT64_MAX - 0xfff, PSW_EA | PSW_BA, PSW_WAIT,
    };
    uint8_t b = fuzz_byte(in);

    if (b < 0xc0)
        return values[b % (sizeof values / sizeof values[0])];
    return (uint64_t)fuzz_word(in) << 32 | fuzz_word(in);
}

static void store_code(struct target *t, unsigned offset, const uint8_t *code, unsigned bytes)
{
    storage_stored(t->machine.storage, absolute(GUEST + GUEST_CODE + offset), bytes, true);
    memcpy(at(t, GUEST + GUEST_CODE + offset), code, bytes);
}

/* Instructions that ask much of the interpretation; each then goes on to the next place. */
static void place_instruction(struct target *t, struct fuzz_input *in)
{
    static const uint8_t codes[][6] = {
        {0xae, 0x02, 0x00, 0x02}, {0xae, 0x02, 0x00, 0x15}, {0xb9, 0xab, 0x10, 0x23},
        {0xb9, 0xa2, 0x00, 0x20},
        {0xb2, 0x21, 0x00, 0x23}, {0xb9, 0x8e, 0x00, 0x23}, {0xb2, 0x54, 0x00, 0x23},
        {0xb2, 0x29, 0x00, 0x23},
        {0xb2, 0x2b, 0x00, 0x23}, {0xb2, 0x2a, 0x00, 0x23}, {0xb9, 0xaf, 0x00, 0x23},
        {0xb2, 0xb0, 0x01, 0x00},
        {0xb2, 0xb2, 0x01, 0xa0}, {0xad, 0xff, 0x01, 0x00}, {0x80, 0x00, 0x01, 0x00},
        {0x83, 0x12, 0x00, 0x44},
        {0xb2, 0x09, 0x01, 0x00}, {0xb2, 0x08, 0x01, 0x00}, {0xb2, 0x06, 0x01, 0x00},
        {0xb2, 0x78, 0x01, 0x00},
        {0xeb, 0x0f, 0x01, 0x00, 0x00, 0x2f}, {0xeb, 0x0f, 0x03, 0x00, 0x00, 0x24}, {0xa8, 0x24, 0x00, 0x00},
        {0x44, 0x00, 0x40, 0x08}, {0xb2, 0x0d, 0x00, 0x00}, {0xb9, 0x8a, 0x00, 0x23}, {0x0a, 0x11},
        {0x00, 0x00},
        {0xb2, 0x14, 0x20, 0x00}, {0xe5, 0x01, 0x20, 0x00, 0x30, 0x00}, {0xb1, 0x12, 0x00, 0x00},
        {0x01, 0x04},
    };
    const uint8_t *code = codes[fuzz_byte(in) % (sizeof codes / sizeof codes[0])];
    static const uint8_t loop[4] = {0xa7, 0xf4, 0x00, 0x00};
    unsigned offset = fuzz_byte(in) % 16 * 2;

    store_code(t, offset, code, 6);
    if (code[4] == 0 && code[5] == 0)
        store_code(t, offset + (code[0] < 0x40 ? 2 : 4), loop, fuzz_byte(in) & 1 ? 0 : 4);
}

static void run(struct target *t, uint64_t cycles)
{
    uint64_t limit = t->machine.now + cycles;

    while (t->machine.now < limit && !t->machine.end)
        if (cpus_run(&t->machine, limit) == CPUS_IDLE)
            t->machine.now = limit;
    t->machine.end = MACHINE_RUNNING;
}

/* Entry bits of the host's tables and of the PGSTEs behind them. */
static void change_table(struct target *t, struct fuzz_input *in)
{
    unsigned index = fuzz_byte(in);
    uint8_t kind = fuzz_byte(in);

    if (kind & 1) {
        put_be64(at(t, PAGES + 2048 + 8 * index), (uint64_t)fuzz_word(in) << 32);
    } else if (kind & 2) {
        t->clean = false;
        put_be64(at(t, PAGES + 8 * index), interesting(in));
    } else {
        put_be64(at(t, PAGES + 8 * index), (GUEST + index % 128 * 0x1000) | (fuzz_byte(in) & 6) << 8);
    }
    for (unsigned i = 0; i < CPUS; i++)
        tlb_purge_all(t->machine.cpus->cpu[i]);
}

static void act(struct target *t, struct fuzz_input *in)
{
    unsigned cpu = fuzz_byte(in) & 1;
    uint8_t *sd = description(t, cpu);

    switch (fuzz_byte(in) % 12) {
    case 0:
        sd[fuzz_half(in) % SD_BYTES] = fuzz_byte(in);
        break;
    case 1:
        put_be64(sd + fuzz_half(in) % (SD_BYTES - 8), interesting(in));
        break;
    case 2:
        put_be32(sd + fuzz_half(in) % (SD_BYTES / 4) * 4, (uint32_t)interesting(in));
        break;
    case 3:
        put_be64(at(t, SATELLITES + fuzz_half(in) % 0x6000 / 8 * 8), interesting(in));
        break;
    case 4:
        change_table(t, in);
        break;
    case 5: case 6:
        place_instruction(t, in);
        break;
    case 7:
        store_code(t, fuzz_byte(in) % 64, (const uint8_t[]){fuzz_byte(in)}, 1);
        break;
    case 8:
        put_be64(at(t, GUEST + 0x1a0 + fuzz_byte(in) % 12 * 8), interesting(in));
        break;
    case 9:
        t->machine.cpus->cpu[cpu]->gr[fuzz_byte(in) % 14].d = interesting(in);
        break;
    case 10: /* as another CPU of the host would */
        put_be32(sd + SD_CPUSTAT, get_be32(sd + SD_CPUSTAT) ^ 1u << fuzz_byte(in) % 32);
        break;
    case 11:
        run(t, 1 + fuzz_byte(in) * 16);
        break;
    }
}

static bool known_code(uint8_t code)
{
    static const uint8_t codes[] = {0, 0x04, 0x08, 0x10, 0x14, 0x18, 0x1c, 0x20, 0x28, 0x2c, 0x38, 0x5c};

    return memchr(codes, code, sizeof codes) != NULL;
}

static void check(struct target *t)
{
    for (unsigned i = 0; i < CPUS; i++) {
        struct cpu *cpu = t->machine.cpus->cpu[i];

        if (cpu->interpreting)
            sie_interpretation.leave(cpu);
        FUZZ_ASSERT(cpu->gr[14].d == DESCRIPTIONS + i * SD_BYTES);
        FUZZ_ASSERT(cpu->gr[15].d == 0x15);
        FUZZ_ASSERT(cpu->cr[1] == SEGMENTS && cpu->prefix == 0);
        FUZZ_ASSERT(!t->clean || known_code(description(t, i)[SD_ICPTCODE]));
    }
}

static void too_long(int number)
{
    (void)number;
    abort(); /* neither time nor instructions came to an end */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, data + size};
    struct target target = {.clean = true}, *t = &target;

    signal(SIGALRM, too_long);
    alarm(60);
    make_host(t);
    for (unsigned i = 0; i < CPUS; i++)
        make_guest(t, i);
    t->clean = fuzz_byte(&in) & 1;
    while (in.at < in.end)
        act(t, &in);
    for (unsigned i = 0; i < CPUS; i++) {
        if (t->clean)
            place_satellites(t, i);
        description(t, i)[SD_ICPTCODE] = 0;
        t->machine.cpus->cpu[i]->leave |= LEAVE_MODE;
    }
    run(t, LONGEST_RUN);
    check(t);
    cpus_release(t->machine.cpus);
    storage_release(t->machine.storage);
    machine_release(&t->machine);
    return 0;
}

/* An instruction after the other, run for a while. */
size_t fuzz_example(unsigned n, uint8_t *data, size_t room)
{
    size_t bytes = 0;

    data[bytes++] = (uint8_t)(n & 1);
    for (unsigned i = 0; i < 4 && bytes + 2 * EXAMPLE_BYTES < room; i++) {
        const uint8_t place[EXAMPLE_BYTES - 1] = {0, 5, (uint8_t)(n + i * 7), (uint8_t)(i * 2),
                                                  (uint8_t)(i < 3)};
        const uint8_t pass[3] = {0, 11, (uint8_t)(n * 4)};

        memcpy(data + bytes, place, sizeof place);
        bytes += sizeof place;
        memcpy(data + bytes, pass, sizeof pass);
        bytes += sizeof pass;
    }
    return bytes;
}
