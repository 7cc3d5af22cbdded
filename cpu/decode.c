/* SPDX-License-Identifier: MIT */
/** From instruction text to table row, operands and handler. */
#include "cpu/block.h"
#include "cpu/cpu.h"
#include "cpu/level.h"

enum place { PLACE_NONE, PLACE_BYTE1, PLACE_NIBBLE, PLACE_BYTE5 };

/* Immediate kinds of cpu/format.def, as (kind, first bit). */
enum immediate_kind { IMM_NO, IMM_D12, IMM_D20, IMM_S16, IMM_S32, IMM_U4, IMM_U8, IMM_U12, IMM_U16, IMM_U24,
                      IMM_REL12, IMM_REL16, IMM_REL24, IMM_REL32 };
struct immediate { uint8_t kind, bit; };
#define NO {IMM_NO, 0}
#define D12(n) {IMM_D12, n}
#define D20(n) {IMM_D20, n}
#define S16(n) {IMM_S16, n}
#define S32(n) {IMM_S32, n}
#define U4(n) {IMM_U4, n}
#define U8(n) {IMM_U8, n}
#define U12(n) {IMM_U12, n}
#define U16(n) {IMM_U16, n}
#define U24(n) {IMM_U24, n}
#define REL12(n) {IMM_REL12, n}
#define REL16(n) {IMM_REL16, n}
#define REL24(n) {IMM_REL24, n}
#define REL32(n) {IMM_REL32, n}

struct format {
    uint8_t length;
    int16_t r1, r2, r3, b2;
    struct immediate immediate;
};

static const struct format formats[FORMAT_COUNT] = {
#define FORMAT(name, bytes, place, r1, r2, r3, b2, immediate) {bytes, r1, r2, r3, b2, immediate},
#include "cpu/format.def"
#undef FORMAT
};

/* Where each format keeps its second operation-code part, as constants for the key below. */
enum {
#define FORMAT(name, bytes, place, ...) PLACE_OF_##name = PLACE_##place,
#include "cpu/format.def"
#undef FORMAT
};

/* One 16-bit key per operation code: first byte and second part (zero-extended nibble). */
#define KEY(opcode, place) \
    ((int)(place) == (int)PLACE_NONE ? (opcode) << 8 : (int)(place) == (int)PLACE_NIBBLE ? ((opcode) >> 4) << 8 | ((opcode) & 15) \
                                                                     : (opcode))
static const uint16_t by_key[65536] = {
#define INSN(NAME, mnemonic, opcode, format, ...) [KEY(opcode, PLACE_OF_##format)] = INSN_##NAME,
#include "cpu/insn.def"
#undef INSN
};

/* PoP appendix B: first bytes that have a second operation-code part, and where. */
static enum place place_of(uint8_t first)
{
    switch (first) {
    case 0x01: case 0xb2: case 0xb3: case 0xb9: case 0xe5:
        return PLACE_BYTE1;
    case 0xa5: case 0xa7: case 0xc0: case 0xc2: case 0xc4: case 0xc6: case 0xc8: case 0xcc:
        return PLACE_NIBBLE;
    case 0xe3: case 0xe6: case 0xe7: case 0xeb: case 0xec: case 0xed:
        return PLACE_BYTE5;
    default:
        return PLACE_NONE;
    }
}

enum insn_id insn_decode(uint64_t text)
{
    uint8_t first = (uint8_t)(text >> 56);
    unsigned key = (unsigned)first << 8;

    switch (place_of(first)) {
    case PLACE_BYTE1:
        key |= text >> 48 & 0xff;
        break;
    case PLACE_NIBBLE:
        key |= text >> 48 & 0xf;
        break;
    case PLACE_BYTE5:
        key |= text >> 16 & 0xff;
        break;
    case PLACE_NONE:
        /* E8–EA, EE, EF have no second part; 00 is never assigned. */
        break;
    }
    return by_key[key];
}

static uint8_t decode_register(const struct insn *insn, int position)
{
    unsigned value;

    if (position < 0)
        return 0;
    if (position >= 300)
        return (uint8_t)insn_vr(insn, (unsigned)position - 300);
    if (position >= 200) {
        value = (unsigned)insn_field(insn, (unsigned)position - 200, 4);
        return (uint8_t)(value ? value : 16);
    }
    if (position >= 100)
        return (uint8_t)insn_field(insn, (unsigned)position - 100, 8);
    return (uint8_t)insn_field(insn, (unsigned)position, 4);
}

static int64_t sign_extend(uint64_t value, unsigned bits)
{
    return (int64_t)(value << (64 - bits)) >> (64 - bits);
}

static int64_t decode_immediate(const struct insn *insn, struct immediate immediate)
{
    unsigned bit = immediate.bit;

    switch ((enum immediate_kind)immediate.kind) {
    case IMM_NO: return 0;
    case IMM_D12: case IMM_U12: return (int64_t)insn_field(insn, bit, 12);
    case IMM_D20: return sign_extend(insn_field(insn, bit + 12, 8) << 12 | insn_field(insn, bit, 12), 20);
    case IMM_S16: return sign_extend(insn_field(insn, bit, 16), 16);
    case IMM_S32: return sign_extend(insn_field(insn, bit, 32), 32);
    case IMM_U4: return (int64_t)insn_field(insn, bit, 4);
    case IMM_U8: return (int64_t)insn_field(insn, bit, 8);
    case IMM_U16: return (int64_t)insn_field(insn, bit, 16);
    case IMM_U24: return (int64_t)insn_field(insn, bit, 24);
    case IMM_REL12: return 2 * sign_extend(insn_field(insn, bit, 12), 12);
    case IMM_REL16: return 2 * sign_extend(insn_field(insn, bit, 16), 16);
    case IMM_REL24: return 2 * sign_extend(insn_field(insn, bit, 24), 24);
    case IMM_REL32: return 2 * sign_extend(insn_field(insn, bit, 32), 32);
    }
    return 0;
}

static void decode_operands(const struct format *format, struct insn *out)
{
    out->r1 = decode_register(out, format->r1);
    out->r2 = decode_register(out, format->r2);
    out->r3 = decode_register(out, format->r3);
    out->b2 = 16;
    if (format->b2 >= 0)
        out->b2 = (uint8_t)insn_base(out, (unsigned)format->b2);
    out->imm = decode_immediate(out, format->immediate);
}

static bool breaks_specification(uint32_t checks, const struct insn *insn)
{
    return ((checks & R1_EVEN) && (insn->r1 & 1)) || ((checks & R2_EVEN) && (insn->r2 & 1)) ||
           ((checks & R3_EVEN) && (insn->r3 & 1)) || ((checks & R1_PAIR_FP) && (insn->r1 & 2)) ||
           ((checks & R2_PAIR_FP) && (insn->r2 & 2)) || ((checks & R3_PAIR_FP) && (insn->r3 & 2)) ||
           ((checks & R1_NOT_0) && insn->r1 == 0) || ((checks & R2_NOT_0) && insn->r2 == 0) ||
           ((checks & R1_NE_R2) && insn->r1 == insn->r2);
}

/* Data exception code when the controls of the context deny the instruction, else 0. */
static uint8_t data_exception_of(uint32_t checks, const struct decode_context *context, const struct insn *insn)
{
    if ((checks & VECTOR_OP) && !(context->afp && context->vector))
        return 0xfe;
    if (context->afp)
        return 0;
    if (checks & BFP)
        return 2;
    if (checks & DFP_OP)
        return 3;
    if (((checks & AFP_R1) && (insn->r1 & ~6)) || ((checks & AFP_R2) && (insn->r2 & ~6)) ||
        ((checks & AFP_R3) && (insn->r3 & ~6)))
        return 1;
    return 0;
}

static insn_handler *choose(const struct decode_context *context, const struct insn_row *row, struct insn *insn)
{
    insn_handler *fast;
    uint8_t dxc;

    if (!row->operation || !facility_present(context->facilities, row->facility[0]) ||
        !facility_present(context->facilities, row->facility[1]))
        return context->profile && !context->problem && insn_left_to_host(insn->text) ? handle_intercept
                                                                                      : handle_operation;
    if (row->authority == SUPERVISOR && context->problem)
        return handle_privileged;
    if (context->profile && insn_intercepted(context->profile, (enum insn_id)(row - insn_rows), insn))
        return handle_intercept;
    if (breaks_specification(row->checks, insn))
        return handle_specification;
    dxc = data_exception_of(row->checks, context, insn);
    if (dxc) {
        insn->imm = dxc;
        return handle_data;
    }
    fast = insn_fast[row - insn_rows];
    return fast && context->amode == 64 && !context->access_registers ? fast : row->run;
}

void insn_bind(const struct decode_context *context, uint64_t text, struct insn *out)
{
    const struct insn_row *row;

    *out = (struct insn){.text = text & ~0xffffULL, .length = (uint8_t)insn_length((uint8_t)(text >> 56))};
    row = &insn_rows[insn_decode(text)];
    decode_operands(&formats[row->format], out);
    out->handler = choose(context, row, out);
    if (context->slow)
        out->handler = handle_slow;
}

bool insn_ends_block(enum insn_id id, const struct insn *insn)
{
    switch (id) {
    case INSN_NONE:
        return true;
    case INSN_BC:
    case INSN_BCR:
    case INSN_BRC:
    case INSN_BRCL:
        return insn->r1 == 15;
    default:
        return insn_rows[id].flags & ENDS;
    }
}
