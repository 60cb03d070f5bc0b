#include "common/secret.h"

#include <criterion/criterion.h>

#include <string.h>

Test(secret, equal_sees_every_bit_of_every_byte)
{
    unsigned char a[33];
    unsigned char b[sizeof a];

    for (size_t i = 0; i < sizeof a; i++)
        a[i] = (unsigned char)(37 * i);
    memcpy(b, a, sizeof a);
    cr_assert(secret_equal(a, b, sizeof a));
    for (size_t i = 0; i < sizeof a; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            b[i] = (unsigned char)(a[i] ^ (1u << bit));
            cr_assert(!secret_equal(a, b, sizeof a), "byte %zu, bit %u", i, bit);
        }
        b[i] = a[i];
    }
}

Test(secret, equal_looks_at_the_given_length_alone)
{
    cr_assert(secret_equal("abcX", "abcY", 3));
    cr_assert(!secret_equal("abcX", "abcY", 4));
    cr_assert(secret_equal("X", "Y", 0));
    cr_assert(!secret_equal("a\0b", "a\0c", 3), "a NUL does not end it");
}

/* Each byte's difference must survive those behind it, also when two differences cancel out. */
Test(secret, equal_does_not_let_differences_cancel)
{
    cr_assert(!secret_equal("\x01\x01", "\x00\x00", 2));
    cr_assert(!secret_equal("ab", "ba", 2));
    cr_assert(!secret_equal("\xFF\x00", "\x00\xFF", 2));
}

Test(secret, wipe_clears_the_given_length_alone)
{
    char text[] = "password";

    secret_wipe(text, 4);
    cr_assert_arr_eq(text, "\0\0\0\0word", sizeof text);
    secret_wipe(text + 4, 0);
    cr_assert_arr_eq(text, "\0\0\0\0word", sizeof text);
}
