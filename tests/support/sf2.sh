# The emulated board for scripts, to be sourced in the repository's folder with `set -euo pipefail`.
# The script gives these and may not use others that begin with sf2_:
#   work       a folder for files, which the script removes
#   give_up    a function that ends the script with a message
# shellcheck shell=bash

sf2_bin=build/sf2/bin
sf2_pids=()
sf2_monitor_fd=

# Build the firmware, and these targets for this machine.
sf2_build() {
    local log=build/firmware.log

    tests/setup.sh >&2
    mkdir -p build
    if ! { cmake --preset sf2 && cmake --build --preset sf2 &&
        cmake --preset release && cmake --build build/release --target "$@"; } >"$log" 2>&1; then
        cat "$log" >&2
        exit 1
    fi
    command -v qemu-system-arm >/dev/null || give_up "there is no qemu-system-arm"
}

# Write a flash: this version in slot 0, zeros in slot 1 as if it had been used, blank records;
# settings from stdin.
sf2_make_flash() {
    head -c 16M /dev/zero | tr '\0' '\377' >"$work/flash.bin"
    dd if="$sf2_bin/sf2-$1.bin" of="$work/flash.bin" bs=64K seek=2 conv=notrunc status=none
    dd if=/dev/zero of="$work/flash.bin" bs=64K seek=18 count=16 conv=notrunc status=none
    dd of="$work/flash.bin" bs=64K seek=50 conv=notrunc status=none
}

# Say something to QEMU's monitor; what it answers is in $work/monitor.
sf2_monitor() {
    printf '%s\n' "$1" >&"$sf2_monitor_fd"
}

# Wait until a file holds so many lines that match (1 unless given).
sf2_await() {
    local file=$1 pattern=$2 count=${3:-1} i

    for ((i = 0; i < 6000; i++)); do
        [ "$(grep -cE "$pattern" "$file" 2>/dev/null || true)" -lt "$count" ] || return 0
        sleep 0.01
    done
    give_up "nothing like \"$pattern\" comes; the board says: $(tail -n 20 "$work/uart" 2>/dev/null)"
}

# Start the board. Its lines, each after the time in seconds, go to $work/uart; what its flash
# erases, to $work/erases. Sets sf2_port, the UDP port of 127.0.0.1 that leads to it.
sf2_start() {
    rm -f "$work"/*.fifo
    mkfifo "$work/uart.fifo" "$work/monitor.fifo"
    exec {sf2_monitor_fd}<>"$work/monitor.fifo"
    : >"$work/uart"
    : >"$work/erases"
    : >"$work/monitor"
    while IFS= read -r line; do
        printf '%s %s\n' "$EPOCHREALTIME" "$line"
    done <"$work/uart.fifo" >"$work/uart" &
    sf2_pids+=($!)
    qemu-system-arm -M emcraft-sf2 -kernel "$sf2_bin/sf2-boot.elf" \
        -drive "if=mtd,format=raw,file=$work/flash.bin" \
        -nic user,hostfwd=udp:127.0.0.1:0-10.0.2.15:8266 -display none \
        -object main-loop,id=ml,thread-pool-min=1,thread-pool-max=1 \
        -trace enable=m25p80_flash_erase -D "$work/erases" \
        -serial "file:$work/uart.fifo" -monitor stdio \
        <"$work/monitor.fifo" >"$work/monitor" 2>"$work/qemu.err" &
    sf2_pids+=($!)
    sf2_monitor "info usernet"
    sf2_await "$work/monitor" 'HOST_FORWARD'
    sf2_port=$(sed -n 's/.*HOST_FORWARD\] *[0-9]* *127\.0\.0\.1 *\([0-9]*\).*/\1/p' "$work/monitor")
}

# The board's count of flash operations since it was plugged in.
sf2_operations() {
    local seen

    seen=$(grep -c 'a0000004: ' "$work/monitor" || true)
    sf2_monitor "xp /1wx 0xa0000004"
    sf2_await "$work/monitor" 'a0000004: ' $((seen + 1))
    printf '%d\n' "$(sed -n 's/.*a0000004: \(0x[0-9a-f]*\).*/\1/p' "$work/monitor" | tail -n 1)"
}

# The time of the line that was the first to match behind so many lines.
sf2_time_of() {
    tail -n "+$(($2 + 1))" "$work/uart" | grep -m 1 -E "^[0-9.]+ $1 " | cut -d ' ' -f 1
}

# End it, and its helpers.
sf2_stop() {
    local pid

    for pid in "${sf2_pids[@]}"; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    sf2_pids=()
    [ -z "$sf2_monitor_fd" ] || exec {sf2_monitor_fd}>&-
    sf2_monitor_fd=
}
