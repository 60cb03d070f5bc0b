#!/bin/bash
# Everything that has to hold: builds without a warning by gcc and clang; all tests in a debug build
# with sanitizers and in the release build; the fuzz corpora in these and in clang's build; format,
# static analysis and manual pages. One line per phase; the whole output of what failed; exit status
# 1 if anything did. Seconds of what ran beside each other overlap.
#
# The last line counts the test cases of all builds; a corpus, a build and a check are one each. What
# skipped itself is counted by programs.
set -euo pipefail
cd "$(dirname "$0")/.."

logs=build/log
jobs=$(nproc)
passed=0
failed=0
skipped=0

# Run a command as a phase, its output in a log; prints name, outcome and seconds.
phase() {
    local name=$1 log=$logs/${1// /-}.log start=$SECONDS status=0
    shift
    printf '%-28s' "$name"
    "$@" >"$log" 2>&1 || status=$?
    if [ "$status" -eq 0 ]; then
        printf 'ok      %3d s\n' $((SECONDS - start))
    else
        printf 'FAILED  %3d s\n' $((SECONDS - start))
        # Without what ctest says of tests that passed.
        sed -E '/^ +Start +[0-9]+: /d; / Passed +[0-9.]+ sec *$/d; s/^/    /' "$log"
    fi
    return "$status"
}

# A phase that counts as one.
check() {
    if phase "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        return 1
    fi
}

# A build that is complete is marked: without it there is nothing to test.
build() {
    rm -f "build/$1/complete"
    cmake --preset "$1" && cmake --build "build/$1" -j "$jobs" -- --quiet && touch "build/$1/complete"
}

# Tests often wait for each other, so more of them run than there are processors.
run_tests() {
    ctest --preset "$1" -j $((2 * jobs)) --no-tests=error "${@:2}"
}

# Count ctest's log: the cases of each Criterion program, everything else as one. A program that
# fails without a failed case (it crashed, leaked or took too long) is a failure as well. What has
# skipped itself (exit status 77) has passed in that log; what ctest prints tells.
count_tests() {
    awk '
        / Test: / { program = 1; tested = passing = -1 }
        /Synthesis: Tested:/ {
            gsub(/\033\[[0-9;]*m/, "")
            match($0, /Tested: [0-9]+/); tested = substr($0, RSTART + 8, RLENGTH - 8)
            match($0, /Passing: [0-9]+/); passing = substr($0, RSTART + 9, RLENGTH - 9)
        }
        /^Test (Passed|Failed)|^Test (time-out|not run)/ && program {
            good = /^Test Passed/
            if (tested < 0) tested = passing = 0
            if (good && tested == 0) tested = passing = 1
            if (!good && passing == tested) tested++
            ok += passing; bad += tested - passing; program = 0
        }
        /^ *[0-9]+\/[0-9]+ Test +#[0-9]+: .*\*\*\*Skipped/ { without++ }
        END { print ok - without, bad + (program ? 1 : 0), without + 0 }' \
        "build/$1/Testing/Temporary/LastTest.log" "$logs/tests-$1.log"
}

# Add what a line of standard input says: passed, failed, skipped. No such line is a failure.
add_counts() {
    local ok=0 bad=0 without=0

    if ! read -r ok bad without || [[ ! "$ok $bad $without" =~ ^[0-9]+( [0-9]+){2}$ ]]; then
        ok=0 bad=1 without=0
    fi
    passed=$((passed + ok))
    failed=$((failed + bad))
    skipped=$((skipped + without))
}

print_counts() {
    printf '%d passed, %d failed' "$1" "$2"
    [ "$3" -eq 0 ] || printf ', %d skipped' "$3"
    echo
}

tests() {
    local before=("$passed" "$failed" "$skipped")

    rm -f "build/$1/Testing/Temporary/LastTest.log"
    phase "tests $1" run_tests "$@" || true
    add_counts < <(count_tests "$1")
    printf '%-28s' ""
    print_counts $((passed - before[0])) $((failed - before[1])) $((skipped - before[2]))
}

# Checks that yield to all else, because tests have time limits; how many passed and failed is left
# in a file.
checks_beside() {
    local passed=0 failed=0

    renice -n 19 -p "$BASHPID" >/dev/null
    "$@"
    echo "$passed $failed 0" >"$logs/beside.count"
}

# Test a build, with checks beside it: tests mostly wait, and checks take what they leave over of the
# processors. In a process group of their own, which ends with this script. They are printed and
# counted when the tests are over.
tests_beside() {
    local preset=$1 beside
    shift

    rm -f "$logs/beside.count"
    set -m
    checks_beside "$@" </dev/null >"$logs/beside.log" 2>&1 &
    beside=$!
    set +m
    # shellcheck disable=SC2064 # The process group of this run.
    trap "kill -- -$beside 2>/dev/null || true" EXIT
    if [ -e "build/$preset/complete" ]; then
        tests "$preset"
    fi
    wait "$beside" || true
    trap - EXIT
    cat "$logs/beside.log"
    add_counts < <(cat "$logs/beside.count")
}

# A source tarball knows nothing of git.
sources() {
    if [ -e .git ]; then
        git ls-files -z --cached --others --exclude-standard -- '*.c' '*.h'
    else
        find . -path ./build -prune -o -name '*.[ch]' -print0
    fi
}

check_format() {
    sources | xargs -0 clang-format --dry-run -Werror
}

# The sources that a build compiles, but for those it has made.
compiled() {
    sed -n 's/^ *"file": "\(.*\)",\{0,1\}$/\1/p' "build/$1/compile_commands.json" | sort -u |
        grep -v "^$PWD/build/"
}

# tidy BUILD: the sources that come in, one a line, as that build compiles them. The database holds
# what gcc is told: clang does not know all of it, and has warnings of its own (CMakeLists.txt).
tidy() {
    xargs -r -d '\n' -P "$jobs" -n 1 clang-tidy --quiet -p "build/$1" \
        --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wcomma \
        --extra-arg=-Wno-ignored-optimization-argument \
        --extra-arg=-Wunreachable-code --extra-arg=-Wno-gnu-folding-constant "${@:2}" 2>&1 |
        { grep -v '^[0-9]* warnings\{0,1\} generated' || true; }
}

# Of all sources, with clang's warnings as well: also what only other builds compile.
check_tidy() {
    local seen=$logs/tidy.seen other status=0

    : >"$seen"
    for other in dev release static; do
        compiled "$other" | comm -13 "$seen" - >"$seen.more"
        tidy "$other" <"$seen.more" || status=1
        sort -o "$seen" "$seen" "$seen.more"
    done
    return "$status"
}

# The firmware's part, by the build that has its compiler and lwIP's headers.
check_tidy_firmware() {
    local newlib
    newlib=$(echo '#include <inttypes.h>' | arm-none-eabi-gcc -E - |
        sed -n 's/^# 1 "\(.*\)\/inttypes\.h".*/\1/p' | head -n 1)
    compiled sf2 | grep -E '/device/(board|port/lwip)/' | tidy sf2 "--extra-arg=-isystem$newlib"
}

check_manual() {
    mandoc -T lint -W warning man/*.[0-9]
}

other_builds() {
    check "build static" build static || true
    check "build release" build release || true
    check "build fuzz" build fuzz || true
}

static_checks() {
    check "format" check_format || true
    check "manual" check_manual || true
    check "clang-tidy" check_tidy || true
    check "clang-tidy sf2" check_tidy_firmware || true
}

tests/setup.sh
mkdir -p "$logs"
# Its sources are part of the other builds, and the release build's tests run it in an emulator.
check "build sf2" build sf2 || true
check "build dev" build dev || true
tests_beside dev other_builds
tests_beside release static_checks
if [ -e build/fuzz/complete ]; then
    tests fuzz --label-regex corpus
fi
echo
grep '^|' build/dev/tests/size/printed || true
print_counts "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
