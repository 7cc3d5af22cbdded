#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What is true of the builds themselves: fast handlers are fast on both compilers, and every build
# and way of executing gives the same state digest.
set -euo pipefail
. "$(dirname "$0")/common.sh"

builds=${SIENNA_BUILD:-$SIENNA_ROOT/build-check}
for name in gcc clang; do
    "$SIENNA_ROOT/tests/check_fast_handlers.sh" "$builds/$name/sienna"
done
"$SIENNA_ROOT/tests/det/schedule.sh" "$builds/gcc/tests/guest/bare" "$builds/gcc/tests/guest/demo/demo.elf" \
    "$builds/gcc/sienna" "$builds/gcc-loop/sienna" "$builds/clang/sienna"
exec "$SIENNA_ROOT/tests/det/digests.sh" --limit "${SIENNA_DIGEST_MS:-120}" \
    "$builds/gcc/sienna" "$builds/gcc-loop/sienna" "$builds/clang/sienna"
