# libota's sources, for build systems that are not this project's: those of the SDKs beside this file.
# Sets lists of absolute paths. tests/porting compares them with what the project itself builds.
get_filename_component(LIBOTA_ROOT ${CMAKE_CURRENT_LIST_DIR}/../.. ABSOLUTE)

# For whoever includes a header, and for libota's own files.
set(LIBOTA_INCLUDES ${LIBOTA_ROOT} ${LIBOTA_ROOT}/device/include)
set(LIBOTA_PRIVATE_INCLUDES ${LIBOTA_ROOT}/device/core ${LIBOTA_ROOT}/device/boot)

# What both need: the grammars, and the digests but for their back-end.
set(LIBOTA_COMMON_SOURCES
    common/auth.c
    common/bytes.c
    common/challenge.c
    common/crc32.c
    common/crc32_small.c
    common/digest.c
    common/hex.c
    common/image.c
    common/image_app.c
    common/image_esp.c
    common/image_header.c
    common/image_pico.c
    common/image_source.c
    common/invitation.c
    common/proof.c
    common/reply.c
    common/secret.c
    common/text.c
    common/verdict.c)

# What a bootloader needs on top.
set(LIBOTA_BOOT_SOURCES
    device/boot/boot.c
    device/boot/boot_exchange.c
    device/boot/boot_move.c
    device/boot/boot_state.c
    device/core/flash.c
    device/core/layout.c
    device/core/record.c
    device/core/record_bytes.c
    device/core/record_write.c)

# What the application needs on top of that.
set(LIBOTA_APP_SOURCES
    device/core/error.c
    device/core/net.c
    device/core/responder.c
    device/core/responder_login.c
    device/core/responder_out.c
    device/core/responder_transfer.c
    device/core/sketch_check.c
    device/core/updater.c
    device/core/updater_erase.c
    device/core/updater_place.c
    device/core/updater_steps.c)

# What an application that asks a web server needs on top of that.
set(LIBOTA_PULLER_SOURCES
    device/core/pull_error.c
    device/core/puller.c
    device/core/puller_answer.c
    device/core/puller_attempt.c
    device/core/puller_lines.c
    device/core/puller_request.c
    device/core/puller_transfer.c
    device/core/puller_url.c
    device/core/puller_verdict.c
    device/core/puller_word.c)

# Digests by Mbed TLS; by BearSSL it would be common/digest_bearssl.c.
set(LIBOTA_MBEDTLS_SOURCES device/sdk/mbedtls/digest_mbedtls.c)
set(LIBOTA_MBEDTLS_INCLUDES ${LIBOTA_ROOT}/device/sdk/mbedtls)

# The network by lwIP's raw API, and mDNS by lwIP's responder, for where there is no better one.
set(LIBOTA_LWIP_SOURCES
    device/port/lwip/lwip_address.c
    device/port/lwip/lwip_admit.c
    device/port/lwip/lwip_closing.c
    device/port/lwip/lwip_lease.c
    device/port/lwip/lwip_net.c)
set(LIBOTA_LWIP_MDNS_SOURCES device/port/lwip/lwip_mdns.c)

foreach(libota_list COMMON BOOT APP PULLER MBEDTLS LWIP LWIP_MDNS)
    list(TRANSFORM LIBOTA_${libota_list}_SOURCES PREPEND ${LIBOTA_ROOT}/)
endforeach()
