/*
 * The invitation: the datagram with which an uploader offers an image.
 *
 *     "CMD PORT SIZE MD5\n" [tail]
 *
 * Stock devices (the ArduinoOTA libraries of the ESP8266, ESP32 and RP2040 cores) read the first
 * line alone; whatever follows it is kept as an opaque tail, where extensions can be offered.
 */
#ifndef COMMON_INVITATION_H
#define COMMON_INVITATION_H

#include "common/digest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a datagram to the device asks for: its first word. */
enum push_command {
    PUSH_SKETCH = 0,
    PUSH_FILESYSTEM = 100,
    PUSH_PROOF = 200,
};

struct invitation {
    uint32_t command; /* an enum push_command, or another number that the sender made up */
    uint16_t port;    /* TCP port on which the uploader waits for the device; never 0 */
    uint64_t size;    /* bytes of the image; may be 0 or more than any device holds */
    uint8_t md5[DIGEST_MD5_SIZE]; /* of the bytes as sent */
    const char *tail;             /* what follows the first line, inside the parsed datagram */
    size_t tail_len;
};

/* Characters, with NUL, of the longest invitation without a tail. */
#define INVITATION_MAX 80

/*
 * Read a datagram. As stock devices do, white space around the digest is forgiven, the line may
 * end with the datagram, and the digest may be in either case; anything else that deviates is
 * refused: false, and `out` is in no particular state.
 */
bool invitation_parse(struct invitation *out, const char *datagram, size_t len);

/*
 * Write the datagram, tail included when there is one; returns its length, or 0 when `size` is too
 * small. The result is followed by NUL, which is not part of the datagram.
 */
size_t invitation_format(const struct invitation *invitation, char *out, size_t size);

#ifdef __cplusplus
}
#endif

#endif
