/*
 * The settings of the board emcraft-sf2, which anybody with a programmer may have written.
 */
#include "sf2_layout.h"
#include "sf2_settings.h"

#include <criterion/criterion.h>
#include <string.h>

#define MD5    "0123456789abcdef0123456789abcdef"
#define SHA256 MD5 MD5

static struct sf2_settings settings;

static bool parse(const char *text)
{
    memset(&settings, 0xA5, sizeof settings);
    return sf2_settings_parse(&settings, text, strlen(text));
}

static void expect_defaults(void)
{
    cr_assert_str_eq(settings.name, "sf2");
    cr_assert_eq(settings.port, 8266);
    cr_assert_not(settings.has_address);
    cr_assert_not(settings.has_password);
    cr_assert_not(settings.has_mac);
    cr_assert_not(settings.has_seed);
}

Test(sf2_settings, without_any_the_defaults_hold)
{
    static const char *const none[] = { "", "\n\n", "name", "colour=red\n", "=\n", "\xFF\xFF" };

    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        cr_assert(parse(none[i]), "%zu", i);
        expect_defaults();
    }
}

Test(sf2_settings, each_is_taken)
{
    cr_assert(parse("name=attic-2\r\nport=3232\naddress=192.168.7.20\nauth=md5\n"
                    "password-md5=0123456789ABCDEF0123456789abcdef\nmac=02A0b1c2d3e4\nseed=x"));
    cr_assert(settings.has_mac);
    cr_assert_arr_eq(settings.mac, ((uint8_t[]){ 0x02, 0xA0, 0xB1, 0xC2, 0xD3, 0xE4 }), 6);
    cr_assert(settings.has_seed);
    cr_assert_str_eq(settings.name, "attic-2");
    cr_assert_eq(settings.port, 3232);
    cr_assert(settings.has_address);
    cr_assert_arr_eq(settings.address, ((uint8_t[]){ 192, 168, 7, 20 }), 4);
    cr_assert_eq(settings.dialect, AUTH_MD5);
    cr_assert(settings.has_password);
    cr_assert_str_eq(settings.password.text, MD5);
    cr_assert(parse("password-sha256=" SHA256));
    cr_assert_eq(settings.dialect, AUTH_PBKDF2);
    cr_assert_str_eq(settings.password.text, SHA256);
}

Test(sf2_settings, what_makes_no_sense_is_passed_over)
{
    static const char *const bad[] = {
        "port=0\n",
        "port=65536\n",
        "port=80x\n",
        "port=\n",
        "name=\n",
        "name=a.b\n",
        "name=a\x01\n",
        "name=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
        "address=10.0.2\n",
        "address=10.0.2.256\n",
        "address=10.0.2.15.1\n",
        "address=10.0.2.15 \x01\n",
        "address=dhcp\n",
        "address=0.0.0.0\n",
        "address=127.0.0.1\n",
        "address=224.0.0.251\n",
        "mac=02a0b1c2d3\n",
        "mac=03a0b1c2d3e4\n",
        "seed=\n",
        " port=80\n",
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_assert(parse(bad[i]), "%s", bad[i]);
        expect_defaults();
    }
}

/* A device whose password was misspelt must not be open to everybody. */
Test(sf2_settings, a_password_that_cannot_be_used_locks)
{
    static const char *const bad[] = {
        "password-md5=\n",
        "password-md5=secret\n",
        "password-md5=" SHA256 "\n",
        "password-sha256=" MD5 "\n",
        "password-md5=0123456789abcdef0123456789abcdeg\n",
        "auth=md5\npassword-sha256=" SHA256 "\n",
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_assert_not(parse(bad[i]), "%s", bad[i]);
        cr_assert(settings.has_password);
    }
}

Test(sf2_settings, what_seems_to_be_about_a_password_locks_too)
{
    static const char *const bad[] = {
        "password=secret\n", "password\n", "passwords-md5=x\n", "auth=none\n", "auth=\n", "auth\n",
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_assert_not(parse(bad[i]), "%s", bad[i]);
}

Test(sf2_settings, end_where_flash_was_never_written)
{
    static const char text[] = "port=80\n\xFFport=90\n";

    cr_assert(sf2_settings_parse(&settings, text, sizeof text));
    cr_assert_eq(settings.port, 80);
    static const char ended[] = "port=80\n\0port=90\n";
    cr_assert(sf2_settings_parse(&settings, ended, sizeof ended));
    cr_assert_eq(settings.port, 80);
}

/* Of the secret, nothing but a digest is kept; two devices have two. */
Test(sf2_settings, the_seed_is_of_all_the_text)
{
    uint8_t first[DIGEST_SHA256_SIZE];

    cr_assert(parse("seed=one\n"));
    memcpy(first, settings.seed, sizeof first);
    cr_assert(parse("seed=two\n"));
    cr_assert_arr_neq(settings.seed, first, sizeof first);
}

static bool read_nothing(void *ctx, uint32_t offset, void *out, uint32_t len)
{
    (void)ctx;
    (void)out;
    cr_assert_eq(offset, SF2_SETTINGS_AT);
    cr_assert_leq(len, SF2_SETTINGS_MAX);
    return false;
}

static bool read_endless(void *ctx, uint32_t offset, void *out, uint32_t len)
{
    (void)ctx;
    (void)offset;
    memset(out, '#', len);
    return true;
}

/* A password may stand in the part that is not looked at. */
Test(sf2_settings, a_text_without_end_locks)
{
    struct ota_flash flash = { .read = read_endless };

    cr_assert_not(sf2_settings_read(&settings, &flash));
}

Test(sf2_settings, flash_that_cannot_be_read_locks)
{
    struct ota_flash flash = { .read = read_nothing };

    cr_assert_not(sf2_settings_read(&settings, &flash));
    expect_defaults();
}
