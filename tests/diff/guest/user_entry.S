/* SPDX-License-Identifier: MIT */
/*
 * User-mode harness: into a case and out of it. Stands below 16 MiB, since cases run in any
 * addressing mode; uses no register until all are stored.
 */
#include "../case.h"

        .machine z13
        .section .low.text, "ax"
        .globl case_exit, run_case, signal_entry

/* The code of a case ends with a branch to here, at CASE_EXIT. */
case_exit:
        stgrl   %r15, saved_r15
        larl    %r15, scratch           /* bits 0-31 are not addresses in 31-bit mode */
        stmg    %r0, %r14, saved_grs-scratch(%r15)
        stfpc   saved_fpc-scratch(%r15)
        stam    %a0, %a15, saved_ars-scratch(%r15)
        ipm     %r0
        st      %r0, saved_cc-scratch(%r15)
        tam
        sam64
        ipm     %r0
        larl    %r15, scratch
        llgfr   %r15, %r15
        lg      %r1, case_out-scratch(%r15)
        st      %r0, saved_amode-scratch(%r15)
        mvc     OUT_GR(128,%r1), saved_grs-scratch(%r15)
        mvc     OUT_AR(64,%r1), saved_ars-scratch(%r15)
        mvc     OUT_FPC(4,%r1), saved_fpc-scratch(%r15)
        mvc     OUT_CC_PM(4,%r1), saved_cc-scratch(%r15)
        xc      OUT_AMODE(4,%r1), OUT_AMODE(%r1)
        xc      OUT_IA(48,%r1), OUT_IA(%r1)
        /* TEST ADDRESSING MODE: cc 0, 1, 3 for 24, 31, 64 */
        srl     %r0, 28
        lhi     %r2, 24
        chi     %r0, 1
        jl      1f
        lhi     %r2, 31
        je      1f
        lhi     %r2, 64
1:      sth     %r2, OUT_AMODE(%r1)
        vstm    %v0, %v15, OUT_VR(%r1)
        vstm    %v16, %v31, OUT_VR+256(%r1)
leave:  lg      %r15, saved_stack-scratch(%r15)
        lmg     %r6, %r15, 48(%r15)
        br      %r14

/* run_case(slot, output slot, address of the code's prefix, amode) */
run_case:
        stmg    %r6, %r15, 48(%r15)
        llilf   %r1, CASE_SCRATCH
        stg     %r15, saved_stack-scratch(%r1)
        stg     %r3, case_out-scratch(%r1)
        lfpc    IN_FPC(%r2)
        vlm     %v0, %v15, IN_VR(%r2)
        vlm     %v16, %v31, IN_VR+256(%r2)
        lam     %a0, %a15, IN_AR(%r2)
        l       %r1, IN_CC_PM(%r2)
        lgr     %r15, %r2
        chi     %r5, 31
        je      2f
        jl      3f
        spm     %r1
        br      %r4
2:      sam31
        spm     %r1
        br      %r4
3:      sam24
        spm     %r1
        br      %r4

/* Signals arrive here, in the addressing mode of the case; the signal frame holds the rest. */
signal_entry:
        sam64
        llilf   %r1, CASE_SCRATCH
        lg      %r5, case_out-scratch(%r1)
        vstm    %v0, %v15, OUT_VR(%r5)
        vstm    %v16, %v31, OUT_VR+256(%r5)
        lg      %r1, signal_handler-scratch(%r1)
        basr    %r14, %r1
        llilf   %r15, CASE_SCRATCH
        j       leave

        .section .note.GNU-stack, "", @progbits
        .section .low.data, "aw", @nobits
        .globl signal_handler, case_out
scratch:
saved_grs:      .skip 120
saved_r15:      .skip 8
saved_ars:      .skip 64
saved_stack:    .skip 8
case_out:       .skip 8
signal_handler: .skip 8
saved_fpc:      .skip 4
saved_cc:       .skip 4
saved_amode:    .skip 4
