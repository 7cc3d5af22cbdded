/* SPDX-License-Identifier: MIT */
#include "cpu/per.h"

#include "cpu/access.h"
#include "cpu/cpus.h"
#include "cpu/level.h"
#include "storage/dat.h"

static uint8_t events(const struct cpu *cpu)
{
    return (uint8_t)(cpu->cr[9] >> 24);
}

static bool in_range(const struct cpu *cpu, uint64_t from, uint64_t bytes)
{
    uint64_t start = cpu->cr[10] & cpu->address_mask, end = cpu->cr[11] & cpu->address_mask;
    uint64_t last = from + bytes - 1;

    /* A starting address above the ending one: the area wraps around. */
    if (start <= end)
        return from <= end && last >= start;
    return last >= start || from <= end;
}

bool per_active(const struct cpu *cpu)
{
    bool on = (cpu->psw_mask & PSW_PER) || (cpu->interpreting && cpu->interpreting->controls.guest_per);

    return on && (events(cpu) & (PER_BRANCH | PER_FETCH | PER_STORE | PER_STURA |
                                                        PER_ZERO_ADDRESS | PER_NULLIFICATION));
}

static void note(struct cpu *cpu, uint8_t event, uint64_t ia)
{
    cpu->per_code |= event;
    cpu->per_address = ia;
}

static uint64_t present_ia(const struct cpu *cpu)
{
    return insn_ia(cpu, cpu->insn);
}

void per_note_store_in_space(struct cpu *cpu, unsigned space, unsigned base, uint64_t address, unsigned bytes)
{
    uint64_t asce = space == SPACE_HOME ? cpu->cr[13] : space == SPACE_SECONDARY ? cpu->cr[7] : cpu->cr[1];

    if (!per_active(cpu) || !(events(cpu) & PER_STORE) || !in_range(cpu, address, bytes))
        return;
    /* CR9.42: only spaces whose ASCE has the storage-alteration-event bit. */
    if ((cpu->cr[9] & BIT64(42)) && space != SPACE_REAL && !(asce & ASCE_STORAGE_ALTERATION))
        return;
    note(cpu, PER_STORE, present_ia(cpu));
    cpu->per_access_id = space == SPACE_ACCESS_REGISTER ? (uint8_t)(base & 15) : 0;
}

void per_note_store(struct cpu *cpu, uint64_t address, unsigned base, unsigned bytes)
{
    per_note_store_in_space(cpu, operand_space(cpu), base, address, bytes);
}

void per_note_branch(struct cpu *cpu, uint64_t target)
{
    if (!per_active(cpu) || !(events(cpu) & PER_BRANCH))
        return;
    if (!(cpu->cr[9] & BIT64(40)) || in_range(cpu, target, 1))
        note(cpu, PER_BRANCH, present_ia(cpu));
}

void per_note_stura(struct cpu *cpu)
{
    if (per_active(cpu) && (events(cpu) & (PER_STORE | PER_STURA)) == (PER_STORE | PER_STURA))
        note(cpu, PER_STURA, present_ia(cpu));
}

void per_note_fetch(struct cpu *cpu, uint64_t ia)
{
    if (!per_active(cpu) || !(events(cpu) & PER_FETCH) || !in_range(cpu, ia, 1))
        return;
    note(cpu, PER_FETCH, present_ia(cpu));
    if (events(cpu) & PER_NULLIFICATION) {
        cpu->per_code = PER_FETCH | PER_NULLIFICATION;
        program_interruption(cpu, PIC_PER_EVENT);
    }
}

uint8_t per_atmid(const struct cpu *cpu)
{
    /* PSW bit 31, a one (valid), and PSW bits 32, 5, 16, 17 (PoP ch. 4: PER ATMID). */
    uint8_t id = 0x40;

    if (cpu->psw_mask & PSW_EA)
        id |= 0x80;
    if (cpu->psw_mask & PSW_BA)
        id |= 0x20;
    if (cpu->psw_mask & PSW_DAT)
        id |= 0x10;
    return (uint8_t)(id | (cpu->psw_mask >> PSW_AS_SHIFT & 3) << 2);
}

void per_event(struct cpu *cpu, const struct insn *insn)
{
    program_interruption(cpu, PIC_PER_EVENT);
}
