/* SPDX-License-Identifier: MIT */
/* User-mode harness: process entry and system calls. */
        .text
        .globl _start, system_call
_start: aghi    %r15, -160
        brasl   %r14, harness_main

/* long system_call(number, arguments 1 to 4): argument 5 is zero, argument 6 too */
system_call:
        stmg    %r6, %r7, 48(%r15)
        lgr     %r1, %r2
        lgr     %r2, %r3
        lgr     %r3, %r4
        lgr     %r4, %r5
        lgr     %r5, %r6
        lghi    %r6, 0
        lghi    %r7, 0
        svc     0
        lmg     %r6, %r7, 48(%r15)
        br      %r14
        .section .note.GNU-stack, "", @progbits
