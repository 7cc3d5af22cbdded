/* SPDX-License-Identifier: MIT */
/* First instructions of the bare-metal tests, and what C cannot say. */
	.section .start, "ax"
	.globl	_start
_start:	larl	%r15, stack_end - 160
	larl	%r1, new_psws
	mvc	0x1b0(16,%r0), 0(%r1)		/* external */
	mvc	0x1d0(16,%r0), 16(%r1)		/* program */
	larl	%r1, never
	sckc	0(%r1)
	larl	%r1, control_0
	lctlg	%c0, %c0, 0(%r1)
	brasl	%r14, test
	brasl	%r14, stop

/* Where Linux has its parameters, too: address and bytes of the initial RAM disk at 0x08, the command line at 0x80. */
	.section .parameters, "aw"
	.globl	parameters
parameters:
	.space	0x400

	.text
/* void stop(void): the CPU's last instruction. */
	.globl	stop
stop:	stap	0x300
	lghi	%r1, 0
	lh	%r1, 0x300
	sigp	%r0, %r1, 5
	j	stop

/* int wait_external(void): waits for an external interruption; its code. */
	.globl	wait_external
wait_external:
	larl	%r1, open_wait
	lpswe	0(%r1)
external:
	llgh	%r2, 0x86
	br	%r14

/* int service(unsigned command, void *sccb): SERVICE CALL; its condition code. */
	.globl	service
service:
	.insn	rre, 0xb2200000, %r2, %r3
	ipm	%r2
	srl	%r2, 28
	llgfr	%r2, %r2
	br	%r14

/* int sigp(unsigned cpu, unsigned order, unsigned long parameter): its condition code. */
	.globl	sigp
sigp:	lgr	%r1, %r4
	sigp	%r0, %r2, 0(%r3)
	ipm	%r2
	srl	%r2, 28
	llgfr	%r2, %r2
	br	%r14

/* int divide(unsigned long dividend, unsigned long divisor): 0, or the code of the program interruption. */
	.globl	divide
divide:	lgr	%r5, %r2
	lghi	%r4, 0
	dlgr	%r4, %r3
	lghi	%r2, 0
	br	%r14
program:
	larl	%r1, divide
	lg	%r0, 0x158
	slgr	%r0, %r1
	clgfi	%r0, 20				/* behind divide: not ours, and there is no handler for it */
	jh	1f
	llgh	%r2, 0x8e
	br	%r14
1:	larl	%r1, dead
	lpswe	0(%r1)

/* Where a second CPU starts, on its own stack, with its own prefix area. */
	.globl	second_start
second_start:
	larl	%r15, second_stack_end - 160
	larl	%r1, never
	sckc	0(%r1)
	larl	%r1, control_0
	lctlg	%c0, %c0, 0(%r1)
	brasl	%r14, second_test
	brasl	%r14, stop

	.section .rodata
	.balign	8
new_psws:
	.quad	0x0000000180000000, external
	.quad	0x0000000180000000, program
open_wait:
	.quad	0x0102000180000000, 0
dead:	.quad	0x0002000180000000, 0xdead
never:	.quad	-1
control_0:
	.quad	0x0000000000000ae0		/* service signal and clock comparator */

	.bss
	.balign	8
	.space	16384
stack_end:
	.space	16384
second_stack_end:
	.section .note.GNU-stack, "", @progbits
