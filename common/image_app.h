/*
 * The application description that ESP-IDF puts at the start of an image's first segment. Part of
 * image.h's implementation.
 */
#ifndef COMMON_IMAGE_APP_H
#define COMMON_IMAGE_APP_H

#include "common/image.h"

/* Bytes of a description. */
#define IMAGE_APP_SIZE 176

/* Read the description in these bytes; false when its magic number is not there. */
bool image_app_parse(struct image_app *out, const uint8_t bytes[IMAGE_APP_SIZE]);

#endif
