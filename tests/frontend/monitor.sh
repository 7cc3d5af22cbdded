#!/bin/bash
# SPDX-License-Identifier: MIT
#
# -monitor, -S and -clock-scale as a user meets them: a monitor on standard input, wrong options, a guest that dies.
#
#   monitor.sh SIENNA
set -euo pipefail
sienna=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A program that counts in GR 3 (lghi 3,1; aghi 3,7; stg 3,0x800; j .-10), and one that gives up (larl; lpswe).
printf '\xa7\x39\x00\x01\xa7\x3b\x00\x07\xe3\x30\x08\x00\x00\x24\xa7\xf4\xff\xfb\x00\x00' >"$work/busy"
printf '\xc0\x10\x00\x00\x00\x08\xb2\xb2\x10\x00\x00\x00\x00\x00\x00\x00' >"$work/dying"
printf '\x00\x02\x00\x01\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x0b\xad' >>"$work/dying"

# run CODE PROGRAM OPTION...: with commands from standard input; everything it says in $said
run() {
    local expected=$1 program=$2 code=0
    shift 2
    said=$(timeout 60 "$sienna" -m 4M -nic none -device "loader,file=$work/$program,addr=0x10000,cpu-num=0" "$@" 2>&1) ||
        code=$?
    [ "$code" -eq "$expected" ] || {
        printf 'monitor.sh: %s: exit code %s, not %s:\n%s\n' "$*" "$code" "$expected" "$said" >&2
        exit 1
    }
}

# says TEXT: somewhere in $said
says() {
    [[ $said == *"$1"* ]] || {
        printf 'monitor.sh: "%s" is not in:\n%s\n' "$1" "$said" >&2
        exit 1
    }
}

run 0 busy -S -monitor stdio <<'END'
status
step 3
registers
disassemble 10000 2
moon
quit
END
says 'it has not been started yet'
says 'next: j 0x10004'
says 'gr3 0000000000000008'
says 'aghi    %r3,7'
says "there is no command 'moon'"
says 'ended by the user'

run 0 busy -S -monitor json:stdio <<'END'
{"command": "step", "arguments": {"count": 2}, "id": "a"}
quit
END
says '"event":"stopped","reason":"start"'
says '"executed":2},"id":"a"}'

# C-a c on a console that is no terminal.
run 0 busy -S -serial mon:stdio < <(printf '\1cstep 2\nquit\n')
says 'next: stg %r3,2048'

# It runs, and the monitor stops it.
run 0 busy -monitor stdio < <(sleep 1 && printf 'status\nstop\nstatus\nquit\n')
says 'state              running'
says 'stopped by the monitor'

# A guest that dies stops while somebody may look at it, and ends when nobody may any more.
run 1 dying -monitor stdio < <(sleep 1 && printf 'registers\nquit\n')
says 'The machine is stopped: disabled wait (CPU 0, PSW 0002000180000000 0000000000000bad)'
says '0000000000000bad'
run 1 dying -monitor stdio < <(sleep 1)
run 1 dying -S -monitor stdio </dev/null
run 1 dying -monitor none </dev/null
says 'disabled wait'

# A clock that is slower executes less in the same virtual time.
run 3 busy -serial null -rtc base=2026-01-01 -limit 10 -digest </dev/null
fast=$said
run 3 busy -serial null -rtc base=2026-01-01 -limit 10 -digest -clock-scale 1 </dev/null
[ "$fast" = "$said" ]
run 3 busy -serial null -rtc base=2026-01-01 -limit 10 -digest -clock-scale 10 </dev/null
[ "$fast" != "$said" ]

# wrong TEXT OPTION...: exit code 2 and one line with TEXT
wrong() {
    local text=$1
    shift
    run 2 busy "$@" </dev/null
    says "$text"
    [ "$(wc -l <<<"$said")" -eq 1 ] || {
        printf 'monitor.sh: more than one line:\n%s\n' "$said" >&2
        exit 1
    }
}
wrong '-clock-scale' -clock-scale 0
wrong '-clock-scale' -clock-scale 101
wrong '-clock-scale' -clock-scale fast
wrong 'moon' -monitor moon
wrong 'moon' -monitor json:moon
wrong 'standard input is taken' -serial stdio -monitor stdio
wrong 'standard input is taken' -monitor stdio -monitor json:stdio
wrong '-S: nobody could start the machine' -S -nodefaults
wrong '-S: nobody could start the machine' -S
wrong 'more than 4 -monitor' -monitor null -monitor null -monitor null -monitor null -monitor null
wrong '/nonexistent/' -monitor unix:/nonexistent/socket,server,wait=off
