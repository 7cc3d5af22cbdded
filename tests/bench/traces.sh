#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What tracing costs: the same 12 ms of Debian's kernel, traced in several ways, in processor time.
#
#   traces.sh SIENNA KERNEL [MILLISECONDS]
set -euo pipefail
sienna=$1 kernel=$2 limit=${3:-12}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
TIMEFORMAT='%U s user, %S s system'
for filter in '' sie events insn,registers=off insn; do
    trace=()
    [ -z "$filter" ] || trace=(-trace "$work/k.trc,filter=$filter")
    echo "${filter:-not traced}:"
    time { "$sienna" -rtc base=2026-01-01 -m 512M -kernel "$kernel" -nic none -limit "$limit" "${trace[@]}" \
        >/dev/null 2>&1 </dev/null || [ $? -eq 3 ]; }
    [ ! -f "$work/k.trc" ] || echo "$(stat -c %s "$work/k.trc") bytes"
    rm -f "$work/k.trc"
done
