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
## KIND: plain (busybox to a shell, no module), full (with modules, the tour and the fixed run), check (full and
## the self-check), root (mounts /dev/vda and hands over to its init), nested (every level of nested guests).
guest_initrd() {
    local suite=$1 kind=$2 kernel busybox output init inputs key file module
    local arguments=() files=() modules=("${GUEST_MODULES[@]}")
    kernel=$(guest_kernel "$suite")
    busybox=$("$SIENNA_ROOT/scripts/lib/fetch-debian.sh" busybox bookworm)
    init=$SIENNA_ROOT/tests/guest/init
    case $kind in
    full) files=(scripts/lib/tour tests/det/fixed) ;;
    check) files=(tests/guest/selfcheck) ;;
    root)
        init=$SIENNA_ROOT/scripts/lib/root-init
        files=(scripts/lib/tour tests/guest/debiancheck tests/guest/make-bootable)
        ;;
    nested)
        init=$SIENNA_ROOT/tests/guest/nested-init
        modules=(virtio_blk virtio_net virtio_pci virtio-rng crc32c_generic? ext4 kvm)
        ;;
    esac
    inputs=("$init" "$SIENNA_ROOT/scripts/lib/make-initrd.sh" "$SIENNA_ROOT/scripts/lib/guest.sh")
    if [ "$kind" != plain ]; then
        arguments+=(--kernel "$kernel")
        for module in "${modules[@]}"; do
            arguments+=(--module "$module")
        done
    fi
    for file in "${files[@]}"; do
        arguments+=(--file "$SIENNA_ROOT/$file:/${file##*/}")
        inputs+=("$SIENNA_ROOT/$file")
    done
    key=$( (cat "$kernel/release" "${inputs[@]}" && printf '%s' "$busybox") | sha256sum | cut -c 1-16)
    output=$SIENNA_CACHE/$suite/initrd-$kind-$key.gz
    with_lock "$SIENNA_CACHE/.lock-initrd" guest_make_initrd "$output" \
        --busybox "$busybox" --init "$init" "${arguments[@]}"
    printf '%s\n' "$output"
}

# guest_make_initrd FILE ARGUMENT...: makes FILE unless it is there.
guest_make_initrd() {
    local output=$1 kind=${1%-*}
    shift
    [ ! -f "$output" ] || return 0
    say "making the initial ramdisk $(basename "$output")"
    "$SIENNA_ROOT/scripts/lib/make-initrd.sh" -o "$output" "$@"
    # Other working trees use this cache as well: only what nobody used for long goes.
    find "$(dirname "$output")" -name "$(basename "$kind")-*.gz" -mtime +2 -delete
    ln -sfn "$(basename "$output")" "$kind.gz"
}
