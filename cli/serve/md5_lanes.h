/*
 * MD5 of messages that differ in one byte of their beginning, all at once: one reading, and not
 * much more time than for one. Devices write their flash mode into the third byte of a sketch, so
 * that there is one digest of it for each mode.
 */
#ifndef CLI_MD5_LANES_H
#define CLI_MD5_LANES_H

#include "common/digest.h"

#include <stddef.h>
#include <stdint.h>

#define MD5_LANES       4
#define MD5_LANES_BLOCK 64

/* A word of each message. */
typedef uint32_t md5_lane_words __attribute__((vector_size(4 * MD5_LANES)));

/* A plain value: it may be copied to fork it. */
struct md5_lanes {
    md5_lane_words state[4];
    uint64_t size;                    /* bytes so far */
    uint8_t pending[MD5_LANES_BLOCK]; /* those that do not fill a block yet */
    size_t byte;
};

/* Begin: lane n has the number n where the messages have their byte `byte`, which is below 64. */
void md5_lanes_init(struct md5_lanes *lanes, size_t byte);

/* Take `len` bytes in that are the same in each message, but for the one. */
void md5_lanes_update(struct md5_lanes *lanes, const uint8_t *bytes, size_t len);

/* Write the digests. The messages must be longer than `byte`. Not to be used again before init. */
void md5_lanes_finish(struct md5_lanes *lanes, uint8_t out[MD5_LANES][DIGEST_MD5_SIZE]);

#endif
