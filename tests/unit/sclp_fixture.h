/* SPDX-License-Identifier: MIT */
/** A machine of storage, SCLP and make-believe CPUs, for the SCLP tests. */
#ifndef SIENNA_TESTS_SCLP_FIXTURE_H
#define SIENNA_TESTS_SCLP_FIXTURE_H

#include <check.h>
#include <stdlib.h>

#include "channel/sclp.h"
#include "machine/input.h"
#include "storage/storage.h"

enum { FIXTURE_CPUS = 4, SCCB_AT = 0x10000 };

static struct machine machine;
static bool fixture_configured[FIXTURE_CPUS];
static bool fixture_refuse;

static unsigned fixture_count(const struct machine *m)
{
    return FIXTURE_CPUS;
}

static bool fixture_is_configured(const struct machine *m, unsigned cpu)
{
    return fixture_configured[cpu];
}

static bool fixture_configure(struct machine *m, unsigned cpu, bool on)
{
    if (fixture_refuse)
        return false;
    fixture_configured[cpu] = on;
    return true;
}

static inline void fixture_start(uint64_t storage_bytes, const struct sclp_features *features)
{
    machine_init(&machine);
    machine.log_limit = LOG_ERROR;
    machine.storage = storage_create(&machine, storage_bytes);
    machine.processors.count = fixture_count;
    machine.processors.configured = fixture_is_configured;
    machine.processors.configure = fixture_configure;
    for (unsigned i = 0; i < FIXTURE_CPUS; i++)
        fixture_configured[i] = i < 3;
    fixture_refuse = false;
    ck_assert(sclp_create(&machine, features));
}

static inline void fixture_end(void)
{
    if (machine.service.release)
        machine.service.release(&machine);
    storage_release(machine.storage);
    machine_release(&machine);
}

static inline uint8_t *sccb(void)
{
    return storage_at(machine.storage, absolute(SCCB_AT));
}

static inline void sccb_clear(uint16_t length)
{
    memset(sccb(), 0, 3 * PAGE_BYTES);
    put_be16(sccb(), length);
}

/* SERVC, then the latency, then the interruption: returns its parameter without the SCCB address. */
static inline uint32_t serve(uint32_t command)
{
    uint32_t parameter;

    ck_assert_int_eq(machine.service.call(&machine, command, absolute(SCCB_AT)), 0);
    ck_assert(!(machine.floating.service_parameter & ~7u));
    machine.now = event_next_time(&machine);
    event_run_due(&machine);
    ck_assert(machine.floating.pending & FLOATING_SERVICE_SIGNAL);
    parameter = machine.floating.service_parameter;
    ck_assert_uint_eq(parameter & ~7u, SCCB_AT);
    machine.floating.pending = 0;
    machine.floating.service_parameter = 0;
    return parameter & 7;
}

static inline unsigned response(void)
{
    return get_be16(sccb() + 6);
}

/* WRITE EVENT MASK with 8-byte masks. */
static inline void open_masks(uint64_t receive, uint64_t send)
{
    sccb_clear(44);
    put_be16(sccb() + 10, 8);
    put_be64(sccb() + 12, receive);
    put_be64(sccb() + 20, send);
    serve(0x00780005);
    ck_assert_uint_eq(response(), 0x0020);
}

/* What a console showed. */
static char shown[65536];
static size_t shown_count;

static inline void show(void *host, const uint8_t *bytes, size_t count)
{
    ck_assert(shown_count + count < sizeof shown);
    memcpy(shown + shown_count, bytes, count);
    shown_count += count;
    shown[shown_count] = 0;
}

static inline void show_nothing(void)
{
    shown_count = 0;
    shown[0] = 0;
}

static inline void type_text(struct console *console, const char *text)
{
    console_offer(console, text, strlen(text));
    input_pass(&machine);
}

#endif
