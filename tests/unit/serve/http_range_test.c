#include "cli/serve/http_range.h"

#include <criterion/criterion.h>

struct row {
    const char *value;
    uint64_t size;
    struct http_range range;
};

static const struct http_range whole = { .kind = HTTP_RANGE_WHOLE };

static void check(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct row *row = &rows[i];
        struct http_range range = http_range_parse(row->value, row->size);

        cr_expect_eq(range.kind, row->range.kind, "%s: kind %d", row->value, range.kind);
        if (range.kind != HTTP_RANGE_PART)
            continue;
        cr_expect_eq(range.first, row->range.first, "%s: first %ju", row->value,
                     (uintmax_t)range.first);
        cr_expect_eq(range.last, row->range.last, "%s: last %ju", row->value,
                     (uintmax_t)range.last);
    }
}

Test(http_range, one_range_is_understood)
{
    static const struct row rows[] = {
        { "bytes=0-0", 10, { HTTP_RANGE_PART, 0, 0 } },
        { "bytes=0-9", 10, { HTTP_RANGE_PART, 0, 9 } },
        { "bytes=3-7", 10, { HTTP_RANGE_PART, 3, 7 } },
        { "bytes=3-", 10, { HTTP_RANGE_PART, 3, 9 } },
        { "bytes=9-", 10, { HTTP_RANGE_PART, 9, 9 } },
        { "bytes=9-100", 10, { HTTP_RANGE_PART, 9, 9 } },
        { "bytes=-3", 10, { HTTP_RANGE_PART, 7, 9 } },
        { "bytes=-10", 10, { HTTP_RANGE_PART, 0, 9 } },
        { "bytes=-11", 10, { HTTP_RANGE_PART, 0, 9 } },
        { "BYTES=3-7", 10, { HTTP_RANGE_PART, 3, 7 } },
        { "bytes= 3-7\t", 10, { HTTP_RANGE_PART, 3, 7 } },
        { "bytes=0003-0007", 10, { HTTP_RANGE_PART, 3, 7 } },
        { "bytes=3-99999999999999999999999999", 10, { HTTP_RANGE_PART, 3, 9 } },
        { "bytes=-99999999999999999999999999", 10, { HTTP_RANGE_PART, 0, 9 } },
        { "bytes=4294967296-", 4294967298, { HTTP_RANGE_PART, 4294967296, 4294967297 } },
    };

    check(rows, sizeof rows / sizeof *rows);
}

Test(http_range, one_beyond_the_end_cannot_be_satisfied)
{
    static const struct row rows[] = {
        { "bytes=10-", 10, { .kind = HTTP_RANGE_UNSATISFIABLE } },
        { "bytes=10-20", 10, { .kind = HTTP_RANGE_UNSATISFIABLE } },
        { "bytes=-0", 10, { .kind = HTTP_RANGE_UNSATISFIABLE } },
        { "bytes=0-", 0, { .kind = HTTP_RANGE_UNSATISFIABLE } },
        { "bytes=-1", 0, { .kind = HTTP_RANGE_UNSATISFIABLE } },
        { "bytes=99999999999999999999999999-", 10, { .kind = HTTP_RANGE_UNSATISFIABLE } },
        { "bytes=18446744073709551616-18446744073709551620",
          10,
          { .kind = HTTP_RANGE_UNSATISFIABLE } },
    };

    check(rows, sizeof rows / sizeof *rows);
}

Test(http_range, everything_else_is_ignored)
{
    static const char *const values[] = {
        NULL,          "",           "bytes",      "bytes=",       "bytes=-",    "bytes=7-3",
        "bytes=a-b",   "bytes=3",    "bytes=3-7x", "bytes=3-7,9-", "bytes=,3-7", "bytes=3--7",
        "bytes=+3-7",  "bytes=3 -7", "bytes =3-7", "lines=3-7",    "3-7",        "bytes:3-7",
        "bytes=0x3-7", " bytes=3-7", "bytes=-3-7", "bytes=3-7;",
    };

    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        check(&(struct row){ values[i], 10, whole }, 1);
}
