#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Fetches Debian's s390x packages by name, through apt, as any user.
#
#   fetch-debian.sh kernel SUITE            kernel (linux-image-s390x); prints its folder
#   fetch-debian.sh busybox SUITE           static busybox; prints the program's path
#   fetch-debian.sh package SUITE NAME...   packages; prints one .deb path a line
#   fetch-debian.sh closure SUITE NAME...   packages with all they depend on; prints .deb paths
#   fetch-debian.sh unpack SUITE NAME       one package unpacked; prints its folder
#   fetch-debian.sh sources SUITE FILE      writes apt sources for SUITE into FILE (deb822)
#
# SUITE is bookworm (Debian 12) or trixie (Debian 13). The archive is the one this machine
# itself installs from: its apt sources, with the suite replaced. Signatures are checked.
# Everything lands in $SIENNA_CACHE (default ~/.cache/sienna) and is used from there when it
# is there already, without network; SIENNA_REFRESH=1 asks the archive again. Exit code 69: the
# archive does not have (now) what its lists name.
#
# A kernel folder holds vmlinuz, System.map, config, release (the version string) and
# lib/modules/<release>/ with modules.dep.
set -euo pipefail
shopt -s inherit_errexit # one sentence about a failure, not another about each thing that is missing then
. "$(dirname "$0")/common.sh"

# The suite this machine runs; Debian derivatives have sources that cannot be rewritten.
host_suite() {
    (
        . /etc/os-release
        [ "${ID:-}" = debian ] || die "this machine is not Debian, so Debian's archive cannot be found from its apt sources"
        printf '%s\n' "${VERSION_CODENAME:-}"
    )
}

apt_dir() {
    printf '%s\n' "$SIENNA_CACHE/apt/$1"
}

# write_sources SUITE FILE
write_sources() {
    local suite=$1 file=$2 host parts list inputs=()
    host=$(host_suite)
    eval "$(apt-config shell list Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
    # Names that do not end so are ignored by apt too.
    for input in "$list" "$parts"/*.list "$parts"/*.sources; do
        [ -f "$input" ] && inputs+=("$input")
    done
    [ ${#inputs[@]} -gt 0 ] || die "apt has no sources configured on this machine"
    awk -v host="$host" -v target="$suite" -f "$SIENNA_ROOT/scripts/lib/debian-sources.awk" \
        "${inputs[@]}" >"$file.new"
    [ -s "$file.new" ] || die "no entry for Debian's $host (component main) among this machine's apt sources"
    mv "$file.new" "$file"
}

# An apt of our own: state and cache in our folder, architecture s390x, no package installed.
apt_setup() {
    local suite=$1 dir
    dir=$(apt_dir "$suite")
    mkdir -p "$dir/lists/partial" "$dir/archives/partial"
    write_sources "$suite" "$dir/debian.sources"
    : >"$dir/status"
    cat >"$dir/preferences" <<END
Package: *
Pin: release o=Debian
Pin-Priority: 990
END
    # Hooks of the machine's own apt configuration are about its packages, not these.
    cat >"$dir/apt.conf" <<END
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
#clear APT::Architectures;
APT::Architecture "s390x";
APT::Architectures { "s390x"; };
APT::Sandbox::User "$(id -un)";
APT::Get::List-Cleanup "true";
Acquire::Languages "none";
Acquire::AllowInsecureRepositories "false";
Acquire::Retries "3";
Dir::State "$dir";
Dir::State::status "$dir/status";
Dir::State::lists "$dir/lists/";
Dir::Cache "$dir";
Dir::Cache::archives "$dir/archives/";
Dir::Etc::sourcelist "$dir/debian.sources";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "$dir/preferences";
Dir::Etc::preferencesparts "/dev/null";
END
}

apt_run() {
    local suite=$1 tool=$2
    shift 2
    "$tool" -c "$(apt_dir "$suite")/apt.conf" "$@"
}

# update SUITE: once per run and at most once an hour.
update() {
    local suite=$1 dir
    dir=$(apt_dir "$suite")
    apt_setup "$suite"
    if [ -f "$dir/updated" ] && [ -z "$(find "$dir/updated" -mmin +60)" ]; then
        return
    fi
    say "reading the package lists of Debian $suite for s390x"
    if ! apt_run "$suite" apt-get -qq update >"$dir/update.log" 2>&1; then
        # One of several lists may be unreachable (a mirror being synchronised); what
        # could be fetched and verified is used.
        apt_run "$suite" apt-cache show base-files >/dev/null 2>&1 ||
            die "the package lists of Debian $suite cannot be fetched; see $dir/update.log"
        say "not every package list of Debian $suite could be fetched (see $dir/update.log); using the others"
    fi
    touch "$dir/updated"
}

# versions SUITE NAME: what the package lists have of it, newest first.
versions() {
    apt_run "$1" apt-cache madison "$2" 2>/dev/null | awk -F ' *[|] *' '$2 && !seen[$2]++ { print $2 }'
}

# fetch SUITE NAME FOLDER: a .deb into FOLDER. An archive whose lists are ahead of its files (a mirror being
# synchronised) may still have an older version.
fetch() {
    local suite=$1 name=$2 work=$3 log=$SIENNA_CACHE/$1/debs/download.log version
    : >"$log"
    for version in $(versions "$suite" "$name"); do
        (cd "$work" && apt_run "$suite" apt-get -qq download "$name=$version" >>"$log" 2>&1) && return
        say "$name $version cannot be fetched from Debian $suite; see $log"
    done
    return 1
}

# download SUITE NAME: the .deb's path; the newest cached one serves when it is there.
download() {
    local suite=$1 name=$2 debs="$SIENNA_CACHE/$1/debs" work deb
    mkdir -p "$debs"
    deb=$(find "$debs" -name "${name}_*.deb" -printf '%T@ %p\n' | sort -rn | sed -n '1s/^[^ ]* //p')
    if [ -z "$deb" ] || [ -n "${SIENNA_REFRESH:-}" ]; then
        update "$suite"
        work=$(mktemp -d "$debs/.fetch-XXXXXX")
        say "fetching $name ($suite, s390x)"
        fetch "$suite" "$name" "$work" || {
            rm -rf "$work"
            unavailable "no version of $name can be fetched from Debian $suite"
        }
        deb=$(find "$work" -name '*.deb' | head -n 1)
        [ -n "$deb" ] || die "apt fetched no file for $name; see $debs/download.log"
        mv "$deb" "$debs/"
        deb=$debs/$(basename "$deb")
        touch "$deb"
        rmdir "$work"
    fi
    printf '%s\n' "$deb"
}

# unpack SUITE NAME: folder with the package's files.
unpack() {
    local deb dir
    deb=$(download "$1" "$2") || exit
    dir=$SIENNA_CACHE/$1/unpacked/$(basename "$deb" .deb)
    if [ ! -d "$dir" ]; then
        rm -rf "$dir.new"
        mkdir -p "$dir.new"
        dpkg-deb -x "$deb" "$dir.new"
        mv "$dir.new" "$dir"
    fi
    printf '%s\n' "$dir"
}

# The image package that the metapackage linux-image-s390x stands for, then older ones that the lists have.
kernel_packages() {
    local suite=$1 name
    name=$(apt_run "$suite" apt-cache depends linux-image-s390x 2>/dev/null |
        sed -n 's/^ *Depends: \(linux-image-[0-9][^ ]*\).*/\1/p' | head -n 1)
    [ -n "$name" ] || die "linux-image-s390x of Debian $suite names no kernel package"
    printf '%s\n' "$name"
    apt_run "$suite" apt-cache search --names-only '^linux-image-[0-9][^ ]*-s390x$' |
        sed 's/ .*//' | grep -vxF "$name" | sort -rV
}

# kernel_files SUITE: the newest kernel package that can be fetched, unpacked: its name and folder.
kernel_files() {
    local suite=$1 name files
    update "$suite"
    for name in $(kernel_packages "$suite"); do
        files=$(unpack "$suite" "$name") && printf '%s %s\n' "$name" "$files" && return
    done
    unavailable "no kernel of Debian $suite can be fetched"
}

kernel() {
    local suite=$1 dir=$SIENNA_CACHE/$1/kernel name files release found
    if [ -f "$dir/release" ] && [ -z "${SIENNA_REFRESH:-}" ]; then
        printf '%s\n' "$dir"
        return
    fi
    found=$(kernel_files "$suite") || exit
    read -r name files <<<"$found"
    release=${name#linux-image-}
    if [ ! -f "$dir/release" ] || [ "$(cat "$dir/release")" != "$release" ]; then
        rm -rf "$dir.new"
        mkdir -p "$dir.new/lib/modules"
        mv "$files/boot/vmlinuz-$release" "$dir.new/vmlinuz"
        mv "$files/boot/System.map-$release" "$dir.new/System.map"
        mv "$files/boot/config-$release" "$dir.new/config"
        if [ -d "$files/usr/lib/modules" ]; then
            mv "$files/usr/lib/modules/$release" "$dir.new/lib/modules/"
        else
            mv "$files/lib/modules/$release" "$dir.new/lib/modules/"
        fi
        rm -rf "$files"
        depmod -b "$dir.new" "$release"
        printf '%s\n' "$release" >"$dir.new/release"
        rm -rf "$dir"
        mv "$dir.new" "$dir"
    fi
    printf '%s\n' "$dir"
}

busybox() {
    local dir program
    dir=$(unpack "$1" busybox-static)
    for program in "$dir/bin/busybox" "$dir/usr/bin/busybox"; do
        if [ -f "$program" ]; then
            printf '%s\n' "$program"
            return
        fi
    done
    die "busybox-static of Debian $1 holds no busybox"
}

packages() {
    local suite=$1
    shift
    for name; do
        download "$suite" "$name" || exit
    done
}

# closure SUITE NAME...: apt resolves them as for an empty system, so essential packages come along.
closure() {
    local suite=$1 folder
    shift
    folder=$SIENNA_CACHE/$suite/closure-$(printf '%s' "$*" | sha256sum | cut -c 1-12)
    if [ ! -f "$folder/complete" ]; then
        update "$suite"
        mkdir -p "$folder/partial"
        say "fetching $# packages and what they depend on ($suite, s390x)"
        apt_run "$suite" apt-get -qq -y --no-install-recommends --download-only \
            -o Dir::Cache::archives="$folder" -o Debug::NoLocking=true install "$@" >"$folder/log" 2>&1 ||
            unavailable "they cannot be fetched from Debian $suite; see $folder/log"
        touch "$folder/complete"
    fi
    find "$folder" -maxdepth 1 -name '*.deb' | sort
}

[ $# -ge 2 ] || usage
action=$1 suite=$2
shift 2
case $suite in
bookworm | trixie) ;;
*) die "suite '$suite' is not known; use bookworm or trixie" ;;
esac
need apt-get apt
need dpkg-deb dpkg
need flock util-linux
case $action in
kernel)
    need depmod kmod
    with_lock "$SIENNA_CACHE/.lock-$suite" kernel "$suite"
    ;;
busybox) with_lock "$SIENNA_CACHE/.lock-$suite" busybox "$suite" ;;
package) with_lock "$SIENNA_CACHE/.lock-$suite" packages "$suite" "$@" ;;
closure) with_lock "$SIENNA_CACHE/.lock-$suite" closure "$suite" "$@" ;;
unpack)
    [ $# -eq 1 ] || usage
    with_lock "$SIENNA_CACHE/.lock-$suite" unpack "$suite" "$1"
    ;;
sources)
    [ $# -eq 1 ] || usage
    write_sources "$suite" "$1"
    ;;
*) usage ;;
esac
