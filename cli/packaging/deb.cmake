# Debian packages by CPack: the uploader with its update server, the simulated device, and libota.
# They are three because who sends firmware needs no device, and who does not write C no headers.
#
#     cmake --preset package && cmake --build --preset package && cpack --preset package
#
# What is installed without a component's name belongs to the first.
set(CPACK_GENERATOR DEB)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_COMPONENTS_ALL ${CMAKE_INSTALL_DEFAULT_COMPONENT_NAME} unit device library)
set(CPACK_COMPONENT_PROGRAMS_GROUP espota-c)
set(CPACK_COMPONENT_UNIT_GROUP espota-c)
set(CPACK_COMPONENT_DEVICE_GROUP espota-device)
set(CPACK_COMPONENT_LIBRARY_GROUP libota-dev)

set(CPACK_PACKAGE_VENDOR ${PROJECT_NAME})
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each has its own
set(CPACK_STRIP_FILES ON)
# What is made when it is installed names the place where it will be, not a build folder.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_CURRENT_LIST_DIR}/deb_version.cmake)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/deb_documents.cmake)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "espota-c maintainers <espota-c@example.org>")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

# For the script, which sees no other variables than CPack's.
set(CPACK_ESPOTA_SOURCE ${PROJECT_SOURCE_DIR})

foreach(package IN ITEMS ESPOTA-C ESPOTA-DEVICE LIBOTA-DEV)
    string(TOLOWER ${package} name)
    set(CPACK_DEBIAN_${package}_PACKAGE_NAME ${name})
    file(READ ${CMAKE_CURRENT_LIST_DIR}/${name}.description CPACK_DEBIAN_${package}_DESCRIPTION)
    set(CPACK_DEBIAN_${package}_PACKAGE_SECTION electronics)
endforeach()
set(CPACK_DEBIAN_LIBOTA-DEV_PACKAGE_SECTION libdevel)
# Both find each other without; where it runs there must not be another.
set(CPACK_DEBIAN_ESPOTA-C_PACKAGE_RECOMMENDS avahi-daemon)
# espota.py is for tools that bring Python along.
set(CPACK_DEBIAN_ESPOTA-C_PACKAGE_SUGGESTS "espota-device, python3")
set(CPACK_DEBIAN_ESPOTA-DEVICE_PACKAGE_SUGGESTS "avahi-daemon, espota-c")
set(CPACK_DEBIAN_LIBOTA-DEV_PACKAGE_RECOMMENDS "libbearssl-dev | libssl-dev")
set(CPACK_DEBIAN_LIBOTA-DEV_PACKAGE_SUGGESTS "espota-c, cmake, pkg-config")
set(CPACK_DEBIAN_ESPOTA-C_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_LIST_DIR}/postinst
    ${CMAKE_CURRENT_LIST_DIR}/prerm ${CMAKE_CURRENT_LIST_DIR}/postrm)

# The source tarball is made by git (target `dist`); CPack's own, of whatever lies around, is for
# where there is no git.
set(CPACK_SOURCE_GENERATOR TGZ)
set(CPACK_SOURCE_PACKAGE_FILE_NAME ${PROJECT_NAME}-${PROJECT_VERSION})
set(CPACK_SOURCE_IGNORE_FILES /build/ "/\\\\.git/" "/\\\\.cache/")
include(CPack)
