/* SPDX-License-Identifier: MIT */
/** BFP comparison, data classes, and loads that change or test the sign (PoP ch. 19). */
#include "cpu/float.h"

#define BFP_COMPARE(NAME, comparison) \
    BFP_OPERATION(NAME, unsigned, bfp_begin(cpu), comparison, cpu->cc = result)

BFP_COMPARE(CEBR, bfp32_compare(&env, R1_SHORT, R2_SHORT, false))
BFP_COMPARE(CEB, bfp32_compare(&env, R1_SHORT, X2_32, false))
BFP_COMPARE(CDBR, bfp64_compare(&env, R1_LONG, R2_LONG, false))
BFP_COMPARE(CDB, bfp64_compare(&env, R1_LONG, X2_64, false))
BFP_COMPARE(CXBR, bfp128_compare(&env, R1_EXTENDED, R2_EXTENDED, false))
BFP_COMPARE(KEBR, bfp32_compare(&env, R1_SHORT, R2_SHORT, true))
BFP_COMPARE(KEB, bfp32_compare(&env, R1_SHORT, X2_32, true))
BFP_COMPARE(KDBR, bfp64_compare(&env, R1_LONG, R2_LONG, true))
BFP_COMPARE(KDB, bfp64_compare(&env, R1_LONG, X2_64, true))
BFP_COMPARE(KXBR, bfp128_compare(&env, R1_EXTENDED, R2_EXTENDED, true))

/* The second operand's address is the set of classes. */
DEFINE_OP(TCEB) { cpu->cc = (bfp32_class(R1_SHORT) & X2_ADDRESS) != 0; }
DEFINE_OP(TCDB) { cpu->cc = (bfp64_class(R1_LONG) & X2_ADDRESS) != 0; }
DEFINE_OP(TCXB) { cpu->cc = (bfp128_class(R1_EXTENDED) & X2_ADDRESS) != 0; }

BFP_SHORT_CC(LTEBR, bfp32_quiet(&env, R2_SHORT))
BFP_LONG_CC(LTDBR, bfp64_quiet(&env, R2_LONG))
BFP_EXTENDED_CC(LTXBR, bfp128_quiet(&env, R2_EXTENDED))

/* Signs of any operand, NaNs too, without exceptions. */
static void signed_short(struct cpu *cpu, const struct insn *insn, uint32_t v)
{
    set_fpr_short(cpu, insn->r1, v);
    cpu->cc = bfp32_cc(v);
}
static void signed_long(struct cpu *cpu, const struct insn *insn, uint64_t v)
{
    set_fpr(cpu, insn->r1, v);
    cpu->cc = bfp64_cc(v);
}
static void signed_extended(struct cpu *cpu, const struct insn *insn, uint64_t hi)
{
    struct bfp128 v = {hi, R2_EXTENDED.lo};

    set_fpr_extended(cpu, insn->r1, v);
    cpu->cc = bfp128_cc(v);
}

#define SHORT_SIGN 0x80000000U
#define LONG_SIGN BIT64(0)

DEFINE_OP(LCEBR) { signed_short(cpu, insn, R2_SHORT ^ SHORT_SIGN); }
DEFINE_OP(LPEBR) { signed_short(cpu, insn, R2_SHORT & ~SHORT_SIGN); }
DEFINE_OP(LNEBR) { signed_short(cpu, insn, R2_SHORT | SHORT_SIGN); }
DEFINE_OP(LCDBR) { signed_long(cpu, insn, R2_LONG ^ LONG_SIGN); }
DEFINE_OP(LPDBR) { signed_long(cpu, insn, R2_LONG & ~LONG_SIGN); }
DEFINE_OP(LNDBR) { signed_long(cpu, insn, R2_LONG | LONG_SIGN); }
DEFINE_OP(LCXBR) { signed_extended(cpu, insn, R2_LONG ^ LONG_SIGN); }
DEFINE_OP(LPXBR) { signed_extended(cpu, insn, R2_LONG & ~LONG_SIGN); }
DEFINE_OP(LNXBR) { signed_extended(cpu, insn, R2_LONG | LONG_SIGN); }
