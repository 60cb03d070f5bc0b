#!/bin/sh
# The part of a CI job that updates devices: gets espota-c if it is told where from, and uploads.
# It ends with the exit status of espota-c(1). All it is told is in the environment, where values
# need no quoting and secrets do not show:
#
#   ESPOTA_IMAGE        the image; required
#   ESPOTA_HOSTS        the devices, one per line: names, addresses, 'patterns-*', @FILE
#   ESPOTA_ALL          true: all devices that are found
#   ESPOTA_BOARD        of these only the ones whose board matches this pattern
#   ESPOTA_AUTH         the devices' password; espota-c takes it from here itself
#   ESPOTA_PORT         the devices' UDP port
#   ESPOTA_HOST_PORT    the TCP port, or FIRST-LAST, at which devices connect back
#   ESPOTA_HOST_IP      the local address that they connect to
#   ESPOTA_FILESYSTEM   true: the image is one of a file system
#   ESPOTA_WAIT_ONLINE  true, or so many seconds: wait until the devices are back
#   ESPOTA_JOBS         how many devices at once
#   ESPOTA_JUNIT        write the results to this file, for the CI system
#   ESPOTA_ARGUMENTS    further arguments, one per line
#   ESPOTA_PROGRAM      the program; espota-c in PATH unless told
#   ESPOTA_URL          where to download the program from instead,
#   ESPOTA_SHA256       and its SHA-256: nothing else is run
#   ESPOTA_OUTPUT       append the line exit-code=STATUS to this file
#
# What is empty counts as not told. A signal to end (HUP, INT, TERM) ends espota-c too, which then
# says in which state it leaves the devices.
set -eu

fail() {
    printf 'espota-upload: %s\n' "$1" >&2
    exit 1
}

# The value of a variable whose name is known to be one.
value() {
    eval "printf '%s' \"\${$1:-}\""
}

# is_true NAME: of a variable that is true or false.
is_true() {
    case $(value "$1") in
    true | yes | 1) return 0 ;;
    '' | false | no | 0) return 1 ;;
    *) fail "$1 is true or false, not '$(value "$1")'" ;;
    esac
}

# Runs a command, and hands signals on to it, as a shell does not to one in the foreground. Its exit
# status becomes the value of `status`.
run() {
    child=starting
    "$@" </dev/null &
    child=$!
    [ -z "$stopped" ] || kill -TERM "$child"
    status=0
    wait "$child" || status=$?
    # A signal ends the waiting, not the child; 127: that one had been waited for.
    while [ -n "$signal" ]; do
        signal=
        ended=0
        wait "$child" || ended=$?
        [ "$ended" -eq 127 ] || status=$ended
    done
    child=
}

# stop SIGNAL, by its number
# shellcheck disable=SC2317 # traps run it
stop() {
    signal=$1
    stopped=$1
    case $child in
    '') exit $((128 + $1)) ;;
    starting) ;;
    *) kill -TERM "$child" 2>/dev/null || : ;;
    esac
}

# finish STATUS
# shellcheck disable=SC2317 # traps run it
finish() {
    [ -z "$folder" ] || rm -rf "$folder"
    [ -z "${ESPOTA_OUTPUT:-}" ] || printf 'exit-code=%s\n' "$1" >>"$ESPOTA_OUTPUT"
}

fetch() {
    if command -v curl >/dev/null; then
        run curl --fail --silent --show-error --location --retry 2 --output "$1" -- "$2"
    else
        run wget -q -O "$1" -- "$2"
    fi
    [ -z "$stopped" ] || exit $((128 + stopped))
    return "$status"
}

# Becomes the value of `program`; `folder` is for a download.
find_program() {
    program=${ESPOTA_PROGRAM:-espota-c}
    if [ -z "${ESPOTA_URL:-}" ]; then
        command -v "$program" >/dev/null ||
            fail "there is no $program: install it, or set ESPOTA_URL and ESPOTA_SHA256"
        return
    fi
    [ -n "${ESPOTA_SHA256:-}" ] || fail "ESPOTA_URL wants ESPOTA_SHA256, the file's SHA-256"
    folder=$(mktemp -d)
    program=$folder/espota-c
    fetch "$program" "$ESPOTA_URL" || fail "cannot download $ESPOTA_URL"
    sum=$(sha256sum "$program")
    sum=${sum%% *}
    [ "$sum" = "$(printf '%s' "$ESPOTA_SHA256" | tr 'A-F' 'a-f')" ] ||
        fail "what $ESPOTA_URL gives is not what ESPOTA_SHA256 says: its SHA-256 is $sum"
    chmod +x "$program"
}

# Without the spaces, tabs and carriage returns around it: YAML is indented. Sets `line`.
trim() {
    line=$1
    line=${line#"${line%%[!"$blanks"]*}"}
    line=${line%"${line##*[!"$blanks"]}"}
}

blanks=$(printf ' \t\r')
folder=
child=
signal=
stopped=
trap 'finish $?' EXIT
trap 'stop 1' HUP
trap 'stop 2' INT
trap 'stop 15' TERM
# Only a whole script is run: a cut one has no last line.
upload() {
    [ -n "${ESPOTA_IMAGE:-}" ] || fail "ESPOTA_IMAGE is not set: the image to upload"
    set -- upload "--file=$ESPOTA_IMAGE"
    while IFS= read -r line; do
        trim "$line"
        [ -z "$line" ] || set -- "$@" "--ip=$line"
    done <<EOF
${ESPOTA_HOSTS:-}
EOF
    ! is_true ESPOTA_ALL || set -- "$@" --all
    ! is_true ESPOTA_FILESYSTEM || set -- "$@" --filesystem
    [ -z "${ESPOTA_BOARD:-}" ] || set -- "$@" "--board=$ESPOTA_BOARD"
    [ -z "${ESPOTA_PORT:-}" ] || set -- "$@" "--port=$ESPOTA_PORT"
    [ -z "${ESPOTA_HOST_PORT:-}" ] || set -- "$@" "--host_port=$ESPOTA_HOST_PORT"
    [ -z "${ESPOTA_HOST_IP:-}" ] || set -- "$@" "--host_ip=$ESPOTA_HOST_IP"
    [ -z "${ESPOTA_JOBS:-}" ] || set -- "$@" "--jobs=$ESPOTA_JOBS"
    [ -z "${ESPOTA_JUNIT:-}" ] || set -- "$@" "--junit=$ESPOTA_JUNIT"
    case ${ESPOTA_WAIT_ONLINE:-} in
    true | yes) set -- "$@" --wait-online ;;
    '' | false | no | 0) ;;
    *[!0-9]*)
        fail "ESPOTA_WAIT_ONLINE is true, false or so many seconds, not '$ESPOTA_WAIT_ONLINE'"
        ;;
    *) set -- "$@" "--wait-online=$ESPOTA_WAIT_ONLINE" ;;
    esac
    while IFS= read -r line; do
        trim "$line"
        [ -z "$line" ] || set -- "$@" "$line"
    done <<EOF
${ESPOTA_ARGUMENTS:-}
EOF
    # A secret that the CI system does not have is an empty variable.
    [ -n "${ESPOTA_AUTH:-}" ] || unset ESPOTA_AUTH
    find_program
    run "$program" "$@"
    exit "$status"
}

upload
