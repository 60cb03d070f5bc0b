/*
 * What an image is, told from its bytes: for which chip, how built, and whether it is whole.
 *
 * The image is read through a small interface, so that a file on a host and a slot in flash are
 * examined by the same code. Only what is certainly wrong counts as a fault: a check that refused
 * a genuine image would be worse than none.
 */
#ifndef COMMON_IMAGE_H
#define COMMON_IMAGE_H

#include "common/digest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where the bytes come from. */
struct image_source {
    const void *ctx;
    uint64_t size; /* bytes there are */
    /* Read exactly `len` bytes at `offset`, all inside `size`; false when that failed. */
    bool (*read)(const void *ctx, uint64_t offset, void *out, size_t len);
};

enum image_kind {
    IMAGE_UNKNOWN,  /* no magic that is known; a SPIFFS image looks like this */
    IMAGE_ESP8266,  /* sketch for the ESP8266 */
    IMAGE_ESP32,    /* application for a chip of the ESP32 family */
    IMAGE_PICO,     /* sketch for the RP2040 or RP2350 */
    IMAGE_GZIP,     /* compressed; what is inside takes another look */
    IMAGE_LITTLEFS, /* file system */
};

/* Why an image cannot be whole. */
enum image_fault {
    IMAGE_SOUND,
    IMAGE_UNREADABLE,   /* the source's read failed */
    IMAGE_EMPTY,        /* no bytes at all */
    IMAGE_TRUNCATED,    /* ends inside its segments, or before its checksum */
    IMAGE_BAD_CHECKSUM, /* XOR of the first image's segments differs */
    IMAGE_BAD_LENGTH,   /* ESP8266: its length word says that there should be more */
    IMAGE_BAD_CRC,      /* ESP8266: its CRC word differs */
    IMAGE_BAD_SHA256,   /* ESP32: the appended digest differs */
};

/* A check's outcome. */
enum image_check {
    IMAGE_CHECK_ABSENT, /* this image has no such thing */
    IMAGE_CHECK_PASSED,
    IMAGE_CHECK_FAILED,
};

/* A signature at the end of the image, told by its form; whether it is right takes the key. */
enum image_signature {
    IMAGE_SIGNATURE_NONE,
    IMAGE_SIGNATURE_TRAILER, /* ESP8266, RP2040: signature, then its length as u32 LE */
    IMAGE_SIGNATURE_BLOCK,   /* ESP32: 512 bytes, zero padded */
};

#define IMAGE_SEGMENTS_MAX 16

struct image_segment {
    uint64_t offset;  /* of its data, in bytes from the start of the image */
    uint32_t address; /* where it is loaded or mapped */
    uint32_t length;
};

/* The application description of ESP-IDF; texts are NUL-terminated, bytes as in the image. */
struct image_app {
    uint32_t secure_version;
    char version[33];
    char project[33];
    char time[17];
    char date[17];
    char idf[33];
    uint8_t elf_sha256[DIGEST_SHA256_SIZE];
};

/* A header and the segments that follow it. */
struct image_part {
    uint32_t entry;         /* entry address */
    unsigned declared;      /* segments that the header announces, 1 to IMAGE_SEGMENTS_MAX */
    unsigned segment_count; /* of them, those found; the last may reach past the end */
    struct image_segment segments[IMAGE_SEGMENTS_MAX];
    uint64_t end; /* offset behind the checksum row; 0 when the source ends before */
};

/* An ESP8266 or ESP32 image. */
struct image_esp {
    uint8_t flash_mode;      /* 0 QIO, 1 QOUT, 2 DIO, 3 DOUT */
    uint64_t flash_size;     /* bytes the image is configured for; 0 when the code is not known */
    uint16_t chip_id;        /* ESP32 family alone */
    struct image_part first; /* at offset 0; of an ESP8266 sketch this is its boot loader */
    uint64_t end;            /* behind the checksum row and the appended digest; 0 as above */
    bool has_sketch;         /* ESP8266: there is a second image at 0x1000, as below */
    struct image_part sketch;
    uint32_t sketch_length; /* ESP8266: the length word at 0x1010, 0 when there is none */
    bool has_app;
    struct image_app app;
};

struct image {
    enum image_kind kind;
    enum image_fault fault; /* the first one found, IMAGE_SOUND if none */
    uint64_t size;
    struct image_esp esp;      /* of IMAGE_ESP8266 and IMAGE_ESP32 */
    bool rp2350;               /* of IMAGE_PICO: it is for the RP2350, else for the RP2040 */
    enum image_check checksum; /* of the first image */
    enum image_check length;   /* ESP8266: length word */
    enum image_check crc;      /* ESP8266: CRC word */
    enum image_check sha256;   /* ESP32: appended digest */
    enum image_signature signature;
};

/* Bytes that image_identify() looks at. */
#define IMAGE_HEADER_SIZE 24

/* Bytes of the buffer image_examine() keeps on the stack. */
#define IMAGE_WINDOW 4096

/*
 * Examine an image whole. Any bytes give an answer; `out` is always filled in. Reads the source
 * front to back at most twice, in pieces of no more than IMAGE_WINDOW bytes; a look at some fixed
 * places aside, no byte is read more often.
 */
void image_examine(struct image *out, const struct image_source *source);

/*
 * Tell the chip family by the first `len` bytes (IMAGE_HEADER_SIZE suffice) of an image: ESP8266,
 * ESP32 or GZIP; everything else is UNKNOWN here. `chip_id` and `flash_size` (bytes, 0 unknown)
 * are filled in where the header has them, else 0; each may be NULL.
 */
enum image_kind image_identify(const uint8_t *header, size_t len, uint16_t *chip_id,
                               uint64_t *flash_size);

/* True for kinds that hold a file system. */
bool image_is_filesystem(enum image_kind kind);

/* Names for people: "ESP8266", "ESP32-C3", "DIO" ... */
const char *image_kind_name(enum image_kind kind);
const char *image_kind_value(enum image_kind kind);   /* for programs: "esp8266", "unknown" ... */
const char *image_chip_name(uint16_t chip_id);        /* of the ESP32 family; NULL if not known */
const char *image_flash_mode_name(uint8_t mode);      /* NULL when the code is not known */
const char *image_fault_text(enum image_fault fault); /* a clause: "its checksum is wrong" */

/*
 * The chip that an examined image is for: "ESP8266", "ESP32-S3", "RP2350" ...; NULL of what is no
 * sketch, of a gzip, and of a chip of the ESP32 family that is not known.
 */
const char *image_chip(const struct image *image);

#ifdef __cplusplus
}
#endif

#endif
