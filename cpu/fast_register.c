/* SPDX-License-Identifier: MIT */
/** Register and immediate operands. */
#include "cpu/access.h"
#include "cpu/fast.h"

#define SIMPLE(NAME, work) \
    HANDLER(NAME) \
    { \
        work; \
        NEXT; \
    }
#define R1 insn->r1
#define R2 insn->r2
#define R3 insn->r3

SIMPLE(LR, GL(R1) = GL(R2))
SIMPLE(LGR, G(R1) = G(R2))
SIMPLE(LGFR, G(R1) = (uint64_t)(int32_t)GL(R2))
SIMPLE(LLGFR, G(R1) = GL(R2))
SIMPLE(LLGCR, G(R1) = (uint8_t)GL(R2))
SIMPLE(LLCR, GL(R1) = (uint8_t)GL(R2))
SIMPLE(LGBR, G(R1) = (uint64_t)(int8_t)GL(R2))
SIMPLE(LBR, GL(R1) = (uint32_t)(int8_t)GL(R2))
SIMPLE(LGHR, G(R1) = (uint64_t)(int16_t)GL(R2))
SIMPLE(LHR, GL(R1) = (uint32_t)(int16_t)GL(R2))
SIMPLE(LLGHR, G(R1) = (uint16_t)GL(R2))
SIMPLE(LLHR, GL(R1) = (uint16_t)GL(R2))
SIMPLE(LTR, GL(R1) = GL(R2); cpu->cc = CC_SIGN((int32_t)GL(R1)))
SIMPLE(LTGR, G(R1) = G(R2); cpu->cc = CC_SIGN((int64_t)G(R1)))
SIMPLE(LTGFR, G(R1) = (uint64_t)(int32_t)GL(R2); cpu->cc = CC_SIGN((int64_t)G(R1)))
SIMPLE(LHI, GL(R1) = (uint32_t)insn->imm)
SIMPLE(LGHI, G(R1) = (uint64_t)insn->imm)
SIMPLE(LGFI, G(R1) = (uint64_t)insn->imm)
#define IMM16 ((uint64_t)(uint16_t)insn->imm)
#define IMM32 ((uint64_t)(uint32_t)insn->imm)
SIMPLE(LLILL, G(R1) = IMM16)
SIMPLE(LLILH, G(R1) = IMM16 << 16)
SIMPLE(LLIHL, G(R1) = IMM16 << 32)
SIMPLE(LLIHH, G(R1) = IMM16 << 48)
SIMPLE(LLILF, G(R1) = IMM32)
SIMPLE(LLIHF, G(R1) = IMM32 << 32)

/* Signed: an overflow is the generic handler's when the program mask wants the interruption. */
#define SIGNED(NAME, type, target, builtin, a, b) \
    HANDLER(NAME) \
    { \
        type result; \
        bool overflow = builtin((type)(a), (type)(b), &result); \
        if (unlikely(overflow) && (cpu->psw_mask & PSW_FIXED_OVERFLOW)) \
            GENERIC(NAME); \
        target(R1) = (u##type)result; \
        cpu->cc = overflow ? 3 : CC_SIGN(result); \
        NEXT; \
    }
#define ADD __builtin_add_overflow
#define SUB __builtin_sub_overflow
SIGNED(AR, int32_t, GL, ADD, GL(R1), GL(R2))
SIGNED(AGR, int64_t, G, ADD, G(R1), G(R2))
SIGNED(AGFR, int64_t, G, ADD, G(R1), (int32_t)GL(R2))
SIGNED(ARK, int32_t, GL, ADD, GL(R2), GL(R3))
SIGNED(AGRK, int64_t, G, ADD, G(R2), G(R3))
SIGNED(AHI, int32_t, GL, ADD, GL(R1), insn->imm)
SIGNED(AGHI, int64_t, G, ADD, G(R1), insn->imm)
SIGNED(AFI, int32_t, GL, ADD, GL(R1), insn->imm)
SIGNED(AGFI, int64_t, G, ADD, G(R1), insn->imm)
SIGNED(AHIK, int32_t, GL, ADD, GL(R3), insn->imm)
SIGNED(AGHIK, int64_t, G, ADD, G(R3), insn->imm)
SIGNED(SR, int32_t, GL, SUB, GL(R1), GL(R2))
SIGNED(SGR, int64_t, G, SUB, G(R1), G(R2))
SIGNED(SGFR, int64_t, G, SUB, G(R1), (int32_t)GL(R2))
SIGNED(SRK, int32_t, GL, SUB, GL(R2), GL(R3))
SIGNED(SGRK, int64_t, G, SUB, G(R2), G(R3))
SIGNED(LCR, int32_t, GL, SUB, 0, GL(R2))
SIGNED(LCGR, int64_t, G, SUB, 0, G(R2))

#define UNSIGNED(NAME, type, target, builtin, cc_of, a, b) \
    HANDLER(NAME) \
    { \
        type result; \
        bool carry = builtin((type)(a), (type)(b), &result); \
        target(R1) = result; \
        cpu->cc = cc_of(result, carry); \
        NEXT; \
    }
UNSIGNED(ALR, uint32_t, GL, ADD, CC_ADD_LOGICAL, GL(R1), GL(R2))
UNSIGNED(ALGR, uint64_t, G, ADD, CC_ADD_LOGICAL, G(R1), G(R2))
UNSIGNED(ALGFR, uint64_t, G, ADD, CC_ADD_LOGICAL, G(R1), GL(R2))
UNSIGNED(ALRK, uint32_t, GL, ADD, CC_ADD_LOGICAL, GL(R2), GL(R3))
UNSIGNED(ALGRK, uint64_t, G, ADD, CC_ADD_LOGICAL, G(R2), G(R3))
UNSIGNED(ALFI, uint32_t, GL, ADD, CC_ADD_LOGICAL, GL(R1), IMM32)
UNSIGNED(ALGFI, uint64_t, G, ADD, CC_ADD_LOGICAL, G(R1), IMM32)
UNSIGNED(SLR, uint32_t, GL, SUB, CC_SUBTRACT_LOGICAL, GL(R1), GL(R2))
UNSIGNED(SLGR, uint64_t, G, SUB, CC_SUBTRACT_LOGICAL, G(R1), G(R2))
UNSIGNED(SLGFR, uint64_t, G, SUB, CC_SUBTRACT_LOGICAL, G(R1), GL(R2))
UNSIGNED(SLRK, uint32_t, GL, SUB, CC_SUBTRACT_LOGICAL, GL(R2), GL(R3))
UNSIGNED(SLGRK, uint64_t, G, SUB, CC_SUBTRACT_LOGICAL, G(R2), G(R3))
UNSIGNED(SLFI, uint32_t, GL, SUB, CC_SUBTRACT_LOGICAL, GL(R1), IMM32)
UNSIGNED(SLGFI, uint64_t, G, SUB, CC_SUBTRACT_LOGICAL, G(R1), IMM32)

/* Logical add of a signed immediate: adding a negative one is subtracting, the carry is that of the sum. */
UNSIGNED(ALHSIK, uint32_t, GL, ADD, CC_ADD_LOGICAL, GL(R3), insn->imm)
UNSIGNED(ALGHSIK, uint64_t, G, ADD, CC_ADD_LOGICAL, G(R3), insn->imm)

/* With carry (cc 2, 3) or borrow (cc 0, 1). */
#define WITH_CARRY(NAME, type, target, builtin, cc_of, a, b, in) \
    HANDLER(NAME) \
    { \
        type partial, result; \
        bool first = builtin((type)(a), (type)(b), &partial); \
        bool second = builtin(partial, (type)(in), &result); \
        target(R1) = result; \
        cpu->cc = cc_of(result, first | second); \
        NEXT; \
    }
WITH_CARRY(ALCR, uint32_t, GL, ADD, CC_ADD_LOGICAL, GL(R1), GL(R2), cpu->cc >> 1)
WITH_CARRY(ALCGR, uint64_t, G, ADD, CC_ADD_LOGICAL, G(R1), G(R2), cpu->cc >> 1)
WITH_CARRY(SLBR, uint32_t, GL, SUB, CC_SUBTRACT_LOGICAL, GL(R1), GL(R2), (cpu->cc >> 1) ^ 1)
WITH_CARRY(SLBGR, uint64_t, G, SUB, CC_SUBTRACT_LOGICAL, G(R1), G(R2), (cpu->cc >> 1) ^ 1)

#define COMPARE(NAME, type, a, b) SIMPLE(NAME, cpu->cc = CC_COMPARE((type)(a), (type)(b)))
COMPARE(CR, int32_t, GL(R1), GL(R2))
COMPARE(CGR, int64_t, G(R1), G(R2))
COMPARE(CGFR, int64_t, G(R1), (int32_t)GL(R2))
COMPARE(CLR, uint32_t, GL(R1), GL(R2))
COMPARE(CLGR, uint64_t, G(R1), G(R2))
COMPARE(CLGFR, uint64_t, G(R1), GL(R2))
COMPARE(CHI, int32_t, GL(R1), insn->imm)
COMPARE(CGHI, int64_t, G(R1), insn->imm)
COMPARE(CFI, int32_t, GL(R1), insn->imm)
COMPARE(CGFI, int64_t, G(R1), insn->imm)
COMPARE(CLFI, uint32_t, GL(R1), IMM32)
COMPARE(CLGFI, uint64_t, G(R1), IMM32)

#define LOGIC(NAME, target, expression) SIMPLE(NAME, target(R1) = expression; cpu->cc = CC_LOGIC(target(R1)))
LOGIC(NR, GL, GL(R1) & GL(R2))
LOGIC(NGR, G, G(R1) & G(R2))
LOGIC(NRK, GL, GL(R2) & GL(R3))
LOGIC(NGRK, G, G(R2) & G(R3))
LOGIC(OR, GL, GL(R1) | GL(R2))
LOGIC(OGR, G, G(R1) | G(R2))
LOGIC(ORK, GL, GL(R2) | GL(R3))
LOGIC(OGRK, G, G(R2) | G(R3))
LOGIC(XR, GL, GL(R1) ^ GL(R2))
LOGIC(XGR, G, G(R1) ^ G(R2))
LOGIC(XRK, GL, GL(R2) ^ GL(R3))
LOGIC(XGRK, G, G(R2) ^ G(R3))

/* Immediate at bit position `shift` of the register, cc from the affected part. */
#define AND_PART(NAME, bits, shift, value) \
    SIMPLE(NAME, G(R1) &= (value) << (shift) | ~(((1ULL << (bits)) - 1) << (shift)); \
           cpu->cc = (G(R1) >> (shift) & ((1ULL << (bits)) - 1)) != 0)
#define SET_PART(NAME, bits, shift, operator, value) \
    SIMPLE(NAME, G(R1) operator (value) << (shift); \
           cpu->cc = (G(R1) >> (shift) & ((1ULL << (bits)) - 1)) != 0)
AND_PART(NILL, 16, 0, IMM16)
AND_PART(NILH, 16, 16, IMM16)
AND_PART(NIHL, 16, 32, IMM16)
AND_PART(NIHH, 16, 48, IMM16)
AND_PART(NILF, 32, 0, IMM32)
AND_PART(NIHF, 32, 32, IMM32)
SET_PART(OILL, 16, 0, |=, IMM16)
SET_PART(OILH, 16, 16, |=, IMM16)
SET_PART(OIHL, 16, 32, |=, IMM16)
SET_PART(OIHH, 16, 48, |=, IMM16)
SET_PART(OILF, 32, 0, |=, IMM32)
SET_PART(OIHF, 32, 32, |=, IMM32)
SET_PART(XILF, 32, 0, ^=, IMM32)
SET_PART(XIHF, 32, 32, ^=, IMM32)

/* Test under mask: 0 all zeros, 3 all ones, else 1 or 2 by the leftmost selected bit. */
#define TEST_PART(NAME, shift) \
    HANDLER(NAME) \
    { \
        uint32_t mask = (uint16_t)insn->imm, bits = (uint32_t)(G(R1) >> (shift)) & mask; \
        uint32_t top = mask ? 1u << (31 - __builtin_clz(mask)) : 0; \
        cpu->cc = bits == 0 ? 0 : bits == mask ? 3 : bits & top ? 2 : 1; \
        NEXT; \
    }
TEST_PART(TMLL, 0)
TEST_PART(TMLH, 16)

#define COUNT (ADDRESS_B2 & 63)
SIMPLE(SLL, unsigned n = COUNT; GL(R1) = n > 31 ? 0 : GL(R1) << n)
SIMPLE(SRL, unsigned n = COUNT; GL(R1) = n > 31 ? 0 : GL(R1) >> n)
SIMPLE(SRA, unsigned n = COUNT; GL(R1) = (uint32_t)((int32_t)GL(R1) >> (n > 31 ? 31 : n));
       cpu->cc = CC_SIGN((int32_t)GL(R1)))
SIMPLE(SLLK, unsigned n = COUNT; GL(R1) = n > 31 ? 0 : GL(R3) << n)
SIMPLE(SRLK, unsigned n = COUNT; GL(R1) = n > 31 ? 0 : GL(R3) >> n)
SIMPLE(SRAK, unsigned n = COUNT; GL(R1) = (uint32_t)((int32_t)GL(R3) >> (n > 31 ? 31 : n));
       cpu->cc = CC_SIGN((int32_t)GL(R1)))
SIMPLE(SLLG, G(R1) = G(R3) << COUNT)
SIMPLE(SRLG, G(R1) = G(R3) >> COUNT)
SIMPLE(SRAG, G(R1) = (uint64_t)((int64_t)G(R3) >> COUNT); cpu->cc = CC_SIGN((int64_t)G(R1)))
SIMPLE(RLL, unsigned n = COUNT & 31; GL(R1) = GL(R3) << n | GL(R3) >> (-n & 31))
SIMPLE(RLLG, unsigned n = COUNT; G(R1) = G(R3) << n | G(R3) >> (-n & 63))

/* Rotate then insert bits I3 to I4; a selection that wraps around is the generic handler's. */
#define ROTATE_INSERT(NAME, set_cc) \
    HANDLER(NAME) \
    { \
        uint32_t control = (uint32_t)insn->imm; \
        unsigned from = control >> 16 & 63, to = control >> 8 & 63; \
        if (unlikely(from > to)) \
            GENERIC(NAME); \
        uint64_t mask = (~0ULL >> from) & (~0ULL << (63 - to)), source = G(R2); \
        source = (source << (control & 63) | source >> (-control & 63)) & mask; \
        if (!(control & 0x8000)) \
            source |= G(R1) & ~mask; \
        G(R1) = source; \
        set_cc; \
        NEXT; \
    }
ROTATE_INSERT(RISBG, cpu->cc = CC_SIGN((int64_t)source))
ROTATE_INSERT(RISBGN, )
/* Rotate, then exclusive-or the bits I3 to I4 into the first operand; bit 0 of I3: only the condition code. */
HANDLER(RXSBG)
{
    uint32_t control = (uint32_t)insn->imm;
    unsigned from = control >> 16 & 63, to = control >> 8 & 63;
    if (unlikely(from > to))
        GENERIC(RXSBG);
    uint64_t mask = (~0ULL >> from) & (~0ULL << (63 - to)), source = G(R2);

    source = (source << (control & 63) | source >> (-control & 63)) & mask;
    mask &= G(R1) ^ source;
    if (!(control & 0x800000))
        G(R1) ^= source;
    cpu->cc = CC_LOGIC(mask);
    NEXT;
}

SIMPLE(MSR, GL(R1) *= GL(R2))
SIMPLE(MSGR, G(R1) *= G(R2))
SIMPLE(MSGFR, G(R1) *= (uint64_t)(int32_t)GL(R2))
SIMPLE(MSFI, GL(R1) *= (uint32_t)insn->imm)
SIMPLE(MSGFI, G(R1) *= (uint64_t)insn->imm)
SIMPLE(MHI, GL(R1) *= (uint32_t)insn->imm)
SIMPLE(MGHI, G(R1) *= (uint64_t)insn->imm)
HANDLER(MLGR)
{
    unsigned __int128 product = (unsigned __int128)G(R1 | 1) * G(R2);

    G(R1 & 14) = (uint64_t)(product >> 64);
    G(R1 | 1) = (uint64_t)product;
    NEXT;
}
