#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Boots a Debian root on $EMULATOR and lets Debian's own tools judge the machine
# (tests/guest/debiancheck).
#
#   debian.sh [--suite bookworm|trixie] [--cpus N] [--system | --disk] [--log FILE]
#
# The root holds the tools' packages, merely unpacked; with --system it is the complete Debian
# of `scripts/demo --debian`, booted with systemd. With --disk a copy of that is made bootable by
# its own zipl and booted by QEMU's boot program, without kernel or ramdisk of the host.
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib/common.sh"
. "$SIENNA_ROOT/scripts/lib/guest.sh"

suite=bookworm cpus=2 boot_program=/usr/share/qemu/s390-ccw.img system='' disk='' log='' memory=1024 standby=256
while [ $# -gt 0 ]; do
    case $1 in
    --suite) suite=$2 && shift ;;
    --cpus) cpus=$2 && shift ;;
    --log) log=$2 && shift ;;
    --system) system=yes ;;
    --disk) system=yes disk=yes ;;
    *) usage ;;
    esac
    shift
done

emulator=$(find_emulator)
if [ -n "$system" ]; then
    image=$(EMULATOR=$emulator "$SIENNA_ROOT/scripts/lib/debian-image.sh" "$suite")
    run=guest.run=/debiancheck
else
    image=$("$SIENNA_ROOT/scripts/lib/tools-image.sh" "$suite") || {
        # 77 is a test that was skipped.
        [ $? -eq 69 ] && exit 77
        exit 1
    }
    run=root.run=/debiancheck
fi
kernel=$(guest_kernel "$suite")/vmlinuz
initrd=$(guest_initrd "$suite" root)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
log=${log:-$work/console}
parameters="console=ttysclp0 quiet $run check.cpus=$cpus check.memory=$memory"
storage=${memory}M
# QEMU has no standby storage for this machine.
case $("$emulator" -version 2>/dev/null) in
sienna*)
    parameters+=" check.standby=$standby"
    storage+=",maxmem=$((memory + standby))M"
    ;;
esac
# run [OPTION...]: the guest with an image, its console in $log
run() {
    timeout --kill-after=5 700 "$emulator" -m "$storage" -smp "$cpus" -nographic -no-reboot \
        -device virtio-rng-ccw -nic user "$@" </dev/null >"$log" 2>&1
}

# A copy of the image with kernel, ramdisk and parameters in its /boot, and a boot record; sets bootable.
make_bootable() {
    bootable=$work/disk
    cp --sparse=always "$image" "$bootable"
    printf '%s\n' "$parameters check.net=1" >"$work/parameters"
    printf 'write %s /boot/vmlinuz\nwrite %s /boot/initrd\nwrite %s /boot/parameters\n' \
        "$kernel" "$initrd" "$work/parameters" | debugfs -w -f - "$bootable" >"$log" 2>&1
    run -kernel "$kernel" -initrd "$initrd" -append 'console=ttysclp0 quiet root.run=/make-bootable' \
        -drive "file=$bootable,format=raw,if=virtio" || die "the guest that makes the disk bootable failed: $(tail -n 1 "$log")"
    tr -d '\r' <"$log" | grep -qx 'bootable: yes' || die "zipl failed: $(tail -n 3 "$log")"
}

status=0
if [ -n "$disk" ]; then
    make_bootable
    run -bios "$boot_program" -snapshot -drive "file=$bootable,format=raw,if=virtio" || status=$?
else
    run -kernel "$kernel" -initrd "$initrd" -append "$parameters check.net=1" -snapshot \
        -drive "file=$image,format=raw,if=virtio" || status=$?
fi
verdict=$(tr -d '\r' <"$log" | grep -a '^SELFCHECK ' | tail -n 1 || true)
if [ "$verdict" != 'SELFCHECK PASS' ] || [ "$status" -ne 0 ]; then
    tr -d '\r' <"$log" | grep -a FAIL >&2 || true
    die "FAIL ($suite, $cpus CPUs): ${verdict:-no verdict}; exit code $status; last words: $(tail -n 1 "$log")"
fi
say "PASS ($suite, $cpus CPUs${system:+, whole system}${disk:+ from its disk}): $(grep -ac '^selfcheck: .*: ok' "$log") checks"
