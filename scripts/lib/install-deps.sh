#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Installs the Debian packages Sienna needs, and only those that are missing.
#
#   install-deps.sh [--list] [PURPOSE...]
#
#   build    compile Sienna (the default)
#   guest    fetch Debian kernels and make guests of them
#   debian   make a complete Debian root (scripts/demo --debian)
#   nested   make the disk of nested guests
#   test     run scripts/check
#   bench    run tests/bench
#
# Works as root or through sudo. --list only names what is missing.
set -euo pipefail
. "$(dirname "$0")/common.sh"

packages_for() {
    case $1 in
    build) echo gcc libc6-dev cmake ninja-build pkg-config libedit-dev libjansson-dev zlib1g-dev \
        libslirp-dev libglib2.0-dev check binutils-s390x-linux-gnu gcc-s390x-linux-gnu ;;
    guest) echo apt dpkg cpio gzip xz-utils kmod util-linux debian-archive-keyring gpgv ;;
    debian) echo binutils debootstrap fakeroot e2fsprogs wget ca-certificates ;;
    nested) echo binutils e2fsprogs ;;
    test) echo clang binutils-s390x-linux-gnu gcc-s390x-linux-gnu libc6-dev-s390x-cross \
        qemu-system-misc qemu-user hercules git python3 shellcheck gdb-multiarch fakeroot e2fsprogs ;;
    bench) echo gcc-s390x-linux-gnu libc6-dev-s390x-cross qemu-system-misc hercules linux-perf ;;
    *) die "purpose '$1' is not known; use build, guest, debian, nested, test or bench" ;;
    esac
}

missing_of() {
    local name
    for name; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || printf '%s\n' "$name"
    done
}

list=''
if [ "${1:-}" = --list ]; then
    list=yes
    shift
fi
[ $# -gt 0 ] || set -- build
wanted=()
for purpose; do
    read -ra names <<<"$(packages_for "$purpose")"
    wanted+=("${names[@]}")
done
mapfile -t missing < <(missing_of "${wanted[@]}" | sort -u)
if [ -n "$list" ]; then
    [ ${#missing[@]} -eq 0 ] || printf '%s\n' "${missing[@]}"
    exit 0
fi
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 ||
        die "these packages are missing and only root can install them (there is no sudo here): ${missing[*]}"
    as_root=(sudo)
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
say "installing ${missing[*]}"
install_missing() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get -y -qq -o Acquire::Retries=3 install --no-install-recommends "${missing[@]}" >"$log" 2>&1
}
# The package lists may be absent or stale; they are read anew only when needed.
install_missing || {
    "${as_root[@]}" apt-get -qq -o Acquire::Retries=3 update >"$log" 2>&1 || true
    install_missing
} || {
    tail -n 5 "$log" >&2
    die "apt-get could not install them; its last words stand above"
}
