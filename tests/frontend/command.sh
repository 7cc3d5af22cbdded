#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The sienna command when something is wrong: bad options and files, guests that die, signals,
# terminals. It must say one clear sentence, end with the right exit code and leave the terminal
# as it was.
#
#   command.sh SIENNA
set -uo pipefail
. "$(dirname "$0")/lib.sh"

# expect CODE PATTERN COMMAND...: ends with CODE and says one sentence, which PATTERN matches.
expect() {
    local code=$1 pattern=$2 got
    shift 2
    checks=$((checks + 1))
    timeout --kill-after=5 100 "$@" </dev/null >out 2>said
    got=$?
    if [ $got -ne "$code" ]; then
        fail "exit code $got instead of $code: ${*:2}"
    elif [ "$(grep -ac '^sienna: ' said)" -ne 1 ] || [ "$(wc -l <said)" -gt 2 ]; then
        fail "not one sentence: ${*:2}"
    elif ! grep -aqE "^sienna: .*$pattern" said; then
        fail "does not say '$pattern': ${*:2}"
    fi
}

# run_program NAME: the options that start it.
run_program() {
    printf '%s\n' -m 16M -nic none -device "loader,file=$1,addr=0x10000,cpu-num=0"
}

# wait_program NAME MASK ADDRESS: larl 1,psw; lpswe 0(1)
wait_program() {
    program "$1" "c01000000008b2b21000000000000000$2$3"
}

make_files() {
    : >empty
    head -c 100 /dev/zero >short
    truncate -s 3M big
    truncate -s 1M disk
    cp disk kept
    chmod 444 kept
    mkdir folder
    program spin a7f40000
    program stop ae020005
    program illegal 0000
    wait_program gave-up 0002000180000000 0000000000001234
    wait_program shut-down 0002000180000000 0000000000000fff
    wait_program forever 0302000180000000 0000000000001234
}

bad_options() {
    local spin
    mapfile -t spin < <(run_program spin)
    expect 2 'nothing to run' "$sienna"
    expect 2 "'-nonsense'" "$sienna" -nonsense
    expect 2 "'word'" "$sienna" "${spin[@]}" word
    expect 2 '-kernel needs a value' "$sienna" -kernel
    expect 2 '-bios needs a value' "$sienna" -bios
    expect 2 'there is no disk' "$sienna" -nic none -bios empty
    expect 2 "cannot open 'nowhere'" "$sienna" -nic none -bios nowhere -hda disk
    expect 2 "'empty' is no ELF file" "$sienna" -nic none -bios empty -hda disk
    expect 2 '-smp 0' "$sienna" "${spin[@]}" -smp 0
    expect 2 '-smp 65' "$sienna" "${spin[@]}" -smp 65
    expect 2 '-smp many' "$sienna" "${spin[@]}" -smp many
    expect 2 '-m lots' "$sienna" -kernel spin -m lots
    expect 2 '-m -5' "$sienna" -kernel spin -m -5
    expect 2 'more than the .* this host has' "$sienna" -kernel spin -m 16000000M
    expect 2 "'nonsense'" "$sienna" "${spin[@]}" -device nonsense
    expect 2 'z99' "$sienna" "${spin[@]}" -cpu z99
    expect 2 '-nic tap' "$sienna" "${spin[@]}" -nic tap
    expect 2 'hostfwd' "$sienna" "${spin[@]}" -nic user,hostfwd=nonsense
    expect 2 '-rtc' "$sienna" "${spin[@]}" -rtc base=yesterday
    expect 2 '-limit 0' "$sienna" "${spin[@]}" -limit 0
    expect 2 '-append|command line' "$sienna" "${spin[@]}" -append text
}

bad_files() {
    local spin
    mapfile -t spin < <(run_program spin)
    expect 2 "'nowhere'.*No such file" "$sienna" -kernel nowhere
    expect 2 "'folder'.*directory" "$sienna" -kernel folder
    expect 2 "'empty'" "$sienna" -kernel empty
    expect 2 "'short'.*truncated" "$sienna" -kernel short
    expect 2 'big.*does not fit into 2 MiB' "$sienna" -m 2M -device loader,file=big,addr=0,cpu-num=0
    expect 2 "'nodisk'.*No such file" "$sienna" "${spin[@]}" -hda nodisk
    expect 2 "'empty' is empty" "$sienna" "${spin[@]}" -drive file=empty,format=raw,if=virtio
    expect 2 "'folder'.*directory" "$sienna" "${spin[@]}" -hda folder
    expect 2 'in use' "$sienna" "${spin[@]}" -hda disk -hda disk
    # Root would be let in everywhere: it gives that up.
    local plain=()
    [ "$(id -u)" -ne 0 ] || plain=(setpriv --inh-caps=-all '--bounding-set=-dac_override,-dac_read_search')
    expect 2 "'kept'.*readonly=on" "${plain[@]}" "$sienna" "${spin[@]}" -hda kept
    expect 3 'limit' "${plain[@]}" "$sienna" "${spin[@]}" -limit 1 -drive file=kept,format=raw,if=virtio,readonly=on
    expect 3 'limit' "${plain[@]}" "$sienna" "${spin[@]}" -limit 1 -snapshot -hda kept
    expect 2 "'/nowhere/log'.*No such file" "$sienna" "${spin[@]}" -serial file:/nowhere/log
    expect 2 "'/nowhere'.*No such file" "$sienna" "${spin[@]}" -fsdev local,id=a,path=/nowhere \
        -device virtio-9p-ccw,fsdev=a,mount_tag=a
}

# become NAME: starts the program and becomes it.
become() {
    local options
    mapfile -t options < <(run_program "$1")
    shift
    exec "$sienna" "${options[@]}" "$@"
}

endings() {
    local options
    ends() {
        mapfile -t options < <(run_program "$3")
        expect "$1" "$2" "$sienna" "${options[@]}" "${@:4}"
    }
    ends 0 'stopped all its CPUs' stop
    ends 0 'shut down' shut-down
    ends 1 'disabled wait.* 0002000180000000 0000000000001234' gave-up
    ends 1 'program-interruption loop' illegal
    ends 1 'nothing can wake' forever
    ends 3 'limit' spin -limit 5
}

# Standard input that neither ends nor delivers, so that only the signal ends it.
signals() {
    local number name pid code silence
    mkfifo silent
    exec {silence}<>silent
    for name in INT TERM HUP; do
        number=$(kill -l $name)
        checks=$((checks + 1))
        # An asynchronous command ignores SIGINT unless it is told otherwise.
        (
            trap - INT
            become spin
        ) <silent >out 2>said &
        pid=$!
        sleep 1
        kill -s $name $pid
        wait $pid
        code=$?
        [ $code -eq $((128 + number)) ] || fail "SIG$name: exit code $code"
        grep -q "^sienna: ended by signal $number" said || fail "SIG$name: no sentence"
    done
    exec {silence}>&-
}

# await FILE: until it has something in it.
await() {
    local i
    for ((i = 0; i < 600; i++)); do
        [ ! -s "$1" ] || return 0
        [ -d "$work" ] || return 1
        sleep 0.1
    done
    # Whatever hangs is ended, and with it the test goes on to fail.
    [ ! -s pid ] || kill -KILL "$(cat pid)"
    return 1
}

# on_terminal EVENT [KEYS]: runs spin on a terminal; EVENT is a shell command that befalls it there, with
# its process in $pid; KEYS are typed. Leaves code, before, during and after.
on_terminal() {
    mkdir "terminal-$checks" && cd "terminal-$checks" || exit 1
    cp ../spin .
    # The first shell is the session's leader, which passes a hang-up on by dying of it.
    cat >session <<END
stty -g >before
(
    while [ ! -s pid ]; do sleep 0.1; done
    sleep 1
    read -r pid <pid
    stty -g </dev/tty >during
    $1
) &
sh -c 'trap : HUP
    sh -c "echo \\\$\\\$ >pid; exec \\"$sienna\\" $(run_program spin | tr '\n' ' ')" 2>said
    echo \$? >code'
stty -g >after
wait
END
    # script's standard input ends after the command: it would spin at its end.
    script -qec 'sh session' /dev/null < <(await during && printf '%b' "${2:-}" && await code) >out 2>&1 &
    script=$!
}

# terminal NAME CODE EVENT [KEYS]
terminal() {
    checks=$((checks + 1))
    on_terminal "$3" "${4:-}"
    wait $script
    [ "$(cat code)" = "$2" ] || fail "$1: exit code $(cat code)"
    cmp -s before during && fail "$1: the terminal was never raw"
    cmp -s before after || fail "$1: the terminal is not as before"
    cd ..
}

closed_terminal() {
    checks=$((checks + 1))
    on_terminal :
    await during
    kill -KILL $script
    wait $script 2>/dev/null
    await code
    [ "$(cat code)" = 129 ] || fail "closed terminal: exit code $(cat code)"
    cd ..
}

# What is left of a recording that was cut or changed before the program in it is whole.
bad_recordings() {
    "$sienna" demo -record whole.rec >/dev/null 2>&1
    head -c 2000 whole.rec >cut.rec
    cp whole.rec changed.rec
    printf 'XXXX' | dd of=changed.rec bs=1 seek=1500 conv=notrunc 2>/dev/null
    expect 2 "'cut.rec' was cut" "$sienna" replay cut.rec
    expect 2 "'changed.rec' is damaged" "$sienna" replay changed.rec
}

make_files
bad_options
bad_files
bad_recordings
endings
signals
terminal 'SIGTERM on a terminal' 143 "kill \$pid"
terminal 'SIGQUIT on a terminal' 131 "kill -QUIT \$pid"
terminal 'C-a x' 0 : '\001x'
closed_terminal
conclude
