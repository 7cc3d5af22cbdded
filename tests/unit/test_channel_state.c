/* SPDX-License-Identifier: MIT */
/* The state walk: digests tell states apart, equal runs are equal, a saved state goes on as the original. */
#include "unit/channel_fixture.h"

#include <stdlib.h>

#include "machine/state.h"

static uint64_t digest(void)
{
    struct state_digest d;

    state_digest_begin(&d);
    channel_state(&machine, &d.walk);
    return d.digest;
}

/* A run that leaves the machine in the midst of things. */
static void begin(void)
{
    ccw1(PROGRAM, NOP, 0, CC | SLI, 1);
    ccw1(PROGRAM + 8, READ, DATA, CD | PCI, 5);
    ccw1(PROGRAM + 16, READ, DATA + 0x100, CC, 11);
    ccw1(PROGRAM + 24, 0x55, DATA, 0, 1);
    ck_assert_int_eq(start(ORB_F | ORB_LPM), 0);
    pass(6 * TOD_MICROSECOND);
    ck_assert_uint_eq(device->commands, 2);
}

START_TEST(every_step_shows_in_the_digest_and_repeats)
{
    uint64_t first[8], second[8];

    for (unsigned run = 0; run < 2; run++) {
        uint64_t *d = run ? second : first;

        if (run) {
            fixture_teardown();
            fixture_setup();
        }
        d[0] = digest();
        begin();
        d[1] = digest();
        pass(3 * TOD_MICROSECOND);
        d[2] = digest();
        settle();
        d[3] = digest();
        ck_assert_int_eq(test(), 0);
        d[4] = digest();
        channel_adapter_interruption(&machine, 6);
        d[5] = digest();
        ck_assert_int_eq(machine.io.reset_channel_path(&machine, 0), 0);
        d[6] = digest();
        device->device.sense[3] = 1;
        d[7] = digest();
    }
    for (unsigned i = 0; i < 8; i++) {
        ck_assert_uint_eq(first[i], second[i]);
        for (unsigned j = 0; j < i; j++)
            ck_assert_uint_ne(first[i], first[j]);
    }
}
END_TEST

START_TEST(a_restored_state_goes_on_as_the_original)
{
    static uint8_t storage[0x10000];
    struct state_saver saver;
    struct state_loader loader;
    uint64_t middle, now;
    uint8_t original[64];

    begin();
    state_saver_begin(&saver);
    channel_state(&machine, &saver.walk);
    middle = digest();
    now = machine.now;
    memcpy(storage, at(0), sizeof storage);
    settle();
    ck_assert_int_eq(test(), 0);
    memcpy(original, irb, 64);
    ck_assert_uint_ne(digest(), middle);

    memcpy(at(0), storage, sizeof storage);
    machine.now = now;
    state_loader_begin(&loader, saver.bytes, saver.count);
    channel_state(&machine, &loader.walk);
    ck_assert_msg(state_loader_end(&loader), "%s", loader.problem);
    channel_restored(&machine);
    free(saver.bytes);
    ck_assert_uint_eq(digest(), middle);
    ck_assert_uint_ne(machine.floating.io_iscs, 0);
    /* The event queue is not the subsystem's to save. */
    event_schedule(&machine, &channel_ending_event, SID, 0, machine.now + TOD_MICROSECOND);
    settle();
    ck_assert_int_eq(test(), 0);
    ck_assert_mem_eq(irb, original, 64);
    ck_assert_mem_eq(at(DATA), device->record, 5);
}
END_TEST

int main(void)
{
    const struct named_test tests[] = {
        {every_step_shows_in_the_digest_and_repeats, 0},
        {a_restored_state_goes_on_as_the_original, 0},
    };

    return run_tests("channel state", tests, sizeof tests / sizeof tests[0], fixture_setup, fixture_teardown);
}
