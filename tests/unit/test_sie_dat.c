/* SPDX-License-Identifier: MIT */
/**
 * Composed translation: random tables of a guest over random tables of its host, compared with a plain walk
 * of both, while entries change and both invalidate. Nothing stale may survive what the architecture says
 * purges it.
 *
 * Two CPUs interpret the same guest, each with a state description of its own. Code and guest tables are in
 * the guest's first 256K, whose frames nothing else maps; data are in a pool of 2 MiB that holds its own
 * addresses.
 */
#include "unit/sie_fixture.h"

enum {
    HOST_REGION = 0x60000, HOST_SEGMENTS = 0x64000, HOST_PAGES = 0x68000,
    OWN_FRAMES = 0x100000, OWN_BYTES = 0x40000, POOL = 0x200000, POOL_BYTES = 0x200000,
    GUEST_REGION = 0x20000, GUEST_SEGMENTS = 0x24000, GUEST_PAGES = 0x28000, /* guest absolute */
    GUEST_SEGMENT_COUNT = 8, TABLES = 4, HOT = 6, FRAME_CONTROL = 0x400, SECONDARY_CODE = 2,
};

static uint64_t random_state;

static uint64_t draw(void)
{
    uint64_t z = (random_state += 0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}
static unsigned below(unsigned n) { return (unsigned)(draw() % n); }
static bool chance(unsigned one_in) { return below(one_in) == 0; }

/** Shape of a round. */
static struct {
    uint64_t origin, limit; /**< MSO; greatest guest-absolute address */
    bool host_2g, host_regions, guest_regions, guest_2g, guest_edat;
    uint32_t prefix;
    /* Most accesses go to few pages in few frames, so that what is in the TLB is used again. */
    uint64_t logical[HOT], frame[HOT];
} shape;

/* ---- The plain walk ---- */

struct walked {
    unsigned code;      /**< program-interruption code, 0: `address` is host absolute */
    bool host;          /**< the code is the host's */
    bool protect;
    uint64_t address;   /**< result, or host-logical address of the host's fault */
};

static uint64_t word_at(uint64_t absolute_address) { return get_be64(at(&f, absolute_address)); }

/* One table walk, over `read` for the entries. */
static struct walked plain_walk(uint64_t asce, uint64_t address, bool large, struct walked (*read)(uint64_t))
{
    struct walked w = {.code = 0}, e;
    uint64_t entry, table = asce & ~0xfffULL;

    if (address >> ((asce & 0xc) ? 42 : 31))
        return (struct walked){.code = PIC_ASCE_TYPE};
    if (asce & 0xc) {
        if ((address >> 31) >= 512)
            return (struct walked){.code = PIC_REGION_THIRD};
        e = read(table + (address >> 31) * 8);
        if (e.code)
            return e;
        entry = word_at(e.address);
        if (entry & 0x20)
            return (struct walked){.code = PIC_REGION_THIRD};
        if (large && (entry & 0x200))
            w.protect = true;
        if (large && (entry & FRAME_CONTROL)) {
            w.address = (entry & ~0x7fffffffULL) + (address & 0x7fffffff);
            return w;
        }
        table = entry & ~0xfffULL;
    }
    if ((address >> 20 & 0x7ff) >= 512)
        return (struct walked){.code = PIC_SEGMENT_TRANSLATION};
    e = read(table + (address >> 20 & 0x7ff) * 8);
    if (e.code)
        return e;
    entry = word_at(e.address);
    if (entry & 0x20)
        return (struct walked){.code = PIC_SEGMENT_TRANSLATION};
    w.protect |= (entry & 0x200) != 0;
    if (large && (entry & FRAME_CONTROL)) {
        w.address = (entry & ~0xfffffULL) + (address & 0xfffff);
        return w;
    }
    e = read((entry & ~0x7ffULL) + (address >> 12 & 0xff) * 8);
    if (e.code)
        return e;
    entry = word_at(e.address);
    if (entry & 0x400)
        return (struct walked){.code = PIC_PAGE_TRANSLATION};
    w.protect |= (entry & 0x200) != 0;
    w.address = (entry & ~0xfffULL) + (address & 0xfff);
    return w;
}

static struct walked read_host_table(uint64_t address) { return (struct walked){.address = address}; }

/* Guest absolute to host absolute. */
static struct walked through_host(uint64_t address)
{
    struct walked w;

    if (address > shape.limit)
        return (struct walked){.code = PIC_ADDRESSING};
    w = plain_walk(f.cpu->cr[1], address + shape.origin, true, read_host_table);
    if (w.code)
        return (struct walked){w.code, true, false, address + shape.origin};
    if (w.address >= FIXTURE_STORAGE)
        return (struct walked){.code = PIC_ADDRESSING};
    return w;
}

static uint64_t guest_prefixed(uint64_t real_address)
{
    uint64_t block = real_address & ~0x1fffULL;

    return block == 0 ? real_address + shape.prefix : block == shape.prefix ? real_address - shape.prefix
                                                                            : real_address;
}

static struct walked plain_access(uint64_t asce, uint64_t address, bool store)
{
    struct walked guest_side = plain_walk(asce, address, shape.guest_edat, through_host), host_side;
    uint64_t guest_absolute;

    if (guest_side.code)
        return guest_side;
    guest_absolute = guest_prefixed(guest_side.address);
    host_side = through_host(guest_absolute);
    if (host_side.code)
        return host_side;
    if (store && guest_side.protect)
        return (struct walked){.code = PIC_PROTECTION};
    if (store && host_side.protect)
        return (struct walked){PIC_PROTECTION, true, false, guest_absolute + shape.origin};
    return host_side;
}

/* ---- Random tables ---- */

static uint64_t flag(unsigned one_in, uint64_t bit) { return chance(one_in) ? bit : 0; }

/* Of the host: page `page` of table 0 is the guest's own first 256K, all else is somewhere in the pool. */
static uint64_t random_host_page(unsigned table, unsigned page)
{
    if (table == 0 && page < OWN_BYTES >> 12) {
        bool code = page < GUEST_REGION >> 12;

        return (OWN_FRAMES + page * 4096) | (code ? 0 : flag(30, 0x400) | flag(8, 0x200));
    }
    return (POOL + below(POOL_BYTES >> 12) * 4096) | flag(8, 0x400) | flag(6, 0x200);
}

static uint64_t random_host_segment(unsigned segment)
{
    if (segment == shape.origin >> 20)
        return HOST_PAGES;
    if (chance(3))
        return (POOL + below(2) * 0x100000) | FRAME_CONTROL | flag(8, 0x20) | flag(4, 0x200);
    return (HOST_PAGES + 0x800 * (1 + below(TABLES - 1))) | flag(10, 0x20) | flag(8, 0x200);
}

static uint64_t random_guest_page(void)
{
    uint64_t frame =
        chance(8) ? OWN_BYTES + below((GUEST_SEGMENT_COUNT << 20) - OWN_BYTES) : shape.frame[below(HOT)];

    return (frame & PAGE_MASK) | flag(8, 0x400) | flag(6, 0x200);
}

static uint64_t random_guest_segment(void)
{
    if (shape.guest_edat && chance(3))
        return (1 + below(GUEST_SEGMENT_COUNT)) << 20 | FRAME_CONTROL | flag(8, 0x20) | flag(4, 0x200);
    return (GUEST_PAGES + 0x800 * below(TABLES)) | flag(10, 0x20) | flag(8, 0x200);
}

static uint8_t *own(uint64_t guest_absolute) { return at(&f, OWN_FRAMES + guest_absolute); }

static void random_shape(void)
{
    shape.host_2g = chance(6);
    shape.host_regions = shape.host_2g || chance(2);
    shape.origin = shape.host_2g ? 0x100000 : (uint64_t)below(4) << 20;
    shape.limit = ((uint64_t)(1 + below(GUEST_SEGMENT_COUNT)) << 20) - 1;
    shape.guest_edat = !chance(4);
    shape.guest_regions = chance(2);
    shape.guest_2g = shape.guest_edat && shape.guest_regions && chance(4);
    shape.prefix = chance(2) ? 0 : 0x50000 + below(4) * 0x2000;
    for (unsigned i = 0; i < HOT; i++) {
        shape.logical[i] = (OWN_BYTES + below((GUEST_SEGMENT_COUNT << 20) - OWN_BYTES)) & PAGE_MASK;
        shape.frame[i] = (OWN_BYTES + below((uint32_t)shape.limit + 1 - OWN_BYTES)) & PAGE_MASK;
    }
}

static void random_tables(void)
{
    for (unsigned i = 0; i < 512; i++) {
        put_be64(at(&f, HOST_REGION + 8 * i), 0x20 | 4);
        put_be64(at(&f, HOST_SEGMENTS + 8 * i), i < 16 ? random_host_segment(i) : 0x20);
        put_be64(own(GUEST_REGION + 8 * i), 0x20 | 4);
        put_be64(own(GUEST_SEGMENTS + 8 * i), i < GUEST_SEGMENT_COUNT ? random_guest_segment() : 0x20);
    }
    put_be64(at(&f, HOST_REGION), (shape.host_2g ? FRAME_CONTROL : HOST_SEGMENTS) | 4);
    put_be64(own(GUEST_REGION), (shape.guest_2g ? FRAME_CONTROL : GUEST_SEGMENTS) | 4);
    for (unsigned table = 0; table < TABLES; table++)
        for (unsigned i = 0; i < 256; i++) {
            put_be64(at(&f, HOST_PAGES + 0x800 * table + 8 * i), random_host_page(table, i));
            put_be64(own(GUEST_PAGES + 0x800 * table + 8 * i), random_guest_page());
        }
}

static uint64_t guest_asce(void)
{
    return shape.guest_regions ? GUEST_REGION | 4 : GUEST_SEGMENTS;
}

/* The guest's instructions are fetched as real, its operands are in the secondary space. */
static void describe_cpu(unsigned n)
{
    select_cpu(n);
    describe();
    f.cpu->cr[0] |= CR0_EDAT;
    f.cpu->cr[1] = shape.host_regions ? HOST_REGION | 4 : HOST_SEGMENTS;
    set_sd64(SD_MSO, shape.origin);
    set_sd64(SD_MSL, shape.origin + shape.limit);
    set_sd32(SD_PREFIX, shape.prefix);
    set_sd32(SD_ICTL, ICTL_PROGRAM);
    or_sd32(SD_CPUSTAT, shape.guest_edat ? CPUSTAT_GED2 : 0);
    set_sd64(SD_CR, 0xe0 | (shape.guest_edat ? CR0_EDAT : 0));
    set_sd64(SD_CR + 8, ASCE_REAL_SPACE);
    set_sd64(SD_CR + 8 * 7, guest_asce());
    set_sd16(SD_HOST_CPU, (uint16_t)n);
}

static void begin_round(void)
{
    random_shape();
    random_tables();
    for (uint64_t i = POOL; i < POOL + POOL_BYTES; i += 8)
        put_be64(at(&f, i), i);
    for (unsigned n = 0; n < 2; n++) {
        describe_cpu(n);
        tlb_purge_all(f.cpu);
    }
}

/* ---- Instructions of guest and host ---- */

static void run_guest(const char *hex, bool dat)
{
    uint64_t end = f.end_ia, secondary = (uint64_t)SPACE_SECONDARY << PSW_AS_SHIFT;

    place(&f, OWN_FRAMES + GUEST_CODE, hex);
    f.end_ia = end;
    set_guest_psw(PSW_EA | PSW_BA | (dat ? PSW_DAT | secondary : 0), GUEST_CODE);
    interpret();
}

/* An instruction that changes guest tables. The host may have protected their page: then nothing is done. */
static void guest_does(const char *hex)
{
    run_guest(hex, false);
    ck_assert_msg(icpt() == ICPT_INSTRUCTION || f.code, "%s: %02x, %x", hex, icpt(), sd16(0xce));
}

static void host_does(const char *hex)
{
    run(&f, hex);
    ck_assert_uint_eq(f.code, 0);
}

static void check_access(void)
{
    uint64_t address = shape.logical[below(HOT)] + (below(4096) & ~7u);
    bool store = chance(2);
    struct walked w;

    select_cpu(below(2));
    if (chance(20))
        address = OWN_BYTES + (below(GUEST_SEGMENT_COUNT << 20) & ~7u);
    if (chance(40))
        address |= 1ULL << (20 + below(44));
    if (chance(10))
        address = (address & PAGE_MASK) | (0x1000 - 8);
    w = plain_access(guest_asce(), address, store);
    f.cpu->gr[2].d = address;
    f.cpu->gr[6].d = store ? draw() : 0;
    run_guest(store ? "e36020000024 83000044" : "e36020000004 83000044", true);
    if (w.code && w.host) {
        ck_assert_msg(f.code == w.code && (get_be64(at(&f, 0xa8)) & PAGE_MASK) == (w.address & PAGE_MASK),
                      "%s %llx: host interruption %x for %llx, expected %x for %llx",
                      store ? "store" : "fetch", (unsigned long long)address, f.code,
                      (unsigned long long)get_be64(at(&f, 0xa8)), w.code, (unsigned long long)w.address);
        return;
    }
    ck_assert_msg(f.code == 0, "%s %llx: host interruption %x for %llx", store ? "store" : "fetch",
                  (unsigned long long)address, f.code, (unsigned long long)get_be64(at(&f, 0xa8)));
    if (w.code) {
        ck_assert_msg(icpt() == ICPT_PROGRAM && sd16(0xce) == w.code, "%s %llx: %02x, %x, expected %x",
                      store ? "store" : "fetch", (unsigned long long)address, icpt(), sd16(0xce), w.code);
        if (w.code != PIC_ADDRESSING)
            ck_assert_uint_eq(sd64(SD_TEID_OR_MONITOR_CODE) & ~0xffcULL,
                              (address & PAGE_MASK) | SECONDARY_CODE);
        return;
    }
    ck_assert_msg(icpt() == ICPT_INSTRUCTION && f.cpu->gr[6].d == word_at(w.address),
                  "%s %llx: %02x, %llx at %llx: %llx", store ? "store" : "fetch", (unsigned long long)address,
                  icpt(), (unsigned long long)f.cpu->gr[6].d, (unsigned long long)w.address,
                  (unsigned long long)word_at(w.address));
}

/* ---- Changes ---- */

static void hex_of(char *out, unsigned opcode, unsigned r3, unsigned m4, unsigned r1, unsigned r2)
{
    static const char digits[] = "0123456789abcdef";

    for (unsigned i = 0; i < 4; i++)
        out[i] = digits[opcode >> (12 - 4 * i) & 15];
    out[4] = digits[r3];
    out[5] = digits[m4];
    out[6] = digits[r1];
    out[7] = digits[r2];
    strcpy(out + 8, "83000044");
}

/* IPTE or IDTE by the guest or its host; false when the guest met a fault of its host. */
static bool invalidate(bool of_guest, unsigned opcode, uint64_t table, uint64_t address)
{
    char hex[20];

    hex_of(hex, opcode, 0, 0, 2, 3);
    f.cpu->gr[2].d = table;
    f.cpu->gr[3].d = address;
    if (of_guest) {
        guest_does(hex);
        return !f.code;
    }
    hex[8] = 0;
    host_does(hex);
    return true;
}

/* A page-table entry: IPTE first, then its new contents. */
static void change_page(bool of_guest)
{
    uint64_t hot =
        of_guest ? shape.logical[below(HOT)] : guest_prefixed(shape.frame[below(HOT)]) + shape.origin;
    unsigned table = below(TABLES), page = hot >> 12 & 0xff;
    uint64_t origin = (of_guest ? GUEST_PAGES : HOST_PAGES) + 0x800 * table;
    uint8_t *entry = of_guest ? own(origin + 8 * page) : at(&f, origin + 8 * page);

    if (!of_guest && table == 0 && page < GUEST_REGION >> 12)
        return;
    if (!invalidate(of_guest, 0xb221, origin, (uint64_t)page << 12))
        return;
    ck_assert(get_be64(entry) & 0x400);
    put_be64(entry, of_guest ? random_guest_page() : random_host_page(table, page));
}

/* A segment-table entry: IDTE first. */
static void change_segment(bool of_guest)
{
    uint64_t hot = of_guest ? shape.logical[below(HOT)] : shape.frame[below(HOT)] + shape.origin;
    unsigned segment = hot >> 20 & 0xf;
    uint64_t origin = of_guest ? GUEST_SEGMENTS : HOST_SEGMENTS;
    uint8_t *entry = of_guest ? own(origin + 8 * segment) : at(&f, origin + 8 * segment);

    if (!invalidate(of_guest, 0xb98e, origin, (uint64_t)segment << 20))
        return;
    ck_assert(get_be64(entry) & 0x20);
    put_be64(entry, of_guest ? random_guest_segment() : random_host_segment(segment));
}

/* Any entries by mere stores, and a purge of all: PTLB on both CPUs, CSPG or IDTE by ASCE on one. */
static void change_and_purge(bool of_guest)
{
    enum { SPARE = 0x1f000 }; /* a doubleword for CSPG, guest absolute */
    char hex[20];

    for (unsigned i = 0; i < 20; i++) {
        uint64_t hot = of_guest ? shape.logical[below(HOT)] : shape.frame[below(HOT)] + shape.origin;
        unsigned table = below(TABLES), page = hot >> 12 & 0xff, segment = hot >> 20 & 0xf;

        if (of_guest) {
            put_be64(own(GUEST_PAGES + 0x800 * table + 8 * page), random_guest_page());
            put_be64(own(GUEST_SEGMENTS + 8 * segment), random_guest_segment());
        } else {
            put_be64(at(&f, HOST_PAGES + 0x800 * table + 8 * page), random_host_page(table, page));
            put_be64(at(&f, HOST_SEGMENTS + 8 * segment), random_host_segment(segment));
        }
    }
    switch (below(3)) {
    case 0:
        for (unsigned n = 0; n < 2; n++) {
            select_cpu(n);
            if (of_guest)
                guest_does("b20d0000 83000044");
            else
                host_does("b20d0000");
        }
        return;
    case 1: /* cspg 6,3: equal, with the purging bit */
        f.cpu->gr[6].d = f.cpu->gr[7].d = 0;
        f.cpu->gr[3].d = (of_guest ? SPARE : OWN_FRAMES + SPARE) | 1;
        put_be64(own(SPARE), 0);
        if (of_guest)
            guest_does("b98a0063 83000044");
        else
            host_does("b98a0063");
        return;
    default: /* idte: clear by the ASCE in GR8 */
        hex_of(hex, 0xb98e, 8, 0, 2, 3);
        f.cpu->gr[2].d = 0;
        f.cpu->gr[3].d = 0x800;
        f.cpu->gr[8].d = of_guest ? guest_asce() : f.cpu->cr[1];
        if (!of_guest)
            hex[8] = 0;
        if (of_guest)
            guest_does(hex);
        else
            host_does(hex);
    }
}

/* What makes another translation without any purging: limit and prefix of the state descriptions. */
static void change_shape(void)
{
    shape.limit = ((uint64_t)(1 + below(GUEST_SEGMENT_COUNT)) << 20) - 1;
    shape.prefix = chance(2) ? 0 : 0x50000 + below(4) * 0x2000;
    for (unsigned n = 0; n < 2; n++) {
        select_cpu(n);
        set_sd64(SD_MSL, shape.origin + shape.limit);
        set_sd32(SD_PREFIX, shape.prefix);
    }
}

static void change_something(void)
{
    bool of_guest = chance(2);

    select_cpu(below(2));
    switch (below(16)) {
    case 0:
        change_shape();
        break;
    case 1: case 2:
        change_segment(of_guest);
        break;
    case 3: case 4:
        change_and_purge(of_guest);
        break;
    default:
        change_page(of_guest);
    }
}

START_TEST(test_random_tables)
{
    random_state = (uint64_t)_i * 1000 + 1;
    for (unsigned round = 0; round < 12; round++) {
        begin_round();
        for (unsigned i = 0; i < 200; i++) {
            for (unsigned n = below(12); n; n--)
                check_access();
            change_something();
        }
    }
}
END_TEST

/* The same page again and again: entries of page tables that several segments share. */
START_TEST(test_invalidation_of_one_page)
{
    uint64_t asce;

    random_state = 77;
    memset(&shape, 0, sizeof shape);
    shape.limit = (GUEST_SEGMENT_COUNT << 20) - 1;
    for (unsigned n = 0; n < 2; n++)
        describe_cpu(n);
    asce = guest_asce();
    random_tables();
    for (unsigned i = 0; i < 16; i++) { /* all segments of guest and host share a page table */
        put_be64(at(&f, HOST_SEGMENTS + 8 * i), i ? HOST_PAGES + 0x800 : HOST_PAGES);
        put_be64(own(GUEST_SEGMENTS + 8 * i), GUEST_PAGES);
    }
    for (unsigned i = 0; i < 256; i++) {
        put_be64(at(&f, HOST_PAGES + 0x800 + 8 * i), POOL + 4096 * i);
        put_be64(own(GUEST_PAGES + 8 * i), 0x100000 + 4096 * i);
    }
    for (uint64_t i = 0; i < POOL_BYTES; i += 8)
        put_be64(at(&f, POOL + i), POOL + i);
    for (unsigned turn = 0; turn < 64; turn++) {
        for (unsigned i = 0; i < 4; i++) { /* two segments on two CPUs */
            uint64_t address = (uint64_t)(i >> 1) << 20 | 0x7008;
            struct walked w = plain_access(asce, address, false);

            select_cpu(i & 1);
            f.cpu->gr[2].d = address;
            run_guest("e36020000004 83000044", true);
            ck_assert_uint_eq(w.code, 0);
            ck_assert_uint_eq(f.cpu->gr[6].d, w.address);
        }
        select_cpu(turn >> 1 & 1);
        f.cpu->gr[2].d = turn & 1 ? GUEST_PAGES : HOST_PAGES + 0x800;
        f.cpu->gr[3].d = turn & 1 ? 0x7000 : (get_be64(own(GUEST_PAGES + 8 * 7)) & 0xff000);
        if (turn & 1) {
            guest_does("b2210023 83000044");
            put_be64(own(GUEST_PAGES + 8 * 7), 0x100000 + 4096 * below(256));
        } else {
            uint8_t *entry = at(&f, HOST_PAGES + 0x800 + 8 * (f.cpu->gr[3].d >> 12));

            host_does("b2210023");
            ck_assert(get_be64(entry) & 0x400);
            put_be64(entry, POOL + 4096 * below(512));
        }
    }
}
END_TEST

/* Large frames of the guest exist only where its state description allows them, whatever its CR0 says. */
START_TEST(test_edat_as_the_description_allows)
{
    static const struct { uint32_t stat; bool mb, gb; } rows[] = {
        {0, false, false}, {CPUSTAT_GED, true, false}, {CPUSTAT_GED2, true, true},
    };

    for (unsigned i = 0; i < 3; i++) {
        memset(&shape, 0, sizeof shape);
        shape.guest_regions = shape.guest_edat = true;
        shape.limit = (GUEST_SEGMENT_COUNT << 20) - 1;
        describe_cpu(0);
        random_tables();
        for (unsigned page = 0; page < 256; page++)
            put_be64(at(&f, HOST_PAGES + 8 * page), OWN_FRAMES + 4096 * page);
        /* As a 1M frame the entry means guest absolute 0, else it designates the page table there. */
        put_be64(own(GUEST_SEGMENTS), GUEST_PAGES | FRAME_CONTROL);
        put_be64(own(GUEST_PAGES + 8 * 0x60), 0x70000);
        put_be64(own(GUEST_REGION), GUEST_SEGMENTS | 4);
        put_be64(own(0x60000), 0x1111);
        put_be64(own(0x70000), 0x2222);
        set_sd32(SD_CPUSTAT, CPUSTAT_ZARCH | rows[i].stat);
        tlb_purge_all(f.cpu);
        f.cpu->gr[2].d = 0x60000;
        run_guest("e36020000004 83000044", true);
        expect_icpt(ICPT_INSTRUCTION, GUEST_CODE + 10);
        ck_assert_uint_eq(f.cpu->gr[6].d, rows[i].mb ? 0x1111 : 0x2222);
        /* As a 2G frame the region entry means guest absolute 0, else the segment table says no. */
        put_be64(own(GUEST_REGION), GUEST_SEGMENTS | 4 | FRAME_CONTROL);
        put_be64(own(GUEST_SEGMENTS), 0x20);
        tlb_purge_all(f.cpu);
        run_guest("e36020000004 83000044", true);
        ck_assert_uint_eq(icpt(), rows[i].gb ? ICPT_INSTRUCTION : ICPT_PROGRAM);
        if (rows[i].gb)
            ck_assert_uint_eq(f.cpu->gr[6].d, 0x1111);
        else
            ck_assert_uint_eq(sd16(0xce), PIC_SEGMENT_TRANSLATION);
    }
}
END_TEST

static void setup_two(void) { setup_cpus(2); }

int main(void)
{
    TCase *tc = sie_tests(setup_two);

    tcase_add_loop_test(tc, test_random_tables, 0, 8);
    tcase_add_test(tc, test_invalidation_of_one_page);
    tcase_add_test(tc, test_edat_as_the_description_allows);
    return run_sie_tests("sie dat", tc);
}
