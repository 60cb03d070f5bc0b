# Reads the call graphs that gcc writes with -fcallgraph-info=su, and prints, for the functions in
# `roots` (names, separated by blanks), the deepest stack in bytes, and the calls that take it.
#
# What is called through a pointer (flash, network, the application) and what no graph describes
# (digests, libc) counts as 0. A call that comes round to itself has no deepest stack: exit status 1.

function quoted(field,    text) {
    text = $0
    if (!match(text, field ": \"[^\"]*\""))
        return ""
    return substr(text, RSTART + length(field) + 3, RLENGTH - length(field) - 4)
}

# The stack of a function and all that it calls.
function depth(name,    i, n, callees, below, deepest) {
    if (name in known)
        return known[name]
    if (name in open) {
        printf "%s calls itself: there is no deepest stack\n", plain(name) > "/dev/stderr"
        failed = 1
        return 0
    }
    open[name] = 1
    n = split(calls[name], callees, "\n")
    for (i = 1; i <= n; i++) {
        below = depth(callees[i])
        if (below > deepest) {
            deepest = below
            next_of[name] = callees[i]
        }
    }
    delete open[name]
    known[name] = frame[name] + deepest
    return known[name]
}

# Static functions are called "file.c:name".
function plain(name) {
    sub(/.*:/, "", name)
    return name
}

/^node: / {
    title = quoted("title")
    if (match($0, /[0-9]+ bytes \([a-z,]*\)/)) {
        frame[title] = substr($0, RSTART) + 0
        if ($0 ~ /\(dynamic\)/) {
            printf "the stack of %s is not bounded\n", plain(title) > "/dev/stderr"
            failed = 1
        }
    }
}

/^edge: / {
    from = quoted("sourcename")
    to = quoted("targetname")
    if (!((from, to) in seen)) {
        seen[from, to] = 1
        calls[from] = calls[from] (calls[from] == "" ? "" : "\n") to
    }
}

END {
    n = split(roots, root, " ")
    for (i = 1; i <= n; i++) {
        if (!(root[i] in frame)) {
            printf "no call graph has %s\n", root[i] > "/dev/stderr"
            failed = 1
        }
        if (depth(root[i]) > deepest) {
            deepest = depth(root[i])
            first = root[i]
        }
    }
    printf "%d", deepest
    for (at = first; at in frame; at = next_of[at])
        printf " %s(%d)", plain(at), frame[at]
    printf "\n"
    exit failed
}
