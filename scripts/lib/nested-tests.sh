#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Debian in Debian's KVM, on the gcc build.
#
#   nested-tests.sh [--long] [ctest option...]
set -euo pipefail
. "$(dirname "$0")/common.sh"

# Fetched before any test's clock runs.
for suite in bookworm trixie; do
    # Without trixie's QEMU its hosts run bookworm's (tests/guest/nested.sh).
    "$SIENNA_ROOT/scripts/lib/nested-image.sh" "$suite" >/dev/null || [ "$? $suite" = "69 trixie" ] || exit 1
done
label=nested
if [ "${1:-}" = --long ]; then
    label=nested-long
    shift
fi
exec "$SIENNA_ROOT/scripts/lib/run-ctest.sh" gcc -C $label -L "^$label\$" "$@"
