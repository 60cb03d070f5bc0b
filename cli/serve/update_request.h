/*
 * What a device says of itself when it asks for an update: the identity headers of the stock
 * clients of the ESP8266, the ESP32 and the RP2040, as one typed value.
 *
 * Pure: headers go in one by one, in any order and case of their names; the request comes out,
 * or why it is none.
 */
#ifndef CLI_UPDATE_REQUEST_H
#define CLI_UPDATE_REQUEST_H

#include "cli/serve/mac.h"
#include "common/digest.h"
#include "common/image.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is asked for. */
enum update_mode {
    UPDATE_SKETCH,
    UPDATE_FILESYSTEM, /* "spiffs" on the wire, whatever it is; from later ESP32 cores "littlefs",
                          "fatfs" */
    UPDATE_VERSION,    /* a question only: which version is there? */
};

/* Bytes of the texts, with the final NUL. Longer ones are refused, not cut. */
#define UPDATE_VERSION_SIZE 96
#define UPDATE_SDK_SIZE     64

/* Fields that were sent, one bit each; see update_request.sent. */
enum update_field {
    UPDATE_FIELD_CHIP_ID = 1u << 0,
    UPDATE_FIELD_STA_MAC = 1u << 1,
    UPDATE_FIELD_AP_MAC = 1u << 2,
    UPDATE_FIELD_FREE_SPACE = 1u << 3,
    UPDATE_FIELD_SKETCH_SIZE = 1u << 4,
    UPDATE_FIELD_SKETCH_MD5 = 1u << 5,
    UPDATE_FIELD_SKETCH_SHA256 = 1u << 6,
    UPDATE_FIELD_CHIP_SIZE = 1u << 7,
    UPDATE_FIELD_SDK_VERSION = 1u << 8,
    UPDATE_FIELD_MODE = 1u << 9,
    UPDATE_FIELD_VERSION = 1u << 10,
};

struct update_request {
    enum image_kind family; /* IMAGE_ESP8266, IMAGE_ESP32 or IMAGE_PICO */
    enum update_mode mode;
    unsigned sent; /* of enum update_field */
    struct mac station;
    struct mac access_point;
    uint64_t free_space;  /* bytes a new sketch may have */
    uint64_t sketch_size; /* bytes of the running sketch */
    uint64_t chip_size;   /* bytes of flash */
    uint8_t sketch_md5[DIGEST_MD5_SIZE];
    uint8_t sketch_sha256[DIGEST_SHA256_SIZE];
    char version[UPDATE_VERSION_SIZE]; /* bytes as the device sent them: hostile text */
    char sdk_version[UPDATE_SDK_SIZE]; /* likewise */
};

/* Why a request is none that is answered with an image; each is a 403. */
enum update_refusal {
    UPDATE_ACCEPTED,
    UPDATE_NO_UPDATER, /* the user agent is not one of the three */
    UPDATE_MISSING,    /* a header that this client always sends is not there */
    UPDATE_MALFORMED,  /* a header's value is not what it must be */
    UPDATE_REPEATED,   /* an identity header is there twice */
    UPDATE_NO_ADDRESS, /* the station's MAC is none that one device alone can have: of a group, of
                          all, or zero, as of a chip whose own cannot be read */
};

/* Families that have a client: IMAGE_ESP8266, IMAGE_ESP32 and IMAGE_PICO, in this order. */
#define UPDATE_FAMILIES 3

/* What the headers with one family's prefix say. */
struct update_claim {
    struct update_request request;
    enum update_refusal refusal; /* of the first header that is wrong */
    unsigned field;              /* that header's: enum update_field */
};

/* A request being taken apart. The caller's; fields but `request` are its own. */
struct update_parser {
    struct update_request request;               /* once update_parser_end() was called */
    struct update_claim claims[UPDATE_FAMILIES]; /* the user agent may come last */
    enum update_refusal refusal;
    unsigned field;         /* the one that the refusal is about; 0: the user agent */
    enum image_kind family; /* by the user agent; IMAGE_UNKNOWN: none of the three */
    unsigned agents;        /* user agents seen */
};

/* Begin with a new request. */
void update_parser_init(struct update_parser *parser);

/* Take a header; those that do not belong to updates are ignored. Both texts end with NUL. */
void update_parser_take(struct update_parser *parser, const char *name, const char *value);

/*
 * The end of the headers. UPDATE_ACCEPTED when parser->request is whole: it is from one of the
 * three clients, with every header that this client always sends: for the ESP8266 all but version
 * and sketch-sha256, for the ESP32 all but Chip-ID, sketch-md5 (left out when it cannot read its
 * own flash), sketch-sha256 (older cores lack it) and version, for the RP2040 Chip-ID, STA-MAC,
 * AP-MAC and Mode. Headers with another family's prefix do not count. Else why not;
 * update_refusal_text() says so. parser->request holds what was right then: its family and, if
 * `sent` says so, the station are good for the log.
 */
enum update_refusal update_parser_end(struct update_parser *parser);

/*
 * Why, for the log and the answer's body: "not an updater", "x-ESP8266-free-space is missing" ...
 * Never contains text of the device. `out` ends with NUL; returns `out`.
 */
char *update_refusal_text(const struct update_parser *parser, char *out, size_t size);

/* True when the user agent is one of the three; for who must be told apart from a browser. */
bool update_agent_is_updater(const char *user_agent);

#endif
