#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Random instruction streams on Sienna and on other implementations (tests/diff), with the gcc build.
#
#   run-differential.sh [thousands of cases]
#
# A case has some three instructions. Half of the cases have a seed that never changes, half one that
# changes with each commit (SIENNA_SEED sets it); both are printed and repeat the same cases anywhere.
set -euo pipefail
. "$(dirname "$0")/common.sh"

thousands=${1:-800}
tool=${SIENNA_BUILD:-$SIENNA_ROOT/build-check}/gcc/tests/diff/sienna-diff
[ -x "$tool" ] || die "$tool is not built; run build.sh first"
commit=$(git -C "$SIENNA_ROOT" rev-parse --short=8 HEAD 2>/dev/null || echo 2)
seed=${SIENNA_SEED:-$((16#$commit))}

# compare SEED COUNT ORACLE
compare() {
    echo "sienna-diff run $1 $2 --oracle $3"
    "$tool" run "$1" "$2" --oracle "$3"
}
for start in 1 "$seed"; do
    compare "$start" $((thousands * 250)) user
    compare "$start" $((thousands * 250)) system
    compare "$start" $((thousands * 10)) hercules
done
# Programs in supervisor state: seeds that never change.
for start in 1 2; do
    echo "sienna-diff control $start $((thousands * 25))"
    "$tool" control "$start" $((thousands * 25))
done
