/*
 * The flash images of the RP2040 and the RP2350. Part of image.h's implementation.
 */
#ifndef COMMON_IMAGE_PICO_H
#define COMMON_IMAGE_PICO_H

#include "common/image.h"

/* Bytes at the start of an image that image_pico_identify() may need. */
#define IMAGE_PICO_HEAD 4096

/* True when the first `len` bytes are those of such an image; tells which of the two it is. */
bool image_pico_identify(const uint8_t *head, size_t len, bool *rp2350);

#endif
