#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What a guest wrote when the emulator or its host fails: everything that a flush reported as
# written is in the image after kill -9; a host that takes no more data makes errors of the
# guest's requests and ends nothing.
#
#   crash.sh [--suite bookworm|trixie] [--rounds N] [-- emulator argument...]
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib/common.sh"
. "$SIENNA_ROOT/scripts/lib/guest.sh"

suite=bookworm rounds=2
while [ $# -gt 0 ]; do
    case $1 in
    --suite) suite=$2 && shift ;;
    --rounds) rounds=$2 && shift ;;
    --)
        shift
        break
        ;;
    *) usage ;;
    esac
    shift
done
need mke2fs e2fsprogs
arguments=("$@")
emulator=$(find_emulator)
kernel=$(guest_kernel "$suite")/vmlinuz
initrd=$(guest_initrd "$suite" full)
work=$(mktemp -d)
guest=''
finish() {
    [ -z "$guest" ] || kill -KILL "$guest" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
cd "$work"

# boot [OPTION...]: a guest whose shell gets what is written to $keys; sets guest.
boot() {
    rm -f typed
    mkfifo typed
    exec {keys}<>typed
    # Here and not by the background shell, which may come late: await would find the last guest's prompt, and
    # what is typed before the shell has its terminal stays in the guest's kernel until more is typed.
    : >console
    "$emulator" -m 256M -nographic -no-reboot -nic none -kernel "$kernel" -initrd "$initrd" \
        -append 'console=ttysclp0 quiet' "$@" "${arguments[@]}" <&"$keys" >console 2>said &
    guest=$!
    await '^/ # '
}

# await PATTERN: until the console shows it; within 300 s.
await() {
    local i
    for ((i = 0; i < 3000; i++)); do
        ! grep -aqE "$1" console || return 0
        kill -0 "$guest" 2>/dev/null || break
        sleep 0.1
    done
    die "FAIL: the guest did not come to '$1'; last words: $(tail -n 1 console) $(tail -n 1 said)"
}

# A record is a block that begins with its number, an entry a line of a file.
type_writer() {
    cat >&"$keys" <<'END'
stty -echo; mkdir /t; mount -t ext4 /dev/vdb /t; i=0
while [ $i -lt 100000 ]; do i=$((i + 1))
printf '%-4096s' "record $i" | dd of=/dev/vda bs=4096 seek=$i conv=notrunc,fsync 2>/dev/null || echo lost
echo "entry $i" | dd of=/t/entries oflag=append conv=notrunc,fsync 2>/dev/null || echo lost
printf 'flush''ed %d\n' $i; done
END
}

judge_crash() {
    local last i
    ! grep -aq '^lost' console || die "FAIL: the guest could not write"
    last=$(tr -d '\r' <console | grep -aE '^flushed [0-9]+$' | tail -n 1)
    last=${last#flushed }
    for ((i = 1; i <= last; i++)); do
        dd if=raw bs=4096 skip="$i" count=1 2>/dev/null | cmp -s - <(printf '%-4096s' "record $i") ||
            die "FAIL: the guest saw block $i flushed (and $last in all), but the image does not have it"
    done
    # The journal is replayed, as a kernel would.
    e2fsck -fy files >fsck 2>&1 || [ $? -eq 1 ] || die "FAIL: the file system is damaged: $(tail -n 3 fsck)"
    debugfs -R 'cat /entries' files 2>/dev/null | head -n "$last" >entries
    seq -f 'entry %.0f' 1 "$last" | cmp -s - entries ||
        die "FAIL: of $last flushed entries the file has $(wc -l <entries)"
    flushed=$((flushed + last))
}

crash() {
    truncate -s 0 raw files
    truncate -s 512M raw
    mke2fs -q -t ext4 files 64M
    boot -drive file=raw,format=raw,if=virtio -drive file=files,format=raw,if=virtio
    type_writer
    await '^flushed 3'
    sleep "$((RANDOM % 3)).$((RANDOM % 10))"
    kill -KILL "$guest"
    wait "$guest" 2>/dev/null || true
    guest=''
    judge_crash
}

# The limit on file sizes stands for a full disk: both are errors of the host's write.
full_host() {
    local code=0
    truncate -s 0 raw
    truncate -s 8M raw
    ulimit -S -f 4096
    boot -drive file=raw,format=raw,if=virtio
    ulimit -S -f unlimited
    cat >&"$keys" <<'END'
dd if=/dev/zero of=/dev/vda bs=65536 count=8 conv=fsync; echo "first ""$?"
dd if=/dev/zero of=/dev/vda bs=65536 seek=80 count=8 conv=fsync; echo "second ""$?"
poweroff -f
END
    await '^first [0-9]'
    await '^second [0-9]'
    wait "$guest" || code=$?
    guest=''
    tr -d '\r' <console | grep -aqx 'first 0' || die "FAIL: the guest could not write what there is room for"
    tr -d '\r' <console | grep -aqx 'second 1' || die "FAIL: the guest was not told of the host's failure"
    [ "$(grep -c "^sienna: .*'raw'" said)" -eq 1 ] || die "FAIL: not one sentence about it: $(cat said)"
    [ $code -eq 0 ] || die "FAIL: exit code $code after the host's failure"
}

flushed=0
for ((round = 0; round < rounds; round++)); do
    crash
done
full_host
say "PASS ($suite, $rounds crashes): $flushed flushed records and entries are there; a full host is the guest's error"
