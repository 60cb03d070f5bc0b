#include "cli/push/bar.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define BAR_WIDTH_MAX 40
#define BAR_WIDTH_MIN 10

/* Bytes per second that fit the bar's width and the type; nothing is as fast. */
#define RATE_MAX 1e12

/* Below this the rate is a guess, and no time left is told. */
#define GUESS_MS 500

/* The longest time left that is told. */
#define SECONDS_MAX 359999.0

char *bar_size_text(uint64_t bytes, char out[32])
{
    if (bytes < 1024)
        snprintf(out, 32, "%" PRIu64 " B", bytes);
    else if (bytes < UINT64_C(1024) * 1024 - 51) /* 1023.95 KiB would be rounded to 1024.0 */
        snprintf(out, 32, "%.1f KiB", (double)bytes / 1024.0);
    else
        snprintf(out, 32, "%.1f MiB", (double)bytes / (1024.0 * 1024.0));
    return out;
}

unsigned bar_percent(uint64_t done, uint64_t total)
{
    return (unsigned)((double)done * 100.0 / (double)total);
}

static double rate_of(uint64_t done, uint64_t ms)
{
    double per_second = (double)done * 1000.0 / (double)ms;

    return per_second < RATE_MAX ? per_second : RATE_MAX;
}

void bar_rate_text(char out[32], uint64_t done, uint64_t ms)
{
    char size[32];

    out[0] = '\0';
    if (done > 0 && ms > 0)
        snprintf(out, 32, "%.28s/s", bar_size_text((uint64_t)rate_of(done, ms), size));
}

unsigned bar_seconds_left(uint64_t done, uint64_t left, uint64_t ms)
{
    double seconds = (double)left / rate_of(done, ms) + 0.5;

    return seconds < SECONDS_MAX ? (unsigned)seconds : (unsigned)SECONDS_MAX;
}

/* "  85.3 KiB/s  0:12 left", or as much of it as is known. */
static void rate_text(char out[80], uint64_t done, uint64_t total, uint64_t ms)
{
    char rate[32];

    out[0] = '\0';
    bar_rate_text(rate, done, ms);
    if (rate[0] == '\0')
        return;
    int len = snprintf(out, 80, "  %s", rate);
    if (ms < GUESS_MS || done >= total || len < 0 || len >= 80)
        return;
    unsigned seconds = bar_seconds_left(done, total - done, ms);
    snprintf(out + len, 80 - (size_t)len, "  %u:%02u left", seconds / 60, seconds % 60);
}

void bar_only(char out[BAR_ONLY_MAX], size_t width, unsigned percent)
{
    out[0] = '\0';
    if (width == 0)
        return;
    if (width > BAR_WIDTH_MAX)
        width = BAR_WIDTH_MAX;
    size_t filled = percent < 100 ? width * percent / 100 : width;
    out[0] = ' ';
    out[1] = '[';
    memset(out + 2, ' ', width);
    memset(out + 2, '=', filled);
    if (filled < width)
        out[2 + filled] = '>';
    out[2 + width] = ']';
    out[3 + width] = '\0';
}

size_t bar_format(char out[BAR_TEXT_MAX], size_t columns, uint64_t done, uint64_t total,
                  uint64_t ms)
{
    unsigned percent = bar_percent(done, total);
    char bar[BAR_ONLY_MAX] = "";
    char rate[80];
    size_t room = columns > 0 ? columns - 1 : 0;

    if (room >= BAR_TEXT_MAX)
        room = BAR_TEXT_MAX - 1;
    rate_text(rate, done, total, ms);
    const size_t percent_len = 4;
    /* Room for the longest rate, so that the bar keeps its width while the rate changes. */
    const size_t rate_len = sizeof "  1023.9 KiB/s  99:59 left" - 1;
    if (room >= percent_len + 3 + BAR_WIDTH_MIN + rate_len) {
        size_t width = room - percent_len - 3 - rate_len;
        bar_only(bar, width, percent);
    }
    snprintf(out, BAR_TEXT_MAX, "%3u%%%s%s", percent, bar, rate);
    if (strlen(out) > room)
        snprintf(out, room + 1, "%3u%%", percent);
    return strlen(out);
}
