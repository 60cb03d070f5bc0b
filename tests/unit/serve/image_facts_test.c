#include "cli/serve/image_facts.h"

#include "tests/support/image_builder.h"
#include "tests/support/temp.h"

#include <criterion/criterion.h>
#include <string.h>

#define SEED 5

static struct temp temp;
static struct failure failure;

static void enter(void)
{
    cr_assert(temp_create(&temp));
}

static void leave(void)
{
    temp_remove(&temp);
}

TestSuite(image_facts, .init = enter, .fini = leave);

/* The facts of an image, which stays the caller's. */
static struct image_facts facts_of(const struct built_image *built)
{
    struct temp_path path = temp_path(&temp, "image.bin");
    struct image_facts facts;
    struct image_file file;

    cr_assert_not_null(built->bytes);
    cr_assert(file_write(path.text, built->bytes, built->size));
    cr_assert(image_file_open(&file, path.text, &failure), "%s", failure.text);
    cr_assert(image_facts_take(&facts, &file, &failure), "%s", failure.text);
    image_file_close(&file);
    return facts;
}

static bool matches_md5(const struct image_facts *facts, const uint8_t *bytes, size_t len)
{
    uint8_t md5[DIGEST_MD5_SIZE];
    struct digest digest;

    digest_init(&digest, DIGEST_MD5);
    digest_update(&digest, bytes, len);
    digest_finish(&digest, md5);
    return image_facts_match_md5(facts, md5);
}

static bool matches_sha256(const struct image_facts *facts, const uint8_t *bytes, size_t len)
{
    uint8_t sha256[DIGEST_SHA256_SIZE];
    struct digest digest;

    digest_init(&digest, DIGEST_SHA256);
    digest_update(&digest, bytes, len);
    digest_finish(&digest, sha256);
    return image_facts_match_sha256(facts, sha256);
}

/* True when the first `len` bytes are known with every flash mode, and with no other byte there. */
static bool knows_every_mode(const struct image_facts *facts, struct built_image *built, size_t len)
{
    uint8_t mode = built->bytes[2];
    bool ok = matches_md5(facts, built->bytes, len);

    for (unsigned i = 0; i < IMAGE_FACTS_MODES; i++) {
        built->bytes[2] = (uint8_t)i;
        ok = ok && matches_md5(facts, built->bytes, len);
    }
    built->bytes[2] = IMAGE_FACTS_MODES;
    ok = ok && !matches_md5(facts, built->bytes, len);
    built->bytes[2] = mode;
    return ok;
}

Test(image_facts, an_esp8266_may_have_rewritten_the_flash_mode)
{
    struct built_image built = build_esp8266(200000, SEED); /* longer than one piece */
    struct image_facts facts = facts_of(&built);

    cr_assert_eq(facts.size, built.size);
    cr_assert_eq(facts.kind, IMAGE_ESP8266);
    cr_assert_gt(facts.flash_size, 0);
    cr_assert(knows_every_mode(&facts, &built, built.size));
    cr_assert_eq(memcmp(facts.md5, facts.running_md5[0], DIGEST_MD5_SIZE), 0);
    built.bytes[3] ^= 1;
    cr_assert_not(matches_md5(&facts, built.bytes, built.size));
    built_image_free(&built);
}

Test(image_facts, a_gzip_is_known_by_its_content)
{
    struct built_image built = build_esp8266(200000, SEED);
    struct built_image packed = build_gzip(&built);
    struct image_facts facts = facts_of(&packed);

    cr_assert_eq(facts.size, packed.size);
    cr_assert_eq(facts.kind, IMAGE_ESP8266);
    cr_assert_gt(facts.flash_size, 0);
    cr_assert(knows_every_mode(&facts, &built, built.size));
    cr_assert_not(matches_md5(&facts, packed.bytes, packed.size));
    built_image_free(&packed);
    built_image_free(&built);
}

Test(image_facts, a_signature_is_no_part_of_what_an_esp8266_digests)
{
    struct built_image plain = build_esp8266(20000, SEED);
    struct built_image built = build_signed(build_esp8266(20000, SEED), SEED);
    struct image_facts facts = facts_of(&built);

    cr_assert_gt(built.size, plain.size);
    cr_assert(knows_every_mode(&facts, &plain, plain.size));
    cr_assert(knows_every_mode(&facts, &built, built.size));
    cr_assert_eq(facts.running_md5_count, IMAGE_FACTS_MD5S);
    built_image_free(&plain);
    built_image_free(&built);
}

Test(image_facts, an_esp32_reports_the_digest_at_its_end)
{
    struct built_image built = build_esp32(200000, SEED, 5);
    struct image_facts facts = facts_of(&built);

    cr_assert_eq(facts.kind, IMAGE_ESP32);
    cr_assert(matches_sha256(&facts, built.bytes, built.size));
    cr_assert(matches_sha256(&facts, built.bytes, built.size - DIGEST_SHA256_SIZE));
    cr_assert(image_facts_match_sha256(&facts, built.bytes + built.size - DIGEST_SHA256_SIZE));
    cr_assert_not(matches_sha256(&facts, built.bytes, built.size - 1));
    cr_assert(knows_every_mode(&facts, &built, built.size));
    built_image_free(&built);
}

Test(image_facts, a_pico_sketch_is_known_by_its_bytes_alone)
{
    struct built_image built = build_pico(20000, SEED);
    struct image_facts facts = facts_of(&built);

    cr_assert_eq(facts.kind, IMAGE_PICO);
    cr_assert_eq(facts.flash_size, 0);
    cr_assert(matches_md5(&facts, built.bytes, built.size));
    built.bytes[2] ^= 1;
    cr_assert_not(matches_md5(&facts, built.bytes, built.size));
    built_image_free(&built);
}

Test(image_facts, nothing_runs_a_file_system)
{
    struct built_image built = build_littlefs(65536, SEED);
    struct image_facts facts = facts_of(&built);

    cr_assert_eq(facts.kind, IMAGE_LITTLEFS);
    cr_assert_eq(facts.size, built.size);
    cr_assert_eq(facts.running_md5_count, 0);
    cr_assert_eq(facts.running_sha256_count, 0);
    cr_assert_not(matches_md5(&facts, built.bytes, built.size));
    built_image_free(&built);
}

Test(image_facts, a_file_that_became_shorter_cannot_be_read)
{
    struct built_image built = build_esp8266(200000, SEED);
    struct temp_path path = temp_path(&temp, "image.bin");
    struct image_facts facts;
    struct image_file file;

    cr_assert(file_write(path.text, built.bytes, built.size));
    cr_assert(image_file_open(&file, path.text, &failure));
    cr_assert(file_write(path.text, built.bytes, 100));
    cr_assert_not(image_facts_take(&facts, &file, &failure));
    cr_assert_eq(failure.code, EXIT_LOCAL_FAILURE);
    cr_assert_not_null(strstr(failure.text, "image.bin: cannot be read"), "%s", failure.text);
    image_file_close(&file);
    built_image_free(&built);
}

Test(image_facts, a_sketch_has_the_chip_that_it_was_built_for)
{
    struct built_image built[] = { build_esp8266(20000, SEED), build_esp32(20000, SEED, 9),
                                   build_esp32(20000, SEED, 0x7FFF), build_pico2(20000, SEED),
                                   build_littlefs(65536, SEED) };
    static const char *const chips[] = { "ESP8266", "ESP32-S3", NULL, "RP2350", NULL };
    static const char *const labels[] = { "ESP8266", "ESP32-S3", "ESP32", "RP2350", "LittleFS" };

    for (size_t i = 0; i < sizeof built / sizeof *built; i++) {
        struct image_facts facts = facts_of(&built[i]);
        cr_expect_str_eq(image_facts_label(&facts), labels[i]);
        cr_expect(chips[i] ? facts.chip && strcmp(facts.chip, chips[i]) == 0 : !facts.chip);
        built_image_free(&built[i]);
    }
}
