# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What every script here shares; sourced, never run.

# Tools such as depmod, mke2fs and debootstrap live in the system
# directories, which a plain user's PATH leaves out.
PATH=$PATH:/usr/sbin:/sbin
export PATH LC_ALL=C

SIENNA_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
SIENNA_CACHE=${SIENNA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sienna}
export SIENNA_ROOT SIENNA_CACHE

script_name=$(basename "$0")

## say TEXT: one progress line on standard error (results go to standard output).
say() {
    printf '%s: %s\n' "$script_name" "$*" >&2
}

## die TEXT: say why, then end with exit code 1.
die() {
    say "$*"
    exit 1
}

## unavailable TEXT: Debian's archive does not have what it lists at the moment; exit code 69.
unavailable() {
    say "$*"
    exit 69
}

## usage: how the script is called, which are the lines of its head that are set in by three, and exit code 2.
usage() {
    sed -n '/^#   /s/^#   //p' "$0" >&2
    exit 2
}

## take_options "NAME…" ARGUMENT...: each `--NAME VALUE` in front sets the variable NAME; the others are left in `rest`.
take_options() {
    local names=" $1 " name
    shift
    while [[ ${1:-} == --* && $names == *" ${1#--} "* ]]; do
        name=${1#--}
        [ $# -gt 1 ] || die "$1 needs a value"
        printf -v "$name" %s "$2"
        shift 2
    done
    # shellcheck disable=SC2034 # the caller's
    rest=("$@")
}

## digest_in: the state digest that a run of sienna with -digest said, from standard input.
digest_in() {
    tr -d '\r' | sed -n 's/^.*sienna: digest //p'
}

## need COMMAND PACKAGE: end with one sentence when COMMAND is not installed.
need() {
    command -v "$1" >/dev/null 2>&1 ||
        die "the command '$1' is missing; install the Debian package '$2' (scripts/lib/install-deps.sh does)"
}

## with_lock FILE COMMAND...: run COMMAND while holding FILE, so that two runs do not fetch the same thing.
with_lock() {
    local lock=$1 fd rc
    shift
    mkdir -p "$(dirname "$lock")"
    exec {fd}>"$lock"
    flock "$fd"
    # The lock's descriptor must not outlive this call in a child left behind.
    "$@" {fd}>&-
    rc=$?
    exec {fd}>&-
    return $rc
}

## find_emulator: the emulator to run guests with: $EMULATOR, else the sienna of the usual build folder.
find_emulator() {
    if [ -n "${EMULATOR:-}" ]; then
        command -v "$EMULATOR" >/dev/null || die "EMULATOR=$EMULATOR is not a command"
        realpath "$(command -v "$EMULATOR")"
    elif [ -x "$SIENNA_ROOT/build/sienna" ]; then
        printf '%s\n' "$SIENNA_ROOT/build/sienna"
    else
        die "no emulator: build Sienna into build/, or set EMULATOR"
    fi
}
