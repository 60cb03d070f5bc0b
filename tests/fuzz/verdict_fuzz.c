/*
 * verdict.h: the first byte of the input says where the stream is split; the outcome does not
 * depend on it, and agrees with what the first character that is no digit promises.
 */
#include "common/verdict.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        __builtin_trap();
}

static void check_text(const struct verdict *verdict)
{
    require(verdict->len < sizeof verdict->text);
    require(verdict->text[verdict->len] == '\0');
    (void)verdict_error_number(verdict->text);
}

static void require_equal(const struct verdict *a, const struct verdict *b)
{
    require(a->state == b->state && a->len == b->len);
    require(memcmp(a->text, b->text, a->len + 1) == 0);
}

static bool says_nothing(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || byte == ' ' || byte == '\r' || byte == '\n' || byte == 0;
}

/* The same rules once more, from the whole stream. */
static enum verdict_state expected(const uint8_t *data, size_t size)
{
    while (size > 0 && says_nothing(*data)) {
        data++;
        size--;
    }
    if (size == 0)
        return VERDICT_PENDING;
    if (data[0] == 'O' && (size == 1 || data[1] == 'K'))
        return VERDICT_SUCCESS;
    return VERDICT_ERROR;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct verdict whole;
    struct verdict split;
    struct verdict single;

    if (size == 0)
        return 0;
    size_t at = data[0];
    data++;
    size--;
    if (at > size)
        at = size;
    verdict_init(&whole);
    verdict_init(&split);
    verdict_init(&single);
    verdict_feed(&whole, data, size);
    verdict_feed(&split, data, at);
    verdict_feed(&split, data + at, size - at);
    for (size_t i = 0; i < size; i++)
        verdict_feed(&single, data + i, 1);
    require_equal(&whole, &split);
    require_equal(&whole, &single);
    check_text(&whole);
    require(verdict_close(&whole, true) == expected(data, size));
    check_text(&whole);

    /* What is final stays as it is. */
    split = whole;
    if (whole.state == VERDICT_SUCCESS || whole.state == VERDICT_ERROR) {
        verdict_feed(&split, data, size);
        verdict_close(&split, true);
        require_equal(&whole, &split);
    }
    return 0;
}
