#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Builds Sienna in one of the ways that are tested, warnings being errors.
#
#   build.sh gcc|gcc-loop|clang|clang-loop|sanitize
#
# The folder is $SIENNA_BUILD/NAME (default build-check/NAME).
set -euo pipefail
. "$(dirname "$0")/common.sh"

folder=${SIENNA_BUILD:-$SIENNA_ROOT/build-check}/${1:-}
options=(-DCMAKE_COMPILE_WARNING_AS_ERROR=ON)
case ${1:-} in
gcc) options+=(-DCMAKE_C_COMPILER=gcc) ;;
gcc-loop) options+=(-DCMAKE_C_COMPILER=gcc -DSIENNA_DISPATCH=loop) ;;
clang) options+=(-DCMAKE_C_COMPILER=clang) ;;
clang-loop) options+=(-DCMAKE_C_COMPILER=clang -DSIENNA_DISPATCH=loop) ;;
sanitize) options+=(-DCMAKE_C_COMPILER=gcc -DSIENNA_SANITIZE=ON -DSIENNA_CHECK_TLB=ON) ;;
*) usage ;;
esac
cmake -G Ninja -S "$SIENNA_ROOT" -B "$folder" "${options[@]}"
ninja -C "$folder" -j "${SIENNA_JOBS:-$(nproc)}"
