/*
 * What the decision has to know of an image, once it was digested and examined.
 */
#ifndef CLI_IMAGE_FACTS_H
#define CLI_IMAGE_FACTS_H

#include "cli/image/image_file.h"
#include "common/digest.h"
#include "common/image.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Flash modes that a device may write into the header's third byte. */
#define IMAGE_FACTS_MODES 4

/* Digests that a device may report of one image, at most. */
#define IMAGE_FACTS_MD5S (2 * (1 + IMAGE_FACTS_MODES))

struct image_facts {
    uint64_t size;                /* bytes that are sent */
    uint8_t md5[DIGEST_MD5_SIZE]; /* of these */
    enum image_kind kind;         /* of a gzip: its content's */
    const char *chip; /* of a sketch, as espota-c inspect names it: "ESP32-S3"; NULL: not known */
    uint64_t flash_size; /* bytes of flash that a sketch is configured for; 0: not known */

    /*
     * MD5s that a device which runs this sketch may report: of what its segments cover (of a gzip:
     * of its content), as it is and with each flash mode in the header, for devices rewrite it;
     * then likewise of the whole image, if there is more, such as a signature. None of a file
     * system.
     */
    uint8_t running_md5[IMAGE_FACTS_MD5S][DIGEST_MD5_SIZE];
    unsigned running_md5_count;

    /* SHA-256 that it may report: of the whole image, and the one appended to an ESP32's. */
    uint8_t running_sha256[2][DIGEST_SHA256_SIZE];
    unsigned running_sha256_count;
};

/*
 * Fill in from an open image file; reads it once or twice more. False, with `failure` filled in
 * (EXIT_LOCAL_FAILURE), when it cannot be read.
 */
bool image_facts_take(struct image_facts *facts, const struct image_file *file,
                      struct failure *failure);

/*
 * What it is for people: the chip where that is known ("ESP32-S3", "RP2350"), else the kind, as
 * image_kind_name().
 */
const char *image_facts_label(const struct image_facts *facts);

/* True when a device that reports this digest runs this sketch already. */
bool image_facts_match_md5(const struct image_facts *facts, const uint8_t md5[DIGEST_MD5_SIZE]);
bool image_facts_match_sha256(const struct image_facts *facts,
                              const uint8_t sha256[DIGEST_SHA256_SIZE]);

#endif
