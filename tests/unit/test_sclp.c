/* SPDX-License-Identifier: MIT */
#include "sclp_fixture.h"
#include "unit/suite.h"

static void plain(void)
{
    fixture_start(1024ULL << 20, &(struct sclp_features){.loadparm = "CAFE"});
}

static void with_standby(void)
{
    fixture_start(1024ULL << 20, &(struct sclp_features){.standby_bytes = 256 << 20});
}

START_TEST(address_rules)
{
    int (*call)(struct machine *, uint32_t, struct absolute) = machine.service.call;

    sccb_clear(8);
    ck_assert_int_eq(call(&machine, 0x00020001, absolute(SCCB_AT + 4)), -6);
    ck_assert_int_eq(call(&machine, 0x00020001, absolute(0x80000000)), -6);
    ck_assert_int_eq(call(&machine, 0x00020001, absolute(0)), -6);
    ck_assert_int_eq(call(&machine, 0x00020001, absolute(0x1ff8)), -6);
    ck_assert_int_eq(call(&machine, 0x00020001, absolute(1024 << 20)), -5);
    put_be16(sccb(), 7);
    ck_assert_int_eq(call(&machine, 0x00020001, absolute(SCCB_AT)), -6);
    ck_assert_uint_eq(event_next_time(&machine), EVENT_NEVER);
}
END_TEST

START_TEST(busy_until_the_interruption_is_taken)
{
    sccb_clear(8);
    ck_assert_int_eq(machine.service.call(&machine, 0x00770005, absolute(SCCB_AT)), 0);
    ck_assert_int_eq(machine.service.call(&machine, 0x00770005, absolute(SCCB_AT)), 2);
    ck_assert_uint_eq(response(), 0);
    ck_assert_uint_gt(event_next_time(&machine), machine.now);
    machine.now = event_next_time(&machine);
    event_run_due(&machine);
    ck_assert_uint_eq(response(), 0x60f0);
    ck_assert_int_eq(machine.service.call(&machine, 0x00770005, absolute(SCCB_AT)), 2);
    machine.floating.pending = 0;
    machine.floating.service_parameter = 1;
    ck_assert_int_eq(machine.service.call(&machine, 0x00770005, absolute(SCCB_AT)), 0);
}
END_TEST

START_TEST(reset_forgets_the_command)
{
    sccb_clear(8);
    machine.service.call(&machine, 0x00770005, absolute(SCCB_AT));
    machine.service.reset(&machine);
    ck_assert_uint_eq(event_next_time(&machine), EVENT_NEVER);
    ck_assert_int_eq(machine.service.call(&machine, 0x00770005, absolute(SCCB_AT)), 0);
}
END_TEST

START_TEST(responses_to_bad_blocks)
{
    sccb_clear(4097);
    serve(0x00770005);
    ck_assert_uint_eq(response(), 0x0100);
    sccb_clear(4097);
    serve(0x00020001);
    ck_assert_uint_eq(response(), 0x0100);
    sccb_clear(8);
    serve(0x00990001);
    ck_assert_uint_eq(response(), 0x01f0);
    sccb_clear(144 + 16 * FIXTURE_CPUS - 1);
    serve(0x00020001);
    ck_assert_uint_eq(response(), 0x0300);
    ck_assert_uint_eq(get_be16(sccb() + 16), 0);
}
END_TEST

START_TEST(scp_info)
{
    static const uint8_t loadparm[8] = {0xc3, 0xc1, 0xc6, 0xc5, 0x40, 0x40, 0x40, 0x40};

    sccb_clear(4096);
    sccb()[5] = 0x80;
    memset(sccb() + 200, 0xff, 8);
    serve(0x00120001);
    ck_assert_uint_eq(response(), 0x0010);
    ck_assert_uint_eq(get_be16(sccb()), 144 + 16 * FIXTURE_CPUS);
    ck_assert_uint_eq(get_be16(sccb() + 8) * sccb()[10], 1024);
    ck_assert_uint_eq(get_be16(sccb() + 16), FIXTURE_CPUS);
    ck_assert_uint_eq(get_be16(sccb() + 18), 144);
    ck_assert_mem_eq(sccb() + 24, loadparm, 8);
    ck_assert_uint_eq(get_be64(sccb() + 48), 0x0c00e00000000000);
    ck_assert_uint_eq(get_be16(sccb() + 120), FIXTURE_CPUS - 1);
    for (unsigned i = 0; i < FIXTURE_CPUS; i++) {
        ck_assert_uint_eq(sccb()[144 + 16 * i], i);
        ck_assert_uint_eq(get_be64(sccb() + 144 + 16 * i + 1), 0);
    }
}
END_TEST

START_TEST(features_have_their_places)
{
    struct sclp_features *f = sclp_features(&machine);

    f->esop = f->tlb_guest = f->kss = f->sca_64bit = f->cmma = f->esca = f->pfmfi = f->ibs = f->gisa_format_1 = true;
    f->sief2 = f->skey = f->gpere = f->siif = f->sigpif = f->ib = f->cei = f->diag_318 = true;
    f->host_address_bits = 44;
    f->ibc = 0x0fe10fe1;
    sccb_clear(4096);
    serve(0x00020001);
    ck_assert_uint_eq(get_be16(sccb()), 4096);
    ck_assert_uint_eq(sccb()[85], 0x02);
    ck_assert_uint_eq(sccb()[91], 0x40);
    ck_assert_uint_eq(sccb()[98], 0x01);
    ck_assert_uint_eq(sccb()[99], 44);
    ck_assert_uint_eq(get_be32(sccb() + 76), 0x0fe10fe1);
    ck_assert_uint_eq(sccb()[116], 0xc8);
    ck_assert_uint_eq(sccb()[117], 0x60);
    ck_assert_uint_eq(sccb()[118], 0x08);
    ck_assert_uint_eq(sccb()[134], 0x80);
    ck_assert_uint_eq(sccb()[144 + 2], 0x0c);
    ck_assert_uint_eq(sccb()[144 + 3], 0x38);
    ck_assert_uint_eq(sccb()[144 + 7], 0x30);
}
END_TEST

START_TEST(extended_length)
{
    sclp_features(&machine)->extended_length_sccb = true;
    sccb_clear(3 * 4096);
    serve(0x00010001);
    ck_assert_uint_eq(response(), 0x0010);
    /* Only the two information commands may. */
    sccb_clear(3 * 4096);
    serve(0x00770005);
    ck_assert_uint_eq(response(), 0x0100);
    put_be16(storage_at(machine.storage, absolute((1024 << 20) - 4096)), 8192);
    ck_assert_int_eq(machine.service.call(&machine, 0x00020001, absolute((1024 << 20) - 4096)), -5);
}
END_TEST

START_TEST(cpu_info_and_configuration)
{
    sccb_clear(4096);
    serve(0x00010001);
    ck_assert_uint_eq(get_be16(sccb() + 8), 3);
    ck_assert_uint_eq(get_be16(sccb() + 10), 24);
    ck_assert_uint_eq(get_be16(sccb() + 12), 1);
    ck_assert_uint_eq(get_be16(sccb() + 14), 24 + 3 * 16);
    ck_assert_uint_eq(sccb()[24 + 3 * 16], 3);
    sccb_clear(8);
    serve(0x00110001 | 3 << 8);
    ck_assert_uint_eq(response(), 0x0020);
    ck_assert(fixture_configured[3]);
    serve(0x00110001 | 3 << 8);
    ck_assert_uint_eq(response(), 0x0120);
    serve(0x00110001 | FIXTURE_CPUS << 8);
    ck_assert_uint_eq(response(), 0x09f0);
    serve(0x00100001 | 1 << 8);
    ck_assert_uint_eq(response(), 0x0020);
    sccb_clear(4096);
    serve(0x00010001);
    ck_assert_uint_eq(sccb()[24], 0);
    ck_assert_uint_eq(sccb()[24 + 16], 2);
    ck_assert_uint_eq(sccb()[24 + 3 * 16], 1);
    fixture_refuse = true;
    serve(0x00100001 | 2 << 8);
    ck_assert_uint_eq(response(), 0x05f0);
}
END_TEST

static void read_paths(struct machine *m, uint8_t recognized[32], uint8_t standby[32], uint8_t configured[32])
{
    recognized[0] = 0xc0;
    standby[0] = 0x40;
    configured[0] = 0x80;
}

static unsigned path_set;

static bool set_path(struct machine *m, unsigned chpid, bool on)
{
    path_set = chpid << 1 | on;
    return true;
}

START_TEST(channel_paths)
{
    static const struct sclp_channel_paths paths = {read_paths, set_path};

    sccb_clear(112);
    serve(0x00030001);
    ck_assert_uint_eq(response(), 0x01f0);
    sclp_set_channel_paths(&machine, &paths);
    serve(0x00030001);
    ck_assert_uint_eq(response(), 0x0010);
    ck_assert_uint_eq(sccb()[8], 0xc0);
    ck_assert_uint_eq(sccb()[40], 0x40);
    ck_assert_uint_eq(sccb()[72], 0x80);
    serve(0x000f0001 | 1 << 8);
    ck_assert_uint_eq(response(), 0x0020);
    ck_assert_uint_eq(path_set, 3);
    serve(0x000f0001);
    ck_assert_uint_eq(response(), 0x0120);
    serve(0x000e0001 | 2 << 8);
    ck_assert_uint_eq(response(), 0x09f0);
    sccb_clear(4096);
    serve(0x00020001);
    ck_assert_uint_eq(get_be64(sccb() + 48) >> 60, 0xa);
}
END_TEST

START_TEST(storage_without_standby)
{
    sccb_clear(4096);
    serve(0x00040001);
    ck_assert_uint_eq(response(), 0x0010);
    ck_assert_uint_eq(get_be16(sccb() + 8), 0);
    ck_assert_uint_eq(get_be16(sccb() + 10), 8);
    ck_assert_uint_eq(get_be32(sccb() + 16), 0x00010000);
    ck_assert_uint_eq(get_be32(sccb() + 16 + 7 * 4), 0x00080000);
    serve(0x00040001 | 1 << 8);
    ck_assert_uint_eq(response(), 0x09f0);
}
END_TEST

START_TEST(odd_sizes_have_small_increments)
{
    fixture_end();
    fixture_start(2051ULL << 20, &(struct sclp_features){0});
    sccb_clear(4096);
    serve(0x00020001);
    ck_assert_uint_eq(get_be16(sccb() + 8), 2051);
    ck_assert_uint_eq(sccb()[10], 1);
    for (unsigned id = 0; id < 3; id++) {
        sccb_clear(4096);
        serve(0x00040001 | id << 8);
        ck_assert_uint_eq(response(), 0x0010);
        ck_assert_uint_eq(get_be16(sccb() + 8), 2);
        ck_assert_uint_eq(get_be16(sccb() + 10), id < 2 ? 1020 : 11);
        ck_assert_uint_eq(get_be32(sccb() + 16) >> 16, 1 + 1020 * id);
    }
}
END_TEST

static unsigned change_storage(uint32_t command, unsigned increment)
{
    sccb_clear(4096);
    put_be16(sccb() + 8, (uint16_t)increment);
    serve(command);
    return response();
}

START_TEST(standby_storage)
{
    uint8_t byte = 0x5a;

    ck_assert(!storage_valid(machine.storage, absolute(768 << 20), 1));
    ck_assert(storage_valid(machine.storage, absolute((768 << 20) - 1), 1));
    sccb_clear(4096);
    serve(0x00040001 | 1 << 8);
    ck_assert_uint_eq(response(), 0x0410);
    ck_assert_uint_eq(get_be16(sccb() + 8), 1);
    ck_assert_uint_eq(get_be16(sccb() + 10), 2);
    ck_assert_uint_eq(get_be16(sccb() + 12), 2);
    ck_assert_uint_eq(get_be32(sccb() + 16), 0x00070000);
    ck_assert_uint_eq(change_storage(0x000d0001, 7), 0x05f0);

    sccb_clear(4096);
    serve(0x00080001 | 1 << 8);
    ck_assert_uint_eq(response(), 0x0020);
    ck_assert_uint_eq(get_be16(sccb() + 10), 2);
    ck_assert_uint_eq(get_be32(sccb() + 20), 0x00080000);
    ck_assert_int_eq(storage_store(machine.storage, absolute(768 << 20), &byte, 1, 0), STORAGE_OK);
    sccb_clear(4096);
    serve(0x00080001 | 1 << 8);
    ck_assert_uint_eq(response(), 0x0120);

    ck_assert_uint_eq(change_storage(0x000c0001, 7), 0x0020);
    ck_assert_uint_eq(change_storage(0x000c0001, 7), 0x0120);
    ck_assert_int_eq(storage_fetch(machine.storage, absolute(768 << 20), &byte, 1, 0), STORAGE_ADDRESSING);
    sccb_clear(4096);
    serve(0x00040001 | 1 << 8);
    ck_assert_uint_eq(response(), 0x0010);
    ck_assert_uint_eq(get_be16(sccb() + 10), 1);
    ck_assert_uint_eq(get_be16(sccb() + 12), 1);
    ck_assert_uint_eq(get_be32(sccb() + 16), 0x00080000);
    ck_assert_uint_eq(change_storage(0x000d0001, 7), 0x0020);
    ck_assert_int_eq(storage_fetch(machine.storage, absolute(768 << 20), &byte, 1, 0), STORAGE_OK);
    ck_assert_uint_eq(byte, 0);

    ck_assert_uint_eq(change_storage(0x000c0001, 1), 0x05f0);
    ck_assert_uint_eq(change_storage(0x000d0001, 0), 0x09f0);
    ck_assert_uint_eq(change_storage(0x000d0001, 9), 0x09f0);
    ck_assert_uint_eq(change_storage(0x000c0001, 2), 0x0020);
    ck_assert(!storage_valid(machine.storage, absolute(128 << 20), 1));
}
END_TEST

START_TEST(sccb_that_goes_offline)
{
    struct absolute at = absolute(200 << 20);

    put_be16(storage_at(machine.storage, at), 8);
    ck_assert_int_eq(machine.service.call(&machine, 0x00770005, at), 0);
    storage_set_online(machine.storage, absolute(128 << 20), 128 << 20, false);
    machine.now = event_next_time(&machine);
    event_run_due(&machine);
    ck_assert_uint_eq(machine.floating.service_parameter, at.v);
    ck_assert_uint_eq(get_be64(storage_at(machine.storage, at)), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sclp");
    TCase *c = tcase_create("commands"), *standby = tcase_create("standby");

    tcase_add_checked_fixture(c, plain, fixture_end);
    tcase_add_test(c, address_rules);
    tcase_add_test(c, busy_until_the_interruption_is_taken);
    tcase_add_test(c, reset_forgets_the_command);
    tcase_add_test(c, responses_to_bad_blocks);
    tcase_add_test(c, scp_info);
    tcase_add_test(c, features_have_their_places);
    tcase_add_test(c, extended_length);
    tcase_add_test(c, cpu_info_and_configuration);
    tcase_add_test(c, channel_paths);
    tcase_add_test(c, storage_without_standby);
    tcase_add_test(c, odd_sizes_have_small_increments);
    tcase_add_checked_fixture(standby, with_standby, fixture_end);
    tcase_add_test(standby, standby_storage);
    tcase_add_test(standby, sccb_that_goes_offline);
    suite_add_tcase(suite, c);
    suite_add_tcase(suite, standby);
    return run_suite(suite);
}
