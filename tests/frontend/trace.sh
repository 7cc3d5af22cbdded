#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Traces of the demonstration: they move nothing, and each verb of sienna trace finds in them what is there.
#
#   trace.sh SIENNA
set -euo pipefail
export LC_ALL=C.UTF-8
sienna=$1 here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

fail() {
    echo "trace.sh: $*" >&2
    exit 1
}

# demo TRACE: the digest of the demonstration, traced so (or not at all)
demo() {
    "$sienna" demo -rtc base=2026-01-01 -digest ${1:+-trace "$1"} 2>&1 >/dev/null | sed -n 's/^sienna: digest //p'
}

# refused WORDS COMMAND...: exit code 2, and one sentence with these words
refused() {
    local words=$1 code=0
    shift
    "$@" >out 2>err </dev/null || code=$?
    if [ "$code" -ne 2 ] || [ "$(wc -l <err)" -ne 1 ] || ! grep -q -- "$words" err; then
        fail "$* ended with $code and said: $(cat err)"
    fi
}

undisturbed=$(demo '')
[ -n "$undisturbed" ] || fail "the demonstration gave no digest"
for trace in all.trc guest.trc,filter=insn,level=guest events.trc,filter=events branch.trc,filter=branch \
    both.trc,filter=all,apart=on few.trc,filter=insn,registers=off,start=position:100000,stop=count:1000; do
    [ "$(demo "$trace")" = "$undisturbed" ] || fail "the digest differs with -trace $trace"
done

"$sienna" trace show events.trc >events.txt
grep -q 'L2.0s .*SIE entry, description' events.txt || fail "no entry is shown"
grep -q 'SIE exit, description .*: host fault' events.txt || fail "no host fault is shown"
grep -q 'L1.0s .*program interruption 0011 (page translation) at 80000' events.txt ||
    fail "the host's interruption for it is not shown"
[ "$("$sienna" trace show few.trc | wc -l)" -eq 1000 ] || fail "count:1000 has not given a thousand lines"
[ "$("$sienna" trace show both.trc -level guest | wc -l)" -eq 0 ] || fail "the host's file has a guest in it"
[ "$("$sienna" trace show both.guest.trc -level host -count 5 | wc -l)" -eq 0 ] || fail "the guests' has a host in it"
"$sienna" trace show all.trc -from 80000 -count 200 >part.txt
grep -q 'stmg\|brasl\|larl' part.txt || fail "no instruction is shown"
"$sienna" trace grep all.trc -insn lctlg -count 1 | grep -q 'lctlg %c0,%c0.* f\[10d60\]=' || fail "no lctlg is found"
"$sienna" trace grep all.trc -insn sie >/dev/null || fail "no SIE is found"
code=0
"$sienna" trace grep few.trc -insn mvcl >/dev/null || code=$?
[ "$code" -eq 1 ] || fail "what is not there is found"

demo again.trc >/dev/null
"$sienna" trace diff all.trc again.trc | grep -q '^the same: 6[0-9]* instructions and events$' ||
    fail "two runs of the same differ"
code=0
"$sienna" trace diff all.trc events.trc >diff.txt || code=$?
if [ "$code" -ne 1 ] || ! grep -q '^- ' diff.txt || ! grep -q '^+ ' diff.txt; then
    fail "no difference is found"
fi

"$sienna" trace stats all.trc -calls on >stats.txt
grep -q '6  instruction diag' stats.txt || fail "stats tells of no exits"
grep -q 'calls of level 2, guest 1, CPU 0' stats.txt || fail "stats tells of no calls"
"$sienna" trace export events.trc -tsv table.tsv
awk -F '\t' 'NF != 13 {exit 1}' table.tsv || fail "the table has another number of fields"
"$sienna" trace export all.trc -perfetto trace.pftrace
python3 "$here/perfetto.py" trace.pftrace || fail "the file for Perfetto is wrong"

head -c 200000 all.trc >cut.trc
"$sienna" trace show cut.trc -count 3 2>err | grep -q larl || fail "nothing of a cut file is shown"
grep -q "'cut.trc' was cut" err || fail "nobody says that the file was cut"
refused "is no trace" "$sienna" trace show "$here/trace.sh"
refused "cannot be read" "$sienna" trace show nothing.trc
refused "say show, grep" "$sienna" trace frobnicate x
refused "filter=" "$sienna" demo -trace x.trc,filter=everything
refused "cannot be created" "$sienna" demo -trace /nonexistent/x.trc
