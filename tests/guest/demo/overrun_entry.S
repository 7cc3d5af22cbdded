/* SPDX-License-Identifier: MIT */
/* The first instructions and the timer's handler of guest_overrun.c. Loaded at its absolute 0. */
	.cfi_sections .debug_frame
	.section .lowcore, "ax"
	.org	0x1b0
	.quad	0x0000000180000000, timer_handler	/* external new PSW */
	.org	0x1d0
	.quad	0x0002000180000000, 0xbad		/* program new PSW: none is expected */
	.org	0x2000
	.globl	_start
_start:	.cfi_startproc
	.cfi_undefined %r14			/* nobody called this */
	lghi	%r15, 0x8000 - 160
	brasl	%r14, guest
1:	j	1b
	.cfi_endproc

/* void open_timer(void): clock-comparator interruptions from now on. */
	.globl	open_timer
	.type	open_timer, @function
open_timer:
	larl	%r1, timer_on
	lctlg	%c0, %c0, 0(%r1)
	stosm	0x300, 0x01
	br	%r14

	.type	timer_handler, @function
timer_handler:
	.cfi_startproc
	.cfi_undefined %r14
	stmg	%r0, %r15, 0x400
	lghi	%r15, 0x7000 - 160
	brasl	%r14, tick
	lmg	%r0, %r15, 0x400
	lpswe	0x130
	.cfi_endproc

	.section .rodata
	.balign	8
timer_on:
	.quad	0x00000000000008e0
	.section .note.GNU-stack, "", @progbits
