#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Random instruction streams on Sienna and on other implementations (tests/diff), with the gcc build.
#
#   run-differential.sh [thousands of cases]
#
# A case has some three instructions. The seed never changes, so that a delivery is judged by what it changes.
# The long run (with an argument) has cases whose seed changes with each commit, too: SIENNA_SEED sets it. Seeds
# are printed and repeat the same cases anywhere.
set -euo pipefail
. "$(dirname "$0")/common.sh"

thousands=${1:-800}
tool=${SIENNA_BUILD:-$SIENNA_ROOT/build-check}/gcc/tests/diff/sienna-diff
[ -x "$tool" ] || die "$tool is not built; run build.sh first"
commit=$(git -C "$SIENNA_ROOT" rev-parse --short=8 HEAD 2>/dev/null || echo 2)
seed=${SIENNA_SEED:-$((16#$commit))}

# Binary floating point, scalar and vector: results are the harder half, so these have a run of their own.
bfp='AEB*,ADB*,AXB*,SEB*,SDB*,SXB*,MEE*,MDB*,MXB*,DEB*,DDB*,DXB*,MAE*,MAD*,MSE*,MSD*,SQE*,SQD*,SQX*'
bfp+=',LED*,LDX*,LEX*,LDE*,LXD*,LXE*,FIE*,FID*,FIX*,CEF*,CDF*,CXF*,CEG*,CDG*,CXG*,CFE*,CFD*,CFX*,CGE*,CGD*,CGX*'
bfp+=',CEL*,CDL*,CXL*,CLFE*,CLFD*,CLFX*,CLGE*,CLGD*,CLGX*,CEB*,CDB*,CXB*,KEB*,KDB*,KXB*,TCE*,TCD*,TCX*'
bfp+=',LTE*,LTD*,LTX*,VF*'

# compare SEED COUNT ORACLE [option...]
compare() {
    echo "sienna-diff run $1 $2 --oracle ${*:3}"
    "$tool" run "$1" "$2" --oracle "${@:3}"
}
seeds=(1)
[ $# -eq 0 ] || seeds+=("$seed")
for start in "${seeds[@]}"; do
    compare "$start" $((thousands * 400 / ${#seeds[@]})) user
    compare "$start" $((thousands * 400 / ${#seeds[@]})) system
    compare "$start" $((thousands * 20 / ${#seeds[@]})) hercules
    compare "$start" $((thousands * 150 / ${#seeds[@]})) system --longest 1 --only "$bfp"
done
# Programs in supervisor state: seeds that never change.
for start in 1 2; do
    echo "sienna-diff control $start $((thousands * 25))"
    "$tool" control "$start" $((thousands * 25))
done
