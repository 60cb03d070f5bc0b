# libota for the Pico SDK: include this file behind pico_sdk_init(), and link what is wanted.
#
#   libota_boot     for a bootloader
#   libota          for the application; it has libota_boot in it
#   libota_puller   for an application that asks a web server, beside libota
#   libota_mbedtls  digests by the Pico SDK's Mbed TLS (pico_mbedtls)
#   libota_lwip     the network by lwIP's raw API, and mDNS by lwIP's responder
#
# They are INTERFACE libraries, as the Pico SDK's own: their sources are compiled with the flags and
# the lwipopts.h of each program that links them.
include_guard(GLOBAL)
include(${CMAKE_CURRENT_LIST_DIR}/../libota.cmake)

add_library(libota_boot INTERFACE)
target_sources(libota_boot INTERFACE ${LIBOTA_COMMON_SOURCES} ${LIBOTA_BOOT_SOURCES})
target_include_directories(libota_boot INTERFACE ${LIBOTA_INCLUDES} ${LIBOTA_PRIVATE_INCLUDES})

add_library(libota INTERFACE)
target_sources(libota INTERFACE ${LIBOTA_APP_SOURCES})
target_link_libraries(libota INTERFACE libota_boot)

add_library(libota_puller INTERFACE)
target_sources(libota_puller INTERFACE ${LIBOTA_PULLER_SOURCES})
target_link_libraries(libota_puller INTERFACE libota)

add_library(libota_mbedtls INTERFACE)
target_sources(libota_mbedtls INTERFACE ${LIBOTA_MBEDTLS_SOURCES})
target_include_directories(libota_mbedtls INTERFACE ${LIBOTA_INCLUDES} ${LIBOTA_MBEDTLS_INCLUDES})
target_link_libraries(libota_mbedtls INTERFACE pico_mbedtls)

add_library(libota_lwip INTERFACE)
target_sources(libota_lwip INTERFACE ${LIBOTA_LWIP_SOURCES} ${LIBOTA_LWIP_MDNS_SOURCES})
target_link_libraries(libota_lwip INTERFACE libota pico_lwip_nosys pico_lwip_mdns)
