#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Who comes to the stub, and how: Debian's GDB over each kind of stream, two at once, one after another, one that is
# killed, and a client that talks nonsense while the machine runs.
#
#   clients.sh LEVELS
#
# LEVELS is the program of tests/guest/levels. The emulator is $EMULATOR, default build/sienna.
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib/common.sh"
. "$SIENNA_ROOT/tests/gdb/lib.sh"
[ $# -eq 1 ] || die "clients.sh: name the program"
levels=$1
emulator=$(find_emulator)
machine_arguments=(-m 16M -smp 2 -nodefaults -device virtio-balloon-ccw -kernel "$levels")
hostile() { PYTHONDONTWRITEBYTECODE=1 timeout 60 python3 "$SIENNA_ROOT/tests/gdb/hostile.py" "$@"; }

## visit TARGET COMMAND...: GDB's answers in $work/says.
visit() {
    local target=$1 commands=() command
    shift
    for command; do
        commands+=(-ex "$command")
    done
    timeout 60 gdb-multiarch -nx -batch -x "$SIENNA_ROOT/gdbstub/sienna.gdb" "$levels" -ex "target extended-remote $target" \
        "${commands[@]}" >"$work/says" 2>&1 </dev/null || true
}

## running WHAT: the machine runs, and nobody's stops are left.
running() {
    local state moved stops
    read -r state moved stops < <(hostile time "$work/monitor" 0.3)
    [ "$state" = running ] && [ "$moved" -gt 100 ] && [ "$stops" -eq 0 ] ||
        fail "$1: it is $state, $moved microseconds have passed, there are $stops stops"
}

## first_stop WHAT: a breakpoint was met, in GDB's eyes.
first_stop() {
    expect 'hit (Temporary b|B)reakpoint [0-9]+, events' "$1"
}

# Standard input and output.
visit "| exec $emulator ${machine_arguments[*]} -gdb stdio -S" 'tbreak events' continue 'print rounds' kill
first_stop 'over standard input and output'
expect 'Inferior 1 .*killed' 'over standard input and output it can be killed'

# TCP and a pseudo-terminal. On the latter nobody says that a client has gone.
for stream in tcp:127.0.0.1:0 pty; do
    timeout 100 "$emulator" "${machine_arguments[@]}" -gdb "$stream" -S </dev/null >"$work/console" 2>&1 &
    machine=$!
    address=''
    for ((i = 0; i < 100 && ${#address} == 0; i++)); do
        sleep 0.1
        address=$(sed -n 's/^sienna: gdb: target extended-remote //p' "$work/console")
    done
    visit "$address" 'break events' continue 'print rounds'
    first_stop "over $stream"
    visit "$address" 'print rounds > 1' 'tbreak events' continue
    first_stop "over $stream, the second"
    expect '= 1$' "over $stream the machine has run meanwhile"
    visit "$address" kill
    wait "$machine" || true
    machine=''
    grep -q 'ended by the user' "$work/console" || fail "over $stream kill does not end it: $(tail -n 1 "$work/console")"
done

# A Unix socket, with a monitor beside it.
start_machine "$emulator" "${machine_arguments[@]}" -monitor "json:unix:$work/monitor,server,nowait"
running 'before anybody comes'

# One more, while one is there.
visit "$work/gdb" 'break events' continue \
    "shell timeout 20 gdb-multiarch -nx -batch -ex 'target extended-remote $work/gdb' -ex 'info threads' </dev/null 2>&1" \
    continue 'info threads' 'info breakpoints' detach
expect 'another client is connected to this machine' 'a second client hears why'
expect '^No threads' 'a second client is not let in'
expect 'breakpoint already hit 2 times' 'the first client is unharmed'
running 'after two clients'

# GDB killed while the machine runs to its breakpoint, and while it stands there.
for moment in 0.2 2; do
    { timeout -s KILL "$moment" gdb-multiarch -nx -batch -x "$SIENNA_ROOT/gdbstub/sienna.gdb" "$levels" \
        -ex "target extended-remote $work/gdb" -ex 'break events' -ex 'break level_2_work' -ex continue \
        -ex 'python import time; time.sleep(10)' </dev/null || true; } >"$work/says" 2>&1
    running "after GDB was killed, $moment s after it began"
done
hostile vanish "$work/gdb" "$(symbol "$levels" events)" >/dev/null 2>&1 || true
running 'after a client has vanished in the middle of a run'

# Nonsense, for a while; then there is somebody decent.
hostile noise "$work/gdb" 2 &
noise=$!
sleep 0.5
running 'beside a client that talks nonsense'
wait "$noise" || fail 'the client that talks nonsense was not heard'
running 'after a client that talked nonsense'
visit "$work/gdb" 'tbreak events' continue 'info threads' kill
first_stop 'after all of them'
wait "$machine" || true
machine=''
grep -q 'ended by the user' "$work/console" || fail "kill does not end it: $(tail -n 1 "$work/console")"
finish
