/*
 * Images for the simulated board: well-formed sketches and file systems of any size, each with
 * content of its own.
 */
#ifndef SIM_IMAGE_H
#define SIM_IMAGE_H

#include "ota/flash.h"
#include "ota/record.h"
#include "ota/updater.h"

#include <stdbool.h>
#include <stdint.h>

/* Bytes of the smallest sketch that is well-formed: header, a segment, and the checksum's row. */
#define SIM_SKETCH_MIN 32

struct sim_image {
    enum ota_target target;
    uint32_t seed;         /* told in traces */
    uint8_t *bytes;        /* NULL: memory ran out, or freed */
    struct ota_image body; /* size and MD5, as a record has them */
};

/*
 * Make a sketch for the ESP8266 of `size` bytes, at least SIM_SKETCH_MIN. It is one segment with
 * the right checksum, whose first word is `size`; flash of any size will do for it. Another seed
 * makes another content, in every erase unit. False when memory ran out.
 */
bool sim_sketch_make(struct sim_image *image, uint32_t size, uint32_t seed);

/* Make a file system of `size` bytes, at least 1: noise, that depends on the seed. */
bool sim_filesystem_make(struct sim_image *image, uint32_t size, uint32_t seed);

/* Free the bytes; harmless when there are none. */
void sim_image_free(struct sim_image *image);

/*
 * The size of the sketch that begins at an area's start, 0 when there is none: for struct
 * ota_boot_config. Takes the sketches above, whose first segment begins with their size.
 */
uint32_t sim_sketch_size(void *ctx, const struct ota_flash *flash, const struct ota_area *area);

#endif
