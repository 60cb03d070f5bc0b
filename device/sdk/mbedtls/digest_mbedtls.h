/*
 * The Mbed TLS back-end of digest.h, for systems that have Mbed TLS anyway: releases 2.28 and 3.
 *
 * It uses the plain contexts of Mbed TLS, never its heap. Those of a hardware engine or of a ROM
 * (MBEDTLS_SHA256_ALT, MBEDTLS_MD5_ALT) cannot stand for a plain value, which may be copied and
 * dropped: with them it does not compile. ESP-IDF: CONFIG_MBEDTLS_HARDWARE_SHA=n and
 * CONFIG_MBEDTLS_ROM_MD5=n. Needs MBEDTLS_MD5_C and MBEDTLS_SHA256_C.
 */
#ifndef DIGEST_MBEDTLS_H
#define DIGEST_MBEDTLS_H

#include "common/digest.h"

#endif
