# Run by CPack on what it has put together, before it packs it: what Debian asks of every package.
file(TIMESTAMP ${CPACK_ESPOTA_SOURCE}/CHANGELOG.md date "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(READ ${CPACK_ESPOTA_SOURCE}/LICENSE license)
string(REGEX MATCH "Copyright[^\n]*" holder "${license}")
string(REGEX REPLACE "^.*Copyright[^\n]*\n+" "" terms "${license}")
string(REGEX REPLACE "^Copyright *(\\([cC]\\))? *" "" holder "${holder}")
string(REGEX REPLACE "\n$" "" terms "${terms}")
string(REPLACE "\n\n" "\n.\n" terms "${terms}")
string(REPLACE "\n" "\n " terms "${terms}")

function(compress)
    execute_process(COMMAND gzip -9 -n -f ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

foreach(package IN ITEMS espota-c espota-device libota-dev)
    set(root ${CPACK_TEMPORARY_DIRECTORY}/${package}/usr/share)
    set(documents ${root}/doc/${package})
    file(MAKE_DIRECTORY ${documents})
    file(WRITE ${documents}/copyright
"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: espota-c

Files: *
Copyright: ${holder}
License: MIT

License: MIT
 ${terms}
")
    file(WRITE ${documents}/changelog.Debian
"espota-c (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium

  * What has changed is told in changelog.gz.

 -- ${CPACK_DEBIAN_PACKAGE_MAINTAINER}  ${date}
")
    configure_file(${CPACK_ESPOTA_SOURCE}/CHANGELOG.md ${documents}/changelog COPYONLY)
    file(GLOB pages ${root}/man/man*/*.[1-9])
    compress(${documents}/changelog ${documents}/changelog.Debian ${pages})
    set(overrides ${CMAKE_CURRENT_LIST_DIR}/${package}.lintian-overrides)
    if(EXISTS ${overrides})
        configure_file(${overrides} ${root}/lintian/overrides/${package} COPYONLY)
    endif()
endforeach()
