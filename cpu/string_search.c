/* SPDX-License-Identifier: MIT */
/** Strings ended by a character: SRST, SRSTU, CLST, MVST; and CKSM (PoP ch. 7). */
#include "cpu/string_operands.h"

/* These end with cc 3 after this many bytes, or at a page if that is enough for progress. */
enum { SEARCH_BYTES = 4096, SEARCH_LEAST = 256 };

/** The character in general register 0; bits 32-63 to its left must be zero. */
static unsigned character_in_gr0(struct cpu *cpu, unsigned bits)
{
    uint32_t v = gr32(cpu, 0);

    specification_unless(cpu, v >> bits == 0);
    return v;
}

/** SEARCH STRING: r1 is the address after the string, r2 where to start. */
DEFINE_OP(SRST)
{
    uint8_t wanted = (uint8_t)character_in_gr0(cpu, 8);
    uint64_t end = address_in(cpu, insn->r1), at = address_in(cpu, insn->r2);

    for (unsigned done = 0; done < SEARCH_BYTES;) {
        uint64_t left = (end - at) & cpu->address_mask;
        unsigned bytes = least(left, page_rest(at));
        const uint8_t *host, *found;

        if (left == 0) {
            cpu->cc = 2;
            return;
        }
        host = span_fetch(cpu, at, insn->r2, bytes).host[0];
        found = memchr(host, wanted, bytes);
        if (found) {
            charge_bytes(cpu, done + (unsigned)(found - host));
            set_gr_address(cpu, insn->r1, at + (uint64_t)(found - host));
            cpu->cc = 1;
            return;
        }
        done += bytes;
        at = (at + bytes) & cpu->address_mask;
    }
    charge_bytes(cpu, SEARCH_BYTES);
    set_gr_address(cpu, insn->r2, at);
    cpu->cc = 3;
}

/** SEARCH STRING UNICODE: two-byte characters; an end that is off by one ends the search all the same. */
DEFINE_OP(SRSTU)
{
    uint16_t wanted = (uint16_t)character_in_gr0(cpu, 16);
    uint64_t end = address_in(cpu, insn->r1), at = address_in(cpu, insn->r2);

    end += (end ^ at) & 1;
    for (unsigned done = 0; done < SEARCH_BYTES; done += 2) {
        if (((end - at) & cpu->address_mask) == 0) {
            cpu->cc = 2;
            return;
        }
        if (fetch16(cpu, at, insn->r2) == wanted) {
            charge_bytes(cpu, done);
            set_gr_address(cpu, insn->r1, at);
            cpu->cc = 1;
            return;
        }
        at = (at + 2) & cpu->address_mask;
    }
    charge_bytes(cpu, SEARCH_BYTES);
    set_gr_address(cpu, insn->r2, at);
    cpu->cc = 3;
}

/** COMPARE LOGICAL STRING: the operand that ends first is low. */
DEFINE_OP(CLST)
{
    uint8_t end = (uint8_t)character_in_gr0(cpu, 8);
    uint64_t a = address_in(cpu, insn->r1), b = address_in(cpu, insn->r2);
    unsigned done = 0;

    while (done < SEARCH_LEAST) {
        unsigned bytes = least(page_rest(a), page_rest(b));
        const uint8_t *p = span_fetch(cpu, a, insn->r1, bytes).host[0];
        const uint8_t *q = span_fetch(cpu, b, insn->r2, bytes).host[0];
        unsigned i = 0;

        while (i < bytes && p[i] == q[i] && p[i] != end)
            i++;
        charge_bytes(cpu, i);
        if (i < bytes) {
            if (p[i] == q[i]) {
                cpu->cc = 0;
                return;
            }
            set_gr_address(cpu, insn->r1, (a + i) & cpu->address_mask);
            set_gr_address(cpu, insn->r2, (b + i) & cpu->address_mask);
            cpu->cc = p[i] == end ? 1 : q[i] == end ? 2 : p[i] < q[i] ? 1 : 2;
            return;
        }
        done += bytes;
        a = (a + bytes) & cpu->address_mask;
        b = (b + bytes) & cpu->address_mask;
    }
    set_gr_address(cpu, insn->r1, a);
    set_gr_address(cpu, insn->r2, b);
    cpu->cc = 3;
}

/** Bytes of the string at `address` up to and with `end`, at most SEARCH_LEAST; *ended if it is there. */
static unsigned gather_string(struct cpu *cpu, uint64_t address, unsigned base, uint8_t end, uint8_t *to,
                              bool *ended)
{
    unsigned count = 0;

    *ended = false;
    while (count < SEARCH_LEAST && !*ended) {
        unsigned bytes = least(page_rest(address), SEARCH_LEAST - count);
        const uint8_t *host = span_fetch(cpu, address, base, bytes).host[0];
        const uint8_t *found = memchr(host, end, bytes);

        if (found) {
            bytes = (unsigned)(found - host) + 1;
            *ended = true;
        }
        memcpy(to + count, host, bytes);
        count += bytes;
        address = (address + bytes) & cpu->address_mask;
    }
    return count;
}

DEFINE_OP(MVST)
{
    uint8_t end = (uint8_t)character_in_gr0(cpu, 8), string[SEARCH_LEAST];
    uint64_t to = address_in(cpu, insn->r1), from = address_in(cpu, insn->r2);
    bool ended;
    unsigned bytes = gather_string(cpu, from, insn->r2, end, string, &ended);

    store_bytes(cpu, to, insn->r1, string, bytes);
    charge_bytes(cpu, bytes);
    if (ended) {
        set_gr_address(cpu, insn->r1, (to + bytes - 1) & cpu->address_mask);
    } else {
        set_gr_address(cpu, insn->r1, (to + bytes) & cpu->address_mask);
        set_gr_address(cpu, insn->r2, (from + bytes) & cpu->address_mask);
    }
    cpu->cc = ended ? 1 : 3;
}

/** CHECKSUM: 32-bit words added with the carry fed back; a short last word is padded with zeros. */
DEFINE_OP(CKSM)
{
    uint64_t address = address_in(cpu, insn->r2), length = gr_amode(cpu, insn->r2 + 1);
    unsigned bytes = least(length, PAGE_BYTES);
    uint8_t buffer[PAGE_BYTES + 4];
    const uint8_t *from = buffer;
    uint64_t sum = R1_32;

    if (bytes) {
        struct span span = span_fetch(cpu, address, insn->r2, bytes);

        if (span.bytes[1] || bytes % 4) {
            memset(buffer + bytes, 0, 4);
            span_read(&span, buffer);
        } else {
            from = span.host[0];
        }
    }
    for (unsigned i = 0; i < bytes; i += 4)
        sum += get_be32(from + i);
    while (sum >> 32)
        sum = (sum & 0xffffffffU) + (sum >> 32);
    set_gr32(cpu, insn->r1, (uint32_t)sum);
    set_gr_address(cpu, insn->r2, (address + bytes) & cpu->address_mask);
    set_gr_amode(cpu, insn->r2 + 1, length - bytes);
    charge_bytes(cpu, bytes);
    cpu->cc = bytes < length ? 3 : 0;
}
