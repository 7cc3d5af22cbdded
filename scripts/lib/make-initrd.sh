#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Builds an initial ramdisk for a guest: Debian's static s390x busybox, an /init, kernel
# modules and whatever else is asked for. The same inputs give the same bytes.
#
#   make-initrd.sh -o FILE [option...]
#
#   --busybox FILE        the static busybox (default: fetched, bookworm's)
#   --init FILE           /init (default: tests/guest/init)
#   --kernel DIR          a folder of `fetch-debian.sh kernel`, for modules
#   --module NAME         a module, with all it depends on, loaded at boot by /init; repeatable;
#                         NAME? leaves it out where the kernel has it built in
#   --file HOST:GUEST     a file; its execute permission is kept; repeatable
#   --no-compress         leave the archive as it is instead of gzip
#
# Modules lie in /lib/modules/<release> uncompressed; /etc/modules names them in loading order.
set -euo pipefail
. "$(dirname "$0")/common.sh"

output='' busybox='' init=$SIENNA_ROOT/tests/guest/init kernel='' compress=yes
modules=() files=()

usage() {
    sed -n '/^#   /s/^#   //p' "$0" >&2
    exit 2
}

while [ $# -gt 0 ]; do
    case $1 in
    -o) output=$2 && shift ;;
    --busybox) busybox=$2 && shift ;;
    --init) init=$2 && shift ;;
    --kernel) kernel=$2 && shift ;;
    --module) modules+=("$2") && shift ;;
    --file) files+=("$2") && shift ;;
    --no-compress) compress=no ;;
    *) usage ;;
    esac
    shift
done
[ -n "$output" ] || usage
[ ${#modules[@]} -eq 0 ] || [ -n "$kernel" ] || die "--module needs --kernel"
need cpio cpio
need gzip gzip

# module_path NAME: the module's path below lib/modules/<release>, from modules.dep;
# dashes and underscores are the same to the kernel.
module_path() {
    awk -F: -v name="$1" '
        function plain(path) {
            sub(/.*\//, "", path)
            sub(/\.ko(\.[a-z]+)?$/, "", path)
            gsub(/-/, "_", path)
            return path
        }
        BEGIN { gsub(/-/, "_", name) }
        plain($1) == name { print $1; exit }' "$tree/modules.dep"
}

is_builtin() {
    local name
    name=$(printf '%s' "$1" | tr - _)
    sed 's|.*/||; s|\.ko$||; y/-/_/' "$tree/modules.builtin" | grep -qx "$name"
}

# add_module PATH: copies it after everything it depends on, once.
add_module() {
    local path=$1 dependency target
    target=$modules_root/${path%.xz}
    [ ! -f "$target" ] || return 0
    # modules.dep lists dependencies so that the last has none of the others.
    for dependency in $(sed -n "s|^$path: *||p" "$tree/modules.dep" | tr ' ' '\n' | tac); do
        add_module "$dependency"
    done
    mkdir -p "$(dirname "$target")"
    case $path in
    *.ko.xz) xz -dc "$tree/$path" >"$target" ;;
    *.ko) cp "$tree/$path" "$target" ;;
    *) die "module $path is compressed in a way that is not handled" ;;
    esac
    printf '%s\n' "/lib/modules/$release/${path%.xz}" >>"$root/etc/modules"
}

add_modules() {
    local name path optional
    release=$(cat "$kernel/release")
    tree=$kernel/lib/modules/$release
    modules_root=$root/lib/modules/$release
    for name in "${modules[@]}"; do
        optional=${name#"${name%?}"}
        name=${name%\?}
        path=$(module_path "$name")
        if [ -n "$path" ]; then
            add_module "$path"
        elif [ "$optional" != '?' ] && ! is_builtin "$name"; then
            die "the kernel $release has no module $name"
        fi
    done
}

add_files() {
    local pair from to mode
    for pair in "${files[@]}"; do
        from=${pair%%:*} to=${pair#*:}
        [ -f "$from" ] || die "--file $pair: $from is not a file"
        mode=644
        [ -x "$from" ] && mode=755
        mkdir -p "$(dirname "$root/$to")"
        install -m "$mode" "$from" "$root/$to"
    done
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
umask 022
mkdir -p "$root"/{bin,dev,etc,lib,mnt,proc,root,run,sbin,sys,tmp}
[ -n "$busybox" ] || busybox=$("$SIENNA_ROOT/scripts/lib/fetch-debian.sh" busybox bookworm)
install -m 755 "$busybox" "$root/bin/busybox"
ln -s busybox "$root/bin/sh"
install -m 755 "$init" "$root/init"
: >"$root/etc/modules"
[ ${#modules[@]} -eq 0 ] || add_modules
[ ${#files[@]} -eq 0 ] || add_files

# Owner, order, times and inode numbers are fixed, so that nothing of this machine shows.
find "$root" -exec touch -h -d @0 {} +
(cd "$root" && find . -mindepth 1 -printf '%P\n' | sort |
    cpio --quiet -o -H newc -R 0:0 --reproducible) >"$work/archive"
if [ "$compress" = yes ]; then
    gzip -9n <"$work/archive" >"$output.new"
else
    cp "$work/archive" "$output.new"
fi
mv "$output.new" "$output"
