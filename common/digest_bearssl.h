/*
 * The BearSSL back-end of digest.h: no heap, constant time, small enough for a microcontroller.
 */
#ifndef COMMON_DIGEST_BEARSSL_H
#define COMMON_DIGEST_BEARSSL_H

#include "common/digest.h"

#endif
