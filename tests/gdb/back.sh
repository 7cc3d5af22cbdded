#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Debian's GDB goes back to the beginning and forward to the end, at each level: on a replay and on a live machine.
#
#   back.sh LEVELS
#
# LEVELS is the program of tests/guest/levels. The emulator is $EMULATOR, default build/sienna.
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib/common.sh"
. "$SIENNA_ROOT/tests/gdb/lib.sh"
[ $# -eq 1 ] || die "back.sh: name the program"
levels=$1
emulator=$(find_emulator)
recorded=(-m 16M -smp 2 -nodefaults -device virtio-balloon-ccw -kernel "$levels" -append 40)
"$emulator" "${recorded[@]}" -record "$work/levels.rec" >"$work/first" 2>&1 || die "the program failed: $(cat "$work/first")"

## commands LINE...: GDB's, with these to go to the end.
commands() {
    cat <<END
echo == begin\n
reverse-stepi
reverse-continue
tbreak events if rounds == 30
continue
print rounds
echo == breakpoints\n
break events if rounds % 10 == 0
reverse-continue
print rounds
reverse-continue
print rounds
reverse-continue
print rounds
reverse-stepi
stepi
continue
print rounds
delete
echo == watch\n
watch rounds
reverse-continue
x/i \$pc
reverse-continue
print rounds
delete
tbreak events if rounds == 2
reverse-continue
print rounds
watch *(unsigned short *) (0xfffa000000000000 + (long) &identity + 1)
reverse-continue
delete
echo == end\n
$(printf '%s\n' "$@")
echo == level 2\n
add-inferior
inferior 2
attach 2
file $levels
print level_2_count
tbreak level_2_work
reverse-continue
print level_2_count
reverse-stepi
x/i \$pc
reverse-stepi
reverse-stepi
reverse-stepi
print level_2_count
stepi
stepi
stepi
break level_2_work if level_2_count == 7
reverse-continue
print level_2_count
backtrace
delete
echo == level 3\n
add-inferior
inferior 3
attach 3
file $levels
break level_3_work if level_3_count == 3
reverse-continue
print level_3_count
reverse-stepi
x/i \$pc
stepi
delete
watch level_3_count
reverse-continue
x/i \$pc
delete
monitor reverse-step 2 guest=2
monitor reverse-step guest=1
echo == level 1\n
inferior 1
reverse-continue
print rounds
END
}

## says SECTION PATTERN WHAT: between that heading and the next.
says() {
    sed -n "/^== $1\$/,/^== /p" "$work/says" | grep -aqE -- "$2" || fail "$way: $1: $3: nothing like '$2'"
}
## judge COUNT: COUNT is how often level 2 has worked before the last time.
# shellcheck disable=SC2016 # GDB's numbers of values
judge() {
    says begin 'No more reverse-execution history' 'there is nothing before the beginning'
    says begin '= 30$' 'a place in the middle'
    says breakpoints '= 20$' 'the breakpoint before'
    says breakpoints '= 10$' 'and the one before that'
    says breakpoints '= 0$' 'then the beginning'
    says breakpoints 'No more reverse-execution history' 'which is told'
    says breakpoints '^9[[:space:]]' 'a step from there'
    says watch '^Old value = 10$' 'the store that made it so'
    says watch '^New value = 9$' 'undone'
    says watch '<level_1\+[0-9]+>:[[:space:]]stg' 'it stands before the store'
    says watch '^\$[0-9]+ = 8$' 'and the one before'
    says watch '^sienna: store at [0-9a-f]* in the channel subsystem' 'what no CPU has stored'
    says watch '^New value = 0$' 'is undone, too'
    says 'level 2' 'Thread 2\.1 .*hit Temporary breakpoint [0-9.]+, level_2_work' 'a breakpoint of level 2'
    says 'level 2' "^\\\$[0-9]+ = $1\$" 'at its last time'
    says 'level 2' '<level_2\+[0-9]+>:[[:space:]]brasl' 'a step back in level 2'
    says 'level 2' '^\$[0-9]+ = 7$' 'far back'
    says 'level 2' '^#2 .*level_2_start' 'with its callers'
    says 'level 3' 'Thread 3\.1 .*hit Breakpoint [0-9.]+, level_3_work' 'a breakpoint of level 3'
    says 'level 3' '^\$[0-9]+ = 3$' 'where its condition holds'
    says 'level 3' '<level_3\+[0-9]+>:[[:space:]]brasl' 'a step back in level 3'
    says 'level 3' '^sienna: store at [0-9a-f]* in level 3 guest 2 CPU 0' 'who stored'
    says 'level 3' '^New value = 2$' 'undone'
    says 'level 3' '^guest 2 CPU 0 interpreted .*' 'the monitor goes back in level 3'
    says 'level 3' '^guest 1 CPU 0 ' 'and in level 2'
    says 'level 1' 'No more reverse-execution history' 'to the beginning again'
}

way=replay
start_machine "$emulator" replay "$work/levels.rec" -history 64M -S
gdb_says "$levels" < <(commands continue 'print rounds' continue reverse-stepi)
judge 39
says end '^sienna: end of the recording' 'the end is told'
says end 'No more reverse-execution history' 'as GDB tells it'
says end '= 40$' 'it is the end'
wait_machine 'the replay agrees with its recording'

way=live
start_machine "$emulator" "${recorded[@]}" -history 64M -S
gdb_says "$levels" < <(commands 'tbreak events if rounds == 40' continue 'print rounds')
judge 38
says end '= 40$' 'the live machine is far'
wait_machine 'the guest shut down as asked'
finish
