#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Same inputs, same state digest: boots Debian's kernel for a fixed virtual time with each of the
# given builds of sienna, twice with the first, and in every other way of executing; all digests agree.
#
#   digests.sh [--suite bookworm|trixie] [--limit MS] SIENNA...
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib/common.sh"
. "$SIENNA_ROOT/scripts/lib/guest.sh"

suite=trixie limit=300 rest=()
take_options 'suite limit' "$@"
set -- "${rest[@]}"
[ $# -gt 0 ] || die "name at least one build of sienna"
kernel=$(guest_kernel "$suite")/vmlinuz
initrd=$(mktemp)
trap 'rm -f "$initrd"' EXIT
"$SIENNA_ROOT/scripts/lib/make-initrd.sh" -o "$initrd" >/dev/null

# digest BUILD CPUS OPTION...: of the machine after the limit
digest() {
    local build=$1 cpus=$2
    shift 2
    # Exit code 3 is the limit's.
    { "$build" -m 256M -smp "$cpus" -nographic -rtc base=2026-01-01 -limit "$limit" -digest -nic none \
        -kernel "$kernel" -initrd "$initrd" -append 'console=ttysclp0' "$@" </dev/null 2>&1 || [ $? -eq 3 ]; } |
        digest_in
}

checks=0
# agree WHAT EXPECTED GOT
agree() {
    [ -n "$2" ] || die "$1: no digest"
    [ "$2" = "$3" ] || die "$1: digest $3, expected $2"
    echo "$1: $3"
    checks=$((checks + 1))
}

for cpus in 1 3; do
    first=$(digest "$1" $cpus)
    agree "$cpus CPUs, again" "$first" "$(digest "$1" $cpus)"
    for build in "${@:2}"; do
        agree "$cpus CPUs, $build" "$first" "$(digest "$build" $cpus)"
    done
    for way in single-blocks slow-handlers forgetful; do
        agree "$cpus CPUs, $way" "$first" "$(digest "$1" $cpus -test $way)"
    done
done
# Other schedules are others, and as certain.
seeded=$(digest "$1" 3 -sched seed=1)
[ "$seeded" != "$first" ] || die "3 CPUs, seed 1: the schedule is the usual one"
for build in "$@"; do
    agree "3 CPUs, seed 1, $build" "$seeded" "$(digest "$build" 3 -sched seed=1)"
done
agree "3 CPUs, seed 1, forgetful" "$seeded" "$(digest "$1" 3 -sched seed=1 -test forgetful)"
echo "$checks checks of determinism"
