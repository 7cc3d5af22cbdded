#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Runs the tests of one build of build.sh.
#
#   run-ctest.sh NAME [ctest option...]
set -euo pipefail
. "$(dirname "$0")/common.sh"

[ $# -ge 1 ] || die "which build?"
folder=${SIENNA_BUILD:-$SIENNA_ROOT/build-check}/$1
shift
[ -f "$folder/CTestTestfile.cmake" ] || die "$folder is not built; run build.sh first"
# Check's own limit of 4 s a test is too short for a busy machine.
export CK_TIMEOUT_MULTIPLIER=${CK_TIMEOUT_MULTIPLIER:-8}
exec ctest --test-dir "$folder" --output-on-failure --no-tests=error --timeout 750 \
    -j "${SIENNA_JOBS:-$(nproc)}" "$@"
