#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The manual page tells of each option and monitor command that the program has, and of no other; it renders
# without warnings.
#
#   man.sh SIENNA PAGE
set -euo pipefail
export LC_ALL=C.UTF-8
sienna=$1 page=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# section NAME: its lines in the page
section() {
    sed -n "/^\.SH \"*$1\"*\$/,/^\.SH/p" "$page"
}

# entries NAME: the first word of the line behind each .TP of a section
entries() {
    section "$1" | grep -A1 '^\.TP' | sed -n 's/^\.B[IR]* *"*\([^ "]*\).*/\1/p' | sed 's/\\-/-/g' | sort
}

entries OPTIONS >"$work/page-options"
"$sienna" -help | sed -n 's/^  \(-[^ ]*\).*/\1/p' | sort >"$work/options"
diff "$work/options" "$work/page-options" || {
    echo "man.sh: options of the program (<) and of $page (>) differ" >&2
    exit 1
}
entries 'MONITOR COMMANDS' >"$work/page-commands"
"$sienna" -monitor help | sed 's/^ *\([^ ]*\).*/\1/' | sort >"$work/commands"
diff "$work/commands" "$work/page-commands" || {
    echo "man.sh: monitor commands of the program (<) and of $page (>) differ" >&2
    exit 1
}
[ "$(wc -l <"$work/options")" -gt 30 ] && [ "$(wc -l <"$work/commands")" -gt 25 ]

if command -v groff >/dev/null 2>&1; then
    groff -man -Tutf8 -P-cbou -ww "$page" >"$work/rendered" 2>"$work/warnings"
elif command -v man >/dev/null 2>&1; then
    man --warnings -l "$page" >"$work/rendered" 2>"$work/warnings"
else
    echo "man.sh: no groff here, the page was not rendered"
    exit 0
fi
[ ! -s "$work/warnings" ] || {
    cat "$work/warnings" >&2
    exit 1
}
[ "$(wc -l <"$work/rendered")" -gt 200 ]
