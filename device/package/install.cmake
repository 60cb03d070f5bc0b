# libota for other projects: static libraries, the headers that are for users, and what finds both,
# for CMake and pkg-config. Headers keep the paths that they have here below a folder of their own,
# so that a program compiles alike against an installed libota and against its sources.
set(LIBOTA_TARGETS espota_common ota_boot ota ota_puller ota_nor ota_posix
    digest_bearssl_backend digest_openssl_backend)
set(LIBOTA_INCLUDEDIR ${CMAKE_INSTALL_INCLUDEDIR}/libota)
set(LIBOTA_CMAKEDIR ${CMAKE_INSTALL_LIBDIR}/cmake/libota)

# Objects for the linker's own optimiser are of use to this compiler alone.
set_target_properties(${LIBOTA_TARGETS} PROPERTIES INTERPROCEDURAL_OPTIMIZATION OFF)
# Files lie among those of others, and all begin with "ota"; targets are called libota::NAME.
foreach(target IN LISTS LIBOTA_TARGETS)
    string(REGEX REPLACE "^(ota|espota)_|_backend$" "" name ${target})
    set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
    if(NOT name STREQUAL "ota")
        set_target_properties(${target} PROPERTIES OUTPUT_NAME ota_${name})
    endif()
endforeach()
# These two become whole, as libota::digest_NAME, with the library that they use (libotaConfig).
set_target_properties(digest_bearssl_backend PROPERTIES EXPORT_NAME digest_bearssl_backend)
set_target_properties(digest_openssl_backend PROPERTIES EXPORT_NAME digest_openssl_backend)

install(TARGETS ${LIBOTA_TARGETS} EXPORT libota
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library
    INCLUDES DESTINATION ${LIBOTA_INCLUDEDIR})
install(EXPORT libota NAMESPACE libota:: FILE libotaTargets.cmake DESTINATION ${LIBOTA_CMAKEDIR}
    COMPONENT library)

# tests/package compiles each by itself: what it includes must be among them.
install(DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/include/ota DESTINATION ${LIBOTA_INCLUDEDIR}
    COMPONENT library FILES_MATCHING PATTERN *.h)
foreach(header auth challenge digest hex image invitation)
    list(APPEND LIBOTA_COMMON_HEADERS ${PROJECT_SOURCE_DIR}/common/${header}.h)
endforeach()
install(FILES ${LIBOTA_COMMON_HEADERS} DESTINATION ${LIBOTA_INCLUDEDIR}/common COMPONENT library)
foreach(header address clock flash net pull random)
    list(APPEND LIBOTA_POSIX_HEADERS port/posix/posix_${header}.h)
endforeach()
install(FILES ${LIBOTA_POSIX_HEADERS} DESTINATION ${LIBOTA_INCLUDEDIR}/device/port/posix
    COMPONENT library)
install(FILES port/nor/nor_flash.h DESTINATION ${LIBOTA_INCLUDEDIR}/device/port/nor
    COMPONENT library)

include(CMakePackageConfigHelpers)
configure_package_config_file(package/libotaConfig.cmake.in
    ${CMAKE_CURRENT_BINARY_DIR}/libotaConfig.cmake INSTALL_DESTINATION ${LIBOTA_CMAKEDIR})
# What a 0.x adds to its number may change interfaces.
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/libotaConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/libotaConfig.cmake
        ${CMAKE_CURRENT_BINARY_DIR}/libotaConfigVersion.cmake
    DESTINATION ${LIBOTA_CMAKEDIR} COMPONENT library)

# The prefix is seen from where these files lie, and so may be moved.
cmake_path(APPEND PKGCONFIG_FOLDER "/" ${CMAKE_INSTALL_LIBDIR} pkgconfig)
file(RELATIVE_PATH LIBOTA_PREFIX ${PKGCONFIG_FOLDER} "/")
string(REGEX REPLACE "/$" "" LIBOTA_PREFIX ${LIBOTA_PREFIX})
foreach(name IN ITEMS libota libota-posix libota-bearssl libota-openssl)
    configure_file(package/${name}.pc.in ${CMAKE_CURRENT_BINARY_DIR}/${name}.pc @ONLY)
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${name}.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT library)
endforeach()

install(DIRECTORY examples/posix DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libota-dev/examples
    COMPONENT library)
