#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Debian's GDB in non-stop mode: threads are let go one by one, the machine runs or stands as a whole.
#
#   nonstop.sh LEVELS
#
# LEVELS is the program of tests/guest/levels. The emulator is $EMULATOR, default build/sienna. Commands come with time
# between them: GDB hears of stops while it waits for the next.
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib/common.sh"
. "$SIENNA_ROOT/tests/gdb/lib.sh"
[ $# -eq 1 ] || die "nonstop.sh: name the program"
levels=$1
emulator=$(find_emulator)
start_levels "$levels"

cat >"$work/commands" <<END
set non-stop on
target extended-remote $work/gdb
info threads
break events if rounds == 5
continue -a
info threads
print rounds
thread 2
print second_count > 0
delete
continue &
info threads
thread 1
interrupt
info threads
continue -a &
info threads
interrupt -a
info threads
thread 1
stepi
detach
END
while IFS= read -r line; do
    printf 'echo == %s\\n\n%s\n' "$line" "$line"
    sleep 0.25
done <"$work/commands" |
    timeout 60 gdb-multiarch -nx -q -x "$SIENNA_ROOT/gdbstub/sienna.gdb" "$levels" -ex 'set prompt' -ex 'set width 0' \
        >"$work/says" 2>&1 || fail "GDB has failed"

## says N HEADING PATTERN WHAT: after the N-th command of that text.
says() {
    awk -v n="$1" -v heading="== $2" '/^== / { shown = $0 == heading && ++seen == n } shown' "$work/says" |
        grep -aqE -- "$3" || fail "$4: nothing like '$3' after '$2'"
}
says 1 "target extended-remote $work/gdb" 'Thread 1 "level 1 CPU 0" stopped' 'one thread is told of at once'
says 1 'continue -a' 'Thread 1 .*hit Breakpoint 1, events' 'a breakpoint is met'
says 1 'continue -a' 'Thread 2 "level 1 CPU 1" stopped' 'the other CPU stands with it'
says 2 'info threads' '2 +Thread 1\.2 .*second_cpu' 'the other thread can be looked at'
# shellcheck disable=SC2016 # GDB's numbers of values
says 1 'print rounds' '^\$1 = 5$' 'the condition held'
says 3 'info threads' '1 +Thread 1\.1 .* at ' 'one thread stands in the eyes of GDB'
says 3 'info threads' '2 +Thread 1\.2 .*\(running\)' 'the other runs'
says 4 'info threads' '2 +Thread 1\.2 .* (0x|second_cpu)' 'an interrupt stops the one that ran'
says 5 'info threads' '1 +Thread 1\.1 .*\(running\)' 'all run'
says 5 'info threads' '2 +Thread 1\.2 .*\(running\)' 'all run'
says 1 'interrupt -a' 'Thread 1 .*stopped' 'all are stopped'
says 1 'interrupt -a' 'Thread 2 .*stopped' 'all are stopped'
says 1 detach 'Inferior 1 .*detached' 'it detaches'
finish
