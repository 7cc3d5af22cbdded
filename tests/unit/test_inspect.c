/* SPDX-License-Identifier: MIT */
/** Looking into a machine and steering it: include/sienna_inspect.h. */
#include "libsienna/inspect.h"
#include "sie/state_descriptor.h"
#include "storage/dat.h"
#include "unit/hex.h"
#include "unit/machine_fixture.h"

enum { STORAGE = 4 << 20 };

static const char *kernel;
static uint8_t image[KERNEL_BYTES];

/* A machine with a kernel of hexadecimal `code`. */
static void start(const char *code, unsigned cpus, unsigned clock_scale)
{
    const struct sienna_options options = {.storage_bytes = STORAGE, .cpus = cpus, .start_tod = 1ULL << 60,
                                           .clock_scale = clock_scale};
    uint8_t bytes[128];

    make_kernel(image, bytes, hex_bytes(code, bytes, sizeof bytes));
    make_folder("inspect");
    kernel = file_in_folder("kernel");
    write_file(kernel, image, sizeof image);
    s = create_machine(&options);
    load_kernel(s, kernel);
}

static void end(void)
{
    sienna_release(s);
    remove_folder();
}

/* lghi 3,1; loop: aghi 3,7; msgfi 3,0x12345; stg 3,0x800; stck 0x808; lg 4,0x808; j loop */
#define BUSY "a7390001 a73b0007 c23000012345 e33008000024 b2050808 e34008080004 a7f4fff3"
/* Starts CPU 1 with the same loop: sigp restart through the PSW at 0x1a0, which is set up here. */
#define TWO "e31001a00024 c0200000000a e32001a80024 a7380001 ae030006 " BUSY

START_TEST(registers_hold_what_is_put_into_them)
{
    start(BUSY, 2, 0);
    for (unsigned class = 0; class < SIENNA_REGISTER_CLASSES; class++) {
        const struct sienna_register_type *type = sienna_register_type(class);
        uint8_t in[16] = {0}, out[16];

        if (!type->alterable || class == SIENNA_PREFIX || class == SIENNA_FPC || class == SIENNA_PSW)
            continue;
        for (unsigned n = 0; n < type->count; n++) {
            for (unsigned i = 0; i < type->bytes; i++)
                in[i] = (uint8_t)(16 * class + n + i + 1);
            ck_assert_msg(sienna_register_write(s, 1, class, n, in, problem), "%s: %s", type->name, problem);
            ck_assert(sienna_register_read(s, 1, class, n, out));
            ck_assert_mem_eq(in, out, sizeof in);
        }
        ck_assert(!sienna_register_read(s, 1, class, type->count, out));
        ck_assert(!sienna_register_write(s, 2, class, 0, in, problem));
    }
    /* A floating-point register is the left half of its vector register. */
    ck_assert_uint_eq(get_register(1, SIENNA_VR, 5), get_register(1, SIENNA_FPR, 5));
    end();
}
END_TEST

START_TEST(registers_refuse_what_they_cannot_hold)
{
    uint8_t bytes[16] = {0};

    start(BUSY, 1, 0);
    put_be32(bytes, 0x1000);
    ck_assert(!sienna_register_write(s, 0, SIENNA_PREFIX, 0, bytes, problem));
    put_be32(bytes, 0x40000000);
    ck_assert(!sienna_register_write(s, 0, SIENNA_PREFIX, 0, bytes, problem));
    put_be32(bytes, 0x2000);
    ck_assert(sienna_register_write(s, 0, SIENNA_PREFIX, 0, bytes, problem));
    put_be32(bytes, 4);
    ck_assert(!sienna_register_write(s, 0, SIENNA_FPC, 0, bytes, problem));
    put_be32(bytes, 0xf8f8ff77);
    ck_assert(sienna_register_write(s, 0, SIENNA_FPC, 0, bytes, problem));
    ck_assert(!sienna_register_write(s, 0, SIENNA_TOD_CLOCK, 0, bytes, problem));
    end();
}
END_TEST

START_TEST(a_psw_takes_effect)
{
    const uint64_t mask = PSW_EA | PSW_BA | 1ULL << PSW_CC_SHIFT;

    start(BUSY, 1, 0);
    ck_assert_uint_eq(step(0, 2), 2); /* j, lghi */
    set_psw(0, mask, KERNEL_CODE);
    ck_assert_uint_eq(get_register(0, SIENNA_PSW, 0), mask);
    ck_assert_uint_eq(step(0, 2), 2);
    ck_assert_uint_eq(get_register(0, SIENNA_GR, 3), 8);
    end();
}
END_TEST

START_TEST(steps_are_exact)
{
    struct sienna_cpu cpu;

    start(BUSY, 1, 0);
    ck_assert_uint_eq(step(0, 3), 3);
    ck_assert_uint_eq(get_register(0, SIENNA_GR, 3), 8);
    ck_assert_uint_eq(step(0, 1), 1);
    ck_assert_uint_eq(get_register(0, SIENNA_GR, 3), 8 * 0x12345);
    ck_assert(sienna_cpu(s, 0, &cpu));
    ck_assert_uint_eq(cpu.psw_address, KERNEL_CODE + 14);
    ck_assert(cpu.state == SIENNA_CPU_OPERATING && !cpu.waiting && cpu.addressing_mode == 64);
    end();
}
END_TEST

/* The digest after some steps and then a run at least until *limit, which becomes when that ended. */
static uint64_t digest_after(const char *code, unsigned cpus, unsigned scale, const int *stepped,
                             unsigned count,
                             uint64_t *limit)
{
    uint64_t digest;

    start(code, cpus, scale);
    if (cpus > 1) /* the restart-new PSW's first half for CPU 1 */
        set_register(0, SIENNA_GR, 1, PSW_EA | PSW_BA);
    for (unsigned i = 0; i < count; i++) {
        step(stepped[i], 1 + 37 * i);
        if (i % 3 == 1)
            sienna_run(s, s->machine.now + 5000);
    }
    sienna_run(s, *limit);
    *limit = s->machine.now;
    ck_assert_uint_ne(get_register(cpus - 1, SIENNA_GR, 4), 0); /* it took part */
    digest = sienna_digest(s);
    end();
    return digest;
}

/* What is executed after any number of steps is what would have been executed without them. */
static void compare(const char *code, unsigned cpus, unsigned scale)
{
    static const int stepped[] = {0, -1, 0, 1, -1, 1, 0, 1, 1, -1, 0};
    uint64_t limit = 500000, with_steps = digest_after(code, cpus, scale, stepped, cpus == 1 ? 3 : 11,
                                                       &limit);

    ck_assert_uint_eq(with_steps, digest_after(code, cpus, scale, NULL, 0, &limit));
}

START_TEST(steps_move_nothing)
{
    for (unsigned scale = 1; scale < 8; scale += 3) {
        compare(BUSY, 1, scale);
        compare(TWO, 2, scale);
    }
}
END_TEST

START_TEST(a_scaled_clock_is_slower)
{
    uint64_t first, second;

    for (unsigned scale = 1; scale <= 10; scale += 9) {
        start(BUSY, 1, scale);
        step(0, 7 + 6 * 10); /* lg 4 is the sixth instruction of the loop */
        first = get_register(0, SIENNA_GR, 4);
        step(0, 6);
        second = get_register(0, SIENNA_GR, 4);
        /* 1 + 4 + 1 + the clock's cost + 1 + 1 cycles, at any scale */
        ck_assert_uint_eq((second - first) % scale, 0);
        ck_assert_uint_gt((second - first) / scale, 5);
        ck_assert_uint_lt((second - first) / scale, 256);
        end();
    }
}
END_TEST

START_TEST(a_stopped_cpu_is_not_stepped)
{
    start(BUSY, 2, 0);
    ck_assert(sienna_operate(s, SIENNA_STOP, 0, problem));
    ck_assert_uint_eq(step(0, 5), 0);
    ck_assert_str_eq(sienna_end_reason(s), "operator");
    ck_assert(sienna_operate(s, SIENNA_STORE_STATUS, 0, problem));
    ck_assert_uint_eq(get_be64(at(0x1200 + 0x100 + 8)), ENTRY);
    ck_assert(sienna_operate(s, SIENNA_START, 0, problem));
    ck_assert(!sienna_operate(s, SIENNA_STORE_STATUS, 0, problem));
    ck_assert(!sienna_operate(s, SIENNA_START, 2, problem));
    ck_assert_uint_eq(step(0, 5), 5);
    end();
}
END_TEST

START_TEST(restart_and_interrupt_keys)
{
    struct sienna_pending pending;

    start(BUSY, 1, 0);
    put_be64(at(0x1a0), PSW_EA | PSW_BA);
    put_be64(at(0x1a8), KERNEL_CODE);
    step(0, 5);
    ck_assert(sienna_interrupt_key(s, 0, problem));
    ck_assert(sienna_pending(s, 0, 0, &pending));
    ck_assert_str_eq(pending.name, "interrupt key");
    ck_assert(!pending.open);
    ck_assert(sienna_pending(s, 0, 1, &pending)); /* the reset comparator is below the clock */
    ck_assert_str_eq(pending.name, "clock comparator");
    ck_assert(sienna_pending(s, 0, 2, &pending));
    ck_assert_str_eq(pending.name, "CPU timer");
    ck_assert(!sienna_pending(s, 0, 3, &pending));
    ck_assert(sienna_restart_key(s, 0, problem));
    step(0, 1);
    ck_assert_uint_eq(get_register(0, SIENNA_PSW, 0), PSW_EA | PSW_BA);
    step(0, 2);
    ck_assert_uint_eq(get_register(0, SIENNA_GR, 3), 8);
    end();
}
END_TEST

START_TEST(resets_and_loads)
{
    start(BUSY, 1, 0);
    step(0, 50);
    ck_assert(sienna_operate(s, SIENNA_RESET_NORMAL, 0, problem));
    ck_assert_uint_ne(get_register(0, SIENNA_GR, 3), 0);
    ck_assert_int_eq(sienna_run(s, s->machine.now + 1000), SIENNA_ENDED);
    ck_assert_str_eq(sienna_end_reason(s), "operator");
    ck_assert(sienna_operate(s, SIENNA_RESET_CLEAR, 0, problem));
    ck_assert_uint_eq(get_register(0, SIENNA_GR, 3), 0);
    ck_assert_uint_eq(*at(ENTRY), 0);
    ck_assert(sienna_operate(s, SIENNA_LOAD_CLEAR, 0, problem));
    ck_assert_uint_eq(step(0, 3), 3);
    ck_assert_uint_eq(get_register(0, SIENNA_GR, 3), 8);
    unlink(kernel);
    ck_assert(!sienna_operate(s, SIENNA_LOAD, 0, problem));
    end();
}
END_TEST

START_TEST(a_disabled_wait_can_be_looked_at)
{
    start(BUSY, 1, 0);
    set_psw(0, PSW_EA | PSW_BA | PSW_WAIT, 0);
    ck_assert_int_eq(sienna_run(s, 100000), SIENNA_ENDED);
    ck_assert_str_eq(sienna_end_reason(s), "disabled-wait");
    sienna_revive(s);
    ck_assert_int_eq(sienna_run(s, 100000), SIENNA_ENDED);
    sienna_revive(s);
    set_psw(0, PSW_EA | PSW_BA, ENTRY);
    ck_assert_int_eq(sienna_run(s, 100000), SIENNA_RAN);
    end();
}
END_TEST

/* A segment table at 2 MiB maps megabyte 1 to page tables at 0x204000: page 2 to 0x30000, read-only. */
static void map(void)
{
    put_be64(at(0x200000 + 8), 0x204000);
    put_be64(at(0x204000 + 16), 0x30000 | PAGE_PROTECT);
    put_be64(at(0x204000 + 24), PAGE_INVALID);
    set_register(0, SIENNA_CR, 1, 0x200000);
}

START_TEST(a_walk_tells_its_steps_and_changes_nothing)
{
    struct sienna_translation t;
    uint64_t before;

    start(BUSY, 1, 0);
    map();
    before = sienna_digest(s);
    ck_assert(sienna_translate(s, 0, SIENNA_PRIMARY, 0x102345, &t));
    ck_assert_uint_eq(t.code, 0);
    ck_assert(t.dat && t.protect && !t.no_execute);
    ck_assert_uint_eq(t.entries, 2);
    ck_assert_uint_eq(t.entry[0].level, 0);
    ck_assert_uint_eq(t.entry[0].origin, 0x200000);
    ck_assert_uint_eq(t.entry[0].index, 1);
    ck_assert_uint_eq(t.entry[0].value, 0x204000);
    ck_assert_uint_eq(t.entry[1].level, 4);
    ck_assert_uint_eq(t.entry[1].origin, 0x204000);
    ck_assert_uint_eq(t.entry[1].address, 0x204010);
    ck_assert_uint_eq(t.absolute, 0x30345);
    ck_assert(sienna_translate(s, 0, SIENNA_PRIMARY, 0x103000, &t));
    ck_assert_uint_eq(t.code, PIC_PAGE_TRANSLATION);
    ck_assert_uint_eq(t.entries, 2);
    ck_assert(sienna_translate(s, 0, SIENNA_PRIMARY, 1ULL << 40, &t));
    ck_assert_uint_eq(t.code, PIC_ASCE_TYPE);
    /* DAT is off: logical addresses are real. */
    ck_assert(sienna_translate(s, 0, SIENNA_LOGICAL, 0x102345, &t));
    ck_assert(!t.dat && t.absolute == 0x102345);
    ck_assert(sienna_translate(s, 0, SIENNA_ABSOLUTE, STORAGE, &t));
    ck_assert_uint_eq(t.code, PIC_ADDRESSING);
    ck_assert(!sienna_translate(s, 1, SIENNA_ABSOLUTE, 0, &t));
    ck_assert_uint_eq(sienna_digest(s), before);
    end();
}
END_TEST

START_TEST(storage_is_read_and_written_by_kind)
{
    uint8_t bytes[64];

    start(BUSY, 1, 0);
    map();
    set_register(0, SIENNA_PREFIX, 0, 0x8000ULL << 32);
    memcpy(at(0x30ff0), "0123456789abcdef", 16);
    /* The next page is not there. */
    ck_assert_uint_eq(sienna_storage_read(s, 0, SIENNA_PRIMARY, 0x102ff0, bytes, 64), 16);
    ck_assert_mem_eq(bytes, "0123456789abcdef", 16);
    ck_assert(!sienna_storage_write(s, 0, SIENNA_PRIMARY, 0x102ffc, "ABCDEFGH", 8));
    ck_assert_mem_eq(at(0x30ffc), "cdef", 4);
    ck_assert(sienna_storage_write(s, 0, SIENNA_PRIMARY, 0x102ffc, "ABCD", 4));
    ck_assert_mem_eq(at(0x30ffc), "ABCD", 4);
    ck_assert(sienna_storage_write(s, 0, SIENNA_REAL, 0x1ffc, "ABCDEFGH", 8));
    ck_assert_mem_eq(at(0x9ffc), "ABCD", 4);
    ck_assert_mem_eq(at(0x2000), "EFGH", 4);
    ck_assert_uint_eq(sienna_storage_read(s, 0, SIENNA_ABSOLUTE, STORAGE - 4, bytes, 64), 4);
    end();
}
END_TEST

START_TEST(written_code_is_executed)
{
    const uint8_t addition[] = {0xa7, 0x3b, 0, 100};

    start("a7390000 a73b0001 a7f4fffe", 1, 0); /* lghi 3,0; loop: aghi 3,1; j loop */
    sienna_run(s, 10000);
    step(0, 1);
    ck_assert(sienna_storage_write(s, 0, SIENNA_LOGICAL, ENTRY + 36, addition, 4));
    uint64_t before = get_register(0, SIENNA_GR, 3);
    step(0, 2);
    ck_assert_uint_eq(get_register(0, SIENNA_GR, 3), before + 100);
    end();
}
END_TEST

START_TEST(keys_and_tlb)
{
    struct sienna_tlb_entry entry;
    unsigned cursor = 0, count = 0;
    bool code = false;
    uint8_t key;

    start(BUSY, 1, 0);
    step(0, 20);
    while (sienna_tlb_entry(s, 0, &cursor, &entry)) {
        count++;
        code |= entry.page == ENTRY && entry.absolute == ENTRY && entry.execute && !entry.dat;
    }
    ck_assert(code && count >= 2);
    ck_assert(sienna_key_read(s, ENTRY, &key));
    ck_assert_uint_eq(key & ~KEY_CHANGE, KEY_REFERENCE);
    ck_assert(sienna_key_write(s, 0x7ff, 0xff));
    ck_assert(sienna_key_read(s, 0, &key));
    ck_assert_uint_eq(key, 0xfe);
    ck_assert(!sienna_key_read(s, STORAGE, &key) && !sienna_key_write(s, STORAGE, 0));
    end();
}
END_TEST

START_TEST(devices_are_told)
{
    const struct sienna_setting number = {"devno", "fe.0.1234"};
    struct sienna_subchannel sch;
    struct sienna_event event;

    start(BUSY, 1, 0);
    ck_assert(sienna_device_add(s, "virtio-rng", NULL, 0, problem));
    ck_assert(sienna_device_add(s, "virtio-rng", &number, 1, problem));
    ck_assert(sienna_subchannel(s, 1, &sch));
    ck_assert(sch.valid && sch.device_number == 0x1234 && sch.id == 0x10001);
    ck_assert_uint_eq(get_be16(sch.schib + 6), 0x1234);
    ck_assert(sienna_device_remove(s, 0x1234, problem));
    ck_assert(sienna_subchannel(s, 1, &sch) && !sch.valid);
    ck_assert(!sienna_subchannel(s, 2, &sch) && !sienna_subchannel(s, 0x10000, &sch));
    ck_assert(!sienna_event(s, 1000, &event));
    end();
}
END_TEST

/* ---- A guest under SIE: its first MiB is host logical 1 MiB, absolute 3 MiB and on ---- */

enum { SD = 0x30000, SEGMENTS = 0x200000, PAGES = 0x204000, GUEST = 0x300000, ORIGIN = 0x100000 };

/* sie 0(14), which BUSY's loop replaces in the guest's storage. */
static void start_guest(void)
{
    uint8_t *sd;

    start("b214e000 a7f4fffe", 1, 0);
    memcpy(at(GUEST), image, KERNEL_CODE);
    memcpy(at(GUEST + KERNEL_CODE), (const uint8_t[]){0xa7, 0x39, 0, 1, 0xa7, 0x3b, 0, 7, 0xe3, 0x30, 0x08, 0,
                                                     0, 0x24,
                                                     0xa7, 0xf4, 0xff, 0xfb}, 18);
    put_be64(at(SEGMENTS), 0x20);
    put_be64(at(SEGMENTS + 8), PAGES);
    for (unsigned page = 0; page < 256; page++)
        put_be64(at(PAGES + 8 * page), page < 64 ? GUEST + PAGE_BYTES * page : PAGE_INVALID);
    set_register(0, SIENNA_CR, 1, SEGMENTS);
    sd = at(SD);
    put_be32(sd + SD_CPUSTAT, CPUSTAT_ZARCH);
    put_be64(sd + SD_MSO, ORIGIN);
    put_be64(sd + SD_MSL, ORIGIN);
    put_be64(sd + SD_PSW, PSW_EA | PSW_BA);
    put_be64(sd + SD_PSW + 8, ENTRY);
    put_be64(sd + SD_CR, 0xe0);
    put_be64(sd + SD_CLOCK_COMPARATOR, UINT64_MAX);
    put_be64(sd + SD_CPU_TIMER, INT64_MAX);
    set_register(0, SIENNA_GR, 14, SD);
}

START_TEST(a_guest_is_looked_at)
{
    struct sienna_translation t;
    struct sienna_cpu cpu;
    uint8_t bytes[4];
    uint64_t before;

    start_guest();
    step(0, 5); /* j, sie; j, lghi, aghi */
    before = sienna_digest(s);
    ck_assert(sienna_cpu(s, 0, &cpu));
    ck_assert(cpu.interpreting);
    ck_assert_uint_eq(cpu.psw_address, KERNEL_CODE + 8);
    ck_assert_uint_eq(get_register(0, SIENNA_GR, 3), 8);
    ck_assert_uint_eq(sienna_storage_read(s, 0, SIENNA_LOGICAL, KERNEL_CODE, bytes, 4), 4);
    ck_assert_uint_eq(get_be32(bytes), 0xa7390001);
    ck_assert(sienna_translate(s, 0, SIENNA_REAL, ENTRY, &t));
    ck_assert(!t.code && t.real == ENTRY && t.absolute == GUEST + ENTRY);
    ck_assert(sienna_translate(s, 0, SIENNA_ABSOLUTE, ENTRY, &t));
    ck_assert_uint_eq(t.absolute, ENTRY);
    /* The host has not mapped that page; the guest has no such storage at all. */
    ck_assert(sienna_translate(s, 0, SIENNA_LOGICAL, 0x40000, &t));
    ck_assert(t.code == PIC_PAGE_TRANSLATION && t.host_fault);
    ck_assert(sienna_translate(s, 0, SIENNA_LOGICAL, 0x100000, &t));
    ck_assert_uint_eq(t.code, PIC_ADDRESSING);
    ck_assert_uint_eq(sienna_digest(s), before);
    ck_assert_uint_eq(step(0, 1), 1);
    ck_assert_uint_eq(get_be64(at(GUEST + 0x800)), 8);
    /* Its CPU is stopped as the host's. */
    ck_assert(sienna_operate(s, SIENNA_STOP, 0, problem));
    ck_assert(sienna_cpu(s, 0, &cpu));
    ck_assert(!cpu.interpreting);
    ck_assert_uint_eq(cpu.psw_address, KERNEL_CODE);
    ck_assert_uint_eq(get_be64(at(SD) + SD_PSW + 8), KERNEL_CODE + 14);
    end();
}
END_TEST

START_TEST(steps_in_a_guest_move_nothing)
{
    uint64_t digest, limit;

    start_guest();
    for (unsigned i = 1; i < 20; i++)
        step(0, i * i);
    sienna_run(s, s->machine.now + 1);
    limit = s->machine.now;
    digest = sienna_digest(s);
    end();
    start_guest();
    sienna_run(s, limit);
    ck_assert_uint_eq(s->machine.now, limit);
    ck_assert_uint_eq(sienna_digest(s), digest);
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("inspect");
    TCase *registers = tcase_create("registers"), *storage = tcase_create("storage"),
        *steering = tcase_create("steering");

    tcase_add_test(registers, registers_hold_what_is_put_into_them);
    tcase_add_test(registers, registers_refuse_what_they_cannot_hold);
    tcase_add_test(registers, a_psw_takes_effect);
    tcase_add_test(storage, a_walk_tells_its_steps_and_changes_nothing);
    tcase_add_test(storage, storage_is_read_and_written_by_kind);
    tcase_add_test(storage, written_code_is_executed);
    tcase_add_test(storage, keys_and_tlb);
    tcase_add_test(storage, devices_are_told);
    tcase_add_test(steering, steps_are_exact);
    tcase_add_test(steering, steps_move_nothing);
    tcase_add_test(steering, a_scaled_clock_is_slower);
    tcase_add_test(steering, a_stopped_cpu_is_not_stepped);
    tcase_add_test(steering, restart_and_interrupt_keys);
    tcase_add_test(storage, a_guest_is_looked_at);
    tcase_add_test(steering, steps_in_a_guest_move_nothing);
    tcase_add_test(steering, resets_and_loads);
    tcase_add_test(steering, a_disabled_wait_can_be_looked_at);
    suite_add_tcase(suite, registers);
    suite_add_tcase(suite, storage);
    suite_add_tcase(suite, steering);
    return run_suite(suite);
}
