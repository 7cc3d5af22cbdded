#!/bin/bash
# SPDX-License-Identifier: MIT
#
# sienna test: suites that pass and fail in all ways, wrong suites and options, what is reported and kept.
#
#   test.sh SIENNA
# shellcheck disable=SC2016 # ${NAME} is the suite's, not the shell's
set -uo pipefail
. "$(dirname "$0")/lib.sh"
verb=('test') patience=300

# suite LINE...: the file suite.
suite() {
    printf '%s\n' "$@" >suite
}

# wrong PATTERN LINE...: a suite with one mistake, told in one line.
wrong() {
    local pattern=$1
    shift
    suite "$@"
    run 2 suite
    has said "^sienna: suite:?.*$pattern"
    checks=$((checks + 1))
    [ "$(wc -l <said)" -eq 1 ] || fail "more than one sentence"
    [ ! -s out ] || fail "something was run"
}

program spin a7f40000
program stop ae020005
program illegal 0000
# larl 1,psw; lpswe 0(1), and the PSW of a program that gives up
program gives-up c01000000008b2b2100000000000000000020001800000000000000000000bad
# larl 2,text; lghi 4,8; diag 2,4,8 (CP's command "MSG * HI"); sigp 0,0,5
program says-hi c0200000000aa749000883240008ae0300050700d4e2c7405c40c8c9

cat >good <<'END'
# All of these pass.
[defaults]
storage = 16M
limit = 20 ms

[ends]
image = stop
[runs-on]
image = spin at 0x20000
exit = 3
[gives/up]
image = gives-up
exit = 1
ending = disabled wait .*0000000000000bad
[loops]
image = illegal
exit = 1
ending = program-interruption loop
[says-hi]
image = says-hi
output = hi
pattern = hi.pattern
says = HI
never = HO|^HI
[two-cpus]
option = -smp 2 -device 'loader,file=stop,addr=0x30000,cpu-num=0'
[not-now]
image = nowhere
skip = it has not been written yet
END
printf 'MSG FROM SIENNA: HI\r\n' >hi
printf '^MSG\n' >hi.pattern

passing() {
    run 0 good
    has out '^6 passed, 0 failed, 1 skipped$'
    has out '^skipped  not-now: it has not'
    # What comes in a pipe is no progress.
    checks=$((checks + 1))
    [ ! -s said ] || fail 'something is on standard error'
    sed -n 's/^ok  *//p' out >order
    printf '%s\n' ends runs-on gives/up loops says-hi two-cpus | cmp -s - order || fail 'not in order'
    for jobs in 1 3 50; do
        cp out before
        run 0 -j $jobs good
        cmp -s out before || fail "-j $jobs reports something else"
    done
    run 0 good -list
    checks=$((checks + 1))
    [ "$(wc -l <out)" -eq 7 ] || fail 'not seven names'
    run 0 good 'gives/*' 'l*'
    has out '^2 passed, 0 failed, 0 skipped$'
    run 0 --list good says-hi
    [ "$(cat out)" = says-hi ] || fail 'not the one name'
    # From another folder, names in the suite are the same.
    mkdir -p elsewhere
    checks=$((checks + 1))
    (cd elsewhere && "$sienna" test ../good -tap >../out 2>../said </dev/null) || fail 'another folder'
    has out '^1\.\.7$'
    has out '^ok 3 - gives/up$'
    has out '^ok 7 - not-now # SKIP it has not been written yet$'
}

cat >bad <<'END'
[defaults]
storage = 16M
limit = 20 ms
[passes]
image = stop
digest = DIGEST
[too-long]
image = spin
[died]
image = gives-up
[lives]
image = stop
exit = 1
[ending]
image = gives-up
exit = 1
ending = moon
[output]
image = says-hi
output = ho
[pattern]
image = says-hi
pattern = ho.pattern
[pattern-broken]
image = says-hi
pattern = broken.pattern
[silent]
image = stop
says = moon
[never]
image = says-hi
never = HI
[digest]
image = stop
digest = 0123456789abcdef
[no-image]
image = nowhere
[no-output]
image = stop
output = nowhere
[option]
option = -nonsense '<&">' it\'s
END

failing() {
    local digest
    printf 'MSG FROM SIENNA: HO\n' >ho
    printf '^MSG\n^HO\n' >ho.pattern
    printf '(\n' >broken.pattern
    digest=$("$sienna" -m 16M -rtc base=2026-01-01 -device loader,file=stop,addr=0x10000,cpu-num=0 -digest </dev/null 2>&1 |
        sed -n 's/^sienna: digest //p')
    sed -i "s/DIGEST/$digest/" bad
    run 1 bad -junit report.xml -keep kept/here
    has out '^1 passed, 13 failed, 0 skipped$'
    has out '^ok       passes'
    has out 'did not end within 20 ms'
    has out 'exit code 1 instead of 0: disabled wait'
    has out 'exit code 0 instead of 1'
    has out "its end does not match 'moon'"
    has out "output: line 1 is 'MSG FROM SIENNA: HI' instead of 'MSG FROM SIENNA: HO'"
    has out "pattern: no line behind line 1 matches '\^HO'"
    has out "pattern: line 1 of 'broken.pattern' is no"
    has out "does not say 'moon'"
    has out "line 1 matches 'HI', which must never come"
    has out "digest $digest instead of 0123456789abcdef"
    has out "exit code 2 instead of 0: .*'nowhere'.*No such file"
    has out "output: '.*nowhere' cannot be read: No such file"
    has out "no option '-nonsense'"
    has out '      \| MSG FROM SIENNA: HI'
    # What is kept shows the failure again.
    checks=$((checks + 1))
    sh kept/here/died/command.sh >again 2>&1
    [ $? -eq 1 ] || fail 'the kept command ends in another way'
    has again 'disabled wait'
    has kept/here/died/messages 'disabled wait'
    has kept/here/digest/digest "^$digest\$"
    has kept/here/never/console '^MSG FROM SIENNA: HI'
    has kept/here/died/why 'exit code 1'
    [ ! -e kept/here/passes ] || fail 'a passed test was kept'
    checks=$((checks + 2))
    "$sienna" replay kept/here/never/run.rec -serial stdio </dev/null >again 2>&1 || fail 'what was recorded cannot be replayed'
    has again 'MSG FROM SIENNA: HI'
    [ -z "$(find kept/here -name '.run-*')" ] || fail 'recordings of passed tests are left'
    sh kept/here/option/command.sh >again 2>&1
    has again "'-nonsense'"
    has report.xml 'tests="14" failures="13" errors="0" skipped="0"'
    if command -v python3 >/dev/null; then
        checks=$((checks + 1))
        python3 -c 'import sys, xml.dom.minidom as m; d = m.parse("report.xml")
sys.exit(len(d.getElementsByTagName("testcase")) != 14)' || fail 'report.xml is not what it should be'
    fi
    run 1 -tap bad
    has out '^not ok 2 - too-long$'
    has out '^  message: "it did not end within 20 ms of virtual time"$'
    has out '^# MSG FROM SIENNA: HI$'
    [ "$(grep -c '^\(not \)\?ok ' out)" -eq 14 ] || fail 'not 14 tests'
}

# A recording is a test; one that is damaged or another machine's is a failure.
recordings() {
    "$sienna" run -m 16M -device loader,file=says-hi,addr=0x10000,cpu-num=0 -record good.rec </dev/null >out 2>said ||
        fail 'nothing was recorded'
    head -c 100 good.rec >cut.rec
    suite '[replayed]' 'recording = good.rec' 'says = HI' '[missing]' 'recording = no.rec' '[cut]' 'recording = cut.rec' 'exit = 2'
    run 1 suite
    has out '^ok       replayed'
    has out '^FAILED   missing'
    has out '^2 passed, 1 failed'
    wrong ':2: \[a\]: a recording brings its own machine' '[a]' 'recording = good.rec' 'cpus = 2'
}

# await COMMAND...: until it succeeds
await() {
    local i
    for ((i = 0; i < 300; i++)); do
        ! "$@" || return 0
        sleep 0.1
    done
    return 1
}

# A child that crashes is one failed test; a signal ends all.
crashing() {
    local pid
    suite '[long]' 'image = spin' 'storage = 16M' 'limit = 1000000 s' '[short]' 'image = stop' 'storage = 16M'
    "$sienna" test -j 1 suite >out 2>said </dev/null &
    pid=$!
    checks=$((checks + 1))
    await pgrep -P $pid >/dev/null || fail 'no child'
    sleep 0.3
    kill -ABRT "$(pgrep -P $pid)"
    wait $pid
    [ $? -eq 1 ] || fail 'a crash is not exit code 1'
    has out 'sienna itself died of signal 6'
    has out '^1 passed, 1 failed'
    "$sienna" test -j 1 -junit report.xml suite >out 2>said </dev/null &
    pid=$!
    await pgrep -P $pid >child || fail 'no child'
    kill -TERM $pid
    wait $pid
    [ $? -eq 143 ] || fail 'SIGTERM'
    has out '^0 passed, 0 failed, 0 skipped, 2 not run$'
    ! kill -0 "$(cat child)" 2>/dev/null || fail 'a child is left'
}

mistakes() {
    wrong ":2: there is no key 'kernal'" '[a]' 'kernal = x' 'kernel = x'
    wrong ':1: kernel: a section must come first' 'kernel = x' '[a]' 'kernel = x'
    wrong ":2: 'hello' is neither" '[a]' 'hello' 'kernel = x'
    wrong ":3: '\[b' has no closing bracket" '[a]' 'kernel = x' '[b' 'kernel = x' '[c]' 'kernel = x'
    wrong ':1: \[a\] has nothing to run' '[a]'
    wrong ':1: \[a\] has more than one of' '[a]' 'kernel = x' 'image = y'
    wrong ":3: line 1 has a test 'a' already" '[a]' 'kernel = x' '[a]' 'kernel = x'
    wrong ":3: kernel: line 2 has said it already" '[a]' 'kernel = x' 'kernel = y'
    wrong ":1: 'a b' is no name" '[a b]' 'kernel = x' '[b]' 'kernel = x'
    wrong ":1: '../a' is no name" '[../a]' 'kernel = x' '[b]' 'kernel = x'
    wrong ':3: \[defaults\] comes once' '[a]' 'kernel = x' '[defaults]' 'kernel = y'
    wrong ':3: storage = lots' '[a]' 'kernel = x' 'storage = lots'
    wrong ':3: cpus = 65' '[a]' 'kernel = x' 'cpus = 65'
    wrong ':3: exit = -1' '[a]' 'kernel = x' 'exit = -1'
    wrong ':3: limit = 5' '[a]' 'kernel = x' 'limit = 5'
    wrong ':3: limit = 0 ms' '[a]' 'kernel = x' 'limit = 0 ms'
    wrong ':3: digest = moon' '[a]' 'kernel = x' 'digest = moon'
    wrong ":3: '\(' is no extended regular expression" '[a]' 'kernel = x' 'never = ('
    wrong ':3: option = .* quotation mark' '[a]' 'kernel = x' "option = -append 'x"
    wrong ':2: image = x at moon' '[a]' 'image = x at moon'
    wrong ':2: kernel: a value is missing' '[a]' 'kernel ='
    wrong ':2: \$\{moon\} is not defined' '[a]' 'kernel = ${moon}/x'
    wrong ':2: .* has no closing brace' '[a]' 'kernel = ${moon'
    wrong ':3: .*with input has no digest' '[a]' 'kernel = x' 'digest = 0123456789abcdef' 'input = y'
    wrong 'there is no test in it' '# nothing'
    wrong 'there is no test in it' '[defaults]' 'kernel = x'
    suite '[a]' 'one = 1' 'two = 2' 'kernel = x'
    run 2 suite
    checks=$((checks + 1))
    [ "$(wc -l <said)" -eq 2 ] || fail 'not two mistakes'
}

uses() {
    refused 'say a suite'
    refused "no option '-nonsense'" -nonsense good
    refused '-j 0' -j 0 good
    refused '-j many' -j many good
    refused '-j needs a value' good -j
    refused '-D moon' -D moon good
    refused "no test of 'good' is called 'moon\*'" good 'moon*'
    refused 'nowhere: the file cannot be read' nowhere
    refused 'elsewhere: the file cannot be read' elsewhere
    refused "'/nowhere/report'.*No such file" -junit /nowhere/report good ends
    refused "-keep: '/proc/nowhere' cannot be made" -keep /proc/nowhere bad died
    run 0 -help
    has out '^usage: sienna test'
    suite '[a]' 'image = ${file}' 'storage = 16M' 'append = $${x'
    run 1 -D file=stop suite
    has out 'command line'
    suite '[a]' 'image = ${suite}/${file}' 'storage = 16M'
    run 0 -D other=spin -D file=stop suite
}

# On a terminal there is a line of progress, and it goes away.
terminal() {
    checks=$((checks + 1))
    script -qec "'$sienna' test good" /dev/null </dev/null >out 2>said || fail 'on a terminal'
    has out 'of 7 ended'
    has out '6 passed, 0 failed, 1 skipped'
    tail -c 200 out | tr '\r' '\n' | tail -n 1 | grep -q 'ended' && fail 'progress is left on the terminal'
}

passing
failing
recordings
crashing
mistakes
uses
terminal
conclude
