#!/bin/bash
# SPDX-License-Identifier: MIT
#
# operate.sh PROGRAM SUITE SCRIPT [KEY=VALUE...]: an operator's script on a booted Debian kernel (see operate.c).
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib/common.sh"
. "$SIENNA_ROOT/scripts/lib/guest.sh"
program=$1 suite=$2 script=$3
shift 3
exec "$program" "$(guest_kernel "$suite")/vmlinuz" "$(guest_initrd "$suite" full)" "$script" "$@"
