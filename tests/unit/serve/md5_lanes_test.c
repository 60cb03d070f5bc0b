#include "cli/serve/md5_lanes.h"

#include <criterion/criterion.h>
#include <string.h>

#define SIZE 1000

static uint8_t message[SIZE];

static void fill(void)
{
    for (size_t i = 0; i < SIZE; i++)
        message[i] = (uint8_t)(i * 151 + 7);
}

TestSuite(md5_lanes, .init = fill);

/* The lanes of the first `len` bytes are what each message has for itself. */
static void expect_digests(struct md5_lanes *lanes, size_t byte, size_t len)
{
    uint8_t got[MD5_LANES][DIGEST_MD5_SIZE];
    uint8_t wanted[DIGEST_MD5_SIZE];

    md5_lanes_finish(lanes, got);
    for (unsigned i = 0; i < MD5_LANES; i++) {
        struct digest digest;

        message[byte] = (uint8_t)i;
        digest_init(&digest, DIGEST_MD5);
        digest_update(&digest, message, len);
        digest_finish(&digest, wanted);
        cr_expect_arr_eq(got[i], wanted, DIGEST_MD5_SIZE, "lane %u of %zu bytes", i, len);
    }
}

Test(md5_lanes, are_right_for_every_length_around_a_block)
{
    for (size_t len = 3; len <= 200; len++) {
        struct md5_lanes lanes;

        md5_lanes_init(&lanes, 2);
        md5_lanes_update(&lanes, message, len);
        expect_digests(&lanes, 2, len);
    }
}

Test(md5_lanes, differ_in_any_byte_of_the_first_block)
{
    for (size_t byte = 0; byte < MD5_LANES_BLOCK; byte++) {
        struct md5_lanes lanes;

        fill();
        md5_lanes_init(&lanes, byte);
        md5_lanes_update(&lanes, message, SIZE);
        expect_digests(&lanes, byte, SIZE);
    }
}

Test(md5_lanes, take_bytes_in_any_pieces)
{
    for (size_t piece = 1; piece <= 130; piece++) {
        struct md5_lanes lanes;

        md5_lanes_init(&lanes, 2);
        for (size_t at = 0; at < SIZE; at += piece)
            md5_lanes_update(&lanes, message + at, SIZE - at < piece ? SIZE - at : piece);
        expect_digests(&lanes, 2, SIZE);
    }
}

Test(md5_lanes, can_be_forked)
{
    struct md5_lanes lanes;

    md5_lanes_init(&lanes, 2);
    md5_lanes_update(&lanes, message, 300);
    struct md5_lanes fork = lanes;
    expect_digests(&fork, 2, 300);
    md5_lanes_update(&lanes, message + 300, SIZE - 300);
    expect_digests(&lanes, 2, SIZE);
}
