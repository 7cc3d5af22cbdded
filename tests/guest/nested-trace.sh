#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Traces Debian in Debian's KVM from its first instruction on: level 1, level 2, both in one stream and apart, and looks
# whether what is in the files fits together. Nothing that is traced may change the run.
#
#   nested-trace.sh [SUITE]
#
# The emulator is $EMULATOR, default build/sienna. The machine is booted once, to the first entry into the guest, and
# each trace begins with its state there.
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib/common.sh"
. "$SIENNA_ROOT/scripts/lib/guest.sh"
suite=${1:-bookworm}
LIMIT=${LIMIT:-500}
need python3 python3
emulator=$(find_emulator)
kernel=$(guest_kernel "$suite")/vmlinuz
initrd=$(guest_initrd "$suite" nested)
image=$("$SIENNA_ROOT/scripts/lib/nested-image.sh" "$suite")
work=$(mktemp -d)
booting=''
trap '[ -z "$booting" ] || kill "$booting" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
machine=(-m 1024M -nographic -no-reboot -nic none -rtc base=2026-01-01 -kernel "$kernel" -initrd "$initrd"
    -append "console=ttysclp0 quiet nested.append=quiet nested.depth=2 nested.work=10"
    -drive "file=$image,format=raw,if=virtio,readonly=on" -snapshot -serial "file:console")

# The monitor is told what to do next when it has said what it waits for.
wait_for() {
    local end=$((SECONDS + LIMIT))
    until grep -aq "$1" monitor; do
        kill -0 "$booting" 2>/dev/null && [ $SECONDS -lt $end ] || die "there is no '$1': $(tail -n 1 monitor console)"
        sleep 0.2
    done
}

save_at_first_entry() {
    mkfifo commands
    "$emulator" "${machine[@]}" -S -monitor stdio <commands >monitor 2>&1 &
    booting=$!
    exec 3>commands
    printf 'catch entry\ncont\n' >&3
    wait_for 'SIE entry seen in level 2'
    printf 'savevm first file=state\nposition\nquit\n' >&3
    exec 3>&-
    wait "$booting" || die "the monitor does not end: $(tail -n 1 monitor)"
    booting=''
}

# run [TRACE]: from the state on to $limit; its digest.
run() {
    local code=0
    "$emulator" "${machine[@]}" -loadvm state -limit "$limit" -digest ${1:+-trace "$1"} >out 2>&1 </dev/null || code=$?
    [ $code -eq 3 ] || die "a run${1:+ with -trace $1} ends with $code: $(tail -n 1 out)"
    sed -n 's/^sienna: digest //p' out
}

trace() { "$emulator" trace "$@"; }

# counted FILE LEVEL KIND
counted() {
    [ -f "$1.stats" ] || trace stats "$1" -top 1 >"$1.stats"
    awk -v level="$2" -v kind="$3" '
        /^$/ {exit}
        $1 == level && $2 == kind {n = $3}
        END {print n + 0}' "$1.stats"
}

# same WHAT NUMBER NUMBER
same() { [ "$2" -eq "$3" ] || die "$1: $2 and $3"; }
none() { same "$1" "$2" 0; }
some() { [ "$2" -gt "${3:-0}" ] || die "$1: $2"; }

save_at_first_entry
# Three million cycles, in which there are some hundred entries, are traced, and a bit more is run.
end=$(($(sed -n 's/.*position  *\([0-9][0-9]*\)$/\1/p' monitor) + 3000000))
limit=$(sed -n 's/.*at virtual time \([0-9]*\)\.\([0-9]*\) s.*/\1\2/p' monitor)
limit=$((10#$limit + 2))
digest=$(run '')
[ -n "$digest" ] || die "there is no digest"
for traced in both.trc,filter=insn+sie+int apart.trc,filter=insn+sie+int,apart=on guest.trc,filter=insn+sie,level=guest \
    host.trc,filter=insn+sie+int,level=host exits.trc,filter=sie; do
    [ "$(run "$traced,stop=position:$end")" = "$digest" ] || die "the digest is another one with -trace $traced"
done

insns1=$(counted both.trc 1 insn) insns2=$(counted both.trc 2 insn)
entries=$(counted both.trc 2 entry) exits=$(counted both.trc 2 exit)
some "instructions of level 1" "$insns1" 100000
some "instructions of level 2" "$insns2" 100000
some "entries" "$entries" 20

# The state was saved in the guest. From there on exits and entries take turns, and each level has its instructions and
# its interruptions between them.
trace export both.trc -tsv both.tsv
awk -F '\t' '
    function wrong(why) {print "line " NR ": " why ": " $0; failed = 1; exit 1}
    BEGIN {inside = 1}
    NR == 1 {for (i = 1; i <= NF; i++) column[$i] = i; next}
    {level = $column["level"]; kind = $column["kind"]}
    kind == "entry" {if (inside) wrong("an entry within the guest"); inside = 1; entries++}
    kind == "exit" {if (!inside) wrong("an exit outside of the guest"); inside = 0; exits++}
    kind == "insn" && level != 1 + inside {wrong("an instruction of another level")}
    kind == "entry" || kind == "exit" {if (level != 2) wrong("of which level is that?")}
    $column["position"] < last {wrong("a position that goes back")}
    {last = $column["position"]}
    END {if (!failed) print entries + 0, exits + 0, inside}' both.tsv >turns || die "$(cat turns)"
read -r counted_entries counted_exits inside <turns
same "entries in the table and in stats" "$counted_entries" "$entries"
same "exits in the table and in stats" "$counted_exits" "$exits"
same "exits, for each entry one, up to the end" "$exits" $((entries + 1 - inside))

# One level alone is what the stream of both has of it; so are two files.
none "level 2's instructions where level 1 is traced" "$(counted host.trc 2 insn)"
none "level 1's instructions where level 2 is traced" "$(counted guest.trc 1 insn)"
same "level 1 alone" "$(counted host.trc 1 insn)" "$insns1"
same "level 2 alone" "$(counted guest.trc 2 insn)" "$insns2"
same "exits of level 2 alone" "$(counted guest.trc 2 exit)" "$exits"
same "exits without instructions" "$(counted exits.trc 2 exit)" "$exits"
same "entries without instructions" "$(counted exits.trc 2 entry)" "$entries"
none "level 2's instructions in the host's file" "$(counted apart.trc 2 insn)"
none "level 1's instructions in the guest's file" "$(counted apart.guest.trc 1 insn)"
same "level 1 apart" "$(counted apart.trc 1 insn)" "$insns1"
same "level 2 apart" "$(counted apart.guest.trc 2 insn)" "$insns2"
trace show apart.guest.trc -level 2 -filter insn | cut -c 17- >apart.txt
trace show guest.trc -filter insn | cut -c 17- | cmp - apart.txt || die "level 2 apart and alone are not the same"

# SIE is what enters, and it is executed where the entry is.
same "SIE instructions and entries" "$(trace grep both.trc -insn sie -level 1 | wc -l)" "$entries"
shows() { "$emulator" trace "${@:2}" >shown && grep -q "$1" shown || die "'$1' is not what trace ${*:2} gives"; }
shows 'L2\.0.*== SIE exit, description .*: host fault' grep both.trc -words 'host fault' -count 1
shows 'L1\.0.*program interruption 0011 (page translation)' show both.trc -filter int -level 1
shows ' L2\.0s  *10000 ' show both.trc -level 2 -filter insn -count 1

trace export both.trc -perfetto both.pftrace
PYTHONDONTWRITEBYTECODE=1 python3 "$SIENNA_ROOT/tests/frontend/perfetto.py" both.pftrace $((exits - 1)) ||
    die "the file for Perfetto is wrong"
say "PASS ($insns1 and $insns2 instructions of levels 1 and 2, $entries entries, $SECONDS s)"
