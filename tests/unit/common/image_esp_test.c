#include "common/image.h"

#include "tests/support/image_builder.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define SEED      3
#define LENGTH_AT 0x1010

static struct image examine(const struct built_image *built)
{
    struct image_source source = built_image_source(built);
    struct image image;

    cr_assert_not_null(built->bytes);
    image_examine(&image, &source);
    return image;
}

static void put_u32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

/* `bytes` more bytes of this value at the end. */
static void append(struct built_image *built, size_t bytes, int value)
{
    built->bytes = realloc(built->bytes, built->size + bytes);
    cr_assert_not_null(built->bytes);
    memset(built->bytes + built->size, value, bytes);
    built->size += bytes;
}

static void assert_fault(const struct built_image *built, enum image_fault fault, const char *what)
{
    enum image_fault found = examine(built).fault;

    cr_assert_eq(found, fault, "%s: %s", what, image_fault_text(found));
}

Test(image_esp, knows_an_esp8266_sketch)
{
    struct built_image built = build_esp8266(70000, SEED);
    struct image image = examine(&built);

    cr_assert_eq(image.kind, IMAGE_ESP8266);
    cr_assert_eq(image.fault, IMAGE_SOUND);
    cr_assert_eq(image.checksum, IMAGE_CHECK_PASSED);
    cr_assert_eq(image.length, IMAGE_CHECK_PASSED);
    cr_assert_eq(image.crc, IMAGE_CHECK_PASSED);
    cr_assert_eq(image.sha256, IMAGE_CHECK_ABSENT);
    cr_assert_eq(image.esp.flash_mode, 2);
    cr_assert_eq(image.esp.flash_size, 4u << 20);
    cr_assert_eq(image.esp.first.entry, 0x4010F480);
    cr_assert_eq(image.esp.first.segment_count, 1);
    cr_assert_eq(image.esp.first.segments[0].address, 0x4010F000);
    cr_assert_eq(image.esp.first.segments[0].offset, 16);
    cr_assert(image.esp.has_sketch);
    cr_assert_eq(image.esp.sketch.segment_count, 2);
    cr_assert_eq(image.esp.sketch.segments[0].offset, LENGTH_AT);
    cr_assert_eq(image.esp.sketch_length, built.size);
    cr_assert_eq(image.esp.sketch.end, built.size);
    cr_assert_not(image.esp.has_app);
    built_image_free(&built);
}

Test(image_esp, knows_every_flash_size_code)
{
    static const uint32_t esp8266_kib[16] = { 512, 256, 1024, 2048, 4096, 0, 0, 0, 8192, 16384 };
    static const uint32_t esp32_mib[16] = { 1, 2, 4, 8, 16, 32, 64, 128 };
    struct built_image esp8266 = build_esp8266(8192, SEED);
    struct built_image esp32 = build_esp32(8192, SEED, 0);

    for (unsigned code = 0; code < 16; code++) {
        uint64_t size;
        esp8266.bytes[3] = (uint8_t)(code << 4 | 0xF);
        image_identify(esp8266.bytes, IMAGE_HEADER_SIZE, NULL, &size);
        cr_assert_eq(size, (uint64_t)esp8266_kib[code] << 10);
        esp32.bytes[3] = (uint8_t)(code << 4 | 0xF);
        image_identify(esp32.bytes, IMAGE_HEADER_SIZE, NULL, &size);
        cr_assert_eq(size, (uint64_t)esp32_mib[code] << 20);
    }
    built_image_free(&esp8266);
    built_image_free(&esp32);
}

Test(image_esp, finds_each_fault_of_an_esp8266_sketch)
{
    struct built_image built = build_esp8266(9000, SEED);

    built.bytes[100] ^= 1;
    assert_fault(&built, IMAGE_BAD_CHECKSUM, "boot loader");
    built.bytes[100] ^= 1;
    built.bytes[0x1800] ^= 1;
    assert_fault(&built, IMAGE_BAD_CRC, "sketch");
    cr_assert_eq(examine(&built).crc, IMAGE_CHECK_FAILED);
    built.bytes[0x1800] ^= 1;
    built.bytes[0x0FFF] ^= 1;
    assert_fault(&built, IMAGE_BAD_CRC, "padding");
    built.bytes[0x0FFF] ^= 1;
    built.bytes[0x1014] ^= 1;
    assert_fault(&built, IMAGE_BAD_CRC, "CRC word");
    built.bytes[0x1014] ^= 1;
    put_u32(built.bytes + LENGTH_AT, (uint32_t)built.size + 1);
    assert_fault(&built, IMAGE_BAD_LENGTH, "length word");
    put_u32(built.bytes + LENGTH_AT, UINT32_MAX);
    assert_fault(&built, IMAGE_BAD_LENGTH, "length word, all ones");
    for (uint32_t length = 1; length <= 0x1020; length += 0x3FF) {
        put_u32(built.bytes + LENGTH_AT, length);
        assert_fault(&built, IMAGE_BAD_CRC, "length word too small");
    }
    built_image_free(&built);
}

Test(image_esp, sees_every_flipped_bit_of_an_esp8266_sketch)
{
    struct built_image built = build_esp8266(BUILT_ESP8266_MIN, SEED);

    /* The words aside: zero is an old core's length, and so is an address. */
    for (size_t place = 0; place < built.size; place++) {
        if (place >= LENGTH_AT && place < LENGTH_AT + 4)
            continue;
        built.bytes[place] ^= 0x10;
        struct image image = examine(&built);
        cr_assert(image.fault != IMAGE_SOUND || image.kind != IMAGE_ESP8266 ||
                      !image.esp.has_sketch,
                  "byte %zx", place);
        built.bytes[place] ^= 0x10;
    }
    assert_fault(&built, IMAGE_SOUND, "restored");
    built_image_free(&built);
}

Test(image_esp, accepts_what_is_genuine)
{
    struct built_image built = build_esp8266(9000, SEED);

    append(&built, 5000, 0xFF);
    assert_fault(&built, IMAGE_SOUND, "bytes behind the sketch");
    put_u32(built.bytes + LENGTH_AT, 0);
    put_u32(built.bytes + LENGTH_AT + 4, 0);
    assert_fault(&built, IMAGE_SOUND, "an old core's sketch");
    cr_assert_eq(examine(&built).length, IMAGE_CHECK_ABSENT);
    cr_assert_eq(examine(&built).crc, IMAGE_CHECK_ABSENT);
    put_u32(built.bytes + LENGTH_AT, 0x3FFE8000);
    assert_fault(&built, IMAGE_SOUND, "a still older one's, with a literal there");
    put_u32(built.bytes + LENGTH_AT, 0x60000300);
    assert_fault(&built, IMAGE_SOUND, "and a register's address");
    put_u32(built.bytes + LENGTH_AT, 77);
    built.bytes[0x1001] = 17;
    assert_fault(&built, IMAGE_SOUND, "another framework's code at 0x1000");
    built.bytes[0x1001] = 2;
    put_u32(built.bytes + 0x1004, 0x40210000);
    assert_fault(&built, IMAGE_SOUND, "code that begins with the magic byte");
    cr_assert_not(examine(&built).esp.has_sketch);
    built.size = 0xCC0;
    assert_fault(&built, IMAGE_SOUND, "a first image alone");
    built_image_free(&built);
}

Test(image_esp, does_not_look_for_a_sketch_inside_the_first_image)
{
    struct built_image built = build_esp8266(0x3000, SEED);

    /* One segment that reaches far beyond 0x1000, where the sketch's header now is data. */
    put_u32(built.bytes + 12, 0x2000);
    built.bytes[0x1800] ^= 1;
    struct image image = examine(&built);
    cr_assert_eq(image.fault, IMAGE_BAD_CHECKSUM);
    cr_assert_not(image.esp.has_sketch);
    built_image_free(&built);
}

Test(image_esp, no_truncated_esp8266_sketch_passes)
{
    struct built_image built = build_esp8266(0x1400, SEED);
    const size_t boot_end = 0xCC0;

    for (size_t size = built.size; size-- > 0;) {
        struct built_image cut = { memcpy(malloc(size + 1), built.bytes, size), size };
        struct image image = examine(&cut);
        /* What ends before the sketch's header is a boot loader, and whole. */
        if (size < boot_end || size >= 0x1008)
            cr_assert(image.fault != IMAGE_SOUND, "%zu bytes", size);
        else
            cr_assert_eq(image.fault, IMAGE_SOUND, "%zu bytes", size);
        built_image_free(&cut);
    }
    built_image_free(&built);
}

Test(image_esp, sees_an_esp8266_signature_of_an_old_core_too)
{
    struct built_image built = build_esp8266(9000, SEED);

    put_u32(built.bytes + LENGTH_AT, 0);
    built = build_signed(built, SEED);
    cr_assert_eq(examine(&built).signature, IMAGE_SIGNATURE_TRAILER);
    put_u32(built.bytes + built.size - 4, 255);
    cr_assert_eq(examine(&built).signature, IMAGE_SIGNATURE_NONE);
    built_image_free(&built);
}

Test(image_esp, knows_an_esp32_application)
{
    struct built_image built = build_esp32(70000, SEED, 5);
    struct image image = examine(&built);

    cr_assert_eq(image.kind, IMAGE_ESP32);
    cr_assert_eq(image.fault, IMAGE_SOUND);
    cr_assert_eq(image.checksum, IMAGE_CHECK_PASSED);
    cr_assert_eq(image.sha256, IMAGE_CHECK_PASSED);
    cr_assert_eq(image.length, IMAGE_CHECK_ABSENT);
    cr_assert_eq(image.esp.chip_id, 5);
    cr_assert_eq(image.esp.first.segment_count, 3);
    cr_assert_eq(image.esp.end, built.size);
    cr_assert(image.esp.has_app);
    cr_assert_str_eq(image.esp.app.project, BUILT_ESP32_PROJECT);
    cr_assert_str_eq(image.esp.app.version, BUILT_ESP32_VERSION);
    cr_assert_str_eq(image.esp.app.idf, BUILT_ESP32_IDF);
    cr_assert_str_eq(image.esp.app.date, "Jan  2 2025");
    cr_assert_str_eq(image.esp.app.time, "12:34:56");
    built_image_free(&built);
}

Test(image_esp, ends_app_texts_that_fill_their_field)
{
    struct built_image built = build_esp32(4096, SEED, 0);

    memset(built.bytes + 32 + 16, 'x', 128);
    rebuild_esp32_digest(built.bytes, built.size);
    struct image image = examine(&built);
    cr_assert_eq(image.fault, IMAGE_SOUND);
    cr_assert_eq(strlen(image.esp.app.version), 32);
    cr_assert_eq(strlen(image.esp.app.time), 16);
    cr_assert_eq(strlen(image.esp.app.idf), 32);
    built_image_free(&built);
}

Test(image_esp, sees_every_flipped_bit_of_an_esp32_application)
{
    struct built_image built = build_esp32(BUILT_ESP32_MIN, SEED, 0);

    for (size_t place = 0; place < built.size; place++) {
        /* The flag that a digest follows can be cleared: then none is expected. */
        built.bytes[place] ^= 0x10;
        struct image image = examine(&built);
        cr_assert(image.fault != IMAGE_SOUND || image.kind == IMAGE_UNKNOWN, "byte %zx", place);
        built.bytes[place] ^= 0x10;
    }
    built.bytes[100] ^= 1;
    assert_fault(&built, IMAGE_BAD_CHECKSUM, "segment");
    built.bytes[100] ^= 1;
    built.bytes[12] ^= 1;
    assert_fault(&built, IMAGE_BAD_SHA256, "header");
    built_image_free(&built);
}

Test(image_esp, no_truncated_esp32_application_passes)
{
    struct built_image built = build_esp32(BUILT_ESP32_MIN, SEED, 0);

    for (size_t size = built.size; size-- > 0;) {
        struct built_image cut = { memcpy(malloc(size + 1), built.bytes, size), size };
        struct image image = examine(&cut);
        cr_assert(image.fault == IMAGE_TRUNCATED || size == 0, "%zu bytes", size);
        built_image_free(&cut);
    }
    built_image_free(&built);
}

Test(image_esp, accepts_every_chip_id_of_the_esp32_family)
{
    for (uint32_t chip_id = 0; chip_id <= UINT16_MAX; chip_id += 251) {
        struct built_image built = build_esp32(BUILT_ESP32_MIN, SEED, (uint16_t)chip_id);
        assert_fault(&built, IMAGE_SOUND, "chip id");
        cr_assert_eq(examine(&built).esp.chip_id, chip_id);
        built_image_free(&built);
    }
}

Test(image_esp, accepts_an_esp32_application_without_digest)
{
    struct built_image built = build_esp32(4096, SEED, 0);

    built.bytes[23] = 0;
    built.bytes[built.size - 1] ^= 1;
    assert_fault(&built, IMAGE_SOUND, "anything may follow");
    cr_assert_eq(examine(&built).sha256, IMAGE_CHECK_ABSENT);
    built.size -= 32;
    assert_fault(&built, IMAGE_SOUND, "nothing has to");
    built.size -= 1;
    assert_fault(&built, IMAGE_TRUNCATED, "the checksum is missing");
    built_image_free(&built);
}

Test(image_esp, accepts_bytes_behind_an_esp32_application)
{
    static const size_t sizes[] = { 1, 31, 32, 511, 512, 513, 600, 4096, 70000 };

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct built_image built = build_esp32(4096, SEED, 0);
        append(&built, sizes[i], 0xFF);
        assert_fault(&built, IMAGE_SOUND, "padding");
        cr_assert_eq(examine(&built).sha256, IMAGE_CHECK_PASSED);
        cr_assert_eq(examine(&built).esp.end, 4096);
        cr_assert_eq(examine(&built).signature, IMAGE_SIGNATURE_NONE);
        built_image_free(&built);
    }
}

Test(image_esp, sees_an_esp32_signature)
{
    struct built_image built = build_esp32(4096, SEED, 0);

    append(&built, 512, 0);
    cr_assert_eq(examine(&built).signature, IMAGE_SIGNATURE_NONE, "padding");
    memset(built.bytes + 4096, 0x5A, 71);
    cr_assert_eq(examine(&built).signature, IMAGE_SIGNATURE_BLOCK);
    assert_fault(&built, IMAGE_SOUND, "signed");
    built_image_free(&built);
}

Test(image_esp, accepts_segments_between_checksum_and_digest)
{
    struct built_image built = build_esp32(4096, SEED, 0);

    /* Where the header counts the segments in RAM alone, the others follow the checksum row. */
    append(&built, 1000, 0x33);
    append(&built, DIGEST_SHA256_SIZE, 0);
    memset(built.bytes + 4096 - DIGEST_SHA256_SIZE, 0x44, DIGEST_SHA256_SIZE);
    struct digest digest;
    digest_init(&digest, DIGEST_SHA256);
    digest_update(&digest, built.bytes, built.size - DIGEST_SHA256_SIZE);
    digest_finish(&digest, built.bytes + built.size - DIGEST_SHA256_SIZE);
    assert_fault(&built, IMAGE_SOUND, "digest at the very end");
    cr_assert_eq(examine(&built).esp.end, built.size);
    append(&built, 512, 0);
    memset(built.bytes + built.size - 512, 0x5A, 256);
    assert_fault(&built, IMAGE_SOUND, "and signed");
    cr_assert_eq(examine(&built).signature, IMAGE_SIGNATURE_BLOCK);
    built.bytes[4200] ^= 1;
    assert_fault(&built, IMAGE_BAD_SHA256, "damaged behind the checksum");
    built_image_free(&built);
}

Test(image_esp, an_absurd_header_is_no_image)
{
    struct built_image built = build_esp32(4096, SEED, 0);

    built.bytes[1] = 0;
    cr_assert_eq(examine(&built).kind, IMAGE_UNKNOWN, "no segments");
    built.bytes[1] = 17;
    cr_assert_eq(examine(&built).kind, IMAGE_UNKNOWN, "too many");
    built.bytes[1] = 3;
    built.bytes[23] = 2;
    cr_assert_eq(examine(&built).kind, IMAGE_UNKNOWN, "a flag that is none");
    built_image_free(&built);
}

Test(image_esp, segments_of_4_gib_do_not_wrap_around)
{
    struct built_image built = build_esp32(4096, SEED, 0);

    built.bytes[1] = 16;
    for (uint32_t length = UINT32_MAX; length > UINT32_MAX - 64; length--) {
        put_u32(built.bytes + 28, length);
        assert_fault(&built, IMAGE_TRUNCATED, "too long");
    }
    built_image_free(&built);
}
