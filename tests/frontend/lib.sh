# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What the tests of the command share; sourced by scripts whose first argument is the command. They work in a folder
# of their own, count checks and failures, and go on after a failure.

sienna=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
checks=0 failures=0
# Dying of a signal on purpose must not leave cores behind.
ulimit -c 0
# What `run` puts before the arguments, and how many seconds it waits.
verb=() patience=100

## fail TEXT: a check has failed; what the command said last is shown.
fail() {
    failures=$((failures + 1))
    printf 'FAIL: %s\n' "$*"
    local file
    for file in out said; do
        [ ! -f "$file" ] || sed 's/^/    /' "$file"
    done
}

## run CODE ARGUMENT...: the command, which ends with CODE; output in out and said.
run() {
    local code=$1 got
    shift
    checks=$((checks + 1))
    timeout --kill-after=5 "$patience" "$sienna" "${verb[@]}" "$@" </dev/null >out 2>said
    got=$?
    [ $got -eq "$code" ] || fail "exit code $got instead of $code: $*"
}

## has FILE PATTERN: a line that matches.
has() {
    checks=$((checks + 1))
    grep -aqE -- "$2" "$1" || fail "'$2' is not in $1"
}

## refused PATTERN ARGUMENT...: one sentence that matches, and exit code 2.
refused() {
    local pattern=$1
    shift
    run 2 "$@"
    has said "^sienna: .*$pattern"
    checks=$((checks + 1))
    [ "$(wc -l <said)" -eq 1 ] || fail 'not one line'
}

## program NAME HEX: a raw image.
program() {
    local i
    for ((i = 0; i < ${#2}; i += 2)); do
        printf '%b' "\\x${2:i:2}"
    done >"$1"
}

## conclude: how many checks failed, and whether none did.
conclude() {
    echo "$checks checks, $failures failed"
    [ "$failures" -eq 0 ]
}
