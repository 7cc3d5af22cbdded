/* SPDX-License-Identifier: MIT */
/** What is seen of a machine is what it does, and seeing moves nothing. */
#include "sienna_observe.h"
#include "unit/machine_fixture.h"

enum { ROOM = SIENNA_SEEN_LEAST_ROOM };
static const uint64_t LIMIT = 40000;
static const char *path;

/* CPU 0 starts CPU 1 by SIGP restart through the PSW at 0x1a0; then both do a little of everything. */
static const uint8_t program[] = {
    0xe3, 0x10, 0x01, 0xa0, 0x00, 0x24,             /* 00 stg 1,0x1a0 */
    0xc0, 0x20, 0x00, 0x00, 0x00, 0x14,             /* 06 larl 2,2e */
    0xe3, 0x20, 0x01, 0xa8, 0x00, 0x24,             /* 0c stg 2,0x1a8 */
    0xc0, 0x20, 0x00, 0x00, 0x00, 0x35,             /* 12 larl 2,7c */
    0xe3, 0x10, 0x01, 0xc0, 0x00, 0x24,             /* 18 stg 1,0x1c0 */
    0xe3, 0x20, 0x01, 0xc8, 0x00, 0x24,             /* 1e stg 2,0x1c8 */
    0xa7, 0x38, 0x00, 0x01,                         /* 24 lhi 3,1 */
    0xae, 0x03, 0x00, 0x06,                         /* 28 sigp 0,3,6 */
    0x07, 0x07,                                     /* 2c nopr 7 */
    0xa7, 0x4b, 0x00, 0x01,                         /* 2e aghi 4,1 */
    0xb2, 0x05, 0x08, 0x08,                         /* 32 stck 0x808 */
    0xe3, 0x40, 0x08, 0x00, 0x00, 0x08,             /* 36 ag 4,0x800 */
    0xe3, 0x40, 0x08, 0x00, 0x00, 0x24,             /* 3c stg 4,0x800 */
    0xeb, 0x4b, 0x08, 0x00, 0x00, 0x24,             /* 42 stmg 4,11,0x800 */
    0xeb, 0x5c, 0x08, 0x00, 0x00, 0x04,             /* 48 lmg 5,12,0x800 */
    0xd7, 0x07, 0x08, 0x20, 0x08, 0x00,             /* 4e xc 0x820(8),0x800 */
    0xb9, 0x86, 0x00, 0x65,                         /* 54 mlgr 6,5 */
    0xa7, 0x98, 0x00, 0x0f,                         /* 58 lhi 9,15 */
    0x44, 0x90, 0x00, 0x78,                         /* 5c ex 9,0x78(0) */
    0xb3, 0xc1, 0x00, 0x04,                         /* 60 ldgr 0,4 */
    0x0a, 0x2a,                                     /* 64 svc 42 */
    0xec, 0x46, 0x00, 0x05, 0x00, 0x77,             /* 66 clrj 4,6,0,.+10 (never) */
    0x00, 0x00, 0x07, 0x07, 0x07, 0x07,             /* 6c an operation exception … */
    0xa7, 0xf4, 0xff, 0xde,                         /* 72 j 2e */
    0x07, 0x07, 0x07, 0x07, 0x07, 0x07,             /* 76 */
    0xb2, 0xb2, 0x01, 0x40,                         /* 7c SVC: lpswe 0x140 */
};
/* The program-interruption new PSW leads to what the SVC's does not: j 72. */
static const uint8_t handler[] = {0xa7, 0xf4, 0xff, 0xf9};

static void setup(void)
{
    uint8_t both[sizeof program + sizeof handler];

    make_folder("observe");
    path = file_in_folder("program");
    memcpy(both, program, sizeof program);
    memcpy(both + sizeof program, handler, sizeof handler);
    write_file(path, both, sizeof both);
}

static void start(const struct sienna_options *extra)
{
    struct sienna_options options = extra ? *extra : (struct sienna_options){0};

    options.storage_bytes = 16 << 20;
    options.cpus = 2;
    options.start_tod = 1ULL << 63;
    s = create_machine(&options);
    load_image(s, path);
    set_register(0, SIENNA_GR, 1, PSW_EA | PSW_BA);
    set_register(0, SIENNA_CR, 0, 0xe0 | CR0_AFP);
    put64(0x1d0, PSW_EA | PSW_BA);
    put64(0x1d8, ENTRY + sizeof program);
    /* What EX at 5c executes: mvc 0x840(1),0x800, its length from GR9. */
    ck_assert(sienna_storage_write(s, 0, SIENNA_ABSOLUTE, 0x78, "\xd2\x00\x08\x40\x08\x00", 6));
}

/* ---- A reader that believes nothing: it follows the stream and compares with steps of another machine ---- */

struct reader {
    struct sienna_seen buffers[2][ROOM];
    unsigned which, limit, taken;
    unsigned counts[SIENNA_SEEN_KINDS], interruptions[6];
    /* All that was seen, data included. */
    struct sienna_seen *all;
    size_t count, room;
};
static struct reader *reader;

static struct sienna_seen *take(void *context, struct sienna_seen *buffer, size_t count)
{
    struct reader *r = context;

    if (r->count + count > r->room) {
        r->room = 2 * (r->count + count);
        r->all = realloc(r->all, r->room * sizeof *r->all);
    }
    memcpy(r->all + r->count, buffer, count * sizeof *buffer);
    r->count += count;
    memset(buffer, 0xee, count * sizeof *buffer);
    r->which ^= 1;
    if (r->limit && ++r->taken == r->limit)
        return NULL;
    return r->buffers[r->which];
}

static void observe_filtered(struct sienna_filter filter)
{
    struct sienna_observer o = {.filter = filter, .room = ROOM, .full = take};

    reader = calloc(1, sizeof *reader);
    o.buffer = reader->buffers[0];
    o.context = reader;
    if (!filter.guest)
        o.filter.guest = SIENNA_ANY_GUEST;
    sienna_observe(s, &o);
}

static void release_reader(void)
{
    free(reader->all);
    free(reader);
}

static unsigned kind(const struct sienna_seen *r) { return r->word & 0xff; }
static unsigned class(const struct sienna_seen *r) { return r->word >> 8 & 0xff; }
static unsigned detail(const struct sienna_seen *r) { return r->word >> 16 & 0xffff; }
static uint32_t code(const struct sienna_seen *r) { return (uint32_t)(r->word >> 32); }

static const struct sienna_seen *after(const struct sienna_seen *r)
{
    bool data = kind(r) == SIENNA_SEEN_FETCH || kind(r) == SIENNA_SEEN_STORE;

    return r + 1 + (data ? (code(r) + 31) / 32 : 0);
}

static void count_kinds(void)
{
    for (const struct sienna_seen *r = reader->all; r < reader->all + reader->count; r = after(r)) {
        ck_assert_uint_lt(kind(r), SIENNA_SEEN_KINDS);
        reader->counts[kind(r)]++;
        if (kind(r) == SIENNA_SEEN_INTERRUPTION)
            reader->interruptions[class(r)]++;
    }
}

static uint64_t gr_of(struct sienna *machine, unsigned cpu, unsigned n)
{
    uint8_t bytes[SIENNA_REGISTER_BYTES];

    /* Only failures are told to the test's parent: there are many of these. */
    if (!sienna_register_read(machine, cpu, SIENNA_GR, n, bytes))
        ck_abort();
    return get_be64(bytes);
}

enum { EVERYTHING = 0x7ff };

/* Each instruction seen is the one at which another machine, stepped, stands, with the same registers. */
START_TEST(as_steps_tell)
{
    uint64_t gr[2][17] = {{0}}, time = 0, position = 0, instructions = 0;
    unsigned cpu = 0, cc;
    struct sienna_cpu state;

    start(NULL);
    observe_filtered((struct sienna_filter){.kinds = EVERYTHING});
    sienna_run(s, LIMIT);
    sienna_observe(s, NULL);
    release_machine();
    count_kinds();
    start(NULL);
    for (const struct sienna_seen *r = reader->all; r < reader->all + reader->count; r = after(r)) {
        uint64_t steps = 1;

        ck_assert(kind(r) == SIENNA_SEEN_SLICE || r->position >= position);
        position = r->position;
        switch (kind(r)) {
        case SIENNA_SEEN_SLICE:
            cpu = detail(r);
            time = r->value;
            ck_assert_uint_le(time, LIMIT + 8192);
            break;
        case SIENNA_SEEN_REGISTER:
            if ((class(r) & 0x7f) == SIENNA_SEEN_GR)
                gr[cpu][detail(r)] = r->value;
            break;
        case SIENNA_SEEN_INSTRUCTION:
            gr[cpu][class(r) & 31] = r->value;
            /* Interruptions are steps of their own. */
            for (;;) {
                ck_assert(sienna_cpu(s, cpu, &state));
                if (state.psw_address == r->address && cpus_position(s->machine.cpus) == r->position)
                    break;
                ck_assert_msg(cpus_position(s->machine.cpus) <= r->position, "nothing was seen at %llu",
                              (unsigned long long)cpus_position(s->machine.cpus));
                steps = 1;
                sienna_step(s, -1, &steps, UINT64_MAX);
            }
            for (unsigned i = 0; i < 16; i++)
                if (gr_of(s, cpu, i) != gr[cpu][i])
                    ck_abort_msg("at %llx GR%u is %llx, not %llx", (unsigned long long)r->address, i,
                                 (unsigned long long)gr_of(s, cpu, i), (unsigned long long)gr[cpu][i]);
            cc = (unsigned)(r->word >> 13 & 3);
            ck_assert_uint_eq(cc, state.psw_mask >> PSW_CC_SHIFT & 3);
            steps = 1;
            sienna_step(s, -1, &steps, UINT64_MAX);
            instructions++;
        }
    }
    ck_assert_uint_gt(instructions, 1000);
    ck_assert_uint_gt(reader->interruptions[SIENNA_INTERRUPTION_SVC], 10);
    ck_assert_uint_gt(reader->interruptions[SIENNA_INTERRUPTION_PROGRAM], 10);
    ck_assert_uint_eq(reader->interruptions[SIENNA_INTERRUPTION_RESTART], 1);
    ck_assert_uint_eq(reader->counts[SIENNA_SEEN_SIGP], 1);
    ck_assert_uint_gt(reader->counts[SIENNA_SEEN_TARGET], 10);
    release_machine();
    release_reader();
}
END_TEST

/* The accesses of one turn of the loop, with their bytes. */
START_TEST(accesses_of_a_turn)
{
    const struct sienna_seen *r, *last;
    unsigned stores = 0, fetches = 0;
    uint64_t at = 0;

    start(NULL);
    observe_filtered((struct sienna_filter){.kinds = EVERYTHING, .cpus = 1});
    sienna_run(s, LIMIT);
    sienna_observe(s, NULL);
    last = reader->all + reader->count;
    for (r = reader->all; r < last; r = after(r)) {
        if (kind(r) == SIENNA_SEEN_SLICE)
            ck_assert_uint_eq(detail(r), 0);
        if (kind(r) == SIENNA_SEEN_INSTRUCTION)
            at = r->address - ENTRY;
        if (kind(r) != SIENNA_SEEN_FETCH && kind(r) != SIENNA_SEEN_STORE)
            continue;
        ck_assert_uint_eq(r->value, r->address); /* no DAT, no prefix … of CPU 0 */
        stores += kind(r) == SIENNA_SEEN_STORE;
        fetches += kind(r) == SIENNA_SEEN_FETCH;
        switch (at) {
        case 0x32: ck_assert(kind(r) == SIENNA_SEEN_STORE && r->address == 0x808 && code(r) == 8); break;
        case 0x36: ck_assert(kind(r) == SIENNA_SEEN_FETCH && r->address == 0x800 && code(r) == 8); break;
        case 0x42: ck_assert(kind(r) == SIENNA_SEEN_STORE && r->address == 0x800 && code(r) == 64); break;
        case 0x48: ck_assert(kind(r) == SIENNA_SEEN_FETCH && r->address == 0x800 && code(r) == 64); break;
        case 0x4e:
            /* XC is fetch and store of the first operand, fetch of the second. */
            ck_assert(code(r) == 8 && (r->address == 0x820 || r->address == 0x800));
            break;
        case 0x5c: ck_assert(code(r) == 16 && (r->address == 0x840 || r->address == 0x800)); break;
        case 0x00: case 0x0c: case 0x18: case 0x1e: case 0x3c: case 0x7c: ck_assert(code(r) >= 8); break;
        default: ck_abort_msg("an access at %llx", (unsigned long long)at);
        }
        if (at == 0x3c)
            /* What was stored is what the next instructions fetch. */
            ck_assert_uint_ne(get_be64((const uint8_t *)(r + 1)), 0);
    }
    ck_assert_uint_gt(stores, 100);
    ck_assert_uint_gt(fetches, 100);
    release_machine();
    release_reader();
}
END_TEST

static uint64_t digest_with(const struct sienna_options *options, const struct sienna_filter *filter)
{
    uint64_t digest;

    start(options);
    if (filter)
        observe_filtered(*filter);
    sienna_run(s, LIMIT / 2);
    if (filter)
        sienna_observe_flush(s);
    sienna_run(s, LIMIT);
    if (filter)
        sienna_observe(s, NULL);
    digest = release_machine();
    if (filter)
        release_reader();
    return digest;
}

START_TEST(moves_nothing)
{
    static const struct sienna_filter filters[] = {
        {.kinds = EVERYTHING}, {.kinds = SIENNA_SAW_INSTRUCTION}, {.kinds = SIENNA_SAW_FETCH | SIENNA_SAW_STORE},
        {.kinds = SIENNA_SAW_INTERRUPTION}, {.kinds = EVERYTHING, .cpus = 2},
        {.kinds = EVERYTHING, .first = ENTRY + 0x36, .last = ENTRY + 0x4f},
        {.kinds = EVERYTHING, .from_position = 5000, .to_time = 9000},
    };
    const struct sienna_options ways[] = {
        {0}, {.test_single_blocks = true}, {.test_slow_handlers = true}, {.test_forgetful = true},
    };
    uint64_t undisturbed = digest_with(NULL, NULL);

    for (unsigned i = 0; i < sizeof filters / sizeof filters[0]; i++)
        for (unsigned w = 0; w < sizeof ways / sizeof ways[0]; w++)
            ck_assert_uint_eq(digest_with(&ways[w], &filters[i]), undisturbed);
}
END_TEST

START_TEST(filters_leave_out)
{
    start(NULL);
    observe_filtered((struct sienna_filter){.kinds = SIENNA_SAW_INSTRUCTION, .first = ENTRY + 0x2e,
                                            .last = ENTRY + 0x35});
    sienna_run(s, LIMIT);
    sienna_observe(s, NULL);
    count_kinds();
    ck_assert_uint_eq(reader->counts[SIENNA_SEEN_INTERRUPTION] + reader->counts[SIENNA_SEEN_STORE], 0);
    ck_assert_uint_gt(reader->counts[SIENNA_SEEN_INSTRUCTION], 50);
    for (const struct sienna_seen *r = reader->all; r < reader->all + reader->count; r = after(r)) {
        if (kind(r) == SIENNA_SEEN_INSTRUCTION)
            ck_assert(r->address == ENTRY + 0x2e || r->address == ENTRY + 0x32);
        if (kind(r) == SIENNA_SEEN_REGISTER && detail(r) != 4)
            ck_assert(class(r) & SIENNA_SEEN_ELSEWHERE);
    }
    release_reader();
    observe_filtered((struct sienna_filter){.kinds = EVERYTHING, .levels = 1 << 2});
    sienna_run(s, 2 * LIMIT);
    sienna_observe(s, NULL);
    ck_assert_uint_eq(reader->count, 0);
    release_reader();
    observe_filtered((struct sienna_filter){.kinds = EVERYTHING, .states = SIENNA_PROBLEM_STATE});
    sienna_run(s, 3 * LIMIT);
    sienna_observe(s, NULL);
    count_kinds();
    ck_assert_uint_eq(reader->counts[SIENNA_SEEN_INSTRUCTION], 0);
    release_reader();
    release_machine();
}
END_TEST

/* An observer that has had enough is not asked again. */
START_TEST(enough)
{
    start(NULL);
    observe_filtered((struct sienna_filter){.kinds = EVERYTHING});
    reader->limit = 3;
    sienna_run(s, LIMIT);
    sienna_observe(s, NULL);
    ck_assert(reader->count > 2 * ROOM && reader->count <= 3 * ROOM);
    ck_assert_uint_eq(release_machine(), digest_with(NULL, NULL));
    release_reader();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("observe");
    TCase *c = tcase_create("observe");

    tcase_add_checked_fixture(c, setup, remove_folder);
    tcase_set_timeout(c, 120);
    tcase_add_test(c, as_steps_tell);
    tcase_add_test(c, accesses_of_a_turn);
    tcase_add_test(c, moves_nothing);
    tcase_add_test(c, filters_leave_out);
    tcase_add_test(c, enough);
    suite_add_tcase(suite, c);
    return run_suite(suite);
}
