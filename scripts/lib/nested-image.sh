#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Makes the disk image of the nested guests: Debian's own QEMU for s390x of one suite with the
# libraries it needs, and the kernels and initial ramdisks of both suites, for the levels below.
# Prints the image's path.
#
#   nested-image.sh SUITE
#
# Level 1 boots the same kernel and ramdisk (guest_initrd SUITE nested) with this disk.
set -euo pipefail
. "$(dirname "$0")/common.sh"
. "$SIENNA_ROOT/scripts/lib/guest.sh"

# The package that has qemu-system-s390x.
qemu_package() {
    case $1 in
    bookworm) echo qemu-system-misc ;;
    trixie) echo qemu-system-s390x ;;
    esac
}

# What a package depends on, one name a line, first alternatives only; not QEMU's own packages.
libraries_of() {
    dpkg-deb -f "$1" Depends | tr ',' '\n' | sed 's/^ *//; s/[ (|].*//; /^$/d; /^qemu-/d'
}

fetch() {
    "$SIENNA_ROOT/scripts/lib/fetch-debian.sh" "$@"
}

# add_library NAME: finds it among the unpacked packages, adds it and what it needs.
add_library() {
    local name=$1 path
    [ ! -e "$root/usr/lib/$name" ] || return 0
    path=$(find "$work/packages" -name "$name" -not -path '*/hwcaps/*' | sort | head -n 1)
    [ -n "$path" ] || die "no package has the library $name"
    cp -L "$path" "$root/usr/lib/$name"
    add_needed "$path"
}

add_needed() {
    local name
    for name in $(readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
        add_library "$name"
    done
}

add_qemu() {
    local package deb debs libraries list
    package=$(qemu_package "$suite")
    list=$(fetch package "$suite" "$package" qemu-system-data) || exit
    mapfile -t debs <<<"$list"
    mapfile -t libraries < <(libraries_of "${debs[0]}")
    list=$(fetch closure "$suite" "${libraries[@]}") || exit
    mapfile -t -O 2 debs <<<"$list"
    mkdir "$work/packages"
    say "unpacking Debian $suite's QEMU and its libraries"
    for deb in "${debs[@]}"; do
        dpkg-deb --fsys-tarfile "$deb" | tar -C "$work/packages" -x --keep-directory-symlink --exclude '*/qemu-system-[a-rt-z]*' \
            --exclude './usr/share/doc'
    done
    cp "$work/packages/usr/bin/qemu-system-s390x" "$root/usr/bin/"
    add_needed "$root/usr/bin/qemu-system-s390x"
    # The program interpreter is named by its path.
    cp -L "$(find "$work/packages" -name ld64.so.1 | head -n 1)" "$root/usr/lib/ld64.so.1"
    cp "$work"/packages/usr/share/qemu/s390-*.img "$root/usr/share/qemu/"
}

build_image() {
    [ ! -f "$image" ] || return 0
    local kernel name
    work=$(mktemp -d "$SIENNA_CACHE/$suite/nested-XXXXXX")
    trap 'rm -rf "$work"' EXIT
    root=$work/root
    mkdir -p "$root"/{dev,proc,sys,run,tmp,usr/bin,usr/lib,usr/share/qemu}
    ln -s usr/bin usr/lib "$root/"
    add_qemu
    for name in bookworm trixie; do
        mkdir "$root/$name"
        kernel=$(guest_kernel "$name") || exit
        cp "$kernel/vmlinuz" "$root/$name/"
        cp "${initrds[$name]}" "$root/$name/initrd.gz"
    done
    printf '%s\n' "$suite" >"$root/suite"
    seq 1 100000 >"$root/known"
    # No journal: every level mounts it to read only, several at a time.
    truncate -s 192M "$work/image"
    mke2fs -q -F -t ext4 -O ^has_journal -d "$root" "$work/image"
    mv "$work/image" "$image"
    find "$SIENNA_CACHE/$suite" -maxdepth 1 -name 'nested-*.img' -mtime +2 -delete
    ln -sfn "$(basename "$image")" "$SIENNA_CACHE/$suite/nested.img"
}

[ $# -eq 1 ] || {
    sed -n '/^#   nested-image/s/^#   //p' "$0" >&2
    exit 2
}
suite=$1
need mke2fs e2fsprogs
need readelf binutils
declare -A initrds
for name in bookworm trixie; do
    initrds[$name]=$(guest_initrd "$name" nested)
done
key=$( (cat "$0" && printf '%s\n' "${initrds[@]}") | sha256sum | cut -c 1-16)
image=$SIENNA_CACHE/$suite/nested-$key.img
with_lock "$SIENNA_CACHE/$suite/.lock-nested" build_image
printf '%s\n' "$image"
