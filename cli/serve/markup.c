#include "cli/serve/markup.h"

#include "cli/markup_reference.h"
#include "cli/printable.h"
#include "cli/serve/time_text.h"

#include <event2/buffer.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define KIB 1024.0
#define MIB (1024.0 * 1024.0)

/* Below, one decimal place is not rounded up to 1024.0 KiB. */
#define MIB_FROM (UINT64_C(1024) * 1024 - 51)

void markup_raw(struct evbuffer *out, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    evbuffer_add_vprintf(out, format, arguments);
    va_end(arguments);
}

void markup_text(struct evbuffer *out, const char *text)
{
    char safe[4 * PATH_MAX];
    const char *at = printable(safe, sizeof safe, text);

    while (*at) {
        size_t plain = strcspn(at, "&<>\"'");
        evbuffer_add(out, at, plain);
        at += plain;
        const char *replacement = markup_reference(*at);
        if (replacement) {
            evbuffer_add(out, replacement, strlen(replacement));
            at++;
        }
    }
}

void markup_time(struct evbuffer *out, int64_t when, int64_t now)
{
    char exact[TIME_TEXT_SIZE];
    char ago[TIME_TEXT_SIZE];

    time_text_iso(exact, when);
    if (when <= 0 || exact[0] == '\0') {
        markup_raw(out, "unknown");
        return;
    }
    markup_raw(out, "<time datetime=\"%s\" title=\"%.10s %.8s UTC\">", exact, exact, exact + 11);
    if (strcmp(time_text_ago(ago, when, now), exact) == 0)
        markup_raw(out, "%.10s %.5s UTC</time>", exact, exact + 11);
    else
        markup_raw(out, "%s</time>", ago);
}

void markup_size(struct evbuffer *out, uint64_t bytes)
{
    if (bytes < 1024)
        markup_raw(out, "%" PRIu64 " bytes", bytes);
    else if (bytes < MIB_FROM)
        markup_raw(out, "<span title=\"%" PRIu64 " bytes\">%.1f KiB</span>", bytes,
                   (double)bytes / KIB);
    else
        markup_raw(out, "<span title=\"%" PRIu64 " bytes\">%.1f MiB</span>", bytes,
                   (double)bytes / MIB);
}

void markup_share(struct evbuffer *out, uint32_t share)
{
    char text[24];
    size_t len;

    /* Millionths: four decimals of a percent at most. */
    snprintf(text, sizeof text, "%" PRIu32 ".%04" PRIu32, share / 10000, share % 10000);
    len = strlen(text);
    while (text[len - 1] == '0')
        len--;
    if (text[len - 1] == '.')
        len--;
    markup_raw(out, "%.*s%%", (int)len, text);
}
