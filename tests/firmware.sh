#!/bin/bash
# A firmware update of a microcontroller from end to end on this machine: builds bootloader and
# firmware, starts them in QEMU (a Cortex-M3 with SPI flash and Ethernet), uploads version 2 to the
# version 1 that runs, and sees it run.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
clean_up() {
    sf2_stop
    rm -rf "$work"
}
give_up() {
    printf 'firmware: %s\n' "$1" >&2
    cat "$work/qemu.err" >&2 2>/dev/null || true
    exit 1
}
# shellcheck source=tests/support/sf2.sh
. tests/support/sf2.sh
trap clean_up EXIT
trap 'exit 130' INT TERM

# The lines that the board said since it had said so many, without their times.
board_says() {
    tail -n "+$(($1 + 1))" "$work/uart" | grep -vE '^[0-9.]+ (stats|version)' |
        sed -E 's/^[0-9.]+ /   | /' || true
}

printf 'firmware: building\n' >&2
sf2_build espota-c sf2-noise
printf '1. Two versions of the firmware, %d and %d bytes.\n' \
    "$(stat -c %s "$sf2_bin/sf2-1.bin")" "$(stat -c %s "$sf2_bin/sf2-2.bin")"

sf2_make_flash 1 </dev/null
sf2_start
sf2_await "$work/uart" ' up '
sf2_await "$work/uart" ' version 1$'
echo "2. A board whose flash holds version 1 starts. Bootloader and firmware say:"
board_says 0

said=$(wc -l <"$work/uart")
echo "3. espota-c -i 127.0.0.1 -p $sf2_port -f sf2-2.bin"
build/release/bin/espota-c -i 127.0.0.1 -p "$sf2_port" -f "$sf2_bin/sf2-2.bin" ||
    give_up "the upload failed (exit code $?)"
sf2_await "$work/uart" ' start version=2 '
sf2_await "$work/uart" ' confirmed$'
sf2_await "$work/uart" ' version 2$'
echo "4. The board takes it, restarts, tries it out and keeps it:"
board_says "$said"

answer=$(build/release/bin/sf2-noise "$sf2_port" 0 1) || give_up "version 2 cannot be reached"
echo "5. Version 2 can be reached over the network; asked to take an image of no bytes, it has"
echo "   $answer"
