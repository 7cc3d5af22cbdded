/* SPDX-License-Identifier: MIT */
/** SUPERVISOR CALL and MONITOR CALL (PoP ch. 7). */
#include "cpu/access.h"
#include "cpu/cpus.h"
#include "cpu/operands.h"

DEFINE_OP(SVC)
{
    supervisor_call(cpu, insn->r1);
}

/* Real addresses of what counts monitor events: origin and size of the array of counters, and events not counted. */
enum { COUNTER_ARRAY_ORIGIN = 0x100, COUNTER_ARRAY_SIZE = 0x108, COUNTER_EXCEPTIONS = 0x10c };

/*
 * The host bytes of a counter in the home space; false when it cannot be accessed, which is no exception of the
 * program. Keys do not protect counters. What the host of a guest lacks is its host's matter, as always.
 */
static bool find_counter(struct cpu *cpu, uint64_t address, unsigned bytes, enum access_kind kind, struct span *span)
{
    unsigned first = page_rest(address) < bytes ? page_rest(address) : bytes;
    struct fault fault = {0};

    *span = (struct span){.bytes = {first, bytes - first}};
    span->host[0] = access_translate(cpu, SPACE_HOME, 0, 0, address, kind, first, &fault);
    if (span->host[0] && bytes > first)
        span->host[1] = access_translate(cpu, SPACE_HOME, 0, 0, address + first, kind, bytes - first, &fault);
    if (fault.host)
        access_exception(cpu, &fault);
    return span->host[0] && (bytes == first || span->host[1]);
}

/* The array is `size` halfwords, then as many words: a word counts its halfword's overflows. */
static bool count_event(struct cpu *cpu, uint64_t number)
{
    uint64_t origin = real_fetch64(cpu, real(COUNTER_ARRAY_ORIGIN)) & ~7ULL;
    uint32_t size = real_fetch32(cpu, real(COUNTER_ARRAY_SIZE));
    uint64_t at = origin + 2 * number;
    struct span low, high;
    uint8_t value[4];
    uint16_t count;

    if (number >= size || !find_counter(cpu, at, 2, ACCESS_FETCH, &low))
        return false;
    span_read(&low, value);
    count = get_be16(value);
    /* Both are changed, or neither. */
    if (count == UINT16_MAX && !find_counter(cpu, origin + 2ULL * size + 4 * number, 4, ACCESS_STORE, &high))
        return false;
    if (!find_counter(cpu, at, 2, ACCESS_STORE, &low))
        return false;
    if (count == UINT16_MAX) {
        span_read(&high, value);
        put_be32(value, get_be32(value) + 1);
        span_write(&high, value);
    }
    put_be16(value, (uint16_t)(count + 1));
    span_write(&low, value);
    return true;
}

/**
 * The class is a number 0-15 in the immediate; its mask bit is among bits 48-63 of control register 8. With its
 * enhanced-monitor mask, among bits 16-31, the event is counted instead of interrupting.
 */
DEFINE_OP(MC)
{
    specification_unless(cpu, SI_U8 < 16);
    if (!(cpu->cr[8] & BIT64(48 + SI_U8)))
        return;
    if ((cpu->cr[8] & BIT64(16 + SI_U8)) && has_facility(cpu, FACILITY_ENHANCED_MONITOR)) {
        if (!count_event(cpu, B2_ADDRESS))
            real_store32(cpu, real(COUNTER_EXCEPTIONS), real_fetch32(cpu, real(COUNTER_EXCEPTIONS)) + 1);
        return;
    }
    cpu->monitor_class = SI_U8;
    cpu->monitor_code = B2_ADDRESS;
    program_interruption(cpu, PIC_MONITOR_EVENT);
}
