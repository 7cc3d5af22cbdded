#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Steps move nothing: a Debian kernel that is stopped, looked at and stepped by a monitor all the way has the same
# state digest at the end as one that runs undisturbed.
#
#   steps.sh [--suite bookworm|trixie] [--limit MS] SIENNA
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib/common.sh"

suite=bookworm limit=450
while [ $# -gt 0 ]; do
    case $1 in
    --suite) suite=$2 && shift 2 ;;
    --limit) limit=$2 && shift 2 ;;
    *) break ;;
    esac
done
[ $# -eq 1 ] || die "steps.sh: name a build of sienna"
kernel=$("$SIENNA_ROOT/scripts/lib/fetch-debian.sh" kernel "$suite")
[ -d "$kernel" ] || kernel=$(dirname "$kernel")

# boot OPTION...: what it says, the digest last. Exit code 3 is the limit's.
boot() {
    timeout 300 "$1" -m 256M -smp 2 -nic none -rtc base=2026-01-01 -limit "$limit" -digest -serial null \
        -kernel "$kernel/vmlinuz" -append console=ttysclp0 "${@:2}" 2>&1 || [ $? -eq 3 ]
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

undisturbed=$(boot "$1" </dev/null | sed -n 's/^.*sienna: digest //p')
[ -n "$undisturbed" ] || die "no digest"
said=$(steps | boot "$1" -monitor json:stdio)
executed=$(grep -o '"executed":[1-9]' <<<"$said" | wc -l)
stepped=$(sed -n 's/^.*sienna: digest //p' <<<"$said")
[ "$executed" -ge 3 ] || die "only $executed steps were made"
[ "$stepped" = "$undisturbed" ] || die "after $executed steps: digest $stepped, undisturbed $undisturbed"
echo "$executed steps moved nothing: $stepped"
