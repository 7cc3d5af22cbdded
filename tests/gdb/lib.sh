# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What the tests with the real GDB share; sourced after common.sh and guest.sh.

work=$(mktemp -d)
machine=''
failures=0
trap '[ -z "$machine" ] || kill "$machine" 2>/dev/null || true; rm -rf "$work"' EXIT
need gdb-multiarch gdb-multiarch

## kernel_symbols SUITE: a file with the kernel's symbols, made once for each kernel.
kernel_symbols() {
    local kernel key file
    kernel=$(guest_kernel "$1")/vmlinuz
    key=$(cat "$kernel" "$SIENNA_ROOT/scripts/kernel-symbols" | sha256sum | cut -c 1-16)
    file=$SIENNA_CACHE/$1/symbols-$key
    [ -s "$file" ] || {
        EMULATOR=$(find_emulator) "$SIENNA_ROOT/scripts/kernel-symbols" -o "$file.new.$$" --boot "$kernel"
        mv "$file.new.$$" "$file"
    }
    printf '%s\n' "$file"
}

## start_machine EMULATOR ARGUMENT...: with GDB waited for; its console goes to $work/console.
start_machine() {
    local i
    timeout "${LIMIT:-500}" "$@" -gdb "unix:$work/gdb" </dev/null >"$work/console" 2>&1 &
    machine=$!
    for ((i = 0; i < 300; i++)); do
        [ ! -S "$work/gdb" ] || return 0
        sleep 0.1
    done
    die "the machine does not wait for gdb: $(cat "$work/console")"
}

## start_levels LEVELS [ARGUMENT...]: the machine of tests/guest/levels with a device and two CPUs, stopped before it begins.
start_levels() {
    local program=$1
    shift
    start_machine "${emulator:?}" -m 16M -smp 2 -nodefaults -device virtio-balloon-ccw -kernel "$program" -S "$@"
}

## symbol FILE NAME: its address, of 16 hexadecimal digits.
symbol() {
    s390x-linux-gnu-nm "$1" | awk -v name="$2" '$3 == name { print $1 }'
}

## gdb_says SYMBOLS: (or "") GDB's answers to the commands on standard input, in $work/says; one that fails ends nothing.
gdb_says() {
    local commands=() line
    [ -z "$1" ] || commands=(-ex "file $1")
    commands+=(-ex "target extended-remote $work/gdb")
    while IFS= read -r line; do
        commands+=(-ex "$line")
    done
    timeout "${GDB_LIMIT:-400}" gdb-multiarch -nx -batch -x "$SIENNA_ROOT/gdbstub/sienna.gdb" \
        "${commands[@]}" >"$work/says" 2>&1 </dev/null || true
}

fail() {
    say "FAIL: $*"
    failures=$((failures + 1))
}

## expect PATTERN WHAT
expect() {
    grep -aqE -- "$1" "$work/says" || fail "$2: nothing like '$1'"
}

## expect_equal PATTERN COUNT WHAT: so many times, and each time the same but for GDB's own numbers.
expect_equal() {
    local found
    found=$(grep -aoE -- "$1" "$work/says" | sed 's/^\$[0-9]* = //')
    [ "$(wc -l <<<"$found")" -eq "$2" ] && [ "$(sort -u <<<"$found" | wc -l)" -eq 1 ] || fail "$3: $found"
}

## wait_machine PATTERN: it goes on when GDB has gone, and ends saying so.
wait_machine() {
    wait "$machine" || true
    machine=''
    grep -aqE -- "$1" "$work/console" || fail "without gdb it did not go on: $(tail -n 1 "$work/console")"
}

finish() {
    if [ "$failures" -gt 0 ]; then
        sed 's/^/  gdb: /' "$work/says" >&2
        exit 1
    fi
    say "PASS"
}
