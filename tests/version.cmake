# cmake -DVERSION=X.Y.Z -DSOURCE=FOLDER -DBIN=FOLDER -DWORK=FOLDER -P version.cmake: the project, its
# changelog and its programs agree on the version, and the programs tell what they are made of.
set(number "(0|[1-9][0-9]*)")
if(NOT VERSION MATCHES "^${number}\\.${number}\\.${number}$")
    message(SEND_ERROR "${VERSION} is no semantic version")
endif()

# --- The changelog: "## Unreleased", and below it "## 1.2.3 - 2026-01-31", the newest first.
file(STRINGS ${SOURCE}/CHANGELOG.md headings REGEX "^## ")
list(POP_FRONT headings first)
set(unreleased FALSE)
if(first STREQUAL "## Unreleased")
    set(unreleased TRUE)
    list(POP_FRONT headings first)
endif()
if(first)
    if(NOT first MATCHES "^## \\[?(${number}\\.${number}\\.${number})\\]? - [0-9-]+$")
        message(SEND_ERROR "CHANGELOG.md: not a release and its day: ${first}")
    elseif(VERSION VERSION_LESS CMAKE_MATCH_1)
        message(SEND_ERROR "CHANGELOG.md has ${CMAKE_MATCH_1}, the project is ${VERSION} still")
    elseif(NOT unreleased AND NOT VERSION VERSION_EQUAL CMAKE_MATCH_1)
        message(SEND_ERROR "CHANGELOG.md says nothing of ${VERSION}")
    endif()
elseif(NOT unreleased)
    message(SEND_ERROR "CHANGELOG.md has no version")
endif()

# --- The programs, which are of the commit that is checked out, where git can tell.
set(head "")
find_program(GIT git)
if(GIT AND EXISTS ${SOURCE}/.git)
    file(REAL_PATH ${SOURCE} folder)
    execute_process(COMMAND ${GIT} -c safe.directory=${folder} -C ${SOURCE} rev-parse HEAD
        OUTPUT_VARIABLE head ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
endif()

function(expect_version name libraries)
    execute_process(COMMAND ${ARGN} --version
        OUTPUT_VARIABLE out ERROR_VARIABLE err RESULT_VARIABLE code)
    string(REPLACE "." "\\." escaped ${VERSION})
    if(NOT code EQUAL 0 OR NOT err STREQUAL ""
        OR NOT out MATCHES "^${name} ${escaped} \\(commit ([0-9a-f]+(-dirty)?|unknown)\\)\n")
        message(SEND_ERROR "${ARGN} --version: exit code ${code}: ${out}${err}")
    endif()
    string(REGEX REPLACE "-dirty$" "" commit "${CMAKE_MATCH_1}")
    string(FIND "${head}" "${commit}" at)
    if(head AND NOT at EQUAL 0)
        message(SEND_ERROR "${ARGN} is of commit ${commit}; checked out (since it was built?) is ${head}")
    endif()
    foreach(library IN LISTS libraries)
        if(NOT out MATCHES "\n  ${library} [0-9]")
            message(SEND_ERROR "${ARGN} --version does not tell of ${library}: ${out}")
        endif()
    endforeach()
endfunction()

set(ENV{LC_ALL} C)
expect_version(espota-c "OpenSSL;libevent;Jansson;zlib;Avahi" ${BIN}/espota-c)
expect_version(espota-c "OpenSSL;libevent;Jansson;zlib;Avahi" ${BIN}/espota-c discover)
expect_version(espota-c "OpenSSL;libevent;Jansson;zlib;SQLite;inih;libxcrypt" ${BIN}/espota-c serve)
expect_version(espota-device "Avahi" ${BIN}/espota-device)

# --- The commit where there is no git: what git archive has written, or nothing.
function(expect_commit text expected)
    file(REMOVE_RECURSE ${WORK})
    file(WRITE ${WORK}/common/commit.txt "${text}\n")
    execute_process(COMMAND ${CMAKE_COMMAND} -DSOURCE=${WORK} -DHEADER=${WORK}/commit.h
        -P ${SOURCE}/common/commit.cmake)
    file(READ ${WORK}/commit.h header)
    if(NOT header STREQUAL "#define ESPOTA_COMMIT \"${expected}\"\n")
        message(SEND_ERROR "'${text}' in commit.txt makes ${header}")
    endif()
endfunction()

expect_commit("0123abc" "0123abc")
expect_commit("\$Format:%h\$" "unknown")
expect_commit("\"; exit" "unknown")
