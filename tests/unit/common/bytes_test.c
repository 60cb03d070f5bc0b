#include "common/bytes.h"

#include <criterion/criterion.h>

static const uint8_t stored[] = { 0x00, 0xEF, 0xBE, 0xAD, 0xDE };

Test(bytes, are_read_with_the_low_one_first_at_any_alignment)
{
    cr_assert_eq(bytes_u16(stored + 1), 0xBEEF);
    cr_assert_eq(bytes_u32(stored + 1), 0xDEADBEEF);
    cr_assert_eq(bytes_u32(stored), 0xADBEEF00);
}

Test(bytes, are_written_as_they_are_read)
{
    uint8_t out[5] = { 0 };

    bytes_put_u32(out + 1, 0xDEADBEEF);
    cr_assert_arr_eq(out, stored, sizeof stored);
    bytes_put_u16(out, 0x1234);
    cr_assert_eq(bytes_u16(out), 0x1234);
    cr_assert_eq(out[2], 0xBE);
}
