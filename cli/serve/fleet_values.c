#include "cli/serve/fleet_values.h"

#include "common/text.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define SHARE_DECIMALS 4

/* --- Shares ----------------------------------------------------------------------------------- */

bool fleet_share_parse(uint32_t *out, const char *text)
{
    struct text_cursor cursor = { text, strlen(text) };
    uint64_t whole;
    uint64_t fraction = 0;

    if (!text_take_number(&cursor, 100, &whole))
        return false;
    if (text_take(&cursor, ".")) {
        size_t before = cursor.len;
        if (!text_take_number(&cursor, 9999, &fraction) || before - cursor.len > SHARE_DECIMALS)
            return false;
        for (size_t digits = before - cursor.len; digits < SHARE_DECIMALS; digits++)
            fraction *= 10;
    }
    uint64_t share = whole * (RELEASE_WHOLE / 100) + fraction;
    if (!text_take(&cursor, "%") || cursor.len > 0 || share > RELEASE_WHOLE)
        return false;
    *out = (uint32_t)share;
    return true;
}

/* --- Times ------------------------------------------------------------------------------------ */

/* Exactly this many digits. */
static bool take_digits(struct text_cursor *cursor, size_t digits, uint64_t max, int *out)
{
    struct text_cursor field = { cursor->at, digits };
    uint64_t number;

    if (cursor->len < digits || !text_take_number(&field, max, &number) || field.len > 0)
        return false;
    cursor->at += digits;
    cursor->len -= digits;
    *out = (int)number;
    return true;
}

/* "Z", or "+02:00"; seconds ahead of UTC. */
static bool take_zone(struct text_cursor *cursor, int *ahead)
{
    int hours;
    int minutes;

    *ahead = 0;
    if (text_take(cursor, "Z"))
        return true;
    int sign = text_take(cursor, "-") ? -1 : 1;
    if (sign > 0 && !text_take(cursor, "+"))
        return false;
    if (!take_digits(cursor, 2, 23, &hours) || !text_take(cursor, ":") ||
        !take_digits(cursor, 2, 59, &minutes))
        return false;
    *ahead = sign * (hours * 3600 + minutes * 60);
    return true;
}

static bool take_date(struct text_cursor *cursor, struct tm *tm)
{
    int year;
    int month;

    if (!take_digits(cursor, 4, 9999, &year) || !text_take(cursor, "-") ||
        !take_digits(cursor, 2, 12, &month) || !text_take(cursor, "-") ||
        !take_digits(cursor, 2, 31, &tm->tm_mday))
        return false;
    tm->tm_year = year - 1900;
    tm->tm_mon = month - 1;
    return year >= 1970 && month >= 1 && tm->tm_mday >= 1;
}

bool fleet_time_parse(int64_t *out, const char *text)
{
    struct text_cursor cursor = { text, strlen(text) };
    struct tm tm = { 0 };
    int ahead;

    if (!take_date(&cursor, &tm) || !text_take(&cursor, "T") ||
        !take_digits(&cursor, 2, 23, &tm.tm_hour) || !text_take(&cursor, ":") ||
        !take_digits(&cursor, 2, 59, &tm.tm_min))
        return false;
    if (text_take(&cursor, ":") && !take_digits(&cursor, 2, 59, &tm.tm_sec))
        return false;
    if (!take_zone(&cursor, &ahead) || cursor.len > 0)
        return false;
    int day = tm.tm_mday;
    time_t when = timegm(&tm); /* moves a day that there is not to the next month */
    *out = (int64_t)when - ahead;
    return tm.tm_mday == day;
}

/* --- Names ------------------------------------------------------------------------------------ */

bool fleet_family_parse(enum image_kind *out, const char *text)
{
    static const enum image_kind kinds[] = { IMAGE_ESP8266, IMAGE_ESP32, IMAGE_PICO };

    *out = strcasecmp(text, "rp2040") == 0 ? IMAGE_PICO : IMAGE_UNKNOWN;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcasecmp(text, image_kind_value(kinds[i])) == 0)
            *out = kinds[i];
    }
    return *out != IMAGE_UNKNOWN;
}

/* What a catalogue takes for a comment where the name is said again: "A #2" would be A there. */
static bool begins_comment(const char *text, size_t at)
{
    return (text[at] == '#' || text[at] == ';') && (at == 0 || text[at - 1] == ' ');
}

bool fleet_name_parse(char out[static UPDATE_VERSION_SIZE], const char *text)
{
    size_t len = strlen(text);

    if (len == 0 || len >= UPDATE_VERSION_SIZE || text[0] == ' ' || text[len - 1] == ' ')
        return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < ' ' || text[i] > '~' || begins_comment(text, i))
            return false;
    }
    memcpy(out, text, len + 1);
    return true;
}

/* --- Patterns --------------------------------------------------------------------------------- */

#define DIGITS "0123456789ABCDEF"

static char upper(char c)
{
    static const char small[] = "abcdef";
    const char *at = strchr(small, c);

    if (!at || c == '\0')
        return c;
    return "ABCDEF"[at - small];
}

/* Characters of "[...]" at `text`, 0 when it is none: digits and ranges of them, maybe negated. */
static size_t set_length(const char *text)
{
    size_t begin = text[1] == '!' || text[1] == '^' ? 2 : 1;
    size_t at = begin;

    while (text[at] != '\0' && strchr(DIGITS, text[at])) {
        at++;
        if (text[at] != '-')
            continue;
        if (text[at + 1] == '\0' || !strchr(DIGITS, text[at + 1]) || text[at + 1] < text[at - 1])
            return 0;
        at += 2;
    }
    return at > begin && text[at] == ']' ? at + 1 : 0;
}

/* Characters of the next element of a pattern; 0 when it is none. */
static size_t element_length(const char *text)
{
    if (*text == '[')
        return set_length(text);
    return *text != '\0' && strchr(DIGITS ":*?", *text) ? 1 : 0;
}

/* Whether an element can stand for the MAC's character at this place: a digit, or the colon. */
static bool fits(char element, size_t place)
{
    bool colon = place % 3 == 2;

    if (place >= MAC_TEXT_SIZE - 1)
        return false;
    return element == '?' || (element == ':') == colon;
}

bool fleet_pattern_parse(struct fleet_rule *rule, const char *text)
{
    size_t len = strlen(text);
    size_t place = 0; /* in the MAC; of no use behind a '*' */
    bool any = false;
    size_t step;

    if (len >= sizeof rule->pattern)
        return false;
    for (size_t i = 0; i <= len; i++)
        rule->pattern[i] = upper(text[i]);
    rule->literals = 0;
    for (const char *at = rule->pattern; *at != '\0'; at += step) {
        step = element_length(at);
        any = any || *at == '*';
        if (step == 0 || (!any && !fits(*at, place++)))
            return false;
        if (strchr(DIGITS ":", *at))
            rule->literals++;
    }
    return any || place == MAC_TEXT_SIZE - 1;
}

bool fleet_pattern_is_exact(const struct fleet_rule *rule)
{
    return rule->literals == MAC_TEXT_SIZE - 1 && strlen(rule->pattern) == MAC_TEXT_SIZE - 1;
}
