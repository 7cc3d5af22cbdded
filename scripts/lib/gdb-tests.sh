#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Debian's GDB on Debian's kernels at each level, on the gcc build.
#
#   gdb-tests.sh [ctest option...]
set -euo pipefail
. "$(dirname "$0")/common.sh"

# Fetched before any test's clock runs.
"$SIENNA_ROOT/scripts/lib/nested-image.sh" bookworm >/dev/null
exec "$SIENNA_ROOT/scripts/lib/run-ctest.sh" gcc -C gdb -L gdb "$@"
