/* SPDX-License-Identifier: MIT */
/** Binary integer multiplication and division (PoP ch. 7). */
#include "cpu/operands.h"

/* Products of the operands' own width (or one word for MH and MHI); no condition code. */
#define MULTIPLY_SINGLE(NAME, bits, b) \
    DEFINE_OP(NAME) \
    { \
        set_gr##bits(cpu, insn->r1, (uint##bits##_t)(b) * gr##bits(cpu, insn->r1)); \
    }
MULTIPLY_SINGLE(MSR, 32, R2_32)
MULTIPLY_SINGLE(MS, 32, X2_32)
MULTIPLY_SINGLE(MSY, 32, X2_32)
MULTIPLY_SINGLE(MSFI, 32, I2_S32)
MULTIPLY_SINGLE(MH, 32, X2_S16)
MULTIPLY_SINGLE(MHY, 32, X2_S16)
MULTIPLY_SINGLE(MHI, 32, I2_S32)
MULTIPLY_SINGLE(MSGR, 64, R2_64)
MULTIPLY_SINGLE(MSG, 64, X2_64)
MULTIPLY_SINGLE(MSGFR, 64, R2_S32)
MULTIPLY_SINGLE(MSGF, 64, X2_S32)
MULTIPLY_SINGLE(MSGFI, 64, I2_S64)
MULTIPLY_SINGLE(MGH, 64, X2_S16)
MULTIPLY_SINGLE(MGHI, 64, I2_S64)

/* With condition code: overflow leaves the low part of the product. */
#define MULTIPLY_CC(NAME, bits, a, b) \
    DEFINE_OP(NAME) \
    { \
        int##bits##_t product; \
        bool overflow = __builtin_mul_overflow((int##bits##_t)(a), (int##bits##_t)(b), &product); \
        set_gr##bits(cpu, insn->r1, (uint##bits##_t)product); \
        cpu->cc = overflow ? 3 : cc_signed(product); \
        if (unlikely(overflow)) \
            fixed_point_overflow(cpu); \
    }
MULTIPLY_CC(MSRKC, 32, R2_32, R3_32)
MULTIPLY_CC(MSC, 32, R1_32, X2_32)
MULTIPLY_CC(MSGRKC, 64, R2_64, R3_64)
MULTIPLY_CC(MSGC, 64, R1_64, X2_64)

/* Double-width products in an even-odd pair. */
static void set_pair32(struct cpu *cpu, unsigned r, uint64_t v)
{
    set_gr32(cpu, r, (uint32_t)(v >> 32));
    set_gr32(cpu, r + 1, (uint32_t)v);
}
static void set_pair64(struct cpu *cpu, unsigned r, unsigned __int128 v)
{
    set_gr64(cpu, r, (uint64_t)(v >> 64));
    set_gr64(cpu, r + 1, (uint64_t)v);
}
static int64_t multiply32(struct cpu *cpu, const struct insn *insn, int32_t b)
{
    return (int64_t)(int32_t)gr32(cpu, insn->r1 + 1) * b;
}
static uint64_t multiply_logical32(struct cpu *cpu, const struct insn *insn, uint32_t b)
{
    return (uint64_t)gr32(cpu, insn->r1 + 1) * b;
}
static unsigned __int128 multiply64(int64_t a, int64_t b)
{
    return (unsigned __int128)((__int128)a * b);
}
static unsigned __int128 multiply_logical64(struct cpu *cpu, const struct insn *insn, uint64_t b)
{
    return (unsigned __int128)gr64(cpu, insn->r1 + 1) * b;
}
DEFINE_OP(MR) { set_pair32(cpu, insn->r1, (uint64_t)multiply32(cpu, insn, R2_S32)); }
DEFINE_OP(M) { set_pair32(cpu, insn->r1, (uint64_t)multiply32(cpu, insn, X2_S32)); }
DEFINE_OP(MFY) { set_pair32(cpu, insn->r1, (uint64_t)multiply32(cpu, insn, X2_S32)); }
DEFINE_OP(MLR) { set_pair32(cpu, insn->r1, multiply_logical32(cpu, insn, R2_32)); }
DEFINE_OP(ML) { set_pair32(cpu, insn->r1, multiply_logical32(cpu, insn, X2_32)); }
DEFINE_OP(MLGR) { set_pair64(cpu, insn->r1, multiply_logical64(cpu, insn, R2_64)); }
DEFINE_OP(MLG) { set_pair64(cpu, insn->r1, multiply_logical64(cpu, insn, X2_64)); }
DEFINE_OP(MG)
{
    set_pair64(cpu, insn->r1, multiply64((int64_t)gr64(cpu, insn->r1 + 1), (int64_t)X2_64));
}
DEFINE_OP(MGRK)
{
    set_pair64(cpu, insn->r1, multiply64((int64_t)R2_64, (int64_t)R3_64));
}

/* ---- Division: remainder in the even register, quotient in the odd one ---- */

static void fixed_point_divide_unless(struct cpu *cpu, bool condition)
{
    if (unlikely(!condition))
        program_interruption(cpu, PIC_FIXED_DIVIDE);
}

static void divide32(struct cpu *cpu, unsigned r, int32_t divisor)
{
    int64_t dividend = (int64_t)((uint64_t)gr32(cpu, r) << 32 | gr32(cpu, r + 1)), quotient;

    fixed_point_divide_unless(cpu, divisor != 0 && !(dividend == INT64_MIN && divisor == -1));
    quotient = dividend / divisor;
    fixed_point_divide_unless(cpu, quotient == (int32_t)quotient);
    set_gr32(cpu, r, (uint32_t)(dividend % divisor));
    set_gr32(cpu, r + 1, (uint32_t)quotient);
}
DEFINE_OP(DR) { divide32(cpu, insn->r1, R2_S32); }
DEFINE_OP(D) { divide32(cpu, insn->r1, X2_S32); }

static void divide_single64(struct cpu *cpu, unsigned r, int64_t divisor)
{
    int64_t dividend = (int64_t)gr64(cpu, r + 1);

    fixed_point_divide_unless(cpu, divisor != 0 && !(dividend == INT64_MIN && divisor == -1));
    set_gr64(cpu, r, (uint64_t)(dividend % divisor));
    set_gr64(cpu, r + 1, (uint64_t)(dividend / divisor));
}
DEFINE_OP(DSGR) { divide_single64(cpu, insn->r1, (int64_t)R2_64); }
DEFINE_OP(DSG) { divide_single64(cpu, insn->r1, (int64_t)X2_64); }
DEFINE_OP(DSGFR) { divide_single64(cpu, insn->r1, R2_S32); }
DEFINE_OP(DSGF) { divide_single64(cpu, insn->r1, X2_S32); }

static void divide_logical32(struct cpu *cpu, unsigned r, uint32_t divisor)
{
    uint64_t dividend = (uint64_t)gr32(cpu, r) << 32 | gr32(cpu, r + 1);

    fixed_point_divide_unless(cpu, divisor > dividend >> 32);
    set_gr32(cpu, r, (uint32_t)(dividend % divisor));
    set_gr32(cpu, r + 1, (uint32_t)(dividend / divisor));
}
DEFINE_OP(DLR) { divide_logical32(cpu, insn->r1, R2_32); }
DEFINE_OP(DL) { divide_logical32(cpu, insn->r1, X2_32); }

static void divide_logical64(struct cpu *cpu, unsigned r, uint64_t divisor)
{
    uint64_t high = gr64(cpu, r), low = gr64(cpu, r + 1);

    fixed_point_divide_unless(cpu, divisor > high);
    if (high == 0) {
        set_gr64(cpu, r, low % divisor);
        set_gr64(cpu, r + 1, low / divisor);
    } else {
        unsigned __int128 dividend = (unsigned __int128)high << 64 | low;

        set_gr64(cpu, r, (uint64_t)(dividend % divisor));
        set_gr64(cpu, r + 1, (uint64_t)(dividend / divisor));
    }
}
DEFINE_OP(DLGR) { divide_logical64(cpu, insn->r1, R2_64); }
DEFINE_OP(DLG) { divide_logical64(cpu, insn->r1, X2_64); }
