#include "cli/serve/time_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define MINUTE 60
#define HOUR   3600
#define DAY    86400

/* The last second of the year 9999. */
#define LAST INT64_C(253402300799)

char *time_text_iso(char out[static TIME_TEXT_SIZE], int64_t when)
{
    time_t seconds = (time_t)when;
    struct tm utc;

    if (when < 0 || when > LAST || !gmtime_r(&seconds, &utc) ||
        strftime(out, TIME_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
        out[0] = '\0';
    return out;
}

char *time_text_ago(char out[static TIME_TEXT_SIZE], int64_t when, int64_t now)
{
    /* Two clocks, or one that is set, may differ by a little. */
    static const int64_t just_now = 5;

    if (when <= 0)
        snprintf(out, TIME_TEXT_SIZE, "-");
    else if (when > now && when - now >= just_now)
        time_text_iso(out, when);
    else if (now - when < just_now)
        snprintf(out, TIME_TEXT_SIZE, "just now");
    else if (now - when < 2 * MINUTE)
        snprintf(out, TIME_TEXT_SIZE, "%" PRId64 " s ago", now - when);
    else if (now - when < 2 * HOUR)
        snprintf(out, TIME_TEXT_SIZE, "%" PRId64 " min ago", (now - when) / MINUTE);
    else if (now - when < 2 * DAY)
        snprintf(out, TIME_TEXT_SIZE, "%" PRId64 " h ago", (now - when) / HOUR);
    else
        snprintf(out, TIME_TEXT_SIZE, "%" PRId64 " days ago", (now - when) / DAY);
    return out;
}
