/* SPDX-License-Identifier: MIT */
/** Instructions that ask how an address translates, or use real addresses (PoP ch. 10). */
#include "cpu/art.h"
#include "cpu/control.h"
#include "cpu/level.h"
#include "cpu/per.h"
#include "storage/dat.h"

/* The walk that an access in `space` would cause, DAT on or off; ALET exceptions come as code. */
static struct dat_result walk(struct cpu *cpu, unsigned space, unsigned base, uint64_t address,
                              uint64_t *asce)
{
    struct storage_view view = level_view(cpu);
    struct fault fault = {0};
    struct dat_result r;

    switch (space) {
    case SPACE_PRIMARY: *asce = cpu->cr[1]; break;
    case SPACE_SECONDARY: *asce = cpu->cr[7]; break;
    case SPACE_HOME: *asce = cpu->cr[13]; break;
    default:
        if (!art_translate(cpu, base == 0 || base == 16 ? 0 : cpu->ar[base], false, asce, &fault))
            return (struct dat_result){.code = fault.code, .level = 5};
    }
    r = dat_translate(&view, *asce, level_dat_controls(cpu) & ~(uint32_t)DAT_IEP, address);
    if (r.host_fault)
        host_access_exception(cpu, &r, false);
    return r;
}

/* Address-space control of the PSW, whether DAT is on or not. */
static unsigned psw_space(const struct cpu *cpu) { return cpu->psw_mask >> PSW_AS_SHIFT & 3; }

/* Conditions of a walk that are exceptions even to those who only ask. */
static void check_walk(struct cpu *cpu, const struct dat_result *r)
{
    if (r->code == PIC_ADDRESSING || r->code == PIC_TRANSLATION_SPECIFICATION)
        program_interruption(cpu, r->code);
}

/* Raise the access exception that the walk found. */
static void require_translation(struct cpu *cpu, const struct dat_result *r, unsigned space, unsigned base,
                                uint64_t address)
{
    struct fault fault = {.code = r->code, .teid = (address & PAGE_MASK) | space};

    if (!r->code)
        return;
    if (space == SPACE_ACCESS_REGISTER)
        fault.access_id = base & 15;
    access_exception(cpu, &fault);
}

/* Condition code 1 or 2 when the segment- or page-table entry has its invalid bit on, else 3. */
static unsigned invalid_entry_code(const struct dat_result *r)
{
    if (r->code == PIC_SEGMENT_TRANSLATION && (r->entry & TABLE_INVALID))
        return 1;
    return r->code == PIC_PAGE_TRANSLATION ? 2 : 3;
}

/*
 * LRA: the real address, or with condition code 1 or 2 the address of the invalid entry, or with 3
 * the exception code. With 32-bit results an entry at or above 2G counts as 3 and a real address
 * there is a special-operation exception.
 */
static void load_real_address(struct cpu *cpu, const struct insn *insn, bool wide)
{
    uint64_t asce, address = effective_x2(cpu, insn), result;
    struct dat_result r = walk(cpu, psw_space(cpu), insn->b2, address, &asce);
    unsigned code;

    check_walk(cpu, &r);
    code = r.code ? invalid_entry_code(&r) : 0;
    result = code ? r.entry_address : r.address;
    if (!wide && result >> 31) {
        special_operation_unless(cpu, code != 0);
        code = 3;
    }
    cpu->cc = code;
    if (code == 3)
        set_gr32(cpu, insn->r1, 0x80000000u | r.code);
    else if (wide)
        set_gr64(cpu, insn->r1, result);
    else
        set_gr32(cpu, insn->r1, (uint32_t)result);
}

DEFINE_OP(LRA)
{
    load_real_address(cpu, insn, amode64(cpu));
}

DEFINE_OP(LRAY)
{
    load_real_address(cpu, insn, amode64(cpu));
}

DEFINE_OP(LRAG)
{
    load_real_address(cpu, insn, true);
}

DEFINE_OP(STRAG)
{
    uint64_t to = effective_b2(cpu, insn), address = effective_b4(cpu, insn), asce;
    unsigned base = insn_base(insn, 32);
    struct dat_result r;

    specification_unless_aligned(cpu, to, 8);
    r = walk(cpu, psw_space(cpu), base, address, &asce);
    require_translation(cpu, &r, psw_space(cpu), base, address);
    store64(cpu, to, insn->b2, r.address);
}

/* Which space M4 of LPTEA names: 0–3 as PSW bits 16–17 do, 4 those of the PSW. */
static unsigned lptea_space(struct cpu *cpu, unsigned m4)
{
    specification_unless(cpu, m4 <= 4);
    return m4 == 4 ? psw_space(cpu) : m4;
}

/* An invalid or large-frame region- or segment-table entry, as condition code 2 reports it: its address,
 * bit 61 for a large frame's protection, bits 62–63 the table type. */
static uint64_t reported_entry(const struct dat_result *r)
{
    return r->entry_address | (r->code == 0 && r->protect ? 4 : 0) | r->level;
}

/*
 * Address of the page-table entry: condition code 0, or 1 when a table above protects it; 2 when the
 * walk ends before; 3 with the exception code.
 */
DEFINE_OP(LPTEA)
{
    unsigned space = lptea_space(cpu, (unsigned)insn->imm);
    uint64_t asce, address = address_in(cpu, insn->r2);
    struct dat_result r = walk(cpu, space, insn->r2, address, &asce);

    special_operation_unless(cpu, r.code || r.level != 5); /* a real space has no tables */
    if (r.level == 4) {
        set_gr64(cpu, insn->r1, r.entry_address);
        cpu->cc = r.table_protect;
        return;
    }
    check_walk(cpu, &r);
    if (r.code == 0 || (r.level <= 3 && (r.entry & TABLE_INVALID))) {
        set_gr64(cpu, insn->r1, reported_entry(&r));
        cpu->cc = 2;
    } else {
        set_gr64(cpu, insn->r1, r.code);
        cpu->cc = 3;
    }
}

/* Does a space's ASCE exempt it from low-address protection and fetch-protection override? */
static bool private_space(const struct cpu *cpu, uint64_t asce)
{
    return (cpu->psw_mask & PSW_DAT) && (asce & ASCE_PRIVATE);
}

static bool key_protected(const struct cpu *cpu, uint8_t storage_key, uint8_t access_key_, uint64_t address,
                          bool private, bool store)
{
    if (key_permits(storage_key, access_key_, store))
        return false;
    if ((cpu->cr[0] & CR0_STORAGE_PROTECTION_OVERRIDE) && storage_key >> 4 == 9)
        return false;
    return store || private || address >= 2048 || !(cpu->cr[0] & CR0_FETCH_PROTECTION_OVERRIDE);
}

static bool low_address_protected(const struct cpu *cpu, uint64_t address, bool private)
{
    return (cpu->cr[0] & CR0_LOW_ADDRESS_PROTECTION) && !private && (address & ~0x11ffULL) == 0;
}

DEFINE_OP(TPROT)
{
    uint64_t address = effective_b2(cpu, insn), asce = 0;
    struct dat_result r = {.address = address};
    uint8_t key, access = effective_b4(cpu, insn) >> 4 & 15;
    struct absolute at;
    bool private;

    if (cpu->psw_mask & PSW_DAT)
        r = walk(cpu, psw_space(cpu), insn->b2, address, &asce);
    check_walk(cpu, &r);
    if (r.code) {
        cpu->cc = 3;
        return;
    }
    if (!level_storage(cpu, real(r.address), 1, false, &at))
        program_interruption(cpu, PIC_ADDRESSING);
    key = r.access_valid ? r.access_key : cpu->storage->keys[at.v >> PAGE_SHIFT];
    private = private_space(cpu, asce);
    if (key_protected(cpu, key, access, address, private, false))
        cpu->cc = 2;
    else if (r.protect || low_address_protected(cpu, address, private) ||
             key_protected(cpu, key, access, address, private, true))
        cpu->cc = 1;
    else
        cpu->cc = 0;
}

/* The key of a virtual address's block: no protection applies, access exceptions do. */
DEFINE_OP(IVSK)
{
    uint64_t asce, address = address_in(cpu, insn->r2);
    struct dat_result r;
    struct absolute at;

    dat_required(cpu);
    extraction_authority_required(cpu);
    r = walk(cpu, psw_space(cpu), insn->r2, address, &asce);
    require_translation(cpu, &r, psw_space(cpu), insn->r2, address);
    if (!level_storage(cpu, real(r.address), 1, false, &at))
        program_interruption(cpu, PIC_ADDRESSING);
    set_gr64(cpu, insn->r1, (gr64(cpu, insn->r1) & ~0xffULL) |
                            (cpu->storage->keys[at.v >> PAGE_SHIFT] & (KEY_ACC | KEY_FETCH)));
}

static uint8_t *real_operand(struct cpu *cpu, const struct insn *insn, unsigned bytes, enum access_kind kind)
{
    uint64_t address = address_in(cpu, insn->r2);
    struct fault fault;
    uint8_t *host;

    specification_unless_aligned(cpu, address, bytes);
    host = access_translate(cpu, SPACE_REAL, 0, access_key(cpu), address, kind, bytes, &fault);
    if (!host)
        access_exception(cpu, &fault);
    return host;
}

DEFINE_OP(LURA)
{
    set_gr32(cpu, insn->r1, get_be32(real_operand(cpu, insn, 4, ACCESS_FETCH)));
}

DEFINE_OP(LURAG)
{
    set_gr64(cpu, insn->r1, get_be64(real_operand(cpu, insn, 8, ACCESS_FETCH)));
}

DEFINE_OP(STURA)
{
    put_be32(real_operand(cpu, insn, 4, ACCESS_STORE), gr32(cpu, insn->r1));
    per_note_stura(cpu);
}

DEFINE_OP(STURG)
{
    put_be64(real_operand(cpu, insn, 8, ACCESS_STORE), gr64(cpu, insn->r1));
    per_note_stura(cpu);
}
