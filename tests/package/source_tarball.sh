#!/bin/bash
# The source tarball: everything that is committed and nothing else, always the same bytes, and it
# builds where there is no git.
#
# The environment says where things are: SOURCE, VERSION, CMAKE, GENERATOR, CC.
set -euo pipefail

if ! command -v git >/dev/null || [ ! -e "$SOURCE/.git" ]; then
    echo "package: needs git, and its repository" >&2
    exit 77
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

give_up() {
    printf 'package: %s\n' "$*" >&2
    exit 1
}

tarball=espota-c-$VERSION.tar.gz
for copy in a b; do
    mkdir "$work/$copy"
    "$CMAKE" -DVERSION="$VERSION" -DOUT="$work/$copy" -P "$SOURCE/cli/packaging/dist.cmake" \
        >"$work/log" 2>&1 || give_up "the tarball cannot be made: $(cat "$work/log")"
done
cmp "$work/a/$tarball" "$work/b/$tarball" || give_up "one tarball is unlike the other"

tar -xf "$work/a/$tarball" -C "$work"
commit=$(git -C "$SOURCE" rev-parse HEAD)
git -C "$SOURCE" ls-tree -r --name-only HEAD | sort >"$work/committed"
cd "$work/espota-c-$VERSION"
find . -type f -printf '%P\n' | sort >"$work/packed"
diff "$work/committed" "$work/packed" || give_up "the tarball does not hold what is committed"

mkdir "$work/bin"
printf '#!/bin/sh\necho "there is no git: $*" >&2\nexit 127\n' >"$work/bin/git"
chmod +x "$work/bin/git"
PATH=$work/bin:$PATH
build() {
    "$CMAKE" -G "$GENERATOR" -S . -B build -DESPOTA_TESTS=OFF -DCMAKE_C_COMPILER="$CC" &&
        "$CMAKE" --build build --target espota-c
}
if ! build >"$work/log" 2>&1; then
    tail -n 40 "$work/log" >&2
    give_up "it does not build without git"
fi
said=$(build/bin/espota-c --version)
[[ $said == "espota-c $VERSION"* ]] || give_up "it says that it is $said"
# The commit in its short form, where the version tells one.
if [[ $said =~ \(commit\ ([^\)]*)\) ]]; then
    [[ $commit == "${BASH_REMATCH[1]}"* ]] || give_up "it says that it is commit ${BASH_REMATCH[1]}"
fi
