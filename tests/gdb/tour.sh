#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The tour of docs/debugging.md: a bug of a level-2 guest, found backwards in a recording.
#
#   tour.sh FOLDER
#
# FOLDER has the ELF files of tests/guest/demo. The emulator is $EMULATOR, default build/sienna.
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib/common.sh"
. "$SIENNA_ROOT/tests/gdb/lib.sh"
[ $# -eq 1 ] || die "tour.sh: name the folder of the demonstrations"
folder=$1
emulator=$(find_emulator)
"$emulator" demo overrun -record "$work/overrun.rec" >"$work/first" 2>&1 || die "the demonstration failed: $(cat "$work/first")"
start_machine "$emulator" replay "$work/overrun.rec" -history 256M -S

gdb_says "$folder/overrun.elf" <<END
break hypercall if registers[1] == 2
continue
print registers[2] > 1000000
info os processes
add-inferior
inferior 2
attach 2
file $folder/overrun-guest.elf
print ticks
print account.primes > 1000000
tbreak tick
reverse-continue
print ticks
print account.primes
watch account.primes
continue
levels
delete
reverse-stepi
x/i \$pc
tbreak tick
reverse-continue
inferior 1
reverse-stepi
x/i \$pc
inferior 2
reverse-stepi
bt 1
END
# shellcheck disable=SC2016 # GDB's numbers of values
{
expect '^\$1 = 1$' 'the number that level 2 ended with'
expect '^2 +2 +1 +1 +no .*level 2, ASCE' 'the guest is listed'
expect '^\$2 = 17$' 'ticks at the end'
expect '^\$3 = 1$' 'the count at the end'
expect 'hit Temporary breakpoint [0-9]+, tick \(\)' 'back to a tick'
expect '^\$4 = 16$' 'ticks before the last'
expect '^\$5 = 2[0-9]{3}$' 'the count before the last tick'
}
expect '^sienna: store at 0000000000002278 in level 2 guest 1 CPU 0' 'who stored'
expect '^New value = 1[0-9]{19}$' 'what was stored'
expect '^1 .* 19003 .*supervisor real' 'the host stands at SIE'
expect '=> 0x[0-9a-f]+ <tick\+[0-9]+>:' 'a step back in level 2'
expect '=> 0x[0-9a-f]+ <run_guest\+[0-9]+>:.lmg' 'a step back of level 1 over SIE'
expect 'hypercall|timer_handler|is_prime|guest' 'a step back of level 2 from before its entry'
[ $failures -eq 0 ] || {
    cat "$work/says"
    exit 1
}
echo "the tour found the bug"
