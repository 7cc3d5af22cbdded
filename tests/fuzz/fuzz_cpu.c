/* SPDX-License-Identifier: MIT */
/**
 * A processor in any state executes any instructions: registers, PSW, control registers, new PSWs and
 * storage come from the input. Nothing may happen to the host, and time passes whatever the program does.
 */
#include <string.h>

#include "cpu/layout.h"
#include "fuzz.h"
#include "unit/cpu_fixture.h"

enum { CYCLES = 20000, MOST = 24, PAGES = 16 };

static uint64_t fuzz_double(struct fuzz_input *in)
{
    uint64_t high = fuzz_word(in);

    return high << 32 | fuzz_word(in);
}

/* A number that is an address in DATA, near an end of storage or of an addressing mode, small, or any. */
static uint64_t value(struct fuzz_input *in)
{
    uint8_t kind = fuzz_byte(in);

    switch (kind & 7) {
    case 0: case 1: case 2: return DATA + (fuzz_half(in) & 0xfff8);
    case 3: return DATA + fuzz_half(in);
    case 4: return fuzz_byte(in);
    case 5: return FIXTURE_STORAGE - fuzz_byte(in);
    case 6: return (kind & 8 ? 1ULL << 31 : kind & 16 ? 1 << 24 : 0) - fuzz_byte(in);
    default: return fuzz_double(in);
    }
}

/* Storage that can be taken for tables: addresses in DATA, small numbers, zeros. */
static void fill_storage(struct fixture *f, struct fuzz_input *in)
{
    for (unsigned page = 0; page < PAGES; page++) {
        uint64_t first = value(in), step = fuzz_byte(in);

        for (unsigned i = 0; i < PAGE_BYTES; i += 8)
            put_be64(at(f, DATA + page * PAGE_BYTES + i), first += step * 64);
        f->machine.storage->keys[DATA / PAGE_BYTES + page] = page & 1 ? fuzz_byte(in) : 0;
    }
}

static uint64_t instruction(struct fuzz_input *in)
{
    struct operand_layout o[OPERANDS_MOST];
    uint16_t choice = fuzz_half(in);
    enum insn_id id = (enum insn_id)(1 + choice % (INSN_COUNT - 1));
    uint64_t text = insn_text(id), operand;
    unsigned operands = insn_layout(insn_rows[id].format, o);

    if (choice > 0xff00)
        return fuzz_double(in);
    for (unsigned i = 0; i < operands; i++) {
        operand = fuzz_half(in);
        if (o[i].kind == 'b') {
            text = insn_put(text, o[i].bit, 4, operand >> 12);
            text = insn_put_displacement(text, o[i].bit, o[i].width, operand & 0xfff);
            if (o[i].qualifier)
                text = insn_put(text, o[i].qualifier_bit, o[i].qualifier == 'L' ? 8 : 4, operand >> 3);
        } else if (o[i].kind == 'j') {
            text = insn_put(text, o[i].bit, o[i].width, (uint64_t)(int8_t)operand);
        } else {
            text = insn_put(text, o[i].bit, o[i].width, operand);
        }
    }
    return text;
}

/* The disassembler writes within its room, and agrees about the length. */
static void check_disassembly(uint64_t text)
{
    char line[80], small[8];

    FUZZ_ASSERT(insn_disassemble(text, CODE, line, sizeof(line)) == insn_length((uint8_t)(text >> 56)));
    FUZZ_ASSERT(strlen(line) < sizeof(line) - 1);
    insn_disassemble(text, CODE, small, sizeof(small));
    FUZZ_ASSERT(strlen(small) < sizeof(small) && !strncmp(line, small, strlen(small)));
}

static void place_code(struct fixture *f, struct fuzz_input *in)
{
    uint64_t where = CODE + (fuzz_byte(in) & 1 ? PAGE_BYTES - 32 : 0);
    unsigned count = 1 + fuzz_byte(in) % MOST;

    storage_stored(f->machine.storage, absolute(CODE), 2 * PAGE_BYTES, false);
    f->cpu->ia = where;
    while (count--) {
        uint64_t text = instruction(in);

        check_disassembly(text);
        put_be64(at(f, where), text);
        where += insn_length((uint8_t)(text >> 56));
    }
    put_be32(at(f, where), 0xa7f40000 | (uint16_t)(-(int)((where - f->cpu->ia) / 2))); /* back to the start */
}

/* New PSWs: mostly disabled waits as the fixture has them, else they continue in the code. */
static void set_new_psws(struct fixture *f, struct fuzz_input *in)
{
    uint8_t which = fuzz_byte(in);

    for (unsigned i = 0; i < 6; i++) {
        if (!(which >> i & 1))
            continue;
        put_be64(at(f, 0x1a0 + 16 * i),
                 fuzz_byte(in) & 15 ? PSW_EA | PSW_BA | (uint64_t)fuzz_byte(in) << 56 : fuzz_double(in));
        put_be64(at(f, 0x1a8 + 16 * i), CODE + (fuzz_byte(in) & 0xfe));
    }
}

static void set_registers(struct fixture *f, struct fuzz_input *in)
{
    struct cpu *cpu = f->cpu;

    for (unsigned i = 0; i < 16; i++)
        cpu->gr[i].d = value(in);
    for (unsigned i = 0; i < 16; i++) {
        uint8_t kind = fuzz_byte(in);

        cpu->ar[i] = kind & 8 ? (uint32_t)value(in) : kind & 1;
        if (kind & 16)
            cpu->cr[i] =
                kind & 32 ? fuzz_double(in) : (value(in) & ~0xfffULL) | (kind >> 6 ? 0x20 : kind & 15);
        cpu->vr[2 * i].d[0] = value(in);
        cpu->vr[2 * i + 1].d[1] = value(in);
    }
    cpu->fpc = fuzz_word(in) & 0xf8f8ff77;
    if (cpu->fpc & 4)
        cpu->fpc &= ~4u | 3;
    cpu->psw_mask = fuzz_double(in) & ~(PSW_UNASSIGNED | PSW_CC | PSW_WAIT);
    if (fuzz_byte(in) & 3)
        cpu->psw_mask &= ~(PSW_DAT | PSW_PROBLEM);
    if (fuzz_byte(in) & 3)
        cpu->psw_mask |= PSW_EA | PSW_BA;
    if ((cpu->psw_mask & PSW_EA) && !(cpu->psw_mask & PSW_BA))
        cpu->psw_mask &= ~PSW_EA;
    cpu->cc = fuzz_byte(in) & 3;
    cpu->clock_comparator = fuzz_byte(in) & 1 ? fuzz_half(in) : UINT64_MAX;
    if (fuzz_byte(in) & 1) {
        cpu->pending |= PENDING_EMERGENCY;
        cpu->emergency_signals = 2;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, data + size};
    struct fixture f;

    fixture_init_cpus(&f, 2);
    set_registers(&f, &in);
    set_new_psws(&f, &in);
    place_code(&f, &in);
    fill_storage(&f, &in);
    f.machine.cpus->debug_slow = fuzz_byte(&in) > 220;
    f.cpu->state = CPU_OPERATING;
    f.machine.cpus->cpu[1]->state = CPU_STOPPED;
    f.cpu->leave |= LEAVE_MODE;
    if (cpus_run(&f.machine, CYCLES) == CPUS_RAN)
        FUZZ_ASSERT(f.machine.now >= CYCLES || f.machine.configuration.load_request);
    fixture_release(&f);
    return 0;
}
