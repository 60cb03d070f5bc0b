#include "cli/serve/http_head.h"

#include "cli/serve/http_status.h"

#include <event2/buffer.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void http_head_begin(struct http_head *head)
{
    head->len = 0;
    head->overflows = false;
}

static void put(struct http_head *head, const char *text, size_t len)
{
    if (len > HTTP_HEAD_MAX - head->len) {
        head->overflows = true;
        return;
    }
    memcpy(head->text + HTTP_HEAD_LINE_MAX + head->len, text, len);
    head->len += len;
}

void http_head_add(struct http_head *head, const char *name, const char *value)
{
    put(head, name, strlen(name));
    put(head, ": ", 2);
    put(head, value, strlen(value));
    put(head, "\r\n", 2);
}

void http_head_add_number(struct http_head *head, const char *name, uint64_t number)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRIu64, number);
    http_head_add(head, name, text);
}

static void add_date(struct http_head *head)
{
    time_t now = time(NULL);
    struct tm tm;

    /* The C locale: names of days and months are English. */
    if (now != head->date_of && gmtime_r(&now, &tm)) {
        strftime(head->date, sizeof head->date, "%a, %d %b %Y %H:%M:%S GMT", &tm);
        head->date_of = now;
    }
    http_head_add(head, "Date", head->date);
}

/* Write the status line so that the headers follow it; returns where it begins. */
static char *put_line(struct http_head *head, const char *protocol, unsigned status)
{
    const char *phrase = http_status_phrase(status);
    const char digits[] = { ' ', (char)('0' + status / 100 % 10), (char)('0' + status / 10 % 10),
                            (char)('0' + status % 10), ' ' };
    size_t lens[] = { strlen(protocol), sizeof digits, strlen(phrase), 2 };
    const char *texts[] = { protocol, digits, phrase, "\r\n" };
    char *at = head->text + HTTP_HEAD_LINE_MAX;

    for (size_t i = sizeof lens / sizeof *lens; i-- > 0;) {
        at -= lens[i];
        memcpy(at, texts[i], lens[i]);
    }
    return at;
}

bool http_head_finish(struct http_head *head, const char *protocol, unsigned status,
                      struct evbuffer *out)
{
    const char *begin = put_line(head, protocol, status);

    add_date(head);
    put(head, "\r\n", 2);
    const char *end = head->text + HTTP_HEAD_LINE_MAX + head->len;
    return !head->overflows && evbuffer_add(out, begin, (size_t)(end - begin)) == 0;
}
