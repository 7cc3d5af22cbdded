#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The command lines by which harnesses call QEMU, each with a program for the bare machine in its kernel's place;
# the exit codes; and what scripts probe for.
#
#   harness.sh SIENNA FOLDER-OF-PROGRAMS
set -uo pipefail
programs=$(realpath "$2")
. "$(dirname "$0")/lib.sh"

echo 'a small disk' >initrd
truncate -s 1M disk
hello=$programs/hello.elf parameters=$programs/parameters.elf

# Suites of programs for the bare machine: two consoles, each on a stream with a name.
bare_machine() {
    local o
    for o in - --; do
        run 0 ${o}nodefaults ${o}nographic ${o}machine s390-ccw-virtio,accel=tcg ${o}chardev stdio,id=con0 \
            ${o}device sclpconsole,chardev=con0 ${o}chardev file,path=lines,id=con1 \
            ${o}device sclplmconsole,chardev=con1 ${o}kernel "$parameters" ${o}initrd initrd ${o}append 'one two' \
            ${o}cpu max ${o}smp 2 ${o}m 128M ${o}netdev user,id=n0 ${o}device virtio-net-ccw,netdev=n0
        has out "^command line: 'one two'$"
        has out '^initial RAM disk: 13 bytes'
        has out '^a small disk'
    done
    # On one stream.
    run 0 -nodefaults -nographic -machine s390-ccw-virtio,accel=kvm:tcg -chardev stdio,id=con0 -device sclpconsole,chardev=con0 \
        -device sclplmconsole,chardev=con0 -kernel "$hello"
    has out '^Hello, world'
    # Without a word about consoles.
    run 0 -nographic -kernel "$hello" -M s390-ccw-virtio -accel tcg,thread=multi
    has out '^Hello, world'
    run 0 -nographic -serial mon:stdio -kernel "$hello" -append ''
    has out '^Hello, world'
}

# tools/testing/kunit/kunit_kernel.py with qemu_configs/s390.py in Linux 6.12.
kunit() {
    run 0 -nodefaults -m 1024 -kernel "$parameters" -append 'kunit.enable=1 console=ttyS0 kunit_shutdown=reboot' \
        -no-reboot -nographic -serial stdio -machine s390-ccw-virtio -cpu qemu
    has said 'stopped all its CPUs'
}

# tools/testing/selftests/bpf/vmtest.sh
bpf_vmtest() {
    run 0 -nodefaults -display none -serial mon:stdio -smp 2 -enable-kvm -m 4G \
        -drive file=disk,format=raw,index=1,media=disk,if=virtio,cache=none -kernel "$parameters" \
        -append 'root=/dev/vda rw console=ttyS1'
}

# tools/testing/selftests/rcutorture/bin/kvm-test-1-run.sh
rcutorture() {
    run 0 -enable-kvm -display none -no-reboot -smp 2 -net none -serial file:console.log -m 512 -kernel "$parameters" \
        -append 'debug_boot_weak_hash panic=-1 console=ttysclp0'
    has console.log 'panic=-1 console=ttysclp0'
}

# tools/testing/selftests/wireguard/qemu/Makefile, but for its port, which is no console.
wireguard() {
    run 0 -nodefaults -nographic -smp 4 -cpu max -machine s390-ccw-virtio -append x -m 256M -serial stdio \
        -chardev file,path=result,id=result -no-reboot -monitor none -kernel "$parameters" -serial chardev:result
    has out "^command line: 'x'"
    checks=$((checks + 1))
    [ -e result ] || fail 'there is no file result'
}

# Boot tests of kernel CI services and scripts: a disk and a network in several spellings.
boot_tests() {
    run 0 -cpu max -machine s390-ccw-virtio -nographic -nic none -m 4G -monitor none -kernel "$hello" \
        -drive format=raw,file=disk,id=hd0,if=none,aio=threads -device virtio-blk-ccw,drive=hd0,id=d0 -no-reboot -smp 2
    run 0 -M s390-ccw-virtio -display none -initrd initrd -kernel "$parameters" -m 512m -nodefaults -serial mon:stdio \
        -action panic=exit-failure,reboot=shutdown
    run 0 -nographic -vga none -monitor null -no-reboot -snapshot -net nic,model=virtio,macaddr=52:54:00:12:34:56 \
        -net user -kernel "$hello" -drive file=disk,format=raw,if=virtio
    run 0 -machine accel=kvm:tcg -no-user-config -nodefaults -parallel none -vga none -m 1280 -kernel "$hello" \
        -chardev stdio,id=console,signal=off,mux=on -serial chardev:console -mon chardev=console,mode=readline \
        -object rng-random,filename=/dev/urandom,id=rng0 -device virtio-rng-ccw,rng=rng0 -device virtio-balloon-ccw
    has out '^Hello, world'
    run 0 -nodefaults -device sclpconsole -kernel "$hello" -device virtio-serial-ccw,devno=fe.0.0007 \
        -device virtconsole,chardev=c -chardev null,id=c -name guest,debug-threads=on -smp 4,sockets=2,cores=2,threads=1
    run 0 -nodefaults -device sclpconsole -kernel "$hello" -smp cores=2,sockets=2
}

exit_codes() {
    run 0 -nographic -kernel "$hello"
    has said 'stopped all its CPUs'
    run 1 -nographic -kernel "$programs/dies.elf"
    has said 'disabled wait'
    run 3 -nographic -kernel "$programs/forever.elf" -limit 5
    has said 'limit'
    refused 'No such file' -nographic -kernel nowhere
    refused "'-nonsense'" -nographic -kernel "$hello" -nonsense
}

probes() {
    run 0 -machine help
    has out '^s390-ccw-virtio '
    run 0 -M '?'
    has out '^s390-ccw-virtio '
    run 0 --version
    has out '^sienna [0-9]+\.[0-9]+\.[0-9]+'
    run 0 -cpu help
    has out '^models: .*z14 .*max.* qemu.* host'
    run 0 -accel help
    has out '^tcg$'
    has out '^kvm$'
    run 0 -device help
    for device in virtio-blk-ccw virtio-net-ccw virtio-rng-ccw virtio-balloon-ccw sclpconsole sclplmconsole loader; do
        has out "^$device "
    done
    run 0 -device virtio-net-ccw,help
    has out '^virtio-net-ccw '
    has out '^ .*netdev|^ .*mac'
    checks=$((checks + 1))
    [ "$(wc -l <out)" -eq 2 ] || fail 'not one device'
    run 0 -device sclpconsole,help
    refused 'no such type' -device moon,help
    run 0 -netdev help
    has out '^user$'
    run 0 -chardev help
    has out '^socket$'
    run 0 -object help
    has out '^rng-builtin$'
    run 0 -display help
    run 0 -nic help
    run 0 -help
}

# What cannot be had is said, so that a harness does not test something else.
refusals() {
    refused '-accel xen' -accel xen
    refused '-machine accel' -machine accel=hvf
    refused '-machine q35' -machine q35
    refused "no setting 'moon'" -machine s390-ccw-virtio,moon=on
    refused '-vga std' -vga std
    refused '-object iothread' -kernel "$hello" -object iothread,id=a
    refused '-net nic wants' -kernel "$hello" -net nic
    refused '-net tap' -kernel "$hello" -net tap
    refused '-mon mode=control' -kernel "$hello" -chardev null,id=a -mon chardev=a,mode=control
    refused 'no -chardev with id=a' -kernel "$hello" -mon a
    refused 'no -chardev with id=a' -kernel "$hello" -serial chardev:a
    refused 'virtio-serial' -kernel "$hello" -device virtio-serial-ccw
    refused 'virtserialport' -kernel "$hello" -device virtserialport,chardev=a
    refused '-action reboot=never' -kernel "$hello" -action reboot=never
    refused '-action panic=pause' -kernel "$hello" -action panic=pause
    refused '-smp threads=2' -kernel "$hello" -smp 4,threads=2
    refused '-smp cores=0' -kernel "$hello" -smp 4,cores=0
    refused '-smp: 3 CPUs' -kernel "$hello" -smp 3,sockets=2
    refused 'more than 64' -kernel "$hello" -smp sockets=64,cores=64
    refused '-smp maxcpus=2' -kernel "$hello" -smp 3,maxcpus=2
    refused 'no parameter area' -device loader,file=disk,addr=0x10000,cpu-num=0 -append x
}

bare_machine
kunit
bpf_vmtest
rcutorture
wireguard
boot_tests
exit_codes
probes
refusals
conclude
