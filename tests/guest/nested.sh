#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Boots Debian as level 1, which starts Debian in Debian's QEMU under KVM as level 2, and so on;
# judges what each level says.
#
#   nested.sh [option...] [-- emulator argument...]
#
#   --suite NAME      bookworm (Linux 6.1, QEMU 7.2, the default) or trixie (6.12, 10.0): level 1
#   --guest NAME      the suite of the kernels of all other levels (level 1's)
#   --depth N         levels (2)
#   --cpus N          CPUs of level 1 (1)
#   --guest-cpus N    CPUs of all other levels (1)
#   --memory MIB      memory of level 1 (1024)
#   --disk            the last level has a disk, too (the others always have)
#   --net             levels from 2 on have an adapter on QEMU's user network
#   --pci             levels from 2 on have a random-number device on PCI
#   --move            level 2 is migrated to another QEMU while it works
#   --swap            level 1 has less memory than level 2 uses
#   --huge            level 2 is backed by frames of 1M
#   --debugger        a debugger stops, steps and watches level 2 through QEMU and KVM
#   --append TEXT     more kernel parameters for level 1: nested-init explains nested.*
#   --timeout S       seconds before it counts as hung (600)
#   --log FILE        keep the console output here
#   --show            show the console output while it comes
#
# The emulator is $EMULATOR, with QEMU's options; default build/sienna. Exit code: 0 each level
# passed, 1 one failed or hung, 2 usage.
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib/common.sh"
. "$SIENNA_ROOT/scripts/lib/guest.sh"

suite=bookworm guest='' depth=2 cpus=1 guest_cpus=1 memory=1024 disk='' net='' pci='' move='' swap='' huge='' debugger='' append='' limit=600 log='' show=''

while [ $# -gt 0 ]; do
    case $1 in
    --suite) suite=$2 && shift ;;
    --guest) guest=$2 && shift ;;
    --depth) depth=$2 && shift ;;
    --cpus) cpus=$2 && shift ;;
    --guest-cpus) guest_cpus=$2 && shift ;;
    --memory) memory=$2 && shift ;;
    --disk) disk=yes ;;
    --net) net=yes ;;
    --pci) pci=yes ;;
    --move) move=yes ;;
    --swap) swap=yes ;;
    --huge) huge=yes ;;
    --debugger) debugger=yes ;;
    --append) append=$2 && shift ;;
    --timeout) limit=$2 && shift ;;
    --log) log=$2 && shift ;;
    --show) show=yes ;;
    --)
        shift
        break
        ;;
    *) usage ;;
    esac
    shift
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# What each level computes in `work`, `mount_disk` and `try_net` of nested-init.
rounds=20000
sum=$(seq 1 $rounds | sha256sum | cut -d ' ' -f 1)
zeros=$(head -c $((rounds * 256)) /dev/zero | sha256sum | cut -d ' ' -f 1)
fill=160
seq 1 1000000 2>/dev/null | head -c 1M >"$work/block" || true
filled=$(for ((i = 0; i < fill; i++)); do echo "block $i" && cat "$work/block"; done | md5sum | cut -d ' ' -f 1)
known=$(seq 1 100000 | sha256sum | cut -d ' ' -f 1)

emulator=$(find_emulator)
kernel=$(guest_kernel "$suite")/vmlinuz
initrd=$(guest_initrd "$suite" nested)
image=$("$SIENNA_ROOT/scripts/lib/nested-image.sh" "$suite") || {
    [ $? -eq 69 ] || exit 1
    say "Debian $suite's QEMU cannot be fetched now; bookworm's is used"
    image=$("$SIENNA_ROOT/scripts/lib/nested-image.sh" bookworm)
}
log=${log:-$work/console}
parameters="console=ttysclp0 nested.depth=$depth nested.cpus=$guest_cpus nested.work=$rounds"
parameters+="${guest:+ nested.kernel=$guest}${disk:+ nested.disk=1}${net:+ nested.nic=user,tftp=/}${pci:+ nested.pci=1}${append:+ $append}"
devices=() adapter=none client=''
[ -z "$move" ] || parameters+=" nested.2.move=1 nested.2.busy=6"
[ -z "$huge" ] || parameters+=' nested.2.huge=1 nested.1.kvm="hpage=1 nested=0"'
if [ -n "$swap" ]; then
    memory=256
    parameters+=" nested.1.swap=1 nested.2.memory=384 nested.2.fill=$fill"
    truncate -s 1G "$work/swap"
    devices+=(-drive "file=$work/swap,format=raw,if=virtio")
fi

# instruction MNEMONIC: address and operand of the first one in what Linux starts with.
instruction() {
    s390x-linux-gnu-objdump -D -b binary -m s390:64-bit --start-address=0x10000 --stop-address=0x11000 "$kernel" |
        awk -v name="$1" '!found && $0 ~ "\t" name "\t" { operand = $NF; sub(":.*", ""); print "0x" $1, operand; found = 1 }'
}

start_debugger() {
    local port clock call kernel
    need python3 python3
    need s390x-linux-gnu-objdump binutils-s390x-linux-gnu
    kernel=$(guest_kernel "${guest:-$suite}")/vmlinuz
    clock=$(instruction stcke)
    call=$(instruction brasl)
    [ -n "$clock" ] && [ -n "$call" ] || die "the kernel's start is not as expected"
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    adapter=user,hostfwd=tcp:127.0.0.1:$port-:1234
    parameters+=' nested.2.qemu="-S -gdb tcp::1234"'
    # shellcheck disable=SC2086
    timeout "$limit" python3 "$SIENNA_ROOT/tests/guest/debug_nested.py" "$port" $clock ${call% *} >"$work/debugger" 2>&1 &
    client=$!
}
[ -z "$debugger" ] || start_debugger

run() {
    timeout --kill-after=5 "$limit" "$emulator" -m "${memory}M" -smp "$cpus" -nographic -no-reboot -nic "$adapter" \
        -kernel "$kernel" -initrd "$initrd" -append "$parameters" \
        -drive "file=$image,format=raw,if=virtio,readonly=on" "${devices[@]}" "$@" </dev/null 2>&1 | sed -u 's|\r||g' |
        if [ -n "$show" ]; then tee "$log"; else cat >"$log"; fi
}
begin=$SECONDS
status=0 reasons=()
run "$@" || status=$?
[ -z "$client" ] || wait $client || reasons+=("the debugger: $(tail -n 3 "$work/debugger")")

# said LEVEL TEXT: how often level LEVEL said it; its lines carry one prefix for each level above 1.
said() {
    local level=$1 prefix='' i
    for ((i = 2; i <= level; i++)); do
        prefix+="L$i| "
    done
    grep -acxF "${prefix}nested: level $level $2" "$log" || true
}

# expect COUNT LEVEL TEXT
expect() {
    [ "$(said "$2" "$3")" -eq "$1" ] || reasons+=("level $2 does not say $1 times: $3")
}

judge() {
    local level of
    for ((level = 1; level <= depth; level++)); do
        of=$guest_cpus
        [ $level -gt 1 ] || of=$cpus
        expect "$of" $level "checksum $sum"
        expect 1 $level "zeros $zeros"
        if [ $level -lt "$depth" ]; then
            [[ $append == *nested.accel=tcg* ]] || expect 1 $level "has KVM"
            expect 1 $level "disk $known"
        elif [ -n "$disk" ]; then
            expect 1 $level "disk $known"
        fi
        [ -z "$net" ] || [ $level -eq 1 ] || expect 1 $level "net $known"
        [ -z "$pci" ] || [ $level -eq 1 ] || expect 1 $level "pci random 4096"
        # Said by the level above, about this one.
        [ $level -eq 1 ] || [ "$(grep -aEc "^(L[0-9]\| )*nested: level $level ended with rc 0$" "$log")" -eq 1 ] ||
            reasons+=("level $level did not end with rc 0")
        expect 1 $level "ends"
    done
    if [ -n "$move" ]; then
        expect 1 1 "moved level 2"
        expect 1 1 "saw the moved level 2 end with rc 0"
        expect 1 2 "busy with 0 wrong"
    fi
    if [ -n "$swap" ]; then
        expect 1 1 "swapped"
        expect 1 2 "fill $filled"
        expect 1 2 "fill again $filled"
    fi
    [ "$status" -eq 0 ] || reasons+=("the emulator ended with exit code $status (124: not within $limit s)")
    # Linux prints these when something is wrong that it survives.
    ! grep -aqE 'WARNING: CPU|Kernel panic|BUG:|Unable to handle kernel|rcu: INFO|kvm-s390: .*(error|failed)' "$log" ||
        reasons+=("a kernel complains: $(grep -aEm 1 'WARNING: CPU|Kernel panic|BUG:|Unable to handle|rcu: INFO|kvm-s390: ' "$log")")
}

judge
description="$suite${guest:+, guest $guest}, $depth levels, $cpus and $guest_cpus CPUs${disk:+, disk}${net:+, net}${pci:+, pci}${move:+, moved}${swap:+, swapped}${huge:+, large frames}${debugger:+, debugger}, $((SECONDS - begin)) s"
if [ ${#reasons[@]} -gt 0 ]; then
    say "FAIL ($description): last words: $(tail -n 1 "$log")"
    printf '  %s\n' "${reasons[@]}" >&2
    exit 1
fi
say "PASS ($description)"
