#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Makes a disk image with Debian's tools for s390x, unpacked and not configured: enough to run
# them from a chroot, and made in seconds. Prints the image's path.
#
#   tools-image.sh SUITE
set -euo pipefail
. "$(dirname "$0")/common.sh"

TOOLS="bash coreutils util-linux util-linux-extra s390-tools iproute2 iputils-ping procps perl-base gawk grep sed
    gzip openssl kmod"

# unpack_into FOLDER IMAGE PACKAGE...; runs under fakeroot, so that files belong to root.
unpack_into() {
    local root=$1 output=$2 deb
    shift 2
    mkdir -p "$root"/usr/{bin,sbin,lib} "$root"/{dev,proc,sys,run,tmp}
    # The merged /usr that packages expect to find.
    ln -s usr/bin usr/sbin usr/lib "$root/"
    for deb; do
        dpkg-deb --fsys-tarfile "$deb" | tar -C "$root" -x --keep-directory-symlink
    done
    [ -e "$root/usr/bin/awk" ] || ln -s gawk "$root/usr/bin/awk"
    mke2fs -q -t ext4 -d "$root" "$output" 1G
}

make_image() {
    [ ! -f "$image" ] || return 0
    local debs list
    # shellcheck disable=SC2086
    list=$("$SIENNA_ROOT/scripts/lib/fetch-debian.sh" closure "$suite" $TOOLS) || exit
    mapfile -t debs <<<"$list"
    work=$(mktemp -d "$SIENNA_CACHE/$suite/tools-XXXXXX")
    trap 'rm -rf "$work"' EXIT
    say "unpacking ${#debs[@]} packages of Debian $suite"
    fakeroot "$0" "$suite" "$work/root" "$work/image" "${debs[@]}" >&2
    mv "$work/image" "$image"
}

[ $# -ge 1 ] || usage
suite=$1
if [ $# -gt 1 ]; then
    shift
    unpack_into "$@"
    exit
fi
need fakeroot fakeroot
need mke2fs e2fsprogs
image=$SIENNA_CACHE/$suite/tools-$(printf '%s' "$TOOLS" | sha256sum | cut -c 1-12).img
with_lock "$SIENNA_CACHE/$suite/.lock-tools" make_image
printf '%s\n' "$image"
