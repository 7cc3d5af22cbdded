#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Boots the same guest several times and compares each character on the console, the virtual
# time at the end and the digest of the machine's state.
#
#   boot-twice.sh [--suite bookworm|trixie] [--cpus N] [emulator...]
#
# Without emulators: $EMULATOR twice, the second time $SIENNA_OTHER (another build) where set.
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib/common.sh"
. "$SIENNA_ROOT/scripts/lib/guest.sh"

suite=bookworm cpus=2
while [ $# -gt 0 ]; do
    case $1 in
    --suite) suite=$2 && shift ;;
    --cpus) cpus=$2 && shift ;;
    --*) usage ;;
    *) break ;;
    esac
    shift
done
if [ $# -eq 0 ]; then
    emulator=$(find_emulator)
    set -- "$emulator" "${SIENNA_OTHER:-$emulator}"
fi

kernel=$(guest_kernel "$suite")/vmlinuz
initrd=$(guest_initrd "$suite" full)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0
for emulator; do
    number=$((number + 1))
    # The date is an input too, so it is fixed.
    timeout 350 "$emulator" -m 512M -smp "$cpus" -nographic -no-reboot -nic none -digest \
        -rtc base=2026-01-01T00:00:00 -kernel "$kernel" -initrd "$initrd" \
        -append "console=ttysclp0 guest.run=/fixed" </dev/null >"$work/$number" 2>&1 ||
        die "run $number ($emulator) ended with exit code $?; last words: $(tail -n 1 "$work/$number")"
    grep -aq 'fixed: the end' "$work/$number" || die "run $number did not come to its end"
    if ! cmp -s "$work/1" "$work/$number"; then
        diff -a <(tr -d '\r' <"$work/1") <(tr -d '\r' <"$work/$number") | head -n 10 >&2 || true
        die "run $number ($emulator) differs from run 1 ($1); first differences above"
    fi
done
say "$number runs alike: $(tail -n 1 "$work/1" | tr -d '\r')"
