/* SPDX-License-Identifier: MIT */
/*
 * Harness of control cases: entry, into a case and out of it by an interruption. The harness itself runs with
 * prefix zero and DAT off, above everything that a case can address by chance.
 */
#include "../control_case.h"

        .machine z13
        .text
        .globl  _start, run_case

_start: j       start
        .org    HANDLERS-BARE_ORIGIN
        .set    kind, 0
        .rept   KINDS
        stmg    %r0, %r15, SAVED        /* base 0: in the prefix area */
        lghi    %r2, kind
        j       end
        .org    HANDLERS-BARE_ORIGIN+16*(kind+1)
        .set    kind, kind+1
        .endr

start:  lhi     %r1, 1
        slr     %r2, %r2
        sigp    %r1, %r2, 0x12
        sam64
        larl    %r15, stack_end
        aghi    %r15, -160
        brasl   %r14, control_main

/* run_case(slot, output slot): everything but registers is in place. */
run_case:
        stmg    %r6, %r15, 48(%r15)
        larl    %r1, saved_stack
        stg     %r15, 0(%r1)
        stg     %r3, 8(%r1)
        larl    %r1, harness_cr0        /* so that there is an FPC */
        lctlg   %c0, %c0, 0(%r1)
        lfpc    CIN_FPC(%r2)
        lam     %a0, %a15, CIN_AR(%r2)
        spx     CIN_PREFIX(%r2)
        lctlg   %c0, %c15, CIN_CR(%r2)
        mvc     START_PSW(16), CIN_PSW(%r2)
        ptlb
        lmg     %r0, %r15, CIN_GR(%r2)
        lpswe   START_PSW

/* From the handlers: r2 = kind. */
end:    stctg   %c0, %c15, SAVED+128
        stpx    SAVED+256
        llgf    %r3, SAVED+256
        larl    %r1, harness_cr0
        lctlg   %c0, %c0, 0(%r1)
        larl    %r1, no_prefix
        spx     0(%r1)
        larl    %r1, saved_stack
        lg      %r15, 0(%r1)
        lg      %r4, 8(%r1)
        stfpc   COUT_FPC(%r4)
        stam    %a0, %a15, COUT_AR(%r4)
        st      %r2, COUT_KIND(%r4)
        st      %r3, COUT_PREFIX(%r4)
        mvc     COUT_GR(128,%r4), SAVED(%r3)
        mvc     COUT_CR(128,%r4), SAVED+128(%r3)
        mvc     COUT_LOWCORE(256,%r4), COUT_LOWCORE_FIRST(%r3)
        mvc     COUT_LOWCORE+256(COUT_LOWCORE_BYTES-256,%r4), COUT_LOWCORE_FIRST+256(%r3)
        lmg     %r6, %r15, 48(%r15)
        br      %r14

        .balign 8
harness_cr0:    .quad 0x40000
no_prefix:      .long 0
        .bss
        .balign 8
        .skip   16384
stack_end:
saved_stack:    .skip 16
        .section .note.GNU-stack, "", @progbits
