/* SPDX-License-Identifier: MIT */
/* The guest's first instructions and its interruption handlers. Loaded at its absolute 0. */
	.section .lowcore, "ax"
	.org	0x1b0
	.quad	0x0000000180000000, timer_handler	/* external new PSW */
	.org	0x1d0
	.quad	0x0000000180000000, program_handler	/* program new PSW */
	.org	0x2000
	.globl	_start
_start:	lghi	%r15, 0x8000 - 160
	larl	%r1, floating
	lctlg	%c0, %c0, 0(%r1)
	brasl	%r14, guest
1:	j	1b

/* void divide_by_zero(void): the program interruption that this is comes to the handler, which goes on behind. */
	.globl	divide_by_zero
divide_by_zero:
	lghi	%r0, 0
	lghi	%r1, 0
	lghi	%r2, 0
	dlgr	%r0, %r2
	br	%r14
program_handler:
	lpswe	0x150

/* void wait_for_timer(uint64_t comparator): until the clock comparator interrupts. */
	.globl	wait_for_timer
wait_for_timer:
	stg	%r2, 0x300
	sckc	0x300
	larl	%r1, timer_on
	lctlg	%c0, %c0, 0(%r1)
	larl	%r1, open_psw
	lpswe	0(%r1)
waits:	j	waits				/* busy: a wait state would be the host's affair */
timer_handler:
	larl	%r1, floating
	lctlg	%c0, %c0, 0(%r1)
	br	%r14

	.section .rodata
	.balign	8
open_psw:
	.quad	0x0100000180000000, waits
floating:
	.quad	0x00000000000000e0
timer_on:
	.quad	0x00000000000008e0
	.section .note.GNU-stack, "", @progbits
