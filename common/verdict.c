#include "common/verdict.h"

#include "common/text.h"

#include <limits.h>
#include <string.h>

void verdict_init(struct verdict *verdict)
{
    *verdict = (struct verdict){ .state = VERDICT_PENDING };
}

static bool is_count(char c)
{
    return (c >= '0' && c <= '9') || c == ' ' || c == '\r' || c == '\n' || c == '\0';
}

static void append(struct verdict *verdict, char c)
{
    text_append(verdict->text, sizeof verdict->text, &verdict->len, &c, 1);
}

static void finish_text(struct verdict *verdict)
{
    struct text_cursor text = text_trim_end((struct text_cursor){ verdict->text, verdict->len });

    verdict->len = text.len;
    verdict->text[verdict->len] = '\0';
    verdict->state = VERDICT_ERROR;
}

static void take(struct verdict *verdict, char c)
{
    switch (verdict->state) {
    case VERDICT_PENDING:
        if (is_count(c))
            break;
        append(verdict, c);
        verdict->state = c == 'O' ? VERDICT_HALF_OK : VERDICT_READING;
        break;
    case VERDICT_HALF_OK:
        append(verdict, c);
        verdict->state = c == 'K' ? VERDICT_SUCCESS : VERDICT_READING;
        break;
    case VERDICT_READING:
        if (c == '\n')
            finish_text(verdict);
        else
            append(verdict, c);
        break;
    case VERDICT_SUCCESS:
    case VERDICT_ERROR:
        break;
    }
}

enum verdict_state verdict_feed(struct verdict *verdict, const void *bytes, size_t len)
{
    const char *text = bytes;

    for (size_t i = 0; i < len; i++)
        take(verdict, text[i]);
    return verdict->state;
}

enum verdict_state verdict_close(struct verdict *verdict, bool orderly)
{
    if (verdict->state == VERDICT_HALF_OK)
        verdict->state = orderly ? VERDICT_SUCCESS : VERDICT_PENDING;
    else if (verdict->state == VERDICT_READING)
        finish_text(verdict);
    return verdict->state;
}

int verdict_error_number(const char *text)
{
    struct text_cursor cursor = { text, strlen(text) };
    uint64_t number;

    if (!text_take(&cursor, "ERROR[") || !text_take_number(&cursor, INT_MAX, &number) ||
        !text_take(&cursor, "]"))
        return -1;
    return (int)number;
}
