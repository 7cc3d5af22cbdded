#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A harness drives a machine through the gdb stub, thousands of rounds without restarting it.
#
#   harness.sh SIENNA [ROUNDS]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
sienna=$1 rounds=${2:-2000}
work=$(mktemp -d)
machine=''
trap '[ -z "$machine" ] || kill "$machine" 2>/dev/null || true; rm -rf "$work"' EXIT
head -c 4096 /dev/zero >"$work/image"
timeout 300 "$sienna" -m 32M -device "loader,file=$work/image,addr=0x10000,cpu-num=0" -nographic -nodefaults -S \
    -gdb "unix:$work/gdb" 2>"$work/says" </dev/null &
machine=$!
for ((i = 0; i < 300; i++)); do
    [ ! -S "$work/gdb" ] || break
    sleep 0.1
done
PYTHONDONTWRITEBYTECODE=1 timeout 280 python3 "$here/harness.py" "$work/gdb" "$rounds" || {
    cat "$work/says" >&2
    exit 1
}
wait "$machine" || true
machine=''
