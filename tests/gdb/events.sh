#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Debian's GDB is told of events of each kind, and who watches storage, keys and state descriptions is told who it was.
#
#   events.sh LEVELS
#
# LEVELS is the program of tests/guest/levels. The emulator is $EMULATOR, default build/sienna.
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib/common.sh"
. "$SIENNA_ROOT/tests/gdb/lib.sh"
[ $# -eq 1 ] || die "events.sh: name the program"
levels=$1
emulator=$(find_emulator)
start_levels "$levels"
keyed=$(symbol "$levels" keyed)
rounds=$(symbol "$levels" rounds)
events=$(symbol "$levels" events)

## caught EVENT: what it is, and GDB's commands for it.
caught() {
    printf '%s\n' "echo == catch $1\\n" "monitor catch $1" continue 'monitor delete'
}
{
    printf '%s\n' 'tbreak events if rounds == 3' continue
    caught entry
    caught 'entry guest=2'
    caught exit
    caught 'exit 4 guest=2'
    caught 'program 9'
    caught 'svc 2a guest=0'
    caught 'svc 2a guest=1'
    caught 'svc 2a guest=2'
    caught 'sigp 1'
    caught io
    caught 'io 0'
    caught 'control 8'
    caught "key $keyed"
    printf '%s\n' 'echo == catch restart\n' 'monitor catch restart' 'monitor restart cpu=1' continue 'monitor delete'
    cat <<END
echo == never\n
monitor break $events if [$rounds] == 1
tbreak events if rounds == 30
continue
print rounds
monitor delete
echo == condition\n
monitor break $events if [$rounds] == 28 && %psw == $events
continue
print rounds
echo == others\n
set breakpoint always-inserted on
break events
monitor stops
monitor delete
monitor stops
continue
print rounds
set breakpoint always-inserted off
delete
echo == channel\n
set var identity.control_unit = 0
watch *(unsigned short *) (0xfffa000000000000 + (long) &identity + 1)
continue
delete
echo == description\n
watch *(unsigned short *) (0xfffa000000000000 + (long) &description[0].ipa)
continue
continue
delete
echo == keys\n
watch *(unsigned char *) (0xfffc000000000000 + (long) &keyed / 4096)
continue
delete
add-inferior
inferior 2
attach 3
file $levels
echo == level 3\n
watch level_3_count
continue
backtrace 1
delete
info registers sie_icptcode sie_ipa
monitor reverse-step guest=2
monitor catch svc guest=2
continue
kill inferiors 1
END
} >"$work/commands"
gdb_says "$levels" <"$work/commands"

## says SECTION PATTERN WHAT: between that heading and the next.
says() {
    sed -n "/^== $1\$/,/^== /p" "$work/says" | grep -aqE -- "$2" || fail "$1: nothing like '$2'"
}
says 'catch entry' '^sienna: SIE entry seen in level 2 guest 1 CPU 0'
says 'catch entry guest=2' '^sienna: SIE entry seen in level 3 guest 2 CPU 0'
says 'catch exit' '^sienna: SIE exit 4 in level [23] guest [12] CPU 0'
says 'catch exit 4 guest=2' '^sienna: SIE exit 4 in level 3 guest 2 CPU 0'
says 'catch program 9' '^sienna: program interruption 9 in level 1 CPU 0'
says 'catch program 9' '^program \(\) at '
says 'catch svc 2a guest=0' '^sienna: supervisor call 2a in level 1 CPU 0'
says 'catch svc 2a guest=1' '^sienna: supervisor call 2a in level 2 guest 1 CPU 0'
says 'catch svc 2a guest=2' '^sienna: supervisor call 2a in level 3 guest 2 CPU 0'
says 'catch sigp 1' '^sienna: SIGP 1 in level 1 CPU 0'
says 'catch io' '^sienna: I/O interruption 0 in level 1 CPU 0'
says 'catch io 0' '^input_output \(\) at '
says 'catch control 8' '^sienna: control register 8 in level 1 CPU 0'
says "catch key $keyed" "^sienna: storage key at $keyed in level 1 CPU 0"
says 'catch restart' '^sienna: restart seen in level 1 CPU 1'
says 'catch restart' 'Thread 2 .*SIGTRAP'
# shellcheck disable=SC2016 # GDB's numbers of values
{
    says never '^\$[0-9]+ = 30$'
    says condition '^\$[0-9]+ = 40$'
    says others '^\$[0-9]+ = 41$'
}
says others '^[0-9]+ +instruction +any .* monitor$'
says others '^[0-9]+ +instruction +0 .* gdb$'
says others '^deleted +1$'
says channel '^sienna: store at [0-9a-f]*001 in the channel subsystem$'
says channel '^New value = 14386$'
says description '^sienna: store at [0-9a-f]*056 in level 2 guest 1 CPU 0'
says description '^New value = 45588$'
says description '^New value = 33536$'
says keys '^sienna: storage key at [0-9a-f]*9000 in level 1 CPU 0'
says 'level 3' '^sienna: store at [0-9a-f]* in level 3 guest 2 CPU 0'
says 'level 3' '^#0 .*level_3_work \(\)'
says 'level 3' '^sie_ipa +0x8300'
says 'level 3' 'no history'
says 'level 3' 'Thread 2\.1 .*SIGTRAP'
[ "$(grep -c '^sienna: store' "$work/says")" -eq 4 ] || fail "stores are told that changed nothing"
finish
