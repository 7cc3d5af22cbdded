#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Random instruction streams on Sienna and on other implementations (tests/diff), with the gcc build.
#
#   run-differential.sh [thousands of cases]
set -euo pipefail
. "$(dirname "$0")/common.sh"

thousands=${1:-400}
tool=${SIENNA_BUILD:-$SIENNA_ROOT/build-check}/gcc/tests/diff/sienna-diff
[ -x "$tool" ] || die "$tool is not built; run build.sh first"
"$tool" run 1 $((thousands * 500)) --oracle user
"$tool" run 2 $((thousands * 500)) --oracle system
"$tool" run 3 $((thousands * 50)) --oracle hercules
