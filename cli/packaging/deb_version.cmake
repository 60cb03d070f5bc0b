# Run by CPack before all else: the version of what is not released tells its commit, so that apt
# takes the package of a later one for the newer. Before the release of its number it is
# 0.1.0~git20260131120000.0123abc, after it 0.1.0+git...; where there is no git, it is the number.
file(STRINGS ${CPACK_ESPOTA_SOURCE}/CHANGELOG.md headings REGEX "^## ")
list(GET headings 0 first)
find_program(GIT git)
if(GIT AND EXISTS ${CPACK_ESPOTA_SOURCE}/.git AND first STREQUAL "## Unreleased")
    file(REAL_PATH ${CPACK_ESPOTA_SOURCE} folder)
    set(ENV{TZ} UTC)
    execute_process(COMMAND ${GIT} -c safe.directory=${folder} -C ${folder}
            log -1 --abbrev=7 --date=format-local:%Y%m%d%H%M%S --format=%cd.%h
        OUTPUT_VARIABLE commit ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
    string(REPLACE "." "\\." number ${CPACK_PACKAGE_VERSION})
    set(relation "~")
    if(headings MATCHES "## \\[?${number}\\]? - ")
        set(relation "+")
    endif()
    if(commit MATCHES "^[0-9]+\\.[0-9a-f]+$")
        set(CPACK_PACKAGE_VERSION ${CPACK_PACKAGE_VERSION}${relation}git${commit})
    endif()
endif()
