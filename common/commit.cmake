# cmake -DSOURCE=FOLDER -DHEADER=FILE -P commit.cmake: writes the header that says which commit the
# sources are of, if it would be another one. Runs at every build.
set(commit "")
find_program(GIT git)
# The folder may lie within somebody else's repository: that one's commit means nothing.
if(GIT AND EXISTS ${SOURCE}/.git)
    set(ENV{GIT_OPTIONAL_LOCKS} 0)
    # Git minds whose the folder is, as where a container's root builds it. But whoever builds it
    # runs what it says anyway.
    file(REAL_PATH ${SOURCE} folder)
    execute_process(COMMAND ${GIT} -c safe.directory=${folder} -C ${SOURCE}
            describe --always --dirty --abbrev=7 --exclude=*
        OUTPUT_VARIABLE commit ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
endif()
if(NOT commit) # git archive has put it there
    file(STRINGS ${SOURCE}/common/commit.txt commit LIMIT_COUNT 1)
endif()
if(NOT commit MATCHES "^[0-9a-f]+(-dirty)?$")
    set(commit unknown)
endif()

set(text "#define ESPOTA_COMMIT \"${commit}\"\n")
set(before "")
if(EXISTS ${HEADER})
    file(READ ${HEADER} before)
endif()
if(NOT text STREQUAL before)
    file(WRITE ${HEADER} ${text})
endif()
