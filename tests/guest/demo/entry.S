/* SPDX-License-Identifier: MIT */
/* The hypervisor's first and last instructions: start, SIE and what ends it, the console. */
	.cfi_sections .debug_frame
	.section .start, "ax"
	.globl	_start
_start:	.cfi_startproc
	.cfi_undefined %r14			/* nobody called this */
	larl	%r15, stack_end - 160
	larl	%r1, new_psw
	mvc	0x1d0(16,%r0), 0(%r1)		/* program new PSW */
	larl	%r1, controls
	lctlg	%c0, %c0, 0(%r1)
	brasl	%r14, hypervisor
	larl	%r1, last_psw
	lpswe	0(%r1)
	.cfi_endproc

	.text
/*
 * int run_guest(struct description *r2, uint64_t *r3): interpret the guest whose GRs 0-13 are at r3.
 * Returns 0 after an interception, else the code of the program interruption that the host got.
 */
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
at_sie:	.insn	s, 0xb2140000, 0(%r14)		/* sie */
behind:	lg	%r14, 168(%r15)
	stmg	%r0, %r13, 0(%r14)
	lghi	%r2, 0
leave:	lmg	%r6, %r15, 224(%r15)
	.cfi_def_cfa_offset 160
	.cfi_restore %r14
	.cfi_restore %r15
	br	%r14
	.cfi_endproc

/* The host's program interruptions: those of SIE end run_guest(), others end everything. */
program:
	stmg	%r0, %r15, 0x800
	lg	%r1, 0x158
	larl	%r2, at_sie
	cgr	%r1, %r2
	je	1f
	larl	%r2, behind
	cgr	%r1, %r2
	jne	2f
1:	lmg	%r0, %r15, 0x800
	lg	%r14, 168(%r15)
	stmg	%r0, %r13, 0(%r14)
	llgh	%r2, 0x8e
	j	leave
2:	larl	%r1, broken_psw
	lpswe	0(%r1)

/* void command(const char *r2, unsigned long r3): a command line for DIAGNOSE 8. */
	.globl	command
command:
	diag	%r2, %r3, 8
	br	%r14

	.section .rodata
	.balign	16
new_psw:
	.quad	0x0000000180000000, program
last_psw:
	.quad	0x0002000180000000, 0xfff	/* disabled wait: shut down cleanly */
broken_psw:
	.quad	0x0002000180000000, 0xbad
controls:
	.quad	0x00000000008000e0		/* EDAT off; the rest as after a reset */

	.globl	guest_image, guest_image_end
guest_image:
	.incbin	GUEST_IMAGE
guest_image_end:

	.bss
	.balign	4096
stack:	.skip	8192
stack_end:
	.section .note.GNU-stack, "", @progbits
