# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# The guests that tests, demo and bench boot; sourced after common.sh.

# What user space needs drivers for; a kernel that has one built in says so.
GUEST_MODULES=(virtio_blk virtio_net virtio_console virtio-rng 9p 9pnet_virtio crc32c_generic? ext4)

## guest_kernel SUITE: the folder of Debian's kernel (vmlinuz, lib/modules, …).
guest_kernel() {
    "$SIENNA_ROOT/scripts/lib/fetch-debian.sh" kernel "$1"
}

## guest_initrd SUITE KIND: an initial ramdisk, made anew when what it is made from changed.
## KIND: plain (busybox to a shell, no module), full (with modules), check (full and the self-check).
guest_initrd() {
    local suite=$1 kind=$2 kernel busybox output inputs key
    local arguments=()
    kernel=$(guest_kernel "$suite")
    busybox=$("$SIENNA_ROOT/scripts/lib/fetch-debian.sh" busybox bookworm)
    inputs=("$SIENNA_ROOT/tests/guest/init" "$SIENNA_ROOT/scripts/lib/make-initrd.sh"
        "$SIENNA_ROOT/scripts/lib/guest.sh")
    if [ "$kind" != plain ]; then
        arguments+=(--kernel "$kernel")
        for module in "${GUEST_MODULES[@]}"; do
            arguments+=(--module "$module")
        done
    fi
    if [ "$kind" = check ]; then
        arguments+=(--file "$SIENNA_ROOT/tests/guest/selfcheck:/selfcheck")
        inputs+=("$SIENNA_ROOT/tests/guest/selfcheck")
    fi
    key=$( (cat "$kernel/release" "${inputs[@]}" && printf '%s' "$busybox") | sha256sum | cut -c 1-16)
    output=$SIENNA_CACHE/$suite/initrd-$kind-$key.gz
    with_lock "$SIENNA_CACHE/.lock-initrd" guest_make_initrd "$output" "$busybox" "${arguments[@]}"
    printf '%s\n' "$output"
}

# guest_make_initrd FILE BUSYBOX ARGUMENT...: makes FILE unless it is there.
guest_make_initrd() {
    local output=$1 busybox=$2 kind=${1%-*}
    shift 2
    [ ! -f "$output" ] || return 0
    say "making the initial ramdisk $(basename "$output")"
    "$SIENNA_ROOT/scripts/lib/make-initrd.sh" -o "$output" --busybox "$busybox" "$@"
    # Other working trees use this cache as well: only what nobody used for long goes.
    find "$(dirname "$output")" -name "$(basename "$kind")-*.gz" -mtime +2 -delete
    ln -sfn "$(basename "$output")" "$kind.gz"
}
