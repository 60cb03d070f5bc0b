/*
 * http_range_parse(): any text is a part that lies inside, or none; and a part means what it says.
 *
 * Eight bytes for the size, then the header's value.
 */
#include "cli/serve/http_range.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        __builtin_trap();
}

static void check(const char *value, uint64_t size)
{
    struct http_range range = http_range_parse(value, size);
    struct http_range again;
    char text[64];

    require(range.kind == HTTP_RANGE_WHOLE || strncasecmp(value, "bytes=", 6) == 0);
    if (range.kind != HTTP_RANGE_PART) {
        require(range.first == 0 && range.last == 0);
        return;
    }
    require(range.first <= range.last && range.last < size);
    require(strspn(value + 6, " \t0123456789-") == strlen(value + 6));
    snprintf(text, sizeof text, "bytes=%" PRIu64 "-%" PRIu64, range.first, range.last);
    again = http_range_parse(text, size);
    /* Positions that nothing ever has are one and the same. */
    require(size > UINT64_MAX / 16 || (again.kind == HTTP_RANGE_PART &&
                                       again.first == range.first && again.last == range.last));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t of = 0;

    if (size < sizeof of)
        return 0;
    memcpy(&of, data, sizeof of);
    size -= sizeof of;
    /* Exactly as large as the text, so that the sanitizer sees a read past its end. */
    char *value = malloc(size + 1);
    if (!value)
        return 0;
    memcpy(value, data + sizeof of, size);
    value[size] = '\0';
    check(value, of);
    free(value);
    return 0;
}
