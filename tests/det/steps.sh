#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Steps move nothing: a Debian kernel that is stopped, looked at and stepped by a monitor all the way has the same
# state digest at the end as one that runs undisturbed.
#
#   steps.sh [--suite bookworm|trixie] [--limit MS] SIENNA
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib/common.sh"
. "$SIENNA_ROOT/scripts/lib/guest.sh"

suite=bookworm limit=450 rest=()
take_options 'suite limit' "$@"
set -- "${rest[@]}"
[ $# -eq 1 ] || die "name a build of sienna"
kernel=$(guest_kernel "$suite")/vmlinuz

# boot OPTION...: what it says, the digest last. Exit code 3 is the limit's.
boot() {
    timeout 300 "$1" -m 256M -smp 2 -nic none -rtc base=2026-01-01 -limit "$limit" -digest -serial null \
        -kernel "$kernel" -append console=ttysclp0 "${@:2}" 2>&1 || [ $? -eq 3 ]
}

# Until the machine is gone; how far it comes between two commands is the host's business.
steps() {
    trap '' PIPE
    for ((i = 1; ; i++)); do
        printf 'step %d\nregisters all\nstep %d any\nwalk %%psw home\nstep %d 1\ntlb\ncont\n' \
            $((i * 777 % 5000 + 1)) $((i * 1234 % 7000 + 1)) $((i * 4321 % 3000 + 1)) 2>/dev/null || break
        sleep 0.1
    done
}

undisturbed=$(boot "$1" </dev/null | digest_in)
[ -n "$undisturbed" ] || die "no digest"
said=$(steps | boot "$1" -monitor json:stdio)
executed=$(grep -o '"executed":[1-9]' <<<"$said" | wc -l)
stepped=$(digest_in <<<"$said")
[ "$executed" -ge 3 ] || die "only $executed steps were made"
[ "$stepped" = "$undisturbed" ] || die "after $executed steps: digest $stepped, undisturbed $undisturbed"
echo "$executed steps moved nothing: $stepped"
