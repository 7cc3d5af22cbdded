/* SPDX-License-Identifier: MIT */
/** Control registers, prefix and what they hold (PoP ch. 10). */
#include "cpu/control.h"
#include "cpu/cpus.h"
#include "cpu/level.h"
#include "cpu/observe.h"
#include "cpu/timer.h"

static void load(struct cpu *cpu, unsigned r, uint64_t value)
{
    uint64_t old = cpu->cr[r];

    cpu->cr[r] = value;
    observe(cpu, OBSERVED_CONTROL, r, old, 0, value);
}

DEFINE_OP(LCTL)
{
    unsigned count = register_count(insn->r1, insn->r3);
    uint64_t address = effective_b2(cpu, insn);
    uint8_t words[16 * 4];

    specification_unless_aligned(cpu, address, 4);
    fetch_bytes(cpu, address, insn->b2, words, count * 4);
    for (unsigned i = 0; i < count; i++) {
        unsigned r = (insn->r1 + i) & 15;

        load(cpu, r, (cpu->cr[r] & ~0xffffffffULL) | get_be32(words + 4 * i));
    }
    timer_changed(cpu);
}

DEFINE_OP(LCTLG)
{
    unsigned count = register_count(insn->r1, insn->r3);
    uint64_t address = effective_b2(cpu, insn);
    uint8_t doublewords[16 * 8];

    specification_unless_aligned(cpu, address, 8);
    fetch_bytes(cpu, address, insn->b2, doublewords, count * 8);
    for (unsigned i = 0; i < count; i++)
        load(cpu, (insn->r1 + i) & 15, get_be64(doublewords + 8 * i));
    timer_changed(cpu);
}

DEFINE_OP(STCTL)
{
    unsigned count = register_count(insn->r1, insn->r3);
    uint64_t address = effective_b2(cpu, insn);
    uint8_t words[16 * 4];

    specification_unless_aligned(cpu, address, 4);
    for (unsigned i = 0; i < count; i++)
        put_be32(words + 4 * i, (uint32_t)cpu->cr[(insn->r1 + i) & 15]);
    store_bytes(cpu, address, insn->b2, words, count * 4);
}

DEFINE_OP(STCTG)
{
    unsigned count = register_count(insn->r1, insn->r3);
    uint64_t address = effective_b2(cpu, insn);
    uint8_t doublewords[16 * 8];

    specification_unless_aligned(cpu, address, 8);
    for (unsigned i = 0; i < count; i++)
        put_be64(doublewords + 8 * i, cpu->cr[(insn->r1 + i) & 15]);
    store_bytes(cpu, address, insn->b2, doublewords, count * 8);
}

/* Both blocks of the new prefix area must exist; the low 13 bits and bit 32 are ignored. */
DEFINE_OP(SPX)
{
    uint64_t address = effective_b2(cpu, insn);
    uint32_t prefix;

    specification_unless_aligned(cpu, address, 4);
    prefix = fetch32(cpu, address, insn->b2) & 0x7fffe000;
    if (!storage_valid(cpu->storage, absolute(prefix), 2 * PAGE_BYTES))
        program_interruption(cpu, PIC_ADDRESSING);
    cpu->prefix = prefix;
    tlb_purge_all(cpu);
    cpu_mode_changed(cpu);
}

DEFINE_OP(STPX)
{
    uint64_t address = effective_b2(cpu, insn);

    specification_unless_aligned(cpu, address, 4);
    store32(cpu, address, insn->b2, cpu->prefix);
}

DEFINE_OP(STAP)
{
    uint64_t address = effective_b2(cpu, insn);

    specification_unless_aligned(cpu, address, 2);
    store16(cpu, address, insn->b2, cpu->address);
}

/* Format-1 CPU identification: the identification number starts with the partition's identifier. */
DEFINE_OP(STIDP)
{
    const struct machine_identity *identity = &cpu->machine->identity;
    uint64_t address = effective_b2(cpu, insn);
    uint64_t version = identity->guest_name[0] ? 0xff : 0, number = identity->serial & 0xffffff;

    specification_unless_aligned(cpu, address, 8);
    store64(cpu, address, insn->b2,
            version << 56 | number << 32 | (uint64_t)identity->type << 16 | 0x8000);
}

DEFINE_OP(STFL)
{
    real_store32(cpu, real(200), (uint32_t)(cpu->facilities->d[0] >> 32));
}

DEFINE_OP(STFLE)
{
    uint64_t address = effective_b2(cpu, insn);
    unsigned count = (gr64(cpu, 0) & 0xff) + 1, needed = FACILITY_LIMIT / 64, stored;
    uint8_t list[FACILITY_LIMIT / 8];

    specification_unless_aligned(cpu, address, 8);
    while (needed > 1 && cpu->all->facilities.d[needed - 1] == 0)
        needed--;
    stored = count < needed ? count : needed;
    for (unsigned i = 0; i < stored; i++)
        put_be64(list + 8 * i, cpu->facilities->d[i]);
    if (cpu->interpreting) /* as many doublewords as the machine has, with what the host wants seen */
        memcpy(list, storage_at(cpu->storage, cpu->interpreting->controls.facilities), stored * 8);
    store_bytes(cpu, address, insn->b2, list, stored * 8);
    set_gr64(cpu, 0, (gr64(cpu, 0) & ~0xffULL) | (needed - 1));
    cpu->cc = count < needed ? 3 : 0;
}

DEFINE_OP(LPP)
{
    uint64_t address = effective_b2(cpu, insn);

    specification_unless_aligned(cpu, address, 8);
    cpu->program_parameter = fetch64(cpu, address, insn->b2);
}

DEFINE_OP(EPAR)
{
    dat_required(cpu);
    extraction_authority_required(cpu);
    set_gr32(cpu, insn->r1, primary_asn(cpu));
}

DEFINE_OP(EPAIR)
{
    dat_required(cpu);
    extraction_authority_required(cpu);
    set_gr64(cpu, insn->r1, (uint64_t)primary_instance(cpu) << 32 | primary_asn(cpu));
}

DEFINE_OP(ESAR)
{
    dat_required(cpu);
    extraction_authority_required(cpu);
    set_gr32(cpu, insn->r1, secondary_asn(cpu));
}

DEFINE_OP(ESAIR)
{
    dat_required(cpu);
    extraction_authority_required(cpu);
    set_gr64(cpu, insn->r1, (uint64_t)secondary_instance(cpu) << 32 | secondary_asn(cpu));
}

/* The old extended authorization index goes to bits 32–47, the new one comes from bits 48–63. */
DEFINE_OP(ESEA)
{
    uint16_t old = extended_index(cpu);

    cpu->cr[8] = (cpu->cr[8] & ~0xffff0000ULL) | (gr64(cpu, insn->r1) & 0xffff) << 16;
    set_gr32(cpu, insn->r1, (uint32_t)old << 16 | (gr32(cpu, insn->r1) & 0xffff));
    cpu_mode_changed(cpu);
}
