#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What Debian's GDB asks for in a session: documents, searches, checksums, conditions and printing in the stub, run, kill,
# detach and attach.
#
#   session.sh LEVELS
#
# LEVELS is the program of tests/guest/levels. The emulator is $EMULATOR, default build/sienna.
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib/common.sh"
. "$SIENNA_ROOT/tests/gdb/lib.sh"
[ $# -eq 1 ] || die "session.sh: name the program"
levels=$1
emulator=$(find_emulator)
start_levels "$levels"

# Without a file: the stub tells which one it is.
gdb_says "" <<'END'
echo == documents\n
info inferiors
info os
info os threads
info mem
info auxv
echo == storage\n
find /w &_start, +0x400, 0xc0f00000
find 0xfffa000000010000, +0x100, "S390"
compare-sections
set var *(char *) level_1 = 0
compare-sections .text
monitor ipl
echo == conditions\n
tbreak events if rounds == 3
continue
set breakpoint condition-evaluation target
break events if rounds == 5 && $r15 > 0
continue
info breakpoints
print rounds
delete
echo == printing\n
dprintf change_key,"round %lu\tkey \"%lx\"\n", rounds, $r1
tbreak divide_by_zero if rounds == 8
continue
delete
echo == run\n
tbreak events
run
print rounds
kill
info inferiors
tbreak level_1
run
print rounds
echo == attach\n
delete
detach
info threads
attach 1
print rounds > 1 || rounds == 1
tbreak events
continue
add-inferior
inferior 2
attach 99
inferior 1
kill
END
wait "$machine" || true
machine=''

## says SECTION PATTERN WHAT: between that heading and the next.
says() {
    sed -n "/^== $1\$/,/^== /p" "$work/says" | grep -aqE -- "$2" || fail "$3: nothing like '$2' in $1"
}
expect "^Reading symbols from .*levels.elf" 'the stub tells which file it is'
says documents '^\* 1 +process 1 .*levels.elf' 'the file is known'
says documents '^processes +Level 1' 'info os lists what there is'
says documents '^1 +2 .* stopped' 'the second CPU is listed'
says documents '^0 +y[[:space:]]+0x0000000000000000 0x8000000000000000 rw' 'the memory map is there'
says storage '^0x10000 <_start>' 'a word is found'
says storage '^Pattern not found' 'what is not there is not found'
says storage '^Section .text, .*: matched' 'the program is what its file says'
says storage '^Section .text, .*MIS-MATCHED' 'a change is seen'
says conditions 'stop only if rounds == 5 .* \(target evals\)' 'the stub evaluates the condition'
says conditions 'breakpoint already hit 1 time' 'it was told once'
# shellcheck disable=SC2016 # GDB's numbers of values
{
    says conditions '^\$[0-9]+ = 5$' 'the condition held'
    says run '^\$[0-9]+ = 1$' 'the program begins again'
    says run '^\$[0-9]+ = 0$' 'and once more, after it was killed'
    says attach '^\$[0-9]+ = 1$' 'it has run meanwhile'
}
says printing $'^round 5\tkey "50"$' 'the stub prints'
says printing $'^round 7\tkey "70"$' 'the stub prints'
says run 'Inferior 1 .*killed' 'it is killed'
says run '^\* 1 +<null>' 'it is gone'
says run 'Temporary breakpoint [0-9]+, level_1' 'a breakpoint of before is met in the new run'
says attach '^No threads' 'it is detached from'
says attach 'Temporary breakpoint [0-9]+, events' 'it is attached to again'
says attach 'Attaching to process 99 failed' 'what is not there is not attached to'
grep -q 'ended by the user' "$work/console" || fail "kill does not end it: $(tail -n 1 "$work/console")"
finish
