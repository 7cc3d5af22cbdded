#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Checks the shell scripts of the tree with shellcheck: every tracked file that starts like one, and what they source.
set -euo pipefail
. "$(dirname "$0")/common.sh"
cd "$SIENNA_ROOT"

bash_scripts=() sh_scripts=()
while read -r file; do
    [ -f "$file" ] || continue
    case $(head -c 64 "$file" | head -n 1 | tr -d '\0') in
    '#!/bin/bash'*) bash_scripts+=("$file") ;;
    '#!/bin/sh'*) sh_scripts+=("$file") ;;
    *) [[ $file != *.sh ]] || bash_scripts+=("$file") ;;
    esac
done < <(git ls-files)
shellcheck "${bash_scripts[@]}"
# busybox's shell is closest to dash.
[ ${#sh_scripts[@]} -eq 0 ] || shellcheck -s dash "${sh_scripts[@]}"
echo "$((${#bash_scripts[@]} + ${#sh_scripts[@]})) checks of scripts"
