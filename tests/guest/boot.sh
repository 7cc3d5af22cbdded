#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Boots a Debian kernel on an emulator with the self-checking guest and judges it.
#
#   boot.sh [option...] [-- emulator argument...]
#
#   --suite NAME      bookworm (Linux 6.1, the default) or trixie (6.12)
#   --cpus N          number of CPUs (1)
#   --memory MIB      memory in MiB (512)
#   --disk            with a virtio disk
#   --net             with a virtio network behind user-mode networking
#   --share           with a 9P share
#   --rng             with a virtio random-number device
#   --all             all four
#   --timeout S       seconds before the guest counts as hung (120)
#   --log FILE        keep the console output here
#   --kernel FILE, --initrd FILE   use these
#   --append TEXT     more kernel parameters
#
# The emulator is $EMULATOR, with QEMU's options; default build/sienna. Exit code: 0 the
# guest passed, 1 it failed or hung, 2 usage.
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib/common.sh"
. "$SIENNA_ROOT/scripts/lib/guest.sh"

suite=bookworm cpus=1 memory=512 disk='' net='' share='' rng='' limit=120 log='' kernel='' initrd='' append=''

while [ $# -gt 0 ]; do
    case $1 in
    --suite) suite=$2 && shift ;;
    --cpus) cpus=$2 && shift ;;
    --memory) memory=$2 && shift ;;
    --timeout) limit=$2 && shift ;;
    --log) log=$2 && shift ;;
    --kernel) kernel=$2 && shift ;;
    --initrd) initrd=$2 && shift ;;
    --append) append=$2 && shift ;;
    --disk) disk=yes ;;
    --net) net=yes ;;
    --share) share=yes ;;
    --rng) rng=yes ;;
    --all) disk=yes net=yes share=yes rng=yes ;;
    --)
        shift
        break
        ;;
    *) usage ;;
    esac
    shift
done

emulator=$(find_emulator)
work=$(mktemp -d)
server=''
finish() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
[ -n "$log" ] || log=$work/console
[ -n "$kernel" ] || kernel=$(guest_kernel "$suite")/vmlinuz
[ -n "$initrd" ] || initrd=$(guest_initrd "$suite" check)

# The same lines as the guest's `known`.
known() {
    seq 1 "$1"
}

parameters="console=ttysclp0 guest.run=/selfcheck check.cpus=$cpus check.memory=$memory $append"
devices=()

add_disk() {
    head -c 1048576 <(seq 1 200000) >"$work/disk"
    parameters+=" check.disk=$(sha256sum <"$work/disk" | cut -d ' ' -f 1)"
    truncate -s 32M "$work/disk"
    devices+=(-drive "file=$work/disk,format=raw,if=virtio")
}

# A port nobody listens on right now.
free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

add_net() {
    need python3 python3
    mkdir "$work/www"
    known 40000 >"$work/www/known"
    echo small >"$work/www/small"
    local port
    port=$(free_port)
    forward=$(free_port)
    (cd "$work/www" && exec python3 -m http.server --bind 127.0.0.1 "$port" >"$work/http.log" 2>&1) &
    server=$!
    parameters+=" check.net=$port"
    devices+=(-nic "user,hostfwd=tcp:127.0.0.1:$forward-:8080")
}

add_share() {
    mkdir "$work/share"
    known 40000 >"$work/share/known"
    echo small >"$work/share/small"
    parameters+=" check.share=host"
    devices+=(-fsdev "local,id=share,path=$work/share,security_model=none")
    devices+=(-device "virtio-9p-ccw,fsdev=share,mount_tag=host")
}

# The host's side of the network check: reads the guest's page, then tells it so.
visit_guest() {
    local i
    for ((i = 0; i < limit; i++)); do
        if grep -q 'selfcheck: server ready' "$log" 2>/dev/null; then
            [ "$(python3 - "$forward" <<'END' | sha256sum
import sys, urllib.request
sys.stdout.buffer.write(urllib.request.urlopen("http://127.0.0.1:%s/index.html" % sys.argv[1], timeout=30).read())
END
)" = "$(known 20000 | sha256sum)" ] && echo 'done' >"$work/www/done"
            return
        fi
        sleep 1
    done
}

[ -z "$disk" ] || add_disk
[ -z "$rng" ] || {
    parameters+=" check.rng=1"
    devices+=(-device virtio-rng-ccw)
}
[ -z "$share" ] || add_share
if [ -n "$net" ]; then
    add_net
else
    devices+=(-nic none)
fi

: >"$log"
visitor=''
[ -z "$net" ] || {
    visit_guest &
    visitor=$!
}
begin=$(date +%s)
status=0
timeout --kill-after=5 "$limit" "$emulator" -m "${memory}M" -smp "$cpus" -nographic -no-reboot \
    -kernel "$kernel" -initrd "$initrd" -append "$parameters" "${devices[@]}" "$@" \
    </dev/null >"$log" 2>&1 || status=$?
[ -z "$visitor" ] || kill "$visitor" 2>/dev/null || true
seconds=$(($(date +%s) - begin))

# judge: the reason for failing, or nothing.
judge() {
    local verdict
    verdict=$(tr -d '\r' <"$log" | grep -a '^SELFCHECK ' | tail -n 1)
    if [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
        echo "the guest did not end within $limit s; last words: $(tail -n 1 "$log" | tr -d '\r')"
    elif [ -z "$verdict" ]; then
        echo "no verdict (exit code $status); last words: $(tail -n 1 "$log" | tr -d '\r')"
    elif [ "$verdict" != "SELFCHECK PASS" ]; then
        echo "$verdict"
    elif [ "$status" -ne 0 ]; then
        echo "the guest passed, but the emulator ended with exit code $status"
    elif [ -n "$share" ] && ! known 1000 | cmp -s - "$work/share/folder/moved"; then
        echo "what the guest wrote to the share is not on the host"
    elif [ -n "$disk" ] && ! known 60000 | cmp -s - <(tail -c +4194305 "$work/disk" | head -c 348894); then
        echo "what the guest wrote to the disk is not in the image"
    fi
}

reason=$(judge)
description="$suite, $cpus CPUs${disk:+, disk}${net:+, net}${share:+, share}${rng:+, rng}"
if [ -n "$reason" ]; then
    say "FAIL ($description, $seconds s): $reason"
    tr -d '\r' <"$log" | grep -a 'FAIL' >&2 || true
    exit 1
fi
say "PASS ($description, $seconds s): $(grep -ac '^selfcheck: .*: ok' "$log") checks"
