/* SPDX-License-Identifier: MIT */
/** Checkpoints and files of a whole machine: it becomes what it was, or the state is refused and nothing happens. */
#include "channel/block_image.h"
#include "channel/channel.h"
#include "channel/virtio_blk.h"
#include "libsienna/checkpoint.h"
#include "machine/input.h"
#include "unit/machine_fixture.h"

enum { DISK_BYTES = 64 << 10 };

static const char *image, *disk, *state, *other;
static struct sienna_options options;

/* aghi %r3,7; stg %r3,0x800; j back */
static const uint8_t code[] = {0xa7, 0x3b, 0, 7, 0xe3, 0x30, 0x08, 0x00, 0x00, 0x24, 0xa7, 0xf4, 0xff, 0xfb};

static void plug(struct sienna *m, const char *type, const char *key, const char *value, const char *key2,
                 const char *value2)
{
    const struct sienna_setting settings[] = {{key, value}, {key2, value2}};

    ck_assert_msg(sienna_device_add(m, type, settings, !key ? 0 : key2 ? 2 : 1, problem), "%s", problem);
}

/* The usual machine, without its program. */
static struct sienna *bare(bool snapshot)
{
    struct sienna *m = create_machine(&options);

    plug(m, "virtio-rng", NULL, NULL, NULL, NULL);
    plug(m, "virtio-blk", "file", disk, "snapshot", snapshot ? "on" : "off");
    return m;
}

static struct sienna *create(bool snapshot)
{
    struct sienna *m = bare(snapshot);

    load_image(m, image);
    return m;
}

static void setup(void)
{
    static const uint8_t zeros[DISK_BYTES];

    setenv("SOURCE_DATE_EPOCH", "1700000000", 1);
    make_folder("snapshot");
    image = file_in_folder("image");
    disk = file_in_folder("disk");
    state = file_in_folder("state");
    other = file_in_folder("other");
    write_file(image, code, sizeof code);
    write_file(disk, zeros, sizeof zeros);
    options = (struct sienna_options){.storage_bytes = 4 << 20, .cpus = 2, .max_cpus = 3, .start_tod = 1ULL << 60};
    s = create(true);
}

static void teardown(void)
{
    sienna_release(s);
    remove_folder();
}

static struct sienna_checkpoint *take(void)
{
    struct sienna_checkpoint *c = sienna_checkpoint(s, problem);

    ck_assert_msg(c != NULL, "%s", problem);
    return c;
}

static void back(struct sienna_checkpoint *c)
{
    ck_assert_msg(sienna_checkpoint_restore(s, c, problem), "%s", problem);
}

static void refused(bool done, const char *part)
{
    ck_assert(!done);
    ck_assert_msg(strstr(problem, part) != NULL, "'%s' does not say '%s'", problem, part);
}

/* ---- In memory ---- */

START_TEST(to_and_fro)
{
    struct sienna_checkpoint *c[3];
    uint64_t digest[3], after[3];

    for (unsigned i = 0; i < 3; i++) {
        run_for(s, 5);
        step_all(-1, 17 + i); /* into the middle of a slice */
        digest[i] = sienna_digest(s);
        c[i] = take();
        ck_assert_uint_eq(sienna_digest(s), digest[i]);
        ck_assert_uint_eq(sienna_checkpoint_time(c[i]), sienna_now(s));
        run_for(s, 20);
        after[i] = sienna_digest(s);
    }
    ck_assert_uint_lt(sienna_checkpoint_bytes(c[2]), 100000); /* the first one takes all there is */
    for (unsigned i = 0; i < 9; i++) {
        unsigned n = i * 5 % 3;

        back(c[n]);
        ck_assert_uint_eq(sienna_digest(s), digest[n]);
        run_for(s, 20);
        ck_assert_uint_eq(sienna_digest(s), after[n]);
    }
    for (unsigned i = 0; i < 3; i++)
        sienna_checkpoint_release(s, c[i]);
    /* What is left is the version that storage is compared with. */
    ck_assert_uint_lt(sienna_checkpoints_bytes(s), 200000);
}
END_TEST

/* Storage that was stored into by other means than CPUs, keys, usage states, standby. */
START_TEST(storage_in_all_ways)
{
    struct storage *st = s->machine.storage;
    struct sienna_checkpoint *before, *after;
    uint8_t bytes[5000];
    uint64_t digest[2];

    memset(bytes, 0x5a, sizeof bytes);
    storage_store(st, absolute(0x100ff0), bytes, sizeof bytes, 0);
    digest[0] = sienna_digest(s);
    before = take();
    storage_store(st, absolute(0x101000), bytes, 100, 0);
    storage_discard(st, absolute(0x100000), 4096);
    storage_store(st, absolute(0x200000), bytes, 1, 0);
    st->keys[0x300] = 0x96;
    st->usage[0x301] = 5;
    storage_set_online(st, absolute(0x300000), 0x100000, false);
    digest[1] = sienna_digest(s);
    after = take();
    storage_set_online(st, absolute(0x300000), 0x100000, true);
    storage_store(st, absolute(0x300000), bytes, 9, 0);
    for (unsigned i = 0; i < 6; i++) {
        back(i & 1 ? after : before);
        ck_assert_uint_eq(sienna_digest(s), digest[i & 1]);
    }
    sienna_checkpoint_release(s, before);
    sienna_checkpoint_release(s, after);
}
END_TEST

START_TEST(devices_that_came_and_went)
{
    struct sienna_checkpoint *without, *with, *third;
    uint64_t digest[2];

    run_for(s, 5);
    digest[0] = sienna_digest(s);
    without = take();
    plug(s, "virtio-balloon", "devno", "0815", NULL, NULL);
    plug(s, "virtio-rng", "devno", "0816", "seed", "7");
    ck_assert_msg(sienna_device_remove(s, 0, problem), "%s", problem);
    run_for(s, 5);
    digest[1] = sienna_digest(s);
    with = take();
    ck_assert_msg(sienna_device_remove(s, 0x815, problem), "%s", problem);
    plug(s, "virtio-balloon", "devno", "0817", NULL, NULL);
    for (unsigned i = 0; i < 4; i++) {
        back(i & 1 ? with : without);
        ck_assert_uint_eq(sienna_digest(s), digest[i & 1]);
        ck_assert(!channel_device_numbered(&s->machine, 0x817));
        ck_assert_int_eq(channel_device_numbered(&s->machine, 0x815) != NULL, i & 1);
        ck_assert_int_eq(channel_device_numbered(&s->machine, 0) == NULL, i & 1);
    }
    /* It goes on as any machine: also with hot-plug. */
    plug(s, "virtio-balloon", "devno", "0818", NULL, NULL);
    third = take();
    back(third);
    sienna_checkpoint_release(s, without);
    sienna_checkpoint_release(s, with);
    sienna_checkpoint_release(s, third);
}
END_TEST

static void disk_io(struct sienna *m, enum block_operation operation, uint64_t at, uint8_t *data, uint64_t bytes)
{
    struct block_image *i = virtio_blk_image(channel_device_numbered(&m->machine, 1));
    struct block_request r = {.operation = operation, .offset = at, .bytes = bytes, .data = data};

    block_image_submit(i, &r);
    ck_assert_int_eq(block_image_finish(i, &r), 0);
}

static void disk_write(struct sienna *m, uint64_t at, uint8_t byte, uint64_t bytes)
{
    uint8_t data[DISK_BYTES];

    memset(data, byte, bytes);
    disk_io(m, BLOCK_WRITE, at, data, bytes);
}

static uint8_t disk_read(struct sienna *m, uint64_t at)
{
    uint8_t sector[512];

    disk_io(m, BLOCK_READ, at & ~511ULL, sector, 512);
    return sector[at & 511];
}

START_TEST(disks_go_back)
{
    struct sienna_checkpoint *c[2];
    uint8_t none;

    disk_write(s, 512, 1, 1024);
    disk_write(s, 8192, 2, 16384);
    c[0] = take();
    disk_write(s, 1024, 3, 512);
    disk_io(s, BLOCK_ZERO, 8192, &none, 8192);
    disk_io(s, BLOCK_ZERO, 17408, &none, 512);
    c[1] = take();
    disk_write(s, 0, 4, DISK_BYTES);
    for (unsigned i = 0; i < 4; i++) {
        unsigned n = i & 1;

        back(c[n]);
        ck_assert_uint_eq(disk_read(s, 0), 0);
        ck_assert_uint_eq(disk_read(s, 512), 1);
        ck_assert_uint_eq(disk_read(s, 1024), n ? 3 : 1);
        ck_assert_uint_eq(disk_read(s, 8192), n ? 0 : 2);
        ck_assert_uint_eq(disk_read(s, 17408), n ? 0 : 2);
        ck_assert_uint_eq(disk_read(s, 17920), 2);
        ck_assert_uint_eq(disk_read(s, DISK_BYTES - 1), 0);
        disk_write(s, 16384, 9, 4096);
    }
    /* An image that is written to has no past to go back to. */
    refused(sienna_disk_commit(s, -1, problem), "delvm");
    sienna_checkpoint_release(s, c[0]);
    sienna_checkpoint_release(s, c[1]);
    refused(sienna_disk_commit(s, 5, problem), "no disk fe.0.0005");
    ck_assert_msg(sienna_disk_commit(s, -1, problem), "%s", problem);
    ck_assert_uint_eq(disk_read(s, 1024), 3);
    sienna_release(s);
    s = create(true);
    ck_assert_uint_eq(disk_read(s, 1024), 3);
    ck_assert_uint_eq(disk_read(s, 16384), 9);
}
END_TEST

START_TEST(what_changes_the_host_cannot_go_back)
{
    struct sienna_checkpoint *c;
    uint64_t digest;

    sienna_release(s);
    s = create(false);
    run_for(s, 3);
    c = take();
    run_for(s, 3);
    digest = sienna_digest(s);
    refused(sienna_checkpoint_restore(s, c, problem), "-snapshot");
    ck_assert_msg(sienna_save(s, state, "live", problem), "%s", problem);
    refused(sienna_load_state(s, state, problem), "-snapshot");
    refused(sienna_disk_commit(s, 1, problem), "no overlay");
    ck_assert_uint_eq(sienna_digest(s), digest);
    disk_write(s, 0, 1, 512);
    run_for(s, 1);
    refused(sienna_checkpoint_save(s, c, other, "too late", problem), "written to since");
    sienna_checkpoint_release(s, c);
    sienna_release(s);
    s = create(true);
    refused(sienna_load_state(s, state, problem), "is not what it was"); /* it has been written to */
    plug(s, "virtio-9p", "path", folder, "mount_tag", "t");
    refused(sienna_may_go_back(s, problem), "readonly=on");
}
END_TEST

/* ---- In files ---- */

static uint8_t *contents(const char *path, size_t *bytes)
{
    uint8_t *data = malloc(1 << 22);

    ck_assert_ptr_nonnull(data);
    *bytes = read_file(path, data, 1 << 22);
    return data;
}

static void save(void)
{
    ck_assert_msg(sienna_save(s, state, "a name", problem), "%s", problem);
}

START_TEST(elsewhere)
{
    struct sienna *m = bare(true);
    size_t a, b;
    uint8_t *x, *y;

    run_for(s, 9);
    step_all(-1, 5);
    disk_write(s, 4096, 7, 512);
    save();
    ck_assert_msg(sienna_load_state(m, state, problem), "%s", problem);
    ck_assert_uint_eq(sienna_digest(m), sienna_digest(s));
    ck_assert_uint_eq(disk_read(m, 4096), 7);
    ck_assert_msg(sienna_save(m, other, "a name", problem), "%s", problem);
    x = contents(state, &a);
    y = contents(other, &b);
    ck_assert_uint_eq(a, b);
    ck_assert_mem_eq(x, y, a);
    run_for(s, 30);
    run_for(m, 30);
    ck_assert_uint_eq(sienna_digest(m), sienna_digest(s));
    sienna_release(m);
    free(x);
    free(y);
}
END_TEST

START_TEST(information)
{
    struct sienna_snapshot_info info;

    run_for(s, 9);
    disk_write(s, 4096, 7, 512);
    save();
    ck_assert_msg(sienna_snapshot_info(state, &info, problem), "%s", problem);
    ck_assert_str_eq(info.name, "a name");
    ck_assert_uint_eq(info.date, 1700000000);
    ck_assert_uint_eq(info.time, sienna_now(s));
    ck_assert_uint_eq(info.storage_bytes, 4 << 20);
    ck_assert_uint_ge(info.blocks, 2);
    ck_assert_uint_eq(info.cpus, 3);
    ck_assert(info.cpu[0].operating && !info.cpu[1].operating && !info.cpu[2].configured);
    ck_assert_uint_eq(info.cpu[0].level, 1);
    ck_assert_uint_eq(info.devices, 2);
    ck_assert_str_eq(info.device[1].type, "virtio-blk-ccw");
    ck_assert_uint_eq(info.device[1].overlay_bytes, 4096);
}
END_TEST

/* Another machine's state. */
START_TEST(foreign_states)
{
    static const struct { const char *part; struct sienna_options o; } machines[] = {
        {"4 MiB of storage", {.storage_bytes = 8 << 20, .cpus = 2, .max_cpus = 3}},
        {"3 CPUs", {.storage_bytes = 4 << 20, .cpus = 2}},
        {"machine types", {.storage_bytes = 4 << 20, .cpus = 2, .max_cpus = 3, .cpu_model = "z13"}},
        {"facilities", {.storage_bytes = 4 << 20, .cpus = 2, .max_cpus = 3, .cpu_model = "max,beareh=off"}},
        {"clock scales", {.storage_bytes = 4 << 20, .cpus = 2, .max_cpus = 3, .clock_scale = 2}},
        {"names", {.storage_bytes = 4 << 20, .cpus = 2, .max_cpus = 3, .guest_name = "me"}},
        {"standby", {.storage_bytes = 3 << 20, .standby_bytes = 1 << 20, .cpus = 2, .max_cpus = 3}},
    };

    save();
    for (unsigned i = 0; i < sizeof machines / sizeof *machines; i++) {
        struct sienna *m;
        uint64_t digest;

        options = machines[i].o;
        options.start_tod = 1ULL << 60;
        m = create(true);
        run_for(m, 3);
        digest = sienna_digest(m);
        refused(sienna_load_state(m, state, problem), machines[i].part);
        ck_assert_uint_eq(sienna_digest(m), digest);
        run_for(m, 3);
        sienna_release(m);
    }
    plug(s, "virtio-balloon", NULL, NULL, NULL, NULL);
    refused(sienna_load_state(s, state, problem), "that the state does not have");
    ck_assert_msg(sienna_device_remove(s, 2, problem), "%s", problem);
    ck_assert_msg(sienna_device_remove(s, 0, problem), "%s", problem);
    refused(sienna_load_state(s, state, problem), "that this machine does not have");
    plug(s, "virtio-rng", "devno", "0", NULL, NULL);
    ck_assert_msg(sienna_load_state(s, state, problem), "%s", problem);
    disk_write(s, 0, 1, 512);
    save();
    sienna_release(s);
    options = (struct sienna_options){.storage_bytes = 4 << 20, .cpus = 2, .max_cpus = 3, .start_tod = 1ULL << 60};
    s = create_machine(&options);
    plug(s, "virtio-rng", NULL, NULL, NULL, NULL);
    plug(s, "virtio-blk", "file", disk, "readonly", "on");
    refused(sienna_load_state(s, state, problem), "not with -snapshot");
}
END_TEST

/* Wherever a file ends, whichever of its bytes is another: it is refused, and the machine is what it was. */
START_TEST(damaged_files)
{
    uint8_t *bytes;
    uint64_t digest;
    size_t count;

    run_for(s, 2);
    disk_write(s, 4096, 7, 512);
    save();
    bytes = contents(state, &count);
    digest = sienna_digest(s);
    for (size_t i = 0; i < count; i += 1 + i / 97) {
        write_file(other, bytes, i);
        ck_assert(!sienna_load_state(s, other, problem) && strstr(problem, other));
        bytes[i] ^= (uint8_t)(1 << i % 8);
        write_file(other, bytes, count);
        ck_assert_msg(!sienna_load_state(s, other, problem), "byte %zu of %zu", i, count);
        ck_assert(problem[0] && !strchr(problem, '\n'));
        bytes[i] ^= (uint8_t)(1 << i % 8);
    }
    bytes[count] = 0;
    write_file(other, bytes, count + 1);
    refused(sienna_load_state(s, other, problem), "behind its end");
    write_file(other, "SIENNASTATE and more", 20);
    refused(sienna_load_state(s, other, problem), "format");
    refused(sienna_load_state(s, image, problem), "holds no state");
    refused(sienna_load_state(s, folder, problem), "");
    refused(sienna_save(s, "/nowhere/state", "x", problem), "cannot write");
    ck_assert_uint_eq(sienna_digest(s), digest);
    ck_assert_msg(sienna_load_state(s, state, problem), "%s", problem);
    ck_assert_uint_eq(sienna_digest(s), digest);
    free(bytes);
}
END_TEST

/* A machine that had ended goes on from before that; and one that is restored to its end has ended. */
START_TEST(ends)
{
    struct sienna_checkpoint *c = take(), *end;

    run_for(s, 3);
    sienna_quit(s);
    ck_assert_int_eq(sienna_run(s, UINT64_MAX), SIENNA_ENDED);
    end = take();
    back(c);
    run_for(s, 3);
    back(end);
    ck_assert_int_eq(sienna_run(s, UINT64_MAX), SIENNA_ENDED);
    sienna_checkpoint_release(s, c);
    sienna_checkpoint_release(s, end);
}
END_TEST

/* What was typed and not read yet belongs to the state. */
START_TEST(typed_bytes)
{
    struct sienna_console *c = sienna_console_open(s, SIENNA_CONSOLE_ASCII, false, NULL, NULL);
    struct sienna_checkpoint *before;
    uint64_t digest;

    sienna_console_type(c, "hello", 5);
    run_for(s, 1);
    digest = sienna_digest(s);
    before = take();
    sienna_console_type(c, " world", 6);
    run_for(s, 1);
    back(before);
    ck_assert_uint_eq(sienna_digest(s), digest);
    ck_assert_uint_eq(console_readable(&s->consoles[SIENNA_CONSOLE_ASCII].console), 5);
    sienna_checkpoint_release(s, before);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("snapshots");
    TCase *c = tcase_create("snapshots");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_set_timeout(c, 120);
    tcase_add_test(c, to_and_fro);
    tcase_add_test(c, storage_in_all_ways);
    tcase_add_test(c, devices_that_came_and_went);
    tcase_add_test(c, disks_go_back);
    tcase_add_test(c, what_changes_the_host_cannot_go_back);
    tcase_add_test(c, elsewhere);
    tcase_add_test(c, information);
    tcase_add_test(c, foreign_states);
    tcase_add_test(c, damaged_files);
    tcase_add_test(c, ends);
    tcase_add_test(c, typed_bytes);
    suite_add_tcase(suite, c);
    return run_suite(suite);
}
