#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Thousands of stops of every kind move nothing, in the boot of a Debian kernel and in one that boots another in
# QEMU under KVM (tests/det/stops.c).
#
#   stops.sh [--suite bookworm|trixie] STOPS
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib/common.sh"
. "$SIENNA_ROOT/scripts/lib/guest.sh"

suite=bookworm rest=()
take_options suite "$@"
set -- "${rest[@]}"
[ $# -eq 1 ] || die "name a build's tests/det/stops"
kernel=$(guest_kernel "$suite")/vmlinuz
boot=$(guest_initrd "$suite" check)
nested=$(guest_initrd "$suite" nested)
image=$("$SIENNA_ROOT/scripts/lib/nested-image.sh" "$suite")
timeout 900 "$1" "$kernel" "$boot" cpus=2 until=400
timeout 900 "$1" "$kernel" "$nested" memory=1024 cpus=2 levels=2 disk="$image" from=1900 until=2400 \
    append='console=ttysclp0 quiet nested.depth=2 nested.cpus=1 nested.work=20000 nested.append=quiet'
