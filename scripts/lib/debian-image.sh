#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Makes a complete Debian for s390x in a disk image, without root; prints the image's path.
#
#   debian-image.sh SUITE
#
# debootstrap's first stage runs here under fakeroot, `mke2fs -d` makes an ext4 file system of
# the result, and the second stage runs inside a guest of $EMULATOR. The image stays in
# $SIENNA_CACHE/SUITE/debian.img and keeps what is done in it; remove it to start afresh.
# root's password is "sienna".
# Exit code 69: Debian's archive does not deliver what it lists.
set -euo pipefail
. "$(dirname "$0")/common.sh"
. "$SIENNA_ROOT/scripts/lib/guest.sh"

# Beyond what Debian calls required and important: systemd as init and the mainframe's own
# tools; and what is important only to Debian's installer or to an editor war.
PACKAGES=systemd-sysv,dbus,s390-tools,ca-certificates,less
LEFT_OUT=tasksel,tasksel-data,vim-tiny,vim-common,debconf-i18n
IMAGE_SIZE=4G
# The second stage configures some 200 packages in the guest.
FINISH_LIMIT=${SIENNA_FINISH_LIMIT:-7200}
guest='' work=${work:-}

# Debian's archive and its key, as this machine knows them: sets archive and keyring.
find_archive() {
    "$SIENNA_ROOT/scripts/lib/fetch-debian.sh" sources "$suite" "$work/debian.sources"
    archive=$(sed -n 's/^URIs: *\([^ ]*\).*/\1/p' "$work/debian.sources" | head -n 1)
    keyring=$(sed -n 's/^Signed-By: *\(\/[^ ]*\).*/\1/p' "$work/debian.sources" | head -n 1)
    [ -f "$keyring" ] || keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    # debootstrap fetches with wget, which does not know of apt's proxy.
    eval "$(apt-config shell proxy Acquire::http::Proxy)"
    [ -z "${proxy:-}" ] || export http_proxy="${http_proxy:-$proxy}"
}

# The sources for the guest's own apt: the key lies where Debian's package puts it.
guest_sources() {
    sed '/^ /d; s|^Signed-By:.*|Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg|' "$work/debian.sources"
}

# What the second stage leaves to be set; run in the finished root.
finish_script() {
    cat <<'END'
set -e
rm /etc/dpkg/dpkg.cfg.d/finish
echo sienna >/etc/hostname
printf '127.0.0.1\tlocalhost\n127.0.1.1\tsienna\n' >/etc/hosts
echo '/dev/vda / ext4 errors=remount-ro 0 1' >/etc/fstab
echo 'root:sienna' | chpasswd
rm -f /etc/resolv.conf
echo 'nameserver 10.0.2.3' >/etc/resolv.conf
printf '[Match]\nType=ether\n\n[Network]\nDHCP=yes\n' >/etc/systemd/network/wired.network
systemctl enable systemd-networkd
rm -f /etc/apt/sources.list
mv /root/debian.sources /etc/apt/sources.list.d/debian.sources
END
}

# The guest would spend most of the second stage decompressing; here it costs little.
decompress_packages() {
    local deb
    mkdir "$work/deb"
    for deb in "$1"/*.deb; do
        dpkg-deb --ctrl-tarfile "$deb" >"$work/deb/control.tar"
        dpkg-deb --fsys-tarfile "$deb" >"$work/deb/data.tar"
        printf '2.0\n' >"$work/deb/debian-binary"
        rm "$deb"
        (cd "$work/deb" && ar qc "$deb" debian-binary control.tar data.tar)
    done
}

# The second stage searches the package lists again and again; it needs only its own packages.
shorten_package_lists() {
    local root=$1 list
    for list in "$root"/var/lib/apt/lists/*_Packages; do
        awk 'BEGIN { RS = ""; ORS = "\n\n" }
            FNR == NR { for (i = 1; i <= NF; i++) wanted[$i] = 1; next }
            $2 in wanted' <(cat "$root/debootstrap/required" "$root/debootstrap/base") "$list" >"$work/list"
        cp "$work/list" "$list"
    done
}

# First stage and file system; runs under fakeroot, so that files belong to root in the image.
unpack_into_image() {
    local root=$work/root
    mkdir -p "$folder/debootstrap-debs"
    debootstrap --foreign --arch=s390x --include="$PACKAGES" --exclude="$LEFT_OUT" --keyring="$keyring" --merged-usr \
        --cache-dir="$folder/debootstrap-debs" "$suite" "$root" "$archive"
    decompress_packages "$root/var/cache/apt/archives"
    shorten_package_lists "$root"
    # Until the image is finished a crash only means to make it again.
    mkdir -p "$root/etc/dpkg/dpkg.cfg.d" "$root/usr/lib/modules"
    echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/finish"
    cp -r "$kernel/lib/modules/." "$root/usr/lib/modules/"
    guest_sources >"$root/root/debian.sources"
    finish_script >"$root/root/finish"
    mke2fs -q -t ext4 -L debian -d "$root" "$work/image" "$IMAGE_SIZE"
}

finish_in_guest() {
    local emulator
    emulator=$(find_emulator)
    timeout --kill-after=5 "$FINISH_LIMIT" "$emulator" -m 1024M -smp 1 -nographic -no-reboot \
        -kernel "$kernel/vmlinuz" -initrd "$(guest_initrd "$suite" root)" \
        -append "console=ttysclp0 quiet root.finish" -nic none -device virtio-rng-ccw \
        -drive "file=$work/image,format=raw,if=virtio" </dev/null >"$work/console" 2>&1 &
    guest=$!
    wait "$guest" || true
    guest=''
    tr -d '\r' <"$work/console" | tee -a "$log" | grep -qx 'root: finished'
}

make_image() {
    [ ! -f "$image" ] || return 0
    local begin=$SECONDS
    work=$(mktemp -d "$folder/debian-XXXXXX")
    trap '[ -z "$guest" ] || kill "$guest" 2>/dev/null; rm -rf "$work"' EXIT
    trap 'exit 1' INT TERM
    : >"$log"
    find_archive
    say "fetching and unpacking Debian $suite for s390x (first stage)"
    export work archive keyring kernel
    fakeroot "$0" "$suite" in-fakeroot >>"$log" 2>&1 || {
        ! grep -q "^E: Couldn't download packages" "$log" ||
            unavailable "Debian $suite lists packages that its archive does not deliver; debootstrap's output is in $log"
        die "the first stage failed; its output is in $log"
    }
    say "first stage done after $((SECONDS - begin)) s; setting it up in the guest (second stage)"
    finish_in_guest || die "the second stage failed in the guest; its console is in $log"
    mv "$work/image" "$image"
    rm -rf "$work"
    say "Debian $suite is ready after $((SECONDS - begin)) s"
}

[ $# -eq 1 ] || [ "${2:-}" = in-fakeroot ] || usage
suite=$1
folder=$SIENNA_CACHE/$suite
image=$folder/debian.img
log=$folder/debian.log
if [ $# -eq 2 ]; then
    unpack_into_image
    exit
fi
need debootstrap debootstrap
need fakeroot fakeroot
need mke2fs e2fsprogs
need ar binutils
kernel=$(guest_kernel "$suite")
with_lock "$folder/.lock-image" make_image
printf '%s\n' "$image"
