#!/bin/bash
# An installed libota, and the example device that is built with nothing else: by CMake and by
# pkg-config, with either digests. Then it runs, and takes an update.
#
# The environment says where things are: SOURCE, BUILD, BIN, and with what they are built: CC, CMAKE,
# GENERATOR, FLAGS.
set -euo pipefail

work=$(mktemp -d)
device=
clean_up() {
    [ -z "$device" ] || kill "$device" 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

give_up() {
    printf 'package: %s\n' "$*" >&2
    cat "$work/events" >&2 2>/dev/null || true
    exit 1
}

prefix=$work/prefix
example=$work/example
read -ra flags <<<"${FLAGS-} -Wall -Wextra -Werror"
"$CMAKE" --install "$BUILD" --prefix "$prefix" --component library >/dev/null

# Each header with what it includes, and nothing that only the sources have; in C++, too, where its
# functions are C's.
headers=$prefix/include/libota
while read -r header; do
    printf '#include "%s"\n' "$header" >"$work/header"
    for language in "c gnu17" "c++ gnu++11"; do
        "$CC" -x "${language% *}" "-std=${language#* }" "${flags[@]}" -fsyntax-only -I "$headers" \
            "$work/header" || give_up "$header cannot be included by itself in ${language% *}"
    done
    grep -q 'extern "C"' "$headers/$header" || give_up "$header is of no use to C++"
done < <(cd "$headers" && find . -name '*.h' -printf '%P\n')
# Who hides POSIX is told so.
echo '#include "device/port/posix/posix_net.h"' >"$work/strict.c"
said=$("$CC" -std=c17 -fsyntax-only -I "$headers" "$work/strict.c" 2>&1) || true
[[ $said == *"POSIX is hidden"* ]] || give_up "posix_net.h does not say what it lacks: $said"
for private in common/bytes.h device/port/posix/posix_datagram.h ota/puller_lines.h; do
    [ ! -e "$headers/$private" ] || give_up "$private is installed, but is not for users"
done

# Objects for one compiler's optimiser cannot be linked by others.
for library in "$prefix"/lib*/libota*.a; do
    if readelf -SW "$library" | grep '\.gnu\.lto_' >/dev/null; then
        give_up "$library holds code for the linker's optimiser"
    fi
done

cp -r "$SOURCE/device/examples/posix" "$example"
build_example() {
    "$CMAKE" -G "$GENERATOR" -S "$example" -B "$work/build" -DCMAKE_PREFIX_PATH="$prefix" \
        -DCMAKE_C_COMPILER="$CC" -DCMAKE_C_FLAGS="${flags[*]}" && "$CMAKE" --build "$work/build"
}
if ! build_example >"$work/log" 2>&1; then
    cat "$work/log" >&2
    give_up "the example does not build by find_package(libota)"
fi

# Who asks for a part that there is not is told which.
sed -i 's/COMPONENTS posix/COMPONENTS posix nosuch/' "$example/CMakeLists.txt"
! build_example >"$work/log" 2>&1 || give_up "a component that there is not was found"
grep -q 'component nosuch: there is none' "$work/log" || give_up "it is not said what was not found"

pkg_config=$(dirname "$(find "$prefix" -name libota.pc)")
for digests in bearssl openssl; do
    found=$(PKG_CONFIG_PATH=$pkg_config pkg-config --cflags --libs libota-posix "libota-$digests")
    read -ra found <<<"$found"
    "$CC" "${flags[@]}" -o "$work/$digests" "$example/minimal_device.c" "${found[@]}" ||
        give_up "the example does not build by pkg-config with libota-$digests"
done

# Wait until the device has said a line that often.
await() {
    for ((i = 0; i < 300; i++)); do
        [ "$(grep -c "$1" "$work/events")" -lt "$2" ] || return 0
        kill -0 "$device" 2>/dev/null || give_up "the device has ended"
        sleep 0.1
    done
    give_up "the device does not say: $1"
}

"$BIN/make-image" esp8266 100000 "$work/sketch.bin"
for program in "$work/build/minimal-device" "$work/openssl"; do
    rm -f "$work/flash"
    : >"$work/events"
    "$program" "$work/flash" 0 >"$work/events" 2>&1 &
    device=$!
    await '^listening' 1
    port=$(sed -n 's/^listening port=//p' "$work/events")
    "$BIN/espota-c" -i 127.0.0.1 -p "$port" -f "$work/sketch.bin" || give_up "the upload failed ($?)"
    await '^listening' 2
    grep -q '^runs the sketch' "$work/events" || give_up "the device does not run the sketch"
    offset=$(sed -n 's/^updated offset=//p' "$work/events")
    cmp --ignore-initial="$offset:0" --bytes=100000 "$work/flash" "$work/sketch.bin" ||
        give_up "flash holds something else"
    kill "$device"
    wait "$device" 2>/dev/null || true
    device=
done
