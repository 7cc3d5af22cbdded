#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Debian's GDB on Debian's kernels at each level, on the gcc build.
#
#   gdb-tests.sh [--long] [ctest option...]
#
# --long: with Debian's debugging information instead, which is fetched if need be (433 MB).
set -euo pipefail
. "$(dirname "$0")/common.sh"

label=gdb
if [ "${1:-}" = --long ]; then
    label=gdb-long
    shift
else
    # Fetched before any test's clock runs.
    "$SIENNA_ROOT/scripts/lib/nested-image.sh" bookworm >/dev/null
fi
exec "$SIENNA_ROOT/scripts/lib/run-ctest.sh" gcc -C $label -L "^$label\$" "$@"
