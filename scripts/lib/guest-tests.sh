#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Boots Debian's kernels on the gcc build and judges them; the second run of the determinism
# tests is on the clang build.
#
#   guest-tests.sh [ctest option...]
set -euo pipefail
. "$(dirname "$0")/common.sh"
. "$SIENNA_ROOT/scripts/lib/guest.sh"

# Fetched before any test's clock runs.
for suite in bookworm trixie; do
    for kind in full check root; do
        guest_initrd "$suite" "$kind" >/dev/null
    done
    # What the archive does not have now is missing in one test, which says so and is skipped.
    "$SIENNA_ROOT/scripts/lib/tools-image.sh" "$suite" >/dev/null || [ $? -eq 69 ] || exit 1
done
SIENNA_OTHER=${SIENNA_BUILD:-$SIENNA_ROOT/build-check}/clang/sienna
[ -x "$SIENNA_OTHER" ] || die "the clang build is missing; run build.sh clang first"
export SIENNA_OTHER
exec "$SIENNA_ROOT/scripts/lib/run-ctest.sh" gcc -C guest -L guest "$@"
