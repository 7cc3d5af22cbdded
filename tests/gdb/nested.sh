#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Debian's gdb-multiarch debugs Debian at levels 2 and 3, while Debian at level 1 goes on.
#
#   nested.sh [DEPTH]
#
# The emulator is $EMULATOR, default build/sienna. GDB comes and goes; in the end each level must have
# done its work as tests/guest/nested.sh judges it.
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib/common.sh"
. "$SIENNA_ROOT/scripts/lib/guest.sh"
. "$SIENNA_ROOT/tests/gdb/lib.sh"
depth=${1:-3}
emulator=$(find_emulator)
symbols=$(kernel_symbols bookworm)
LIMIT=${LIMIT:-1250}
limit=$((LIMIT - 50))
start_machine env EMULATOR="$emulator" "$SIENNA_ROOT/tests/guest/nested.sh" --depth "$depth" --timeout "$limit" \
    --log "$work/log" --append "quiet nested.append=quiet" --

for ((level = 2; level <= depth; level++)); do
    process=$(PYTHONDONTWRITEBYTECODE=1 python3 "$SIENNA_ROOT/tests/gdb/level.py" "$work/gdb" $level "$limit") ||
        die "there is no level $level: $(tail -n 1 "$work/log")"
    # With the same symbols at level 1, a breakpoint would be one of both.
    gdb_says "" <<END
info os processes
add-inferior
inferior 2
attach $process
file $symbols
info threads
info registers sie_prefix sie_icptcode
print \$pswa != 0
hbreak schedule thread 2.1
continue
backtrace 1
print \$r15 > 0x1000
stepi
x/1i \$pc
delete
monitor levels
monitor kernel $((process - 1))
detach
inferior 1
info threads
detach
END
    expect "^$process +$level +1 +[0-9]+ +no" "info os lists level $level"
    expect "level $level guest $((process - 1)) CPU 0" "level $level is a thread"
    expect '^sie_prefix +0x' "the state description of level $level is registers"
    expect 'Thread 2\.1 "level '"$level"' guest [0-9]+ CPU 0" hit Breakpoint 1, 0x[0-9a-f]* in schedule' \
        "it stops in level $level, and says so"
    expect '#0 .* in schedule' "the backtrace of level $level begins where it stopped"
    expect '= 1$' "level $level has its own registers"
    expect '=> 0x[0-9a-f]* <schedule\+[0-9]+>' "level $level is stepped"
    expect "Inferior 2 \(process $process\) detached" "level $level is detached from"
    expect 'Inferior 1 .* detached' 'level 1 is detached from'
    say "level $level: process $process, $failures failures"
done
wait "$machine" || fail "the levels did not end well: $(tail -n 3 "$work/console")"
machine=''
finish
