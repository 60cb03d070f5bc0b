#!/bin/bash
# Installs what building and testing need and this machine lacks (Debian packages).
# The second time there is nothing to do, and nothing is done. Arguments are further packages.
set -euo pipefail

packages=(
    gcc g++ libc6-dev clang libclang-rt-dev clang-format clang-tidy # two compilers, three checkers
    cmake ninja-build make pkg-config git
    libssl-dev libevent-dev libjansson-dev zlib1g-dev libbearssl-dev # what the programs link
    libavahi-client-dev libavahi-core-dev libdbus-1-dev
    libsqlite3-dev libinih-dev libcrypt-dev
    libcriterion-dev libmbedtls-dev openssl mandoc groff-base tmux  # what the tests use
    gcc-arm-none-eabi libnewlib-arm-none-eabi                       # firmware,
    dpkg-dev ca-certificates                                        # the sources that it takes,
    qemu-system-arm iproute2                                        # and what runs it
    avahi-daemon dbus-daemon python3-zeroconf iptables              # peers in networks of the tests'
    lintian mmdebstrap                                              # packages, and who installs them
    python3-yaml yamllint shellcheck                                # the integrations with CI
    scons                                                           # what PlatformIO builds by
    bash-completion zsh fish bsdutils                               # shells, and a terminal for them
    nginx-light curl python3 wrk chromium systemd                   # other ends of HTTP updates
    gcc-xtensa-lx106 picolibc-xtensa-lx106-elf                      # sizes for other chips
    gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf
)
packages+=("$@")

say() {
    printf 'setup: %s\n' "$*"
}

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    say "this is no Debian: please see to it yourself that there is what these hold: ${packages[*]}"
    exit 0
fi

missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    # Of a package for several architectures there may be more than one.
    [[ $status == *installed* && $status != *not-installed* ]] || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
    say "nothing to do"
    exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        say "missing: ${missing[*]}" >&2
        say "neither root nor sudo: run  apt-get install ${missing[*]}  as root, then come back" >&2
        exit 1
    fi
    as_root=(sudo)
fi

apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q "$@"
}

say "installing ${missing[*]}${as_root:+ (with sudo)}"
apt update || { say "once more"; sleep 3; apt update; }
apt install -y --no-install-recommends "${missing[@]}"
say "done"
