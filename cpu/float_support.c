/* SPDX-License-Identifier: MIT */
/** Floating-point support instructions: loads, stores, signs, and the FPC (PoP ch. 9). */
#include "cpu/float.h"

/* ---- Loads and stores ------------------------------------------------- */

DEFINE_OP(LER) { set_fpr_short(cpu, insn->r1, R2_SHORT); }
DEFINE_OP(LDR) { set_fpr(cpu, insn->r1, R2_LONG); }
DEFINE_OP(LXR) { set_fpr_extended(cpu, insn->r1, R2_EXTENDED); }
DEFINE_OP(LE) { set_fpr_short(cpu, insn->r1, X2_32); }
DEFINE_OP(LEY) { set_fpr_short(cpu, insn->r1, X2_32); }
DEFINE_OP(LD) { set_fpr(cpu, insn->r1, X2_64); }
DEFINE_OP(LDY) { set_fpr(cpu, insn->r1, X2_64); }
DEFINE_OP(STE) { store32(cpu, X2_ADDRESS, insn->b2, R1_SHORT); }
DEFINE_OP(STEY) { store32(cpu, X2_ADDRESS, insn->b2, R1_SHORT); }
DEFINE_OP(STD) { store64(cpu, X2_ADDRESS, insn->b2, R1_LONG); }
DEFINE_OP(STDY) { store64(cpu, X2_ADDRESS, insn->b2, R1_LONG); }
DEFINE_OP(LZER) { set_fpr_short(cpu, insn->r1, 0); }
DEFINE_OP(LZDR) { set_fpr(cpu, insn->r1, 0); }
DEFINE_OP(LZXR) { set_fpr_extended(cpu, insn->r1, (struct bfp128){0, 0}); }
DEFINE_OP(LGDR) { set_gr64(cpu, insn->r1, R2_LONG); }
DEFINE_OP(LDGR) { set_fpr(cpu, insn->r1, R2_64); }

/* ---- Signs ------------------------------------------------------------ */

#define SIGN BIT64(0)

DEFINE_OP(LPDFR) { set_fpr(cpu, insn->r1, R2_LONG & ~SIGN); }
DEFINE_OP(LNDFR) { set_fpr(cpu, insn->r1, R2_LONG | SIGN); }
DEFINE_OP(LCDFR) { set_fpr(cpu, insn->r1, R2_LONG ^ SIGN); }
DEFINE_OP(CPSDR)
{
    set_fpr(cpu, insn->r1, (R3_LONG & SIGN) | (R2_LONG & ~SIGN));
}

/* ---- The FPC ---------------------------------------------------------- */

/** Specification exception unless `fpc` has only supported bits and a BFP rounding mode. */
static void check_fpc(struct cpu *cpu, uint32_t fpc)
{
    uint32_t unsupported = 0x03030088;
    unsigned mode = fpc & FPC_BFP_ROUNDING;

    if (!has_facility(cpu, FACILITY_FP_EXTENSION))
        unsupported |= 0x04040004; /* quantum mask and flag, rounding mode 7 */
    if (!has_facility(cpu, FACILITY_FP_SUPPORT))
        unsupported |= FPC_DFP_ROUNDING;
    specification_unless(cpu, !(fpc & unsupported) && (mode <= 3 || mode == 7));
}

static void set_fpc(struct cpu *cpu, uint32_t fpc)
{
    check_fpc(cpu, fpc);
    cpu->fpc = fpc;
}

DEFINE_OP(EFPC) { set_gr32(cpu, insn->r1, cpu->fpc); }
DEFINE_OP(SFPC) { set_fpc(cpu, R1_32); }
DEFINE_OP(LFPC) { set_fpc(cpu, B2_32); }
DEFINE_OP(STFPC) { store32(cpu, B2_ADDRESS, insn->b2, cpu->fpc); }

/**
 * IEEE-exception simulation: the present flags signal where the new masks are on, and stay
 * on. The simulated DXC has the same order as a trap, with the inexact bit where both
 * that flag and its mask are on, and 3 in its last bits.
 */
static void set_fpc_and_signal(struct cpu *cpu, uint32_t fpc)
{
    uint8_t signalling = (uint8_t)(cpu->fpc >> FPC_FLAG_SHIFT) & (uint8_t)(fpc >> 24);
    uint8_t dxc;

    check_fpc(cpu, fpc);
    cpu->fpc = fpc | (cpu->fpc & FPC_FLAGS);
    if (!signalling)
        return;
    if (signalling & BFP_INVALID)
        dxc = BFP_INVALID;
    else if (signalling & BFP_DIVISION)
        dxc = BFP_DIVISION;
    else if (signalling & BFP_OVERFLOW)
        dxc = signalling & (BFP_OVERFLOW | BFP_INEXACT);
    else if (signalling & BFP_UNDERFLOW)
        dxc = signalling & (BFP_UNDERFLOW | BFP_INEXACT);
    else
        dxc = signalling & BFP_INEXACT ? BFP_INEXACT : 4; /* quantum */
    data_exception(cpu, dxc | 3);
}

DEFINE_OP(SFASR) { set_fpc_and_signal(cpu, R1_32); }
DEFINE_OP(LFAS) { set_fpc_and_signal(cpu, B2_32); }

static void set_bfp_rounding_mode(struct cpu *cpu, unsigned mode)
{
    cpu->fpc = (cpu->fpc & ~(uint32_t)FPC_BFP_ROUNDING) | mode;
}

DEFINE_OP(SRNM) { set_bfp_rounding_mode(cpu, B2_ADDRESS & 3); }
DEFINE_OP(SRNMB)
{
    unsigned mode = B2_ADDRESS & 0xff;

    specification_unless(cpu, mode <= 3 || mode == 7);
    set_bfp_rounding_mode(cpu, mode);
}
DEFINE_OP(SRNMT)
{
    cpu->fpc = (cpu->fpc & ~(uint32_t)FPC_DFP_ROUNDING) | (uint32_t)(B2_ADDRESS & 7) << 4;
}
