#include "common/image.h"

#include "tests/support/image_builder.h"

#include <criterion/criterion.h>
#include <string.h>

#define SEED 7

static struct image examine(const struct built_image *built)
{
    struct image_source source = built_image_source(built);
    struct image image;

    cr_assert_not_null(built->bytes);
    memset(&image, 0xA5, sizeof image);
    image_examine(&image, &source);
    cr_assert_eq(image.size, built->size);
    return image;
}

static struct image examine_and_free(struct built_image built)
{
    struct image image = examine(&built);

    built_image_free(&built);
    return image;
}

Test(image, empty_is_a_fault)
{
    struct image image = examine_and_free(build_noise(0, SEED));

    cr_assert_eq(image.kind, IMAGE_UNKNOWN);
    cr_assert_eq(image.fault, IMAGE_EMPTY);
}

Test(image, noise_is_unknown_and_no_fault)
{
    struct image image = examine_and_free(build_noise(70000, SEED));

    cr_assert_eq(image.kind, IMAGE_UNKNOWN);
    cr_assert_eq(image.fault, IMAGE_SOUND);
    cr_assert_eq(image.signature, IMAGE_SIGNATURE_NONE);
}

Test(image, uniform_bytes_are_unknown)
{
    uint8_t bytes[8192];
    struct built_image built = { bytes, sizeof bytes };

    for (int value = 0; value < 256; value++) {
        memset(bytes, value, sizeof bytes);
        cr_assert_eq(examine(&built).kind, IMAGE_UNKNOWN, "all bytes %02x", value);
    }
}

Test(image, knows_an_rp2040_sketch_by_its_boot_stage)
{
    struct image image = examine_and_free(build_pico(9000, SEED));

    cr_assert_eq(image.kind, IMAGE_PICO);
    cr_assert_eq(image.fault, IMAGE_SOUND);
    cr_assert_not(image.rp2350);
}

Test(image, takes_no_boot_stage_with_a_wrong_crc_for_one)
{
    struct built_image built = build_pico(9000, SEED);

    for (size_t place = 0; place < 256; place += 17) {
        built.bytes[place] ^= 0x20;
        cr_assert_eq(examine(&built).kind, IMAGE_UNKNOWN, "byte %zu", place);
        built.bytes[place] ^= 0x20;
    }
    built.size = 255;
    cr_assert_eq(examine(&built).kind, IMAGE_UNKNOWN);
    built_image_free(&built);
}

Test(image, knows_an_rp2350_sketch_by_its_block)
{
    struct image image = examine_and_free(build_pico2(9000, SEED));

    cr_assert_eq(image.kind, IMAGE_PICO);
    cr_assert(image.rp2350);
}

Test(image, takes_no_block_without_both_markers_in_4_kib_for_one)
{
    struct built_image built = build_pico2(9000, SEED);

    built.bytes[0x110] ^= 1;
    cr_assert_eq(examine(&built).kind, IMAGE_UNKNOWN, "no start");
    memmove(built.bytes + 4096, built.bytes + 0x120, 4);
    built.bytes[0x110] ^= 1;
    built.bytes[0x120] ^= 1;
    cr_assert_eq(examine(&built).kind, IMAGE_UNKNOWN, "its end comes too late");
    built_image_free(&built);
}

Test(image, knows_a_littlefs_by_either_superblock)
{
    struct built_image built = build_littlefs(32768, SEED);

    cr_assert_eq(examine(&built).kind, IMAGE_LITTLEFS);
    built.bytes[BUILT_SECTOR + 8] = 'L';
    cr_assert_eq(examine(&built).kind, IMAGE_LITTLEFS, "block 0 alone");
    built.bytes[8] = 'L';
    cr_assert_eq(examine(&built).kind, IMAGE_UNKNOWN, "neither");
    for (size_t block_size = 128; block_size <= 16384; block_size *= 2) {
        memcpy(built.bytes + block_size + 8, "littlefs", 8);
        cr_assert_eq(examine(&built).kind, IMAGE_LITTLEFS, "block 1 at %zu", block_size);
        built.bytes[block_size + 8] = 'L';
    }
    built_image_free(&built);
}

Test(image, a_littlefs_that_ends_behind_its_name_is_one)
{
    struct built_image built = build_littlefs(8192, SEED);

    built.size = 16;
    cr_assert_eq(examine(&built).kind, IMAGE_LITTLEFS);
    built.size = 15;
    cr_assert_eq(examine(&built).kind, IMAGE_UNKNOWN);
    built_image_free(&built);
}

Test(image, knows_gzip)
{
    struct built_image sketch = build_esp8266(8192, SEED);
    struct built_image built = build_gzip(&sketch);

    cr_assert_eq(examine(&built).kind, IMAGE_GZIP);
    cr_assert_eq(examine(&built).fault, IMAGE_SOUND);
    cr_assert_eq(examine(&built).signature, IMAGE_SIGNATURE_NONE);
    built.size = 17;
    cr_assert_eq(examine(&built).kind, IMAGE_GZIP);
    cr_assert_eq(examine(&built).fault, IMAGE_TRUNCATED);
    built_image_free(&built);
    built_image_free(&sketch);
}

Test(image, sees_the_signature_behind_sketches)
{
    struct built_image sketch = build_esp8266(8192, SEED);

    cr_assert_eq(examine(&sketch).signature, IMAGE_SIGNATURE_NONE);
    cr_assert_eq(examine_and_free(build_signed(build_gzip(&sketch), SEED)).signature,
                 IMAGE_SIGNATURE_TRAILER);
    cr_assert_eq(examine_and_free(build_signed(build_pico(8192, SEED), SEED)).signature,
                 IMAGE_SIGNATURE_TRAILER);
    cr_assert_eq(examine_and_free(build_signed(build_littlefs(8192, SEED), SEED)).signature,
                 IMAGE_SIGNATURE_NONE);
    struct image image = examine_and_free(build_signed(sketch, SEED));
    cr_assert_eq(image.fault, IMAGE_SOUND);
    cr_assert_eq(image.signature, IMAGE_SIGNATURE_TRAILER);
}

/* A source whose reading fails after so many times. */
struct failing {
    const struct built_image *built;
    int *left;
};

static bool read_failing(const void *ctx, uint64_t offset, void *out, size_t len)
{
    const struct failing *failing = ctx;

    if ((*failing->left)-- <= 0)
        return false;
    struct image_source source = built_image_source(failing->built);
    return source.read(source.ctx, offset, out, len);
}

static void fail_everywhere(struct built_image built)
{
    int left = 0;
    struct failing failing = { &built, &left };
    struct image_source source = { &failing, built.size, read_failing };
    struct image image;
    int reads = 0;

    do {
        left = reads++;
        image_examine(&image, &source);
        cr_assert(image.fault == IMAGE_SOUND || image.fault == IMAGE_UNREADABLE);
    } while (left < 0);
    cr_assert_eq(image.fault, IMAGE_SOUND);
    cr_assert_gt(reads, 1);
    built_image_free(&built);
}

Test(image, survives_a_read_that_fails_anywhere)
{
    fail_everywhere(build_esp8266(20000, SEED));
    fail_everywhere(build_esp32(20000, SEED, 0));
    fail_everywhere(build_pico(20000, SEED));
    fail_everywhere(build_littlefs(20000, SEED));
    fail_everywhere(build_noise(20000, SEED));
}

Test(image, an_unreadable_source_is_unreadable)
{
    int left = 0;
    struct failing failing = { NULL, &left };
    struct image_source source = { &failing, UINT64_MAX, read_failing };
    struct image image;

    image_examine(&image, &source);
    cr_assert_eq(image.fault, IMAGE_UNREADABLE);
}

Test(image, identify_tells_kind_chip_and_flash_size)
{
    struct built_image esp8266 = build_esp8266(8192, SEED);
    struct built_image esp32 = build_esp32(8192, SEED, 9);
    uint16_t chip_id = 1;
    uint64_t flash_size = 1;

    cr_assert_eq(image_identify(esp8266.bytes, IMAGE_HEADER_SIZE, &chip_id, &flash_size),
                 IMAGE_ESP8266);
    cr_assert_eq(chip_id, 0);
    cr_assert_eq(flash_size, 4u << 20);
    cr_assert_eq(image_identify(esp32.bytes, IMAGE_HEADER_SIZE, &chip_id, &flash_size),
                 IMAGE_ESP32);
    cr_assert_eq(chip_id, 9);
    cr_assert_eq(flash_size, 4u << 20);
    cr_assert_eq(image_identify(esp32.bytes, IMAGE_HEADER_SIZE, NULL, NULL), IMAGE_ESP32);
    cr_assert_eq(image_identify((const uint8_t *)"\x1F\x8B", 2, &chip_id, &flash_size), IMAGE_GZIP);
    cr_assert_eq(chip_id, 0);
    cr_assert_eq(flash_size, 0);
    cr_assert_eq(image_identify((const uint8_t *)"", 0, NULL, NULL), IMAGE_UNKNOWN);
    cr_assert_eq(image_identify((const uint8_t *)"\x1F", 1, NULL, NULL), IMAGE_UNKNOWN);
    for (size_t len = 0; len < 8; len++)
        cr_assert_eq(image_identify(esp8266.bytes, len, NULL, NULL), IMAGE_UNKNOWN);
    for (size_t len = 0; len < 24; len++)
        cr_assert_eq(image_identify(esp32.bytes, len, NULL, NULL), IMAGE_UNKNOWN);
    built_image_free(&esp8266);
    built_image_free(&esp32);
}

Test(image, names_everything)
{
    cr_assert_str_eq(image_kind_name(IMAGE_ESP8266), "ESP8266");
    cr_assert_str_eq(image_kind_name(IMAGE_UNKNOWN), "unknown");
    cr_assert_str_eq(image_chip_name(0), "ESP32");
    cr_assert_str_eq(image_chip_name(23), "ESP32-C5");
    cr_assert_null(image_chip_name(1));
    cr_assert_str_eq(image_flash_mode_name(0), "QIO");
    cr_assert_str_eq(image_flash_mode_name(3), "DOUT");
    cr_assert_null(image_flash_mode_name(4));
    for (int fault = IMAGE_SOUND; fault <= IMAGE_BAD_SHA256; fault++)
        cr_assert_gt(strlen(image_fault_text((enum image_fault)fault)), 0);
    cr_assert(image_is_filesystem(IMAGE_LITTLEFS));
    cr_assert_not(image_is_filesystem(IMAGE_ESP8266));
}
