#!/bin/bash
# A firmware update from end to end on this machine: builds the programs, starts a device, uploads
# an image to it, sees it start, and looks for it in the device's flash.
#
# With arguments it builds and hands them to espota-c instead:
#     tests/demo.sh -i 192.168.1.40 -f sketch.bin
set -euo pipefail
cd "$(dirname "$0")/.."
caller_folder=$OLDPWD
repository=$PWD
bin=$repository/build/release/bin

# Everything said here goes to stderr, so that stdout is the program's own.
build() {
    local log=build/demo.log

    tests/setup.sh >&2
    mkdir -p build
    printf 'demo: building %s\n' "$*" >&2
    if ! { cmake --preset release && cmake --build build/release --target "$@"; } >"$log" 2>&1; then
        cat "$log" >&2
        exit 1
    fi
}

if [ $# -gt 0 ]; then
    build espota-c
    cd "$caller_folder"
    exec "$bin/espota-c" "$@"
fi

build espota-c espota-device make-image

work=$(mktemp -d)
device=
clean_up() {
    [ -z "$device" ] || kill "$device" 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

give_up() {
    printf 'demo: %s\n' "$1" >&2
    cat "$work/device.err" "$work/events" >&2 2>/dev/null || true
    exit 1
}

# The value of NAME in the last event of a kind, as in "boot slot=1 offset=0x..."
event_value() {
    sed -n "s/^$1 .*\b$2=\([^ ]*\).*/\1/p" "$work/events" | tail -n 1
}

image=$work/sketch.bin
flash=$work/flash.bin
"$bin/make-image" esp8266 400000 "$image"
size=$(stat -c %s "$image")
md5=$(md5sum <"$image" | cut -d ' ' -f 1)
echo "1. A sketch for an ESP8266: $size bytes, MD5 $md5."

"$bin/espota-device" --flash "$flash" --flash-size 4M --flash-timing typical --boot --bind 127.0.0.1 \
    --port 0 --no-mdns --once >"$work/events" 2>"$work/device.err" &
device=$!
for ((i = 0; i < 100; i++)); do
    port=$(event_value listening port)
    [ -z "$port" ] || break
    kill -0 "$device" 2>/dev/null || give_up "the device ended before it listened"
    sleep 0.1
done
[ -n "$port" ] || give_up "the device does not listen"
echo "2. A device with 4 MiB of flash, as slow as real flash is, listens at 127.0.0.1, UDP port $port."

echo "3. espota-c -i 127.0.0.1 -p $port -f sketch.bin -r"
"$bin/espota-c" -i 127.0.0.1 -p "$port" -f "$image" -r || give_up "the upload failed (exit code $?)"
wait "$device" || give_up "the device says that it was not updated"
device=

offset=$(event_value boot offset)
[ -n "$offset" ] || give_up "the device did not say which image it runs"
[ "$(event_value boot md5)" = "$md5" ] || give_up "the device runs something else"
echo "4. It has restarted. Its bootloader tries the sketch out, which confirms that it works:"
grep -E '^(boot slot=[01]|confirmed)' "$work/events" | sed 's/^/   /'
cmp --ignore-initial="$((offset)):0" --bytes="$size" "$flash" "$image" ||
    give_up "flash holds something else at $offset"
in_flash=$(dd if="$flash" iflag=skip_bytes,count_bytes skip="$((offset))" count="$size" status=none |
    md5sum | cut -d ' ' -f 1)
[ "$in_flash" = "$md5" ] || give_up "the MD5 in flash is $in_flash"
echo "5. Its flash holds the sketch at $offset: $size bytes, MD5 $in_flash."
