/* SPDX-License-Identifier: MIT */
#include "cpu/linkage_stack.h"

#include "cpu/asn.h"
#include "cpu/control.h"
#include "cpu/cpus.h"
#include "cpu/per.h"

enum { DESCRIPTOR_BYTES = 8, UNSTACK_SUPPRESSION = 0x80, ENTRY_TYPE = 0x7f, ADDRESS_VALID = 1 };

/* Entry descriptor: type with unstack-suppression bit, section, remaining free space, next-entry size. */
struct descriptor {
    uint8_t type, section;
    uint16_t free_space;
};

static uint8_t *probe_piece(struct cpu *cpu, uint64_t address, enum access_kind kind, unsigned bytes)
{
    struct fault fault;
    uint8_t *host = access_translate(cpu, SPACE_HOME, 0, 0, address, kind, bytes, &fault);

    if (!host)
        access_exception(cpu, &fault);
    return host;
}

/* As span_in_space(), but with 64-bit addresses in every addressing mode. */
static struct span probe(struct cpu *cpu, uint64_t address, unsigned bytes, enum access_kind kind)
{
    unsigned rest = page_rest(address);
    struct span s = {.bytes = {bytes < rest ? bytes : rest, bytes < rest ? 0 : bytes - rest}};

    s.host[0] = probe_piece(cpu, address, kind, s.bytes[0]);
    if (s.bytes[1])
        s.host[1] = probe_piece(cpu, address + rest, kind, s.bytes[1]);
    if (kind == ACCESS_STORE && cpu->context->slow)
        per_note_store_in_space(cpu, SPACE_HOME, 0, address, bytes);
    return s;
}

static uint64_t fetch_address(struct cpu *cpu, uint64_t address)
{
    return get_be64(probe(cpu, address, 8, ACCESS_FETCH).host[0]);
}

static struct descriptor fetch_descriptor(struct cpu *cpu, uint64_t address)
{
    const uint8_t *p = probe(cpu, address, DESCRIPTOR_BYTES, ACCESS_FETCH).host[0];

    return (struct descriptor){p[0], p[1], get_be16(p + 2)};
}

static uint64_t current_descriptor(const struct cpu *cpu) { return cpu->cr[15] & ~7ULL; }

/* Where a new entry goes: after which descriptor, and the section header to be linked back, if new. */
struct place {
    uint64_t after;
    uint64_t header; /* address of the new section's backward address, 0 if none */
    struct descriptor descriptor;
};

static struct place next_section(struct cpu *cpu, uint64_t current, unsigned free_space)
{
    uint64_t trailer, forward;
    struct place place;

    if (free_space & 7)
        program_interruption(cpu, PIC_STACK_SPECIFICATION);
    trailer = current + DESCRIPTOR_BYTES + free_space;
    forward = fetch_address(cpu, trailer);
    if (!(forward & ADDRESS_VALID))
        program_interruption(cpu, PIC_STACK_FULL);
    place.after = forward & ~7ULL;
    place.header = place.after - 8;
    place.descriptor = fetch_descriptor(cpu, place.after);
    if (place.descriptor.free_space < STACK_ENTRY_BYTES)
        program_interruption(cpu, PIC_STACK_SPECIFICATION);
    return place;
}

static struct place locate_space(struct cpu *cpu)
{
    uint64_t current = current_descriptor(cpu);
    struct descriptor d = fetch_descriptor(cpu, current);

    if (d.free_space < STACK_ENTRY_BYTES)
        return next_section(cpu, current, d.free_space);
    return (struct place){current, 0, d};
}

static void compose(const struct cpu *cpu, uint8_t e[STACK_ENTRY_BYTES], uint64_t mask, uint64_t address,
                    uint64_t called)
{
    for (unsigned r = 0; r < 16; r++) {
        put_be64(e + STACK_GR + 8 * r, gr64(cpu, r));
        put_be32(e + STACK_AR + 4 * r, cpu->ar[r]);
    }
    put_be16(e + STACK_KEY_MASK, key_mask(cpu));
    put_be16(e + STACK_SASN, secondary_asn(cpu));
    put_be16(e + STACK_EAX, extended_index(cpu));
    put_be16(e + STACK_PASN, primary_asn(cpu));
    put_be64(e + STACK_PSW, mask);
    put_be64(e + STACK_CALLED, called);
    put_be64(e + STACK_PSW_ADDRESS, address);
    if (asn_lx_reuse(cpu)) {
        put_be32(e + STACK_SASTEIN, secondary_instance(cpu));
        put_be32(e + STACK_PASTEIN, primary_instance(cpu));
    }
}

void stack_push(struct cpu *cpu, enum stack_entry_type type, uint64_t mask, uint64_t address, uint64_t called)
{
    struct place place = locate_space(cpu);
    uint8_t e[STACK_ENTRY_BYTES] = {0};
    uint8_t *current, *header = NULL;
    struct span to;

    if (place.header)
        header = probe(cpu, place.header, 8, ACCESS_STORE).host[0];
    to = probe(cpu, place.after + DESCRIPTOR_BYTES, STACK_ENTRY_BYTES, ACCESS_STORE);
    current = probe(cpu, place.after, DESCRIPTOR_BYTES, ACCESS_STORE).host[0];
    compose(cpu, e, mask, address, called);
    e[STACK_DESCRIPTOR] = (uint8_t)type;
    e[STACK_DESCRIPTOR + 1] = place.descriptor.section;
    put_be16(e + STACK_DESCRIPTOR + 2, (uint16_t)(place.descriptor.free_space - STACK_ENTRY_BYTES));
    span_write(&to, e);
    if (header)
        put_be64(header, current_descriptor(cpu) | ADDRESS_VALID);
    put_be16(current + 4, STACK_ENTRY_BYTES);
    cpu->cr[15] = place.after + STACK_ENTRY_BYTES;
}

static void check_suppression(struct cpu *cpu, const struct descriptor *d, bool unstack)
{
    if (unstack && (d->type & UNSTACK_SUPPRESSION))
        program_interruption(cpu, PIC_STACK_OPERATION);
}

struct stack_entry stack_locate(struct cpu *cpu, bool unstack)
{
    uint64_t at = current_descriptor(cpu), backward;
    struct descriptor d = fetch_descriptor(cpu, at);

    if ((d.type & ENTRY_TYPE) == STACK_HEADER) {
        check_suppression(cpu, &d, unstack);
        backward = fetch_address(cpu, at - 8);
        if (!(backward & ADDRESS_VALID))
            program_interruption(cpu, PIC_STACK_EMPTY);
        at = backward & ~7ULL;
        d = fetch_descriptor(cpu, at);
        if ((d.type & ENTRY_TYPE) == STACK_HEADER)
            program_interruption(cpu, PIC_STACK_SPECIFICATION);
    }
    if ((d.type & ENTRY_TYPE) != STACK_BRANCH && (d.type & ENTRY_TYPE) != STACK_CALL)
        program_interruption(cpu, PIC_STACK_TYPE);
    check_suppression(cpu, &d, unstack);
    return (struct stack_entry){at - STACK_DESCRIPTOR, d.type & ENTRY_TYPE};
}

void stack_fetch(struct cpu *cpu, const struct stack_entry *entry, uint8_t to[STACK_ENTRY_BYTES])
{
    struct span from = probe(cpu, entry->address, STACK_ENTRY_BYTES, ACCESS_FETCH);

    span_read(&from, to);
}

uint8_t *stack_probe_previous(struct cpu *cpu, const struct stack_entry *entry)
{
    return probe(cpu, entry->address - DESCRIPTOR_BYTES, DESCRIPTOR_BYTES, ACCESS_STORE).host[0];
}

void stack_pop(struct cpu *cpu, const struct stack_entry *entry, uint8_t *previous)
{
    put_be16(previous + 4, 0);
    cpu->cr[15] = entry->address - DESCRIPTOR_BYTES;
}

uint8_t *stack_modifiable(struct cpu *cpu, const struct stack_entry *entry)
{
    return probe(cpu, entry->address + STACK_MODIFIABLE, 8, ACCESS_STORE).host[0];
}
