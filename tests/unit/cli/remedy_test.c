#include "cli/push/remedy.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static void expect_advice(const char *device_text, const char *part)
{
    const char *advice = remedy_for(device_text, false);

    cr_assert_not_null(advice, "%s", device_text);
    cr_assert_not_null(strstr(advice, part), "%s: %s", device_text, advice);
}

Test(remedy, of_the_esp8266s_texts)
{
    expect_advice("ERROR[4]: Not Enough Space", "must both fit");
    expect_advice("ERROR[7]: MD5 verification failed: expected: 00, calculated: 11", "try again");
    expect_advice("ERROR[8]: Flash config wrong: real: 1048576, SDK: 4194304", "by cable");
    expect_advice("ERROR[9]: new Flash config wrong, real size: 1048576", "real flash size");
    expect_advice("ERROR[10]: Magic byte is not 0xE9", "no sketch for that device");
    expect_advice("ERROR[11]: Invalid bootstrapping state, reset ESP8266 before updating", "reset");
    expect_advice("ERROR[12]: Signature verification failed", "sign");
    expect_advice("ERROR[15]: Update already running", "wait");
}

Test(remedy, of_the_esp32s_texts_whatever_their_numbers)
{
    expect_advice("ERROR[4]: Not Enough Space", "partition scheme");
    expect_advice("MD5 Check Failed", "try again");
    expect_advice("ERROR[8]: Wrong Magic Byte", "no sketch for that device");
    expect_advice("ERROR[9]: Could Not Activate The Firmware", "does not accept the image");
    expect_advice("ERROR[10]: Partition Could Not be Found", "partition table");
}

Test(remedy, of_libotas_own_texts)
{
    expect_advice("ERROR[10]: Image is for another chip", "own chip");
    expect_advice("ERROR[10]: Compressed image", "before it was compressed");
    expect_advice("ERROR[10]: Image is cut short", "inspect");
    expect_advice("ERROR[11]: The sketch is on trial: confirm it", "confirmed itself");
    expect_advice("ERROR[8]: Flash config wrong: both records are damaged", "boot record");
}

Test(remedy, by_number_where_the_words_are_unknown)
{
    static const int met[] = { 4, 7, 8, 9, 10, 11 };
    char text[32];

    for (size_t i = 0; i < sizeof met / sizeof *met; i++) {
        snprintf(text, sizeof text, "ERROR[%d]: ?", met[i]);
        cr_assert_not_null(remedy_for(text, false), "%s", text);
    }
}

Test(remedy, of_space_for_a_file_system_is_no_smaller_sketch)
{
    const char *advice = remedy_for("ERROR[4]: Not Enough Space", true);

    cr_assert_not_null(strstr(advice, "file system"));
    cr_assert_null(strstr(advice, "sketch"));
}

Test(remedy, there_is_none_for_what_nobody_knows)
{
    cr_assert_null(remedy_for("", false));
    cr_assert_null(remedy_for("ERROR[99]: ?", false));
    cr_assert_null(remedy_for("Whatever", false));
}
