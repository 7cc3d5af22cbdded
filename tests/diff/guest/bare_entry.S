/* SPDX-License-Identifier: MIT */
/*
 * Bare-metal harness: entry, into a case and out of it by an interruption. Runs with DAT off;
 * cases run in problem state with DAT on, so they reach nothing of this.
 */
#include "../case.h"

        .machine z13
        .equ    save_grs, 0x400         /* where base 0 reaches */
        .equ    save_stack, 0x480
        .equ    save_out, 0x488
        .equ    case_psw, 0x490

        .text
        .globl  _start, run_case, bare_program, bare_external, bare_other, vectors

_start: lhi     %r1, 1                  /* to z/Architecture, where a machine starts in ESA/390 */
        slr     %r2, %r2
        sigp    %r1, %r2, 0x12
        sam64
        larl    %r15, stack_end
        aghi    %r15, -160
        brasl   %r14, bare_main

/* run_case(slot, output slot): the PSW of the case is at case_psw. */
run_case:
        stmg    %r6, %r15, 48(%r15)
        stg     %r15, save_stack
        stg     %r3, save_out
        larl    %r1, vectors
        lt      %r1, 0(%r1)
        jz      1f
        vlm     %v0, %v15, IN_VR(%r2)
        vlm     %v16, %v31, IN_VR+256(%r2)
        j       2f
1:      .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        ld      %f\n, IN_VR+16*\n(%r2)
        .endr
2:      lfpc    IN_FPC(%r2)
        lam     %a0, %a15, IN_AR(%r2)
        lmg     %r0, %r15, IN_GR(%r2)
        lpswe   case_psw

/* Interruptions: r2 = 0 program, 1 external, 2 other, for bare_end(kind, output slot). */
bare_program:
        stmg    %r0, %r15, save_grs
        lghi    %r2, 0
        j       end
bare_external:
        stmg    %r0, %r15, save_grs
        lghi    %r2, 1
        j       end
bare_other:
        stmg    %r0, %r15, save_grs
        lghi    %r2, 2
end:    lg      %r3, save_out
        stfpc   OUT_FPC(%r3)
        stam    %a0, %a15, OUT_AR(%r3)
        mvc     OUT_GR(128,%r3), save_grs
        larl    %r1, vectors
        lt      %r1, 0(%r1)
        jz      1f
        vstm    %v0, %v15, OUT_VR(%r3)
        vstm    %v16, %v31, OUT_VR+256(%r3)
        j       2f
1:      .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        std     %f\n, OUT_VR+16*\n(%r3)
        .endr
2:      lg      %r15, save_stack
        aghi    %r15, -160              /* run_case's registers are above */
        brasl   %r14, bare_end
        lg      %r15, save_stack
        lmg     %r6, %r15, 48(%r15)
        br      %r14

        .bss
        .balign 8
        .skip   16384
stack_end:
vectors: .skip  4
        .section .note.GNU-stack, "", @progbits
