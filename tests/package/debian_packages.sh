#!/bin/bash
# The Debian packages: they hold what debian_files says, lintian finds nothing wrong with them, what
# they hold finds its other parts when it is somewhere else, and a later commit makes later ones.
#
# The environment says where things are: SOURCE, BUILD, CPACK, CMAKE, and which VERSION it is.
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
# The release build is for /usr/local, where libraries lie in lib; for /usr Debian wants more.
lintian --allow-root --fail-on error,warning \
    --suppress-tags pkg-config-unavailable-for-cross-compilation ./*.deb || give_up "lintian finds faults"

# Files, and scripts as DEBIAN/NAME. On some machines libraries lie in a folder of the architecture.
list_files() {
    dpkg-deb --fsys-tarfile "$1"_*.deb | tar -t | grep -v '/$' |
        sed -E 's#^\./#/#; s#^/usr/lib/[^/]+-linux-[^/]+/#/usr/lib/#'
    dpkg-deb --ctrl-tarfile "$1"_*.deb | tar -t | sed -n 's#^\./\(p[a-z]*\)$#/DEBIAN/\1#p'
}
for package in espota-c espota-device libota-dev; do
    list_files "$package" | sed "s#^#$package #"
done | sort >files
grep -v '^#' "$SOURCE/tests/package/debian_files" | sort | diff - files ||
    give_up "the packages do not hold what debian_files says (<)"

field() {
    dpkg-deb --field "$1"_*.deb "$2"
}
[[ $(field espota-c Depends) == *libsqlite3* ]] || give_up "espota-c lacks what its server needs"
[[ $(field espota-c Recommends) == *avahi-daemon* ]] || give_up "espota-c does not want a daemon"
[[ $(field espota-device Depends) == *libbearssl0* ]] || give_up "espota-device lacks its digests"

for package in espota-c espota-device libota-dev; do
    dpkg-deb --extract "$package"_*.deb "$work/root"
done
grep -qx 'ExecStart="/usr/bin/espota-c" serve .*' root/usr/lib/systemd/system/espota-serve.service ||
    give_up "the unit starts something else"
root/usr/bin/espota-c serve --help | grep '^Usage:' >/dev/null || give_up "serve does not run"
root/usr/bin/espota-device --help | grep '^Usage:' >/dev/null || give_up "espota-device does not run"
if grep -rl -e "$BUILD" -e "$work" root >"$work/log"; then
    give_up "these name the folder they were built in: $(tr '\n' ' ' <"$work/log")"
fi

# zsh looks for those of other prefixes in another folder.
"$CMAKE" --install "$BUILD" --prefix "$work/local" --component programs >/dev/null
[ -s local/share/zsh/site-functions/_espota-c ] || give_up "zsh does not find its completions"

# version_of FOLDER: which one packages of the sources there have.
version_of() {
    # shellcheck disable=SC2016 # the dollars are CMake's
    printf '%s\n' "set(CPACK_ESPOTA_SOURCE $1)" "set(CPACK_PACKAGE_VERSION $VERSION)" \
        "include($SOURCE/cli/packaging/deb_version.cmake)" \
        'execute_process(COMMAND ${CMAKE_COMMAND} -E echo ${CPACK_PACKAGE_VERSION})' >version.cmake
    "$CMAKE" -P version.cmake
}
# commit DAY CHANGELOG: in a repository of the test's own.
commit() {
    printf '# Changelog\n\n%b' "$2" >repository/CHANGELOG.md
    git -C repository add CHANGELOG.md
    GIT_COMMITTER_DATE=2026-01-$1T12:00:00+0100 git -C repository -c user.name=n \
        -c user.email=n@example.org -c commit.gpgsign=false commit -q --allow-empty -m "day $1"
}
later() {
    dpkg --compare-versions "$2" gt "$1" || give_up "$2 is no later version than $1"
}
if command -v git >/dev/null; then
    [ ! -e "$SOURCE/.git" ] || [ "$(field espota-c Version)" = "$(version_of "$SOURCE")-1" ] ||
        give_up "the packages are $(field espota-c Version)"
    git init -q repository
    commit 30 '## Unreleased\n'
    first=$(version_of "$work/repository")
    commit 31 '## Unreleased\n'
    second=$(version_of "$work/repository")
    commit 31 "## $VERSION - 2026-01-31\n"
    third=$(version_of "$work/repository")
    commit 31 "## Unreleased\n\n## $VERSION - 2026-01-31\n"
    [[ $first == "$VERSION~git20260130110000."* ]] || give_up "a commit makes $first"
    [ "$third" = "$VERSION" ] || give_up "the release makes $third"
    later "$first" "$second"
    later "$second" "$third"
    later "$third" "$(version_of "$work/repository")"
    rm -rf repository/.git
    [ "$(version_of "$work/repository")" = "$VERSION" ] || give_up "without git it has another version"
fi
