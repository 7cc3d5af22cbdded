/* SPDX-License-Identifier: MIT */
/** Trace files: what was seen is read again, from any position, also when the file was cut or damaged. */
#define _GNU_SOURCE
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "trace/encode.h"
#include "trace/reader.h"
#include "unit/files.h"
#include "unit/suite.h"

static char problem[SIENNA_PROBLEM_BYTES];
static const char *path;
static uint64_t seed;

static void begin(void)
{
    make_folder("trace");
    path = file_in_folder("file");
    seed = 1;
}

static uint64_t pseudo_random(void)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return seed >> 20;
}

/* ---- A stream that a machine might have given ---- */

struct stream {
    struct sienna_seen *records;
    size_t count, room;
    uint64_t position, gr[16];
    unsigned reg, cc;        /* of the instruction before, and after it */
};

static struct sienna_seen *add(struct stream *s, struct sienna_seen r)
{
    if (s->count + 200 > s->room) {
        s->room = 2 * s->room + 400;
        s->records = realloc(s->records, s->room * sizeof *s->records);
    }
    s->records[s->count] = r;
    return &s->records[s->count++];
}

static void add_instruction(struct stream *s, uint64_t address, uint64_t text, unsigned reg)
{
    if (s->reg < 16 && pseudo_random() % 4)
        s->gr[s->reg] += pseudo_random() % 3 ? 8 : pseudo_random() << 20;
    add(s, (struct sienna_seen){s->position, address, s->reg < 16 ? s->gr[s->reg] : 0,
                                text | (pseudo_random() & 3) << 13 | s->reg << 8});
    s->reg = reg;
    s->position += 1 + (pseudo_random() % 16 == 0 ? 9 : 0);
}

static void add_access(struct stream *s)
{
    uint64_t bytes = 1 + pseudo_random() % 300, page = pseudo_random() << 12 & 0xfffffffff000, offset = 0x123;
    bool store = pseudo_random() & 1;

    add(s, (struct sienna_seen){s->position, 0x7000000000000000 + offset, page + offset,
                                bytes << 32 | (store ? SIENNA_SEEN_STORE : SIENNA_SEEN_FETCH)});
    for (uint64_t at = 0; at < bytes; at += 32) {
        struct sienna_seen *r = add(s, (struct sienna_seen){0});

        for (unsigned i = 0; i < 32 && at + i < bytes; i++)
            ((uint8_t *)r)[i] = (uint8_t)(bytes + at + i);
    }
}

static void add_event(struct stream *s)
{
    unsigned kind = SIENNA_SEEN_INTERRUPTION + pseudo_random() % (SIENNA_SEEN_SIGP - SIENNA_SEEN_INTERRUPTION + 1);

    s->reg = 16;
    add(s, (struct sienna_seen){s->position, pseudo_random(), pseudo_random(),
                                (pseudo_random() << 16 & ~0xffffULL) | (pseudo_random() & 3) << 8 | kind});
}

static void add_registers(struct stream *s)
{
    s->gr[3] = pseudo_random();
    s->reg = 16;
    add(s, (struct sienna_seen){s->position, 0, s->gr[3], 3 << 16 | SIENNA_SEEN_GR << 8 | SIENNA_SEEN_REGISTER});
    add(s, (struct sienna_seen){s->position, pseudo_random(), pseudo_random(),
                                19 << 16 | SIENNA_SEEN_VR << 8 | SIENNA_SEEN_REGISTER});
    add(s, (struct sienna_seen){s->position, 0, pseudo_random() & 0xffffffff,
                                SIENNA_SEEN_FPC << 8 | SIENNA_SEEN_REGISTER});
}

/* Instructions with a plan of their own (trace/plans.def), with any operands: the same at the same address. */
static uint64_t text_at(uint64_t at)
{
    static const uint64_t codes[] = {
#define PLAN(name, code, operands, bits, effect, cc) code,
#include "trace/plans.def"
#undef PLAN
        0xa704, 0xa705, 0xa706, 0xa707, 0xc004, 0xc005, 0x0700, 0x0d00, 0xec64, 0xec65, 0xec76, 0xec77, 0xec7c, 0xec7d,
        0xec7e, 0xec7f, 0xec55, 0xec59, 0xa500, 0xa505, 0xa50a, 0xa50f, 0xc008, 0xc00a, 0xc00b, 0xc00c, 0xc00d, 0xc00e,
        0xc00f, 0xb220};
    uint64_t any = at * 6364136223846793005ULL, code = codes[(any >> 40) % (sizeof codes / sizeof codes[0])];
    unsigned op = (unsigned)(code >> 8);

    any = (any * 2862933555777941757ULL & 0x00ffffffffff0000) | (uint64_t)op << 56;
    switch (op) {
    case 0xa5: case 0xa7: case 0xc0: case 0xc2: case 0xc4:
        any = (any & ~0x000f000000000000ULL) | (code & 15) << 48;
        break;
    case 0xb2: case 0xb9: case 0xe5:
        any = (any & ~0x00ff000000000000ULL) | (code & 0xff) << 48;
        break;
    case 0xe3: case 0xeb: case 0xec:
        any = (any & ~0x0000000000ff0000ULL) | (code & 0xff) << 16;
        break;
    }
    return any & ~0ULL << (64 - 8 * seen_length(any));
}

static void make(struct stream *s, unsigned instructions)
{
    *s = (struct stream){.reg = 16, .position = 1000};
    add(s, (struct sienna_seen){1000, 1, 5000, SIENNA_SEEN_SLICE});
    add(s, (struct sienna_seen){1000, 1ULL << 32, 0x1234003, 1 << 8 | SIENNA_SEEN_THREAD});
    for (unsigned i = 0; i < instructions; i++) {
        uint64_t at = 0x10000 + 4 * (pseudo_random() % 16 ? i % 50 : pseudo_random() % 100000);

        add_instruction(s, at, text_at(at), pseudo_random() % 8 ? (unsigned)(text_at(at) >> 52 & 15) : 16);
        if (pseudo_random() % 16 == 0)
            add_registers(s);
        if (pseudo_random() % 16 == 0)
            add_access(s);
        if (pseudo_random() % 64 == 0)
            add_event(s);
    }
}

static void write_stream(const struct stream *s)
{
    struct chunk_writer *w = chunk_create(path, &trace_kind, 1, problem);
    struct encoder *e;

    ck_assert_msg(w != NULL, "%s", problem);
    e = encoder_create(w, true);
    ck_assert(encoder_put(e, s->records, s->count, problem));
    ck_assert(encoder_flush(e, problem));
    encoder_release(e);
    ck_assert(chunk_close(w, problem));
}

/* Compare what the decoder gives with the records, from the first that is in the file. */
static size_t compare(const struct stream *s)
{
    struct chunk_reader *f = chunk_open(path, &trace_kind, problem);
    struct decoder *d = malloc(sizeof *d);
    const struct sienna_seen *r = s->records;
    size_t same = 0;

    for (size_t i = 0; i < chunk_count(f); i++) {
        uint8_t *data = chunk_read(f, i, problem);
        struct sienna_seen got;
        const uint8_t *bytes;

        if (!data)
            break;
        decoder_begin(d, chunk_at(f, i)->position, data, chunk_at(f, i)->bytes);
        while (decoder_next(d, &got, &bytes)) {
            /* What a chunk begins with is not of the stream; the result before it was told apart. */
            bool state = seen_kind(&got) == SIENNA_SEEN_REGISTER && (seen_class(&got) & SIENNA_SEEN_ELSEWHERE);

            if (state || (i && (seen_kind(&got) == SIENNA_SEEN_SLICE || seen_kind(&got) == SIENNA_SEEN_THREAD)))
                continue;
            if (seen_kind(&got) == SIENNA_SEEN_REGISTER && seen_kind(r) == SIENNA_SEEN_INSTRUCTION)
                continue;
            ck_assert_uint_eq(got.position, r->position);
            ck_assert_uint_eq(got.address, r->address);
            if (seen_kind(r) == SIENNA_SEEN_INSTRUCTION)
                ck_assert_uint_eq(got.word & ~0x1f00ULL, r->word & ~0x1f00ULL);
            else
                ck_assert_uint_eq(got.word, r->word);
            if (seen_kind(r) != SIENNA_SEEN_INSTRUCTION || (got.word >> 8 & 0x1f) != 16)
                ck_assert_uint_eq(got.value, r->value);
            if (seen_has_data(r))
                ck_assert(!memcmp(bytes, r + 1, seen_code(r)));
            r += 1 + seen_data_records(r);
            same++;
        }
        ck_assert(!d->broken);
        free(data);
    }
    free(d);
    chunk_release(f);
    ck_assert(r <= s->records + s->count);
    return (size_t)(r - s->records);
}

START_TEST(there_and_back)
{
    struct stream s;

    make(&s, 20000);
    write_stream(&s);
    ck_assert_uint_eq(compare(&s), s.count);
    free(s.records);
}
END_TEST

/* Several chunks: each is read on its own, and registers are known wherever one begins. */
START_TEST(many_chunks)
{
    struct trace_reader *r;
    static struct trace_item item;
    struct stream s;
    uint64_t first, last, instructions, n = 0;

    make(&s, 400000);
    write_stream(&s);
    ck_assert_uint_eq(compare(&s), s.count);
    r = trace_open(path, problem);
    ck_assert(r && trace_extent(r, &first, &last, &instructions));
    ck_assert_uint_eq(instructions, 400000);
    ck_assert_uint_gt(last, first);
    while (trace_next(r, &item))
        n += item.kind == SIENNA_SEEN_INSTRUCTION;
    ck_assert_ptr_null(trace_problem_of(r));
    ck_assert_uint_eq(n, 400000);
    for (unsigned i = 0; i < 16; i++)
        ck_assert_uint_eq(trace_registers_of(r, 0)->gr[i], s.gr[i]);
    for (unsigned i = 1; i < 8; i++) {
        uint64_t where = 1000 + (s.position - 1000) * i / 8;

        trace_seek(r, where);
        ck_assert(trace_next(r, &item));
        ck_assert(item.position >= where && item.position < where + 12);
        trace_seek_time(r, 5000 + where - 1000);
        ck_assert(trace_next(r, &item));
        ck_assert(item.position >= where && item.position < where + 12);
    }
    trace_close(r);
    free(s.records);
}
END_TEST

/* An instruction, and what it makes of register `reg` and of the condition code. */
static void execute(struct stream *s, uint64_t address, uint64_t text, unsigned reg, uint64_t value, unsigned cc)
{
    add(s, (struct sienna_seen){s->position++, address, s->reg < 16 ? s->gr[s->reg] : 0,
                                text << 16 | (uint64_t)s->cc << 13 | s->reg << 8});
    s->reg = reg;
    s->cc = cc;
    if (reg < 16)
        s->gr[reg] = value;
}

/* What follows from what is known takes no room: a loop over registers and storage as a machine does it. */
START_TEST(as_expected)
{
    enum { ROUNDS = 20000 };
    struct stream s = {.reg = 16, .position = 1000};
    uint64_t *gr = s.gr;
    struct stat st;

    add(&s, (struct sienna_seen){1000, 1, 5000, SIENNA_SEEN_SLICE});
    add(&s, (struct sienna_seen){1000, 1ULL << 32, 0x1234003, 1 << 8 | SIENNA_SEEN_THREAD});
    gr[1] = ROUNDS;
    while (gr[1]) {
        uint64_t stored;

        execute(&s, 0x10000, 0xb90400210000, 2, gr[1], s.cc);                /* lgr 2,1 */
        execute(&s, 0x10004, 0xeb320003000d, 3, gr[2] << 3, s.cc);           /* sllg 3,2,3 */
        execute(&s, 0x1000a, 0x1b2300000000, 2, (uint32_t)(gr[2] - gr[3]), 1); /* sr 2,3: negative */
        stored = gr[2];
        execute(&s, 0x1000c, 0xe32040000024, 2, gr[2], s.cc);                /* stg 2,0(4) */
        execute(&s, 0x10012, 0xe35040000004, 5, stored, s.cc);               /* lg 5,0(4) */
        execute(&s, 0x10018, 0xb98100530000, 5, gr[5] | gr[3], 1);           /* ogr 5,3: not zero */
        execute(&s, 0x1001c, 0xec2100088065, 16, 0, s.cc);                   /* clgrj 2,1,8,…: never equal */
        execute(&s, 0x10022, 0xa717ffef0000, 1, gr[1] - 1, s.cc);            /* brctg 1,10000 */
    }
    write_stream(&s);
    ck_assert_uint_eq(compare(&s), s.count);
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_lt(st.st_size, 1000);
    free(s.records);
}
END_TEST

START_TEST(cut_and_damaged)
{
    static uint8_t whole[8 << 20];
    static struct trace_item item;
    struct stream s;
    size_t bytes, step;

    make(&s, 150000);
    write_stream(&s);
    bytes = read_file(path, whole, sizeof whole);
    ck_assert_uint_lt(bytes, sizeof whole);
    step = bytes / 12;
    for (size_t n = 16; n < bytes; n += step) {
        struct trace_reader *r;
        uint64_t items = 0, position = 0;

        write_file(path, whole, n);
        r = trace_open(path, problem);
        ck_assert_msg(r && trace_was_cut(r), "%s", problem);
        for (; trace_next(r, &item); items++) {
            ck_assert_uint_ge(item.position, position);
            position = item.position;
        }
        ck_assert_ptr_null(trace_problem_of(r));
        trace_close(r);
        whole[n] ^= 0x55;
        write_file(path, whole, bytes);
        whole[n] ^= 0x55;
        r = trace_open(path, problem);
        while (r && trace_next(r, &item))
            items++;
        trace_close(r);
    }
    free(s.records);
}
END_TEST

/* Ten thousand times the same million instructions, at ascending positions: a place among them is found at once. */
START_TEST(ten_billion)
{
    enum { CHUNKS = 10000, EACH = 1000000 };
    struct chunk_writer *w = chunk_create(path, &trace_kind, 1, problem);
    struct chunk_packed packed;
    struct chunk_reader *f;
    static struct trace_item item;
    struct timespec before, after;
    struct trace_reader *r;
    struct encoder *e = encoder_create(w, true);
    uint64_t first, last, instructions, where;
    uint8_t *data;
    unsigned times = 0;

    ck_assert(encoder_put(e, &(struct sienna_seen){0, 1, 0, SIENNA_SEEN_SLICE}, 1, problem));
    for (unsigned i = 0; i < EACH; i++)
        ck_assert(encoder_put(e, &(struct sienna_seen){i, 0x1000 + i % 64 * 4, i / 64, 0xa70b000100000000 | 3 << 8},
                              1, problem));
    ck_assert(encoder_flush(e, problem) && chunk_close(w, problem));
    encoder_release(e);
    f = chunk_open(path, &trace_kind, problem);
    data = chunk_read(f, 0, problem);
    ck_assert(data && chunk_pack(1, data, chunk_at(f, 0)->bytes, 0, &packed, problem));
    free(data);
    chunk_release(f);
    w = chunk_create(path, &trace_kind, 1, problem);
    for (uint64_t i = 0; i < CHUNKS; i++) {
        struct chunk c = {.tag = TRACE_DATA, .position = i * EACH, .time = i * EACH, .count = EACH};

        ck_assert_msg(chunk_write_packed(w, &c, &packed, problem), "%s", problem);
    }
    ck_assert(chunk_close(w, problem));
    free(packed.data);
    /* In processor time, since the host may be busy; the contents of chunks are those of the first. */
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    r = trace_open(path, problem);
    ck_assert(r && trace_extent(r, &first, &last, &instructions));
    ck_assert_uint_eq(instructions, 10000000000ULL);
    for (where = 0; where < CHUNKS * (uint64_t)EACH; where += 2499999999ULL, times++) {
        trace_seek(r, where);
        ck_assert(trace_next(r, &item));
        ck_assert_uint_eq(item.position, where);
    }
    trace_close(r);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    ck_assert_uint_eq(times, 5);
    ck_assert_int_lt(after.tv_sec - before.tv_sec, 5);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace file");
    TCase *c = tcase_create("trace file");

    tcase_set_timeout(c, 120);
    tcase_add_checked_fixture(c, begin, remove_folder);
    tcase_add_test(c, there_and_back);
    tcase_add_test(c, as_expected);
    tcase_add_test(c, many_chunks);
    tcase_add_test(c, cut_and_damaged);
    tcase_add_test(c, ten_billion);
    suite_add_tcase(suite, c);
    return run_suite(suite);
}
