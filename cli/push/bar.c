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

/* "  85.3 KiB/s  0:12 left", or as much of it as is known. */
static void rate_text(char out[80], uint64_t done, uint64_t total, uint64_t ms)
{
    char size[32];

    out[0] = '\0';
    if (done == 0 || ms == 0)
        return;
    double per_second = (double)done * 1000.0 / (double)ms;
    if (per_second > RATE_MAX)
        per_second = RATE_MAX;
    int len = snprintf(out, 80, "  %s/s", bar_size_text((uint64_t)per_second, size));
    if (ms < GUESS_MS || done >= total || len < 0 || len >= 80)
        return;
    double left = (double)(total - done) / per_second + 0.5;
    unsigned seconds = left < 359999.0 ? (unsigned)left : 359999u;
    snprintf(out + len, 80 - (size_t)len, "  %u:%02u left", seconds / 60, seconds % 60);
}

static void bar_text(char out[BAR_WIDTH_MAX + 4], size_t width, unsigned percent)
{
    size_t filled = width * percent / 100;

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
    unsigned percent = (unsigned)((double)done * 100.0 / (double)total);
    char bar[BAR_WIDTH_MAX + 4] = "";
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
        bar_text(bar, width < BAR_WIDTH_MAX ? width : BAR_WIDTH_MAX, percent);
    }
    snprintf(out, BAR_TEXT_MAX, "%3u%%%s%s", percent, bar, rate);
    if (strlen(out) > room)
        snprintf(out, room + 1, "%3u%%", percent);
    return strlen(out);
}
