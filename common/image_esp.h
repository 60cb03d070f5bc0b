/*
 * The images of the ESP8266 and the ESP32 family: segments, checksum, and the digests that
 * build systems add. Part of image.h's implementation.
 */
#ifndef COMMON_IMAGE_ESP_H
#define COMMON_IMAGE_ESP_H

#include "common/image.h"
#include "common/image_header.h"

/* Examine an image whose `kind` is in `image` already, and whose header is this one. */
enum image_fault image_esp_examine(struct image *image, const struct image_esp_header *header,
                                   const struct image_source *source);

#endif
