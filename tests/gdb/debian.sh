#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Debian's gdb-multiarch debugs Debian's kernel at level 1.
#
#   debian.sh [SUITE]
#
# The emulator is $EMULATOR, default build/sienna. Exit code 77: Debian's archive does not have that kernel now.
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib/common.sh"
. "$SIENNA_ROOT/scripts/lib/guest.sh"
. "$SIENNA_ROOT/tests/gdb/lib.sh"
suite=${1:-bookworm}
emulator=$(find_emulator)
guest_kernel "$suite" >/dev/null || {
    [ $? -eq 69 ] && exit 77
    exit 1
}
symbols=$(kernel_symbols "$suite")
start_machine "$emulator" -m 512M -smp 2 -nographic -no-reboot -nic none -S \
    -kernel "$(guest_kernel "$suite")/vmlinuz" -initrd "$(guest_initrd "$suite" plain)" -append "console=ttysclp0 quiet guest.run=/bin/true"

# What GDB shows for each command.
gdb_says "$symbols" <<'END'
info threads
hbreak *start_kernel
continue
backtrace 1
info registers pswa r15 cr13 prefix
x/2i $pc
stepi
stepi
print $_siginfo
info breakpoints
delete
break kernel_clone
continue
print/x $cr13 != 0
next
delete
break vfs_read if $r4 > 0x10
continue
print $r4 > 0x10
delete
dprintf kernel_clone,"clones at %p\n", $pc
break do_exit
continue
info breakpoints
delete
print $_thread
info os processes
monitor kernel
monitor cpus
print/x *(long *)0xfffa000000000000
monitor space absolute
maintenance flush dcache
print/x *(long *)0
monitor space logical
find /b 0x10000, +0x20, 'S', '3', '9', '0'
print $position > 1000
detach
END
expect 'Thread 1\.1 "level 1 CPU 0"' 'the threads are shown'
expect 'Breakpoint 1, .* in start_kernel' 'it stops where Linux starts'
expect '#0 .* in start_kernel' 'the backtrace begins there'
expect '^=> 0x[0-9a-f]* <start_kernel>:' 'it disassembles there'
expect '0x[0-9a-f]* in start_kernel' 'it steps'
expect 'breakpoint already hit 1 time' 'the breakpoint was hit once'
expect 'Breakpoint 2, .* in kernel_clone' 'it stops where processes are made'
expect 'Breakpoint 3, .* in vfs_read' 'it stops where a condition holds'
expect 'in do_exit' 'it stops where a process ends'
expect '^clones at 0x' 'the stub prints by itself'
expect '^1 *1 *2 .*level 1' 'info os lists level 1'
expect '^offset *[0-9a-f]+' 'the monitor knows where the kernel is'
expect '^addresses are absolute' 'the monitor chooses the kind of address'
expect 'detached' 'it detaches'
expect_equal '\$[0-9]+ = 0x80000[0-9a-f]*' 2 'both ways to absolute 0 lead there'
wait_machine 'stopped all its CPUs|the guest'
finish
