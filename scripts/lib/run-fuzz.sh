#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Every fuzz target of the sanitize build for some seconds. SIENNA_SEED sets the seed that is printed.
#
#   run-fuzz.sh [seconds for each target]
set -euo pipefail
. "$(dirname "$0")/common.sh"

seconds=${1:-12}
folder=${SIENNA_BUILD:-$SIENNA_ROOT/build-check}/sanitize/tests/fuzz
# Each delivery runs the same inputs; the long run (with an argument) has new ones with each commit.
seed=${SIENNA_SEED:-1}
if [ $# -gt 0 ] && [ -z "${SIENNA_SEED:-}" ]; then
    seed=$((16#$(git -C "$SIENNA_ROOT" rev-parse --short=8 HEAD 2>/dev/null || echo 2)))
fi
targets=("$folder"/fuzz_*)
[ -x "${targets[0]}" ] || die "$folder has no fuzz targets; run build.sh sanitize first"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" # a failing input is left in the present folder

# fuzz TARGET: its output only when it fails.
fuzz() {
    local name=${1##*/}

    echo "$name -seed $seed -seconds $seconds"
    mkdir "$name"
    (cd "$name" && timeout $((10 * seconds + 60)) "$1" -seed "$seed" -seconds "$seconds" >log 2>&1) && return
    tail -n 60 "$name/log"
    [ ! -f "$name/fuzz-failure" ] || od -A x -t x1z "$name/fuzz-failure" | head -n 40
    return 1
}
export -f fuzz
export seed seconds
# shellcheck disable=SC2016
printf '%s\0' "${targets[@]}" | xargs -0 -n 1 -P "${SIENNA_JOBS:-$(nproc)}" bash -c 'set -euo pipefail; fuzz "$1"' fuzz
