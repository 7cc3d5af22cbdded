#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Saved states at random instants of boots, with gcc's build, and its files in clang's: 5 instants of each boot, or
# with --long 100. And boots that are stopped thousands of times.
set -euo pipefail
. "$(dirname "$0")/common.sh"

instants=5
[ "${1:-}" != --long ] || instants=100
cd "$SIENNA_ROOT"
tests/det/stops.sh build-check/gcc/tests/det/stops
exec tests/det/states.sh --instants "$instants" build-check/gcc/tests/det/states build-check/clang/tests/det/states
