#include "common/crc32.h"
#include "common/crc32_small.h"

#include <criterion/criterion.h>
#include <stdlib.h>

/* The definition, bit by bit. */
static uint32_t plain_crc(uint32_t crc, const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        crc ^= (uint32_t)data[i] << 24;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 31 ? crc << 1 ^ 0x04C11DB7u : crc << 1;
    }
    return crc;
}

Test(crc32, has_the_check_value_of_its_catalogue_entry)
{
    cr_assert_eq(crc32_update(CRC32_SEED, "123456789", 9), 0x0376E6E7u);
}

Test(crc32, of_nothing_is_the_seed)
{
    cr_assert_eq(crc32_update(CRC32_SEED, "", 0), CRC32_SEED);
}

Test(crc32, agrees_with_its_definition_at_every_length_and_alignment)
{
    uint8_t data[128];

    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 197 + i / 3);
    for (size_t begin = 0; begin < 9; begin++) {
        for (size_t len = 0; begin + len <= sizeof data; len++)
            cr_assert_eq(crc32_update(0x12345678, data + begin, len),
                         plain_crc(0x12345678, data + begin, len), "%zu bytes at %zu", len, begin);
    }
}

Test(crc32, is_the_same_without_tables)
{
    uint8_t data[300];

    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 31 + i / 7);
    for (size_t len = 0; len <= sizeof data; len++)
        cr_assert_eq(crc32_small_update(CRC32_SEED, data, len), crc32_update(CRC32_SEED, data, len),
                     "%zu bytes", len);
    uint32_t crc = crc32_small_update(CRC32_SEED, data, 100);
    cr_assert_eq(crc32_small_update(crc, data + 100, 200),
                 crc32_update(CRC32_SEED, data, sizeof data));
    cr_assert_eq(crc32_small_update(CRC32_SEED, "123456789", 9), 0x0376E6E7u);
}

Test(crc32, knows_every_single_byte)
{
    for (unsigned value = 0; value < 256; value++) {
        uint8_t data[8] = { 0 };
        for (size_t place = 0; place < sizeof data; place++) {
            data[place] = (uint8_t)value;
            cr_assert_eq(crc32_update(0, data, sizeof data), plain_crc(0, data, sizeof data));
            data[place] = 0;
        }
    }
}

Test(crc32, does_not_care_how_the_bytes_are_cut)
{
    const char text[] = "pack my box with five dozen liquor jugs";
    const size_t len = sizeof text - 1;
    uint32_t whole = crc32_update(CRC32_SEED, text, len);

    for (size_t cut = 0; cut <= len; cut++) {
        uint32_t crc = crc32_update(CRC32_SEED, text, cut);
        cr_assert_eq(crc32_update(crc, text + cut, len - cut), whole);
    }
}
