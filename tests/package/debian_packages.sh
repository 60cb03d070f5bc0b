#!/bin/bash
# The Debian packages: lintian finds no error in them, and what they hold finds its other parts when
# it is somewhere else.
#
# The environment says where things are: BUILD, CPACK.
set -euo pipefail

for program in dpkg-deb dpkg-shlibdeps lintian; do
    if ! command -v "$program" >/dev/null; then
        printf 'package: needs %s\n' "$program" >&2
        exit 77
    fi
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

give_up() {
    printf 'package: %s\n' "$*" >&2
    exit 1
}

cd "$BUILD"
if ! "$CPACK" -G DEB -B "$work" >"$work/log" 2>&1; then
    cat "$work/log" >&2
    give_up "the packages cannot be made"
fi
cd "$work"
lintian --allow-root --fail-on error ./*.deb || give_up "lintian finds errors"

field() {
    dpkg-deb --field "$1"_*.deb "$2"
}
[[ $(field espota-c Depends) == *libsqlite3* ]] || give_up "espota-c lacks what its server needs"
[[ $(field espota-c Recommends) == *avahi-daemon* ]] || give_up "espota-c does not want a daemon"
[[ $(field espota-device Depends) == *libbearssl0* ]] || give_up "espota-device lacks its digests"

for package in espota-c espota-device libota-dev; do
    dpkg-deb --extract "$package"_*.deb "$work/root"
done
grep -qx 'ExecStart=/usr/bin/espota-c serve .*' root/usr/lib/systemd/system/espota-serve.service ||
    give_up "the unit starts something else"
root/usr/bin/espota-c serve --help | grep '^Usage:' >/dev/null || give_up "serve does not run"
root/usr/bin/espota-device --help | grep '^Usage:' >/dev/null || give_up "espota-device does not run"
if grep -rl -e "$BUILD" -e "$work" root >"$work/log"; then
    give_up "these name the folder they were built in: $(tr '\n' ' ' <"$work/log")"
fi
