# What measure and targets share. They set, before they call anything here: here, compiler, core
# (flags of the core, an array), objects (an array) and failed=0.

device=$here/../../device

complain() {
    printf 'size: %s\n' "$*" >&2
    failed=1
}

# The functions of these public headers that the objects have.
functions_of() {
    local names
    names=$("${compiler%gcc}nm" --defined-only --extern-only "${objects[@]}" |
        awk '$2 == "T" { print $3 }')
    grep -ho '\bota_[a-z0-9_]*(' "${@/#/$device/include/ota/}" | tr -d '(' | sort -u | grep -Fx "$names"
}

# The roots of the application: all that it may call of responder, updater and bootloader.
application() {
    functions_of responder.h updater.h boot_state.h
}

# The roots of a puller.
puller() {
    functions_of puller.h pull_error.h
}

# link_files OUT LIBRARIES ROOT...: links `files`, and drops what no root reaches. LIBRARIES are
# flags, separated by blanks.
link_files() {
    local out=$1 libraries
    read -ra libraries <<<"$2"
    shift 2
    "$compiler" "${core[@]}" -Os "${libraries[@]}" "${@/#/-Wl,--undefined=}" \
        -Wl,--gc-sections -Wl,--emit-relocs -Wl,--entry="$1" \
        -Wl,--unresolved-symbols=ignore-all -Wl,--no-warnings \
        "${files[@]}" -o "$out"
}

# Bytes of text, constants among it, of a program or of objects.
text_of() {
    "${compiler%gcc}size" "$@" | awk 'NR > 1 { text += $1 } END { print text + 0 }'
}

# The first line that a compiler says of itself, with its version.
version_of() {
    "$1" --version | sed q
}

# Numbers of device/DESIGN.md's tables against those of a file.
check_document() {
    awk -f "$here/targets.awk" "$1" "$device/DESIGN.md" >&2 || complain "device/DESIGN.md is out of date"
}
