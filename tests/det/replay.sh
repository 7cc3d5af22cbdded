#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Records Debian's boot with all devices, a network, a shared folder and a monitor that plugs and steps, and a
# hypervisor with its guest; replays both with each of the given builds to the same digests, without any of the
# files; then cut and damaged recordings.
#
#   replay.sh SIENNA...
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib/common.sh"

[ $# -gt 0 ] || die "name at least one build of sienna"
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

# Plug a device, stop, step and go on while the guest boots.
operator() {
    local line
    for _ in $(seq 100); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
        sleep 0.2
    done
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    for line in stop 'step 12345' cont 'device-add virtio-rng,seed=host' stop 'step 777 cpu=any' \
        'device-add virtio-balloon' cont; do
        printf '%s\n' "$line" >&3
        sleep 0.5
    done
    exec 3>&-
}

operator &
EMULATOR=$1 "$here/../guest/boot.sh" --all --cpus 2 --timeout 500 --log "$work/log" -- \
    -record "$work/boot.rec" -digest -monitor "tcp:127.0.0.1:$port,server=on,wait=off"
wait
"$1" demo -record "$work/nested.rec" -digest >"$work/nested.log" 2>&1 </dev/null

# replay RECORDING LOG BUILD: the digest is that of the recorded run
replay() {
    local expected
    expected=$(digest_in <"$2")
    [ -n "$expected" ] || die "the recorded run printed no digest"
    "$3" replay "$1" -digest >"$work/replay.log" 2>&1 || die "$3: $(tail -n 1 "$work/replay.log")"
    grep -q "sienna: digest $expected" "$work/replay.log" ||
        die "$3: expected digest $expected, got $(grep digest "$work/replay.log")"
    say "$(basename "$1") by $3: $expected, $(sed -n 's/^sienna: the replay/it/p' "$work/replay.log")"
}
for build; do
    replay "$work/boot.rec" "$work/log" "$build"
    replay "$work/nested.rec" "$work/nested.log" "$build"
done
"$1" replay -info "$work/boot.rec" | grep -q 'network frames'

# What a kill leaves replays as far as it goes.
size=$(stat -c %s "$work/nested.rec")
head -c $((size - 10)) "$work/nested.rec" >"$work/cut.rec"
"$1" replay "$work/cut.rec" >"$work/cut.log" 2>&1 || die "a cut recording: $(tail -n 1 "$work/cut.log")"
# One byte of another value is told.
cp "$work/nested.rec" "$work/bad.rec"
printf '\xff\xfe\xfd' | dd of="$work/bad.rec" bs=1 seek=$((size / 2)) conv=notrunc status=none
status=0
"$1" replay "$work/bad.rec" >"$work/bad.log" 2>&1 || status=$?
[ "$status" -eq 2 ] || [ "$status" -eq 4 ] || grep -q 'cut' "$work/bad.log" ||
    die "a damaged recording: exit code $status, $(tail -n 1 "$work/bad.log")"
say "cut and damaged recordings are told: $(tail -n 1 "$work/bad.log")"
