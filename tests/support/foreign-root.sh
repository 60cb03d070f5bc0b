# shellcheck shell=bash
# To be sourced: libraries of another architecture, to build for it and to run what was built in
# QEMU's user mode.

# apt for ARCHITECTURE in PLACE, as if nothing were installed there.
foreign_apt() {
    local architecture=$1 place=$2
    shift 2
    apt-get -qq -o APT::Architecture="$architecture" -o APT::Architectures::="$architecture" \
        -o Dir::State="$place/apt" -o Dir::State::status="$place/apt/status" \
        -o Dir::Cache="$place/apt" -o APT::Sandbox::User="$(id -un)" "$@"
}

# foreign_root ARCHITECTURE PLACE PACKAGE...: Debian's packages, and all that they need, unpacked
# into PLACE/root; nothing of them is installed. The second time there is nothing to do.
foreign_root() {
    local architecture=$1 place=$2 wanted
    shift 2
    wanted=$(printf '%s\n' "$@")
    [ "$(cat "$place/unpacked" 2>/dev/null)" != "$wanted" ] || return 0
    printf 'unpacking libraries for %s into %s\n' "$architecture" "$place/root" >&2
    rm -rf "$place/apt" "$place/root"
    mkdir -p "$place/apt/lists/partial" "$place/apt/archives/partial" "$place/root"
    : >"$place/apt/status"
    # Repositories without this architecture are none of our business: what is missing will be
    # missed below.
    foreign_apt "$architecture" "$place" update || true
    foreign_apt "$architecture" "$place" install -y --no-install-recommends --download-only "$@"
    for package in "$place"/apt/archives/*.deb; do
        dpkg-deb -x "$package" "$place/root"
    done
    rm -rf "$place/apt"
    printf '%s\n' "$wanted" >"$place/unpacked"
}
