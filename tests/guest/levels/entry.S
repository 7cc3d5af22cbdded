/* SPDX-License-Identifier: MIT */
/* First instructions of each level, interruption handlers, and what C cannot say. */
	.cfi_sections .debug_frame
	.section .start, "ax"
	.globl	_start
_start:	.cfi_startproc
	.cfi_undefined %r14
	larl	%r15, stack_1 - 160
	larl	%r1, new_psws
	mvc	0x1b0(80,%r0), 0(%r1)
	larl	%r1, controls
	lctlg	%c0, %c15, 0(%r1)
	brasl	%r14, level_1
	larl	%r1, last_psw
	lpswe	0(%r1)
	.cfi_endproc

/* Where Linux has its parameters, too: the command line is at 0x80. */
	.section .parameters, "aw"
	.globl	parameters
parameters:
	.space	0x400

	.text
/* Level 1, the second CPU. */
	.globl	second_start
second_start:
	.cfi_startproc
	.cfi_undefined %r14
	larl	%r15, stack_second - 160
	larl	%r1, controls
	lctlg	%c0, %c15, 0(%r1)
	brasl	%r14, second_cpu
	.cfi_endproc

/* void level_2_start(void), void level_3_start(void): first instructions of the guests, which share the program. */
	.globl	level_2_start
level_2_start:
	.cfi_startproc
	.cfi_undefined %r14
	larl	%r15, stack_2 - 160
	brasl	%r14, level_2
	.cfi_endproc
	.globl	level_3_start
level_3_start:
	.cfi_startproc
	.cfi_undefined %r14
	larl	%r15, stack_3 - 160
	brasl	%r14, level_3
	.cfi_endproc

/* void run_guest(struct description *r2, uint64_t *r3): interpret the guest whose GRs 0-13 are at r3. */
	.globl	run_guest
run_guest:
	.cfi_startproc
	stmg	%r6, %r15, 48(%r15)
	.cfi_offset %r14, -48
	.cfi_offset %r15, -40
	aghi	%r15, -176
	.cfi_adjust_cfa_offset 176
	stg	%r3, 168(%r15)
	lgr	%r14, %r2
	lmg	%r0, %r13, 0(%r3)
	.globl	at_sie
at_sie:	.insn	s, 0xb2140000, 0(%r14)		/* sie */
	lg	%r14, 168(%r15)
	stmg	%r0, %r13, 0(%r14)
	lmg	%r6, %r15, 224(%r15)
	.cfi_def_cfa_offset 160
	.cfi_restore %r14
	.cfi_restore %r15
	br	%r14
	.cfi_endproc

/* void divide_by_zero(void): the program interruption goes on behind the instruction. */
	.globl	divide_by_zero
divide_by_zero:
	lghi	%r0, 0
	lghi	%r1, 0
	lghi	%r2, 0
	dlgr	%r0, %r2
	br	%r14

/* The handlers of all levels. */
	.globl	external, supervisor_call, program, input_output
external:
	lpswe	0x130
supervisor_call:
	lpswe	0x140
program:
	lpswe	0x150
input_output:					/* of wait_for_io(), which alone lets it come */
	br	%r14

/* void wait_for_io(void): in the wait state until an I/O interruption has come. */
	.globl	wait_for_io
wait_for_io:
	larl	%r1, open_wait
	lpswe	0(%r1)

	.section .rodata
	.balign	16
	.globl	new_psws
new_psws:					/* external, SVC, program, machine check, I/O */
	.quad	0x0000000180000000, external
	.quad	0x0000000180000000, supervisor_call
	.quad	0x0000000180000000, program
	.quad	0x0002000180000000, 0xdead
	.quad	0x0000000180000000, input_output
open_wait:
	.quad	0x0202000180000000, 0
last_psw:
	.quad	0x0002000180000000, 0xfff	/* disabled wait: shut down cleanly */
	.balign	8
controls:
	.quad	0x00000000000000e0, 0, 0, 0, 0, 0, 0x00000000ff000000, 0
	.quad	0, 0, 0, 0, 0, 0, 0x00000000c2000000, 0
	.bss
	.balign	8
	.space	4096
stack_1:
	.space	4096
stack_second:
	.space	4096
stack_2:
	.space	4096
stack_3:
	.section .note.GNU-stack, "", @progbits
