#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A machine goes on from its saved state as from itself: at random instants of the boot of a Debian kernel, and of
# one that boots another in QEMU under KVM (tests/det/states.c says what is done at each).
#
#   states.sh [--suite bookworm|trixie] [--instants N] [--seed N] STATES [OTHER]
#
# STATES is the program of the build; OTHER that of another compiler's build, for which files are as good.
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib/common.sh"
. "$SIENNA_ROOT/scripts/lib/guest.sh"

suite=bookworm instants=5 seed=1 rest=()
take_options 'suite instants seed' "$@"
set -- "${rest[@]}"
[ $# -eq 1 ] || [ $# -eq 2 ] || die "name a build's tests/det/states"
kernel=$(guest_kernel "$suite")/vmlinuz
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# instants PROGRAM INITRD KEY=VALUE...
instants() {
    timeout $((600 + 60 * instants)) "$1" "$kernel" "$2" instants="$instants" seed="$seed" file="$work/state" "${@:3}"
}

boot=$(guest_initrd "$suite" check)
nested=$(guest_initrd "$suite" nested)
image=$("$SIENNA_ROOT/scripts/lib/nested-image.sh" "$suite")
instants "$1" "$boot" cpus=2 from=50 to=1500
# With another schedule, whose state is part of the machine's.
instants "$1" "$boot" cpus=3 schedule=7 from=100 to=1200
instants "$1" "$nested" memory=1024 cpus=2 levels=2 disk="$image" from=1900 to=4000 \
    append='console=ttysclp0 quiet nested.depth=2 nested.cpus=1 nested.work=20000 nested.append=quiet'
[ $# -eq 2 ] || exit 0

# What one build saves the other loads, and the other way round.
for pair in "$1 $2" "$2 $1"; do
    read -r from to <<<"$pair"
    "$from" "$kernel" "$boot" cpus=2 from=300 to=300 instants=1 seed="$seed" file="$work/state" keep=1 >"$work/from"
    "$to" "$kernel" "$boot" cpus=2 load="$work/state" >"$work/to"
    [ "$(grep -o 'digests .*' "$work/from")" = "$(grep -o 'digests .*' "$work/to")" ] ||
        die "$(cat "$work/from" "$work/to")"
    echo "what $from saved goes on in $to"
done
