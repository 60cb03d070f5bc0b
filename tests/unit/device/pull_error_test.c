#include "ota/pull_error.h"

#include <criterion/criterion.h>
#include <stdint.h>

Test(pull_error, texts_are_those_of_the_stock_cores)
{
    static const struct {
        int error;
        const char *text;
    } expected[] = {
        { 0, "No Error" },
        { -1, "connection failed" },
        { -2, "send header failed" },
        { -5, "connection lost" },
        { -7, "no HTTP server" },
        { -9, "Transfer-Encoding not supported" },
        { -11, "read Timeout" },
        { -100, "Not Enough space" },
        { -101, "Server Did Not Report Size" },
        { -102, "File Not Found (404)" },
        { -103, "Forbidden (403)" },
        { -104, "Wrong HTTP Code" },
        { -105, "Wrong MD5" },
        { -106, "Verify Bin Header Failed" },
        { -107, "New Binary Does Not Fit Flash Size" },
        { -108, "Unauthorized (401)" },
        { 1, "Flash Write Failed" },
        { 15, "Update already running" },
    };

    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        cr_expect_str_eq(ota_pull_error_text(expected[i].error), expected[i].text, "%d",
                         expected[i].error);
}

Test(pull_error, a_number_of_no_list_is_unknown)
{
    static const int unknown[] = { -3, -99, -109, INT32_MIN, 17, INT32_MAX };

    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        cr_expect_str_eq(ota_pull_error_text(unknown[i]), "UNKNOWN", "%d", unknown[i]);
}
