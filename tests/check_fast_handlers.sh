#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A fast handler must reach the next one by a jump: no stack frame, no call. Looks at the machine
# code of a build with sibling calls.
#
#   check_fast_handlers.sh SIENNA
set -euo pipefail

# These call the C library for operands of any length, or look something up.
allowed='_(MVC|CLC|XC|EX|EXRL|LMG|STMG|VLM|VSTM)$'
[ $# -eq 1 ] || {
    sed -n '/^#   check_fast/s/^#   //p' "$0" >&2
    exit 2
}
bad=$(objdump -d --no-show-raw-insn "$1" | awk -v allowed="$allowed" '
    /^[0-9a-f]+ <.*>:$/ {
        name = substr($2, 2, length($2) - 3)
        watched = name ~ /^(fast|fused|linked)_[A-Z0-9]+$/ && name !~ allowed
        handlers += watched
    }
    watched && ($2 ~ /^(push|call)/ || $0 ~ /sub +\$0x[0-9a-f]+,%rsp/) { print name ": " $2 " " $3 }
    END { if (handlers < 100) print "only " handlers + 0 " fast handlers found" }')
if [ -n "$bad" ]; then
    echo "fast handlers with a frame or a call:" >&2
    sort -u <<<"$bad" >&2
    exit 1
fi
echo "$(objdump -t "$1" | grep -cE ' (fast|fused|linked)_[A-Z0-9]+$') checks of fast handlers"
