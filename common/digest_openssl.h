/*
 * The OpenSSL back-end of digest.h. It uses libcrypto's plain contexts rather than EVP: they live
 * in the caller's memory, and no provider has to be loaded before the first byte is hashed.
 */
#ifndef COMMON_DIGEST_OPENSSL_H
#define COMMON_DIGEST_OPENSSL_H

#include "common/digest.h"

#endif
