/* SPDX-License-Identifier: MIT */
/** The operator's actions on a running machine, and that a replay repeats them. */
#include "channel/channel.h"
#include "channel/subchannel.h"
#include "channel/virtio.h"
#include "channel/virtio_balloon.h"
#include "machine/input.h"
#include "unit/machine_fixture.h"

static const char *program;

/* A machine of two CPUs, one standby, whose program is a loop. */
static struct sienna *create(void)
{
    static const struct sienna_options options = {.storage_bytes = 4 << 20, .cpus = 1, .max_cpus = 2,
                                                  .start_tod = 1ULL << 60};
    struct sienna *machine = create_machine(&options);

    load_image(machine, program);
    return machine;
}

static void setup(void)
{
    static const uint8_t loop[4] = {0xa7, 0xf4, 0, 0};

    make_folder("operator");
    program = file_in_folder("program");
    write_file(program, loop, sizeof loop);
    s = create();
}

static void teardown(void)
{
    sienna_release(s);
    remove_folder();
}

static uint32_t next_report(void)
{
    uint32_t crw;

    return s->machine.io.store_crw(&s->machine, &crw) ? 0 : crw;
}

/* Before the start devices are simply there; afterwards the guest is told. */
START_TEST(hot_plug)
{
    const struct sienna_setting devno = {"devno", "0.0.0815"};
    uint8_t schib[52];

    ck_assert_msg(sienna_device_add(s, "virtio-rng", NULL, 0, problem), "%s", problem);
    run_for(s, 10);
    ck_assert_uint_eq(next_report(), 0);
    ck_assert_msg(sienna_device_add(s, "virtio-balloon", &devno, 1, problem), "%s", problem);
    ck_assert_uint_ne(s->machine.floating.pending & FLOATING_CHANNEL_REPORT, 0);
    ck_assert_uint_eq(next_report(), 0x03040001);
    ck_assert_ptr_nonnull(channel_device_numbered(&s->machine, 0x815));
    ck_assert_msg(sienna_device_remove(s, 0x815, problem), "%s", problem);
    ck_assert_uint_eq(next_report(), 0x03040001);
    ck_assert_int_eq(s->machine.io.store(&s->machine, 0x10001, schib), 0);
    ck_assert_uint_eq(schib[5] & PMCW_VALID, 0);
    ck_assert_ptr_null(channel_device_numbered(&s->machine, 0x815));
}
END_TEST

START_TEST(sentences)
{
    const struct sienna_setting wrong = {"colour", "red"}, taken = {"devno", "1"};

    run_for(s, 10);
    ck_assert(!sienna_device_remove(s, 0x4711, problem));
    ck_assert_str_eq(problem, "there is no device fe.0.4711");
    ck_assert(!sienna_device_add(s, "virtio-rng", &wrong, 1, problem));
    ck_assert_ptr_nonnull(strstr(problem, "no setting 'colour'"));
    ck_assert(!sienna_device_add(s, "teapot", NULL, 0, problem));
    ck_assert(sienna_device_add(s, "virtio-rng", &taken, 1, problem));
    ck_assert(!sienna_device_add(s, "virtio-rng", &taken, 1, problem));
    ck_assert(!sienna_network_link(s, 1, false, problem));
    ck_assert_ptr_nonnull(strstr(problem, "no network adapter"));
    ck_assert(!sienna_balloon_target(s, 1, 1, problem));
    ck_assert(!sienna_restart_key(s, 9, problem));
    ck_assert(!sienna_quiesce(s));
}
END_TEST

START_TEST(balloon_and_seed)
{
    const struct sienna_setting host = {"seed", "host"}, wrong = {"seed", "dice"};
    uint64_t target, actual;

    run_for(s, 10);
    ck_assert(sienna_device_add(s, "virtio-balloon", NULL, 0, problem));
    ck_assert(sienna_balloon_target(s, 0, 0x123456, problem));
    ck_assert(sienna_balloon_ask(s, 0, problem));
    ck_assert(sienna_balloon_actual(s, 0, &target, &actual));
    ck_assert_uint_eq(target, 0x123000);
    ck_assert_uint_eq(actual, 0);
    ck_assert_msg(sienna_device_add(s, "virtio-rng", &host, 1, problem), "%s", problem);
    ck_assert(!sienna_device_add(s, "virtio-rng", &wrong, 1, problem));
}
END_TEST

static void nowhere(void *context, const uint8_t *bytes, size_t count) {}

/* One device is at the other end of the console; it can be taken away and plugged again. */
START_TEST(consoles)
{
    const struct sienna_setting devno = {"devno", "c0"};

    run_for(s, 10);
    ck_assert(!sienna_device_add(s, "virtio-console", &devno, 1, problem));
    ck_assert_ptr_nonnull(strstr(problem, "connected to nothing"));
    sienna_console_open(s, SIENNA_CONSOLE_VIRTIO, true, nowhere, NULL);
    ck_assert_msg(sienna_device_add(s, "virtio-console", &devno, 1, problem), "%s", problem);
    ck_assert(!sienna_device_add(s, "virtio-console", NULL, 0, problem));
    ck_assert_ptr_nonnull(strstr(problem, "already"));
    ck_assert(sienna_device_remove(s, 0xc0, problem));
    ck_assert_msg(sienna_device_add(s, "virtio-console", &devno, 1, problem), "%s", problem);
}
END_TEST

/* Keys on the panel: external interruption 0x0040, restart. */
START_TEST(keys)
{
    uint8_t *lowcore = at(0);

    run_for(s, 10);
    put_be64(lowcore + 0x1b0, PSW_EA | PSW_BA);
    put_be64(lowcore + 0x1b8, ENTRY);
    put_be64(lowcore + 0x1a0, PSW_EA | PSW_BA);
    put_be64(lowcore + 0x1a8, ENTRY);
    cpu(0)->psw_mask |= PSW_EXTERNAL;
    cpu(0)->cr[0] |= CR0_INTERRUPT_KEY;
    ck_assert(sienna_interrupt_key(s, 0, problem));
    run_for(s, 10);
    ck_assert_uint_eq(get_be16(lowcore + 0x86), 0x0040);
    ck_assert_uint_eq(get_be64(lowcore + 0x138), ENTRY);
    ck_assert(sienna_restart_key(s, 0, problem));
    run_for(s, 10);
    ck_assert_uint_eq(get_be64(lowcore + 0x128), ENTRY);
    ck_assert(!sienna_restart_key(s, 1, problem));
}
END_TEST

/* Each kind has its mask in CR14 and its bit in the interruption code; open ones come together. */
START_TEST(machine_checks)
{
    static const struct { enum sienna_machine_check check; uint64_t mask, mcic; } rows[] = {
        {SIENNA_CHECK_WARNING, BIT64(39), BIT64(8)}, {SIENNA_CHECK_DEGRADATION, BIT64(37), BIT64(7)},
        {SIENNA_CHECK_RECOVERY, BIT64(36), BIT64(2)}, {SIENNA_CHECK_EXTERNAL_DAMAGE, BIT64(38), BIT64(5)},
    };
    uint8_t *lowcore = at(0);
    const uint64_t subclasses = 0xffff000000000000;

    run_for(s, 10);
    put_be64(lowcore + 0x1e0, PSW_EA | PSW_BA | PSW_MACHINE_CHECK);
    put_be64(lowcore + 0x1e8, ENTRY);
    cpu(0)->psw_mask |= PSW_MACHINE_CHECK;
    for (unsigned i = 0; i < 4; i++) {
        cpu(0)->cr[14] = 0;
        ck_assert(sienna_machine_check(s, rows[i].check, problem));
        put_be64(lowcore + 0xe8, 0);
        run_for(s, 10);
        ck_assert_uint_eq(get_be64(lowcore + 0xe8), 0);
        cpu(0)->cr[14] = rows[i].mask;
        cpu(0)->leave |= LEAVE_MODE;
        run_for(s, 10);
        ck_assert_uint_eq(get_be64(lowcore + 0xe8) & subclasses, rows[i].mcic);
        ck_assert_uint_eq(s->machine.floating.pending, 0);
    }
    cpu(0)->cr[14] = 0;
    ck_assert(sienna_machine_check(s, SIENNA_CHECK_WARNING, problem));
    ck_assert(sienna_machine_check(s, SIENNA_CHECK_DEGRADATION, problem));
    cpu(0)->cr[14] = UINT32_MAX;
    cpu(0)->leave |= LEAVE_MODE;
    run_for(s, 10);
    ck_assert_uint_eq(get_be64(lowcore + 0xe8) & subclasses, BIT64(7) | BIT64(8));
}
END_TEST

START_TEST(processors)
{
    run_for(s, 10);
    ck_assert(sienna_configure_cpu(s, 1, true, problem));
    ck_assert(cpu(1)->configured);
    ck_assert(!sienna_configure_cpu(s, 0, false, problem));
    ck_assert_ptr_nonnull(strstr(problem, "in use"));
    ck_assert(sienna_configure_cpu(s, 1, false, problem));
    ck_assert(!cpu(1)->configured);
}
END_TEST

/* ---- A recording of actions, replayed ---- */

static struct logged {
    struct input_record record;
    uint8_t data[256];
} inputs[32];
static unsigned input_count, input_next;

static void remember(void *context, const struct input_record *r, const uint8_t *data)
{
    ck_assert_uint_lt(input_count, 32);
    ck_assert_uint_le(r->bytes, sizeof inputs[0].data);
    inputs[input_count].record = *r;
    memcpy(inputs[input_count++].data, data, r->bytes);
}

static bool recall(void *context, struct input_record *r, const uint8_t **data)
{
    if (input_next == input_count)
        return false;
    *r = inputs[input_next].record;
    *data = inputs[input_next++].data;
    return true;
}

START_TEST(replay)
{
    const struct input_recorder recorder = {remember, NULL};
    const struct input_source source = {recall, NULL};
    const struct sienna_setting seed = {"seed", "host"};
    uint64_t digest, end;

    input_count = input_next = 0;
    input_start_recording(&s->machine, &recorder, false);
    run_for(s, 100);
    ck_assert(sienna_device_add(s, "virtio-rng", &seed, 1, problem));
    ck_assert(sienna_device_add(s, "virtio-balloon", NULL, 0, problem));
    run_for(s, 7);
    ck_assert(sienna_balloon_target(s, 1, 1 << 20, problem));
    ck_assert(sienna_device_remove(s, 0, problem));
    ck_assert(sienna_configure_cpu(s, 1, true, problem));
    run_for(s, 100);
    digest = sienna_digest(s);
    end = sienna_now(s);
    sienna_release(s);

    s = create();
    input_start_replay(&s->machine, &source);
    ck_assert_int_eq(sienna_run(s, end), SIENNA_RAN);
    ck_assert_uint_eq(sienna_now(s), end);
    ck_assert(!input_diverged(&s->machine));
    ck_assert_uint_eq(input_next, input_count);
    ck_assert(!sienna_device_remove(s, 1, problem));
    ck_assert_ptr_nonnull(strstr(problem, "replays a recording"));
    ck_assert_uint_eq(sienna_digest(s), digest);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("operator");
    TCase *tc = tcase_create("operator");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, hot_plug);
    tcase_add_test(tc, sentences);
    tcase_add_test(tc, balloon_and_seed);
    tcase_add_test(tc, consoles);
    tcase_add_test(tc, keys);
    tcase_add_test(tc, machine_checks);
    tcase_add_test(tc, processors);
    tcase_add_test(tc, replay);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
