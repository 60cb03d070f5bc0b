#include "cli/serve/md5_lanes.h"

#include "common/bytes.h"

#include <string.h>

/* RFC 1321, section 3.4. */
static const uint32_t sines[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

static const unsigned shifts[4][4] = {
    { 7, 12, 17, 22 },
    { 5, 9, 14, 20 },
    { 4, 11, 16, 23 },
    { 6, 10, 15, 21 },
};

void md5_lanes_init(struct md5_lanes *lanes, size_t byte)
{
    static const uint32_t begin[4] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 };

    memset(lanes, 0, sizeof *lanes);
    for (unsigned i = 0; i < 4; i++)
        lanes->state[i] += begin[i];
    lanes->byte = byte;
}

/* The functions of the four rounds. */
static md5_lane_words mix(unsigned round, md5_lane_words b, md5_lane_words c, md5_lane_words d)
{
    switch (round) {
    case 0:
        return (b & c) | (~b & d);
    case 1:
        return (b & d) | (c & ~d);
    case 2:
        return b ^ c ^ d;
    default:
        return c ^ (b | ~d);
    }
}

/* Which word of the block a step of a round takes. */
static unsigned word_of(unsigned round, unsigned step)
{
    static const unsigned factor[4] = { 1, 5, 3, 7 };
    static const unsigned first[4] = { 0, 1, 5, 0 };

    return (first[round] + factor[round] * step) % 16;
}

static void take_block(struct md5_lanes *lanes, const md5_lane_words words[16])
{
    md5_lane_words a = lanes->state[0];
    md5_lane_words b = lanes->state[1];
    md5_lane_words c = lanes->state[2];
    md5_lane_words d = lanes->state[3];

    for (unsigned i = 0; i < 64; i++) {
        unsigned round = i / 16;
        unsigned shift = shifts[round][i % 4];
        md5_lane_words sum = a + mix(round, b, c, d) + words[word_of(round, i % 16)] + sines[i];
        a = d;
        d = c;
        c = b;
        b += sum << shift | sum >> (32 - shift);
    }
    lanes->state[0] += a;
    lanes->state[1] += b;
    lanes->state[2] += c;
    lanes->state[3] += d;
}

static void take_bytes(struct md5_lanes *lanes, const uint8_t *bytes)
{
    md5_lane_words words[16];

    memset(words, 0, sizeof words);
    for (unsigned i = 0; i < 16; i++)
        words[i] += bytes_u32(bytes + (size_t)4 * i);
    if (lanes->size < MD5_LANES_BLOCK) {
        unsigned shift = 8 * (lanes->byte % 4);
        md5_lane_words *word = &words[lanes->byte / 4];
        for (uint32_t i = 0; i < MD5_LANES; i++)
            (*word)[i] = ((*word)[i] & ~((uint32_t)0xFF << shift)) | i << shift;
    }
    take_block(lanes, words);
}

void md5_lanes_update(struct md5_lanes *lanes, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        size_t at = lanes->size % MD5_LANES_BLOCK;
        size_t count = MD5_LANES_BLOCK - at < len ? MD5_LANES_BLOCK - at : len;

        if (count < MD5_LANES_BLOCK)
            memcpy(lanes->pending + at, bytes, count);
        if (at + count == MD5_LANES_BLOCK)
            take_bytes(lanes, count < MD5_LANES_BLOCK ? lanes->pending : bytes);
        lanes->size += count;
        bytes += count;
        len -= count;
    }
}

void md5_lanes_finish(struct md5_lanes *lanes, uint8_t out[MD5_LANES][DIGEST_MD5_SIZE])
{
    uint8_t padding[MD5_LANES_BLOCK + 8] = { 0x80 };
    uint64_t bits = lanes->size * 8;
    size_t at = lanes->size % MD5_LANES_BLOCK;
    size_t zeros = (at < 56 ? 56 : 120) - at;

    bytes_put_u32(padding + zeros, (uint32_t)bits);
    bytes_put_u32(padding + zeros + 4, (uint32_t)(bits >> 32));
    md5_lanes_update(lanes, padding, zeros + 8);
    for (unsigned lane = 0; lane < MD5_LANES; lane++) {
        for (unsigned i = 0; i < 4; i++)
            bytes_put_u32(out[lane] + (size_t)4 * i, lanes->state[i][lane]);
    }
}
