/* SPDX-License-Identifier: MIT */
/** Arithmetic, logic and comparison with a storage operand. */
#include "cpu/access.h"
#include "cpu/fast.h"

#define R1 insn->r1
#define GET_4 get_be32(p)
#define GET_8 get_be64(p)
#define GET_S4 ((int32_t)get_be32(p))
#define GET_S2 ((int16_t)get_be16(p))

#define SIGNED(NAME, type, target, builtin, bytes, operand) \
    HANDLER(NAME) \
    { \
        uint64_t la = ADDRESS_X2; \
        PROBE(NAME, p, la, bytes, fetch); \
        type result; \
        bool overflow = builtin((type)target(R1), (type)(operand), &result); \
        if (unlikely(overflow) && (cpu->psw_mask & PSW_FIXED_OVERFLOW)) \
            GENERIC(NAME); \
        target(R1) = (u##type)result; \
        cpu->cc = overflow ? 3 : CC_SIGN(result); \
        NEXT; \
    }
#define ADD __builtin_add_overflow
#define SUB __builtin_sub_overflow
SIGNED(A, int32_t, GL, ADD, 4, GET_4)
SIGNED(AY, int32_t, GL, ADD, 4, GET_4)
SIGNED(AG, int64_t, G, ADD, 8, GET_8)
SIGNED(AGF, int64_t, G, ADD, 4, GET_S4)
SIGNED(S, int32_t, GL, SUB, 4, GET_4)
SIGNED(SG, int64_t, G, SUB, 8, GET_8)

#define UNSIGNED(NAME, type, target, builtin, cc_of, bytes, operand) \
    HANDLER(NAME) \
    { \
        uint64_t la = ADDRESS_X2; \
        PROBE(NAME, p, la, bytes, fetch); \
        type result; \
        bool carry = builtin((type)target(R1), (type)(operand), &result); \
        target(R1) = result; \
        cpu->cc = cc_of(result, carry); \
        NEXT; \
    }
UNSIGNED(AL, uint32_t, GL, ADD, CC_ADD_LOGICAL, 4, GET_4)
UNSIGNED(ALG, uint64_t, G, ADD, CC_ADD_LOGICAL, 8, GET_8)
UNSIGNED(SL, uint32_t, GL, SUB, CC_SUBTRACT_LOGICAL, 4, GET_4)
UNSIGNED(SLG, uint64_t, G, SUB, CC_SUBTRACT_LOGICAL, 8, GET_8)

#define COMPARE(NAME, address, type, a, bytes, b) \
    HANDLER(NAME) \
    { \
        uint64_t la = address; \
        PROBE(NAME, p, la, bytes, fetch); \
        cpu->cc = CC_COMPARE((type)(a), (type)(b)); \
        NEXT; \
    }
COMPARE(C, ADDRESS_X2, int32_t, GL(R1), 4, GET_4)
COMPARE(CY, ADDRESS_X2, int32_t, GL(R1), 4, GET_4)
COMPARE(CG, ADDRESS_X2, int64_t, G(R1), 8, GET_8)
COMPARE(CGF, ADDRESS_X2, int64_t, G(R1), 4, GET_S4)
COMPARE(CH, ADDRESS_X2, int32_t, GL(R1), 2, GET_S2)
COMPARE(CL, ADDRESS_X2, uint32_t, GL(R1), 4, GET_4)
COMPARE(CLY, ADDRESS_X2, uint32_t, GL(R1), 4, GET_4)
COMPARE(CLG, ADDRESS_X2, uint64_t, G(R1), 8, GET_8)
COMPARE(CLGF, ADDRESS_X2, uint64_t, G(R1), 4, GET_4)
COMPARE(CLI, ADDRESS_B2, uint32_t, *p, 1, insn->r1)
COMPARE(CLIY, ADDRESS_B2, uint32_t, *p, 1, insn->r1)
#define IMM_S ((int16_t)insn_field(insn, 32, 16))
#define IMM_U ((uint16_t)insn_field(insn, 32, 16))
COMPARE(CHSI, ADDRESS_B2, int32_t, GET_4, 4, IMM_S)
COMPARE(CGHSI, ADDRESS_B2, int64_t, GET_8, 8, IMM_S)
COMPARE(CLFHSI, ADDRESS_B2, uint32_t, GET_4, 4, IMM_U)
COMPARE(CLGHSI, ADDRESS_B2, uint64_t, GET_8, 8, IMM_U)
COMPARE(CLHHSI, ADDRESS_B2, uint32_t, get_be16(p), 2, IMM_U)

#define LOGIC(NAME, target, bytes, operator, operand) \
    HANDLER(NAME) \
    { \
        uint64_t la = ADDRESS_X2; \
        PROBE(NAME, p, la, bytes, fetch); \
        target(R1) operator operand; \
        cpu->cc = CC_LOGIC(target(R1)); \
        NEXT; \
    }
LOGIC(N, GL, 4, &=, GET_4)
LOGIC(NG, G, 8, &=, GET_8)
LOGIC(O, GL, 4, |=, GET_4)
LOGIC(OG, G, 8, |=, GET_8)
LOGIC(X, GL, 4, ^=, GET_4)
LOGIC(XG, G, 8, ^=, GET_8)

#define TEST_MASK(NAME) \
    HANDLER(NAME) \
    { \
        uint64_t la = ADDRESS_B2; \
        PROBE(NAME, p, la, 1, fetch); \
        cpu->cc = (*p & insn->r1) == 0 ? 0 : (*p & insn->r1) == insn->r1 ? 3 : 1; \
        NEXT; \
    }
TEST_MASK(TM)
TEST_MASK(TMY)

/* Storage is both operands: a store tag is needed, which implies that fetching is permitted. */
#define ADD_TO_STORAGE(NAME, type, bytes, get, put) \
    STORING_HANDLER(NAME, ADDRESS_B2, bytes, \
                    type result; \
                    bool overflow = ADD((type)get(p), (type)(int8_t)insn->r1, &result); \
                    if (unlikely(overflow) && (cpu->psw_mask & PSW_FIXED_OVERFLOW)) GENERIC(NAME); \
                    put(p, (u##type)result); \
                    cpu->cc = overflow ? 3 : CC_SIGN(result))
ADD_TO_STORAGE(ASI, int32_t, 4, get_be32, put_be32)
ADD_TO_STORAGE(AGSI, int64_t, 8, get_be64, put_be64)

#define LOGIC_BYTE(NAME, operator) \
    STORING_HANDLER(NAME, ADDRESS_B2, 1, *p operator insn->r1; cpu->cc = *p != 0)
LOGIC_BYTE(NI, &=)
LOGIC_BYTE(OI, |=)

#define ADDRESS_B4 (G(insn_base(insn, 32)) + insn_field(insn, 36, 12))

HANDLER(CLC)
{
    uint64_t first = ADDRESS_B2, second = ADDRESS_B4;
    unsigned bytes = insn->r1 + 1u;
    PROBE(CLC, a, first, bytes, fetch);
    PROBE(CLC, b, second, bytes, fetch);
    int order = memcmp(a, b, bytes);

    cpu->cc = CC_SIGN(order) == 2 ? 2 : order < 0;
    NEXT;
}

/* Exclusive or of an operand with itself clears it; the rest is the generic handler's. */
HANDLER(XC)
{
    uint64_t first = ADDRESS_B2, second = ADDRESS_B4;
    unsigned bytes = insn->r1 + 1u;

    if (first != second)
        GENERIC(XC);
    PROBE(XC, p, first, bytes, store);
    memset(p, 0, bytes);
    cpu->cc = 0;
    NEXT;
}
