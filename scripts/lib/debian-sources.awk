# SPDX-License-Identifier: MIT
#
# Reads apt's configured sources, one-line (.list) and deb822 (.sources) mixed, and
# writes those of Debian itself as deb822 stanzas for another suite.
#
#   host     the suite this machine runs (its codename)
#   target   the suite wanted
#
# Kept: entries of type deb with component main whose suite is the host's, its
# -updates or its -security. Dropped: other suites (third parties, backports), and
# options that must not be carried over to another architecture or that switch
# signature checks off.

function reset_stanza() {
    types = uris = suites = components = signed = ""; enabled = "yes"; field = ""
}

# The wanted suite's name for the host's suite `name`, or "" when it is none of Debian's.
function map_suite(name,    base, suffix) {
    sub(/\/$/, "", name)
    suffix = ""
    base = name
    if (match(name, /-(updates|security)$/)) {
        suffix = substr(name, RSTART)
        base = substr(name, 1, RSTART - 1)
    }
    if (base == host || base == "stable" || base == "oldstable")
        return target suffix
    return ""
}

function has_word(list, word) {
    return (" " list " ") ~ ("[ \t]" word "[ \t]")
}

function emit(    n, i, words, mapped, one) {
    if (has_word(types, "deb") && has_word(components, "main") && enabled !~ /^(no|false|off|0)$/) {
        n = split(suites, words)
        mapped = ""
        for (i = 1; i <= n; i++) {
            one = map_suite(words[i])
            if (one != "" && !has_word(mapped, one))
                mapped = mapped (mapped == "" ? "" : " ") one
        }
        if (mapped != "" && !((uris SUBSEP mapped) in seen)) {
            seen[uris, mapped] = 1
            printf "Types: deb\nURIs: %s\nSuites: %s\nComponents: main\n", uris, mapped
            if (signed != "")
                printf "Signed-By: %s\n", signed
            printf "\n"
        }
    }
    reset_stanza()
}

# "deb [option=value ...] uri suite component..."
function one_line(line,    options, n, i, words, rest) {
    sub(/#.*/, "", line)
    if (line !~ /^[ \t]*deb[ \t]/)
        return
    sub(/^[ \t]*deb[ \t]+/, "", line)
    if (match(line, /^\[[^]]*\]/)) {
        options = substr(line, RSTART + 1, RLENGTH - 2)
        line = substr(line, RSTART + RLENGTH)
    }
    n = split(options, words)
    for (i = 1; i <= n; i++)
        if (words[i] ~ /^signed-by=/) {
            signed = substr(words[i], 11)
            gsub(/,/, " ", signed)
        }
    n = split(line, words)
    types = "deb"
    uris = words[1]
    suites = words[2]
    rest = ""
    for (i = 3; i <= n; i++)
        rest = rest " " words[i]
    components = rest
    emit()
}

function store(name, value) {
    name = tolower(name)
    if (name == "types") types = value
    else if (name == "uris") uris = value
    else if (name == "suites") suites = value
    else if (name == "components") components = value
    else if (name == "enabled") enabled = tolower(value)
    else if (name == "signed-by") signed = value
    else name = ""
    field = name
}

# A continuation line; an embedded key in Signed-By must keep its line structure.
function extend(value) {
    if (field == "signed-by") signed = signed "\n" value
    else {
        sub(/^[ \t]+/, " ", value)
        if (field == "types") types = types value
        else if (field == "uris") uris = uris value
        else if (field == "suites") suites = suites value
        else if (field == "components") components = components value
    }
}

BEGIN { reset_stanza() }

FNR == 1 && NR > 1 { emit() }
FILENAME ~ /\.list$/ { one_line($0); next }
/^#/ { next }
/^[ \t]*$/ { emit(); next }
/^[ \t]/ { extend($0); next }
{
    colon = index($0, ":")
    value = substr($0, colon + 1)
    gsub(/^[ \t]+|[ \t]+$/, "", value)
    store(substr($0, 1, colon - 1), value)
}
END { emit() }
