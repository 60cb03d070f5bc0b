#include "ota/flash.h"

#include <criterion/criterion.h>

/* What ota/flash.h demands of the numbers, and what each of them breaks. */
Test(flash, its_geometry_is_judged)
{
    static const struct ota_flash sound[] = {
        { .size = 64, .erase_size = 64, .block_size = 64, .write_size = 1 },
        { .size = 1 << 20, .erase_size = 4096, .block_size = 65536, .write_size = 4 },
        { .size = 3 * 768, .erase_size = 768, .block_size = 768, .write_size = 256 },
        { .size = 0xFFFFF000, .erase_size = 4096, .block_size = 4096, .write_size = 256 },
    };
    static const struct ota_flash unsound[] = {
        { .size = 0, .erase_size = 4096, .block_size = 4096, .write_size = 4 },
        { .size = 8192, .erase_size = 0, .block_size = 4096, .write_size = 4 },
        { .size = 8192, .erase_size = 4096, .block_size = 0, .write_size = 4 },
        { .size = 8192, .erase_size = 4096, .block_size = 4096, .write_size = 0 },
        { .size = 8192, .erase_size = 4096, .block_size = 4096, .write_size = 512 },
        { .size = 8192, .erase_size = 32, .block_size = 4096, .write_size = 4 },
        { .size = 8184, .erase_size = 24, .block_size = 24, .write_size = 8 },
        { .size = 9000, .erase_size = 90, .block_size = 90, .write_size = 6 },
        { .size = 9000, .erase_size = 90, .block_size = 90, .write_size = 4 },
        { .size = 9000, .erase_size = 4096, .block_size = 4096, .write_size = 4 },
        { .size = 8192, .erase_size = 4096, .block_size = 2048, .write_size = 4 },
        { .size = 8192, .erase_size = 4096, .block_size = 6144, .write_size = 4 },
    };

    for (size_t i = 0; i < sizeof sound / sizeof *sound; i++)
        cr_assert(ota_flash_is_sound(&sound[i]), "%zu", i);
    for (size_t i = 0; i < sizeof unsound / sizeof *unsound; i++)
        cr_assert_not(ota_flash_is_sound(&unsound[i]), "%zu", i);
}
