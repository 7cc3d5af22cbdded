#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Random instruction streams on Sienna and on other implementations (tests/diff), with the gcc build.
#
#   run-differential.sh [thousands of cases]
#
# A case has some three instructions. Most cases have a seed that never changes, some one that changes
# with each commit (SIENNA_SEED sets it); both are printed and repeat the same cases anywhere.
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
start=1
for share in 19 1; do
    compare "$start" $((thousands * share * 20)) user
    compare "$start" $((thousands * share * 20)) system
    compare "$start" $((thousands * share)) hercules
    compare "$start" $((thousands * share * 30 / 4)) system --longest 1 --only "$bfp"
    start=$seed
done
# Programs in supervisor state: seeds that never change.
for start in 1 2; do
    echo "sienna-diff control $start $((thousands * 25))"
    "$tool" control "$start" $((thousands * 25))
done
