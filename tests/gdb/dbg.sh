#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Debian's GDB with the vmlinux of Debian's -dbg package: lines, types and callers of Debian 12's kernel.
#
#   dbg.sh
#
# The package has 433 MB and is fetched once; vmlinux alone is unpacked of it, 205 MB. The emulator is $EMULATOR, default
# build/sienna. Exit code 77: the archive does not have it now.
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib/common.sh"
. "$SIENNA_ROOT/scripts/lib/guest.sh"
. "$SIENNA_ROOT/tests/gdb/lib.sh"
emulator=$(find_emulator)
kernel=$(guest_kernel bookworm)
release=$(cat "$kernel/release")
vmlinux=$SIENNA_CACHE/bookworm/vmlinux-$release
if [ ! -s "$vmlinux" ]; then
    package=$("$SIENNA_ROOT/scripts/lib/fetch-debian.sh" package bookworm "linux-image-$release-dbg") || {
        [ $? -eq 69 ] && exit 77
        exit 1
    }
    say "unpacking vmlinux-$release"
    dpkg-deb --fsys-tarfile "$package" | tar -xO "./usr/lib/debug/boot/vmlinux-$release" >"$vmlinux.new.$$"
    mv "$vmlinux.new.$$" "$vmlinux"
fi
start_machine "$emulator" -m 512M -smp 2 -nographic -no-reboot -nic none -S -kernel "$kernel/vmlinuz" \
    -initrd "$(guest_initrd bookworm plain)" -append "console=ttysclp0 quiet guest.run=/bin/true"

gdb_says "$vmlinux" <<'END'
hbreak *start_kernel
continue
backtrace 2
delete
print init_task.comm
print init_task.tasks.next == &init_task.tasks
ptype struct kernel_clone_args
break kernel_clone
continue
backtrace 3
list
print args->flags
print/x args->fn == kernel_init
info locals
delete
break fs/exec.c:1900
continue
backtrace 4
print ((struct task_struct *) ((struct lowcore *) 0)->current_task)->comm
finish
delete
detach
END
expect 'Breakpoint 1, start_kernel \(\) at init/main.c:[0-9]+' 'it stops at a line'
expect '^#1 .* in startup_continue \(\) at .*head64.S:[0-9]+' 'its caller is known'
expect '= "swapper' 'a member of a structure'
expect '^ +int io_thread;' 'a type'
expect 'Breakpoint 2, kernel_clone \(args=.* at kernel/fork.c:[0-9]+' 'arguments are shown'
expect '^#1 .* in user_mode_thread \(fn=.*<kernel_init>' 'and those of its caller'
expect 'kernel/fork.c: No such file or directory' 'sources are named'
expect '= 0x1$' 'arguments can be looked into'
expect '^nr = ' 'locals are named'
expect 'Breakpoint 3, bprm_execve \(bprm=.* at fs/exec.c:1900' 'a line of a file can be stopped at'
expect '^#1 .* in kernel_execve ' 'its caller is known'
expect '= "kworker' 'the current task is found by the lowcore'
expect '^Value returned is ' 'it is run to its end'
wait_machine 'stopped all its CPUs|the guest'
finish
