#include "sf2_entropy.h"

#include "common/digest.h"
#include "sf2_clock.h"

#include <string.h>

#define SAMPLES 64

static uint8_t pool[DIGEST_SHA256_SIZE];
static bool has_secret;

/* The pool becomes a digest of itself, the time, and these bytes. */
static void stir(char purpose, const void *bytes, size_t len, uint8_t out[DIGEST_SHA256_SIZE])
{
    const uint32_t now[] = { sf2_clock_ms(), sf2_clock_cycles() };
    struct digest digest;

    digest_init(&digest, DIGEST_SHA256);
    digest_update(&digest, &purpose, 1);
    digest_update(&digest, pool, sizeof pool);
    digest_update(&digest, now, sizeof now);
    digest_update(&digest, bytes, len);
    digest_finish(&digest, out);
}

void sf2_entropy_mix(const void *bytes, size_t len)
{
    stir('m', bytes, len, pool);
}

void sf2_entropy_start(const struct ota_flash *flash, const void *bytes, size_t len, bool secret)
{
    uint8_t byte = 0;

    has_secret = secret;
    sf2_entropy_mix(bytes, len);
    for (unsigned i = 0; i < SAMPLES; i++) {
        (void)flash->read(flash->ctx, i, &byte, sizeof byte);
        sf2_entropy_mix(&byte, sizeof byte);
    }
}

/* What goes out tells nothing of the pool, nor of what went out before. */
static void draw(void *out, size_t len)
{
    uint8_t block[DIGEST_SHA256_SIZE];
    uint8_t *at = out;

    for (size_t piece = 0; len > 0; at += piece, len -= piece) {
        piece = len < sizeof block ? len : sizeof block;
        stir('o', NULL, 0, block);
        memcpy(at, block, piece);
        sf2_entropy_mix(NULL, 0);
    }
}

static bool fill(void *ctx, void *out, size_t len)
{
    (void)ctx;
    draw(out, len);
    return has_secret;
}

uint32_t sf2_entropy_word(void)
{
    uint32_t word;

    draw(&word, sizeof word);
    return word;
}

struct ota_random sf2_entropy(void)
{
    return (struct ota_random){ .fill = fill };
}
