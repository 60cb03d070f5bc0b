#include "puller_answer.h"

#include "common/hex.h"
#include "common/text.h"
#include "puller_url.h"
#include "puller_word.h"

#include <string.h>

bool ota_puller_is_redirect(uint16_t status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool ota_puller_read_status(struct ota_puller *p)
{
    struct text_cursor line = { p->lines.text, p->lines.used };
    struct ota_pull_answer *answer = &p->answer;
    uint64_t minor, status;

    *answer = (struct ota_pull_answer){ 0 };
    if (p->lines.is_cut || !text_take(&line, "HTTP/1.") || !text_take_number(&line, 9, &minor) ||
        !text_take(&line, " ") || line.len < 3)
        return false;
    struct text_cursor code = { line.at, 3 };
    if (!text_take_number(&code, 999, &status) || code.len > 0 || status < 100)
        return false;
    if (line.len > 3 && line.at[3] != ' ')
        return false;
    answer->status = (uint16_t)status;
    if (status == 200) {
        /* From the next field on they are another image's than what the updater has. */
        p->is_kept = false;
        p->etag[0] = '\0';
        p->version[0] = '\0';
    }
    return true;
}

/* --- Fields ----------------------------------------------------------------------------------- */

/* Proxies join a field that is there twice with a comma: all of them must be the same number. */
static void take_length(struct ota_puller *p, struct text_cursor value)
{
    struct ota_pull_answer *answer = &p->answer;
    uint64_t length;

    for (;;) {
        if (!text_take_number(&value, UINT64_MAX, &length) ||
            (answer->has_length && length != answer->length))
            break;
        answer->has_length = true;
        answer->length = length;
        value = ota_puller_trim(value);
        if (value.len == 0)
            return;
        if (!text_take(&value, ","))
            break;
        value = ota_puller_trim(value);
    }
    answer->bad_length = true;
}

static void take_content_encoding(struct ota_puller *p, struct text_cursor value)
{
    if (value.len > 0 && !ota_puller_is_word(value.at, value.len, "identity"))
        p->answer.is_encoded = true;
}

static void take_md5(struct ota_puller *p, struct text_cursor value)
{
    struct ota_pull_answer *answer = &p->answer;

    if (answer->has_md5 || !hex_decode(answer->md5, sizeof answer->md5, value.at, value.len))
        answer->bad_md5 = true;
    answer->has_md5 = true;
}

static bool take_unit(struct text_cursor *value)
{
    struct text_cursor unit;

    if (!text_take_word(value, &unit) || !ota_puller_is_word(unit.at, unit.len, "bytes"))
        return false;
    *value = ota_puller_trim(*value);
    return true;
}

static void take_range(struct ota_puller *p, struct text_cursor value)
{
    struct ota_pull_answer *answer = &p->answer;

    if (answer->has_range || !take_unit(&value) ||
        !text_take_number(&value, UINT32_MAX, &answer->first) || !text_take(&value, "-") ||
        !text_take_number(&value, UINT32_MAX, &answer->last) || !text_take(&value, "/") ||
        !text_take_number(&value, UINT32_MAX, &answer->total) || value.len > 0 ||
        answer->first > answer->last || answer->last >= answer->total)
        answer->bad_range = true;
    answer->has_range = true;
}

/* RFC 9110, section 8.8.3; a weak one, W/"...", does not say that the bytes are the same. */
static bool is_strong_etag(struct text_cursor value)
{
    if (value.len < 2 || value.at[0] != '"' || value.at[value.len - 1] != '"')
        return false;
    for (size_t i = 1; i < value.len - 1; i++) {
        if (!ota_puller_is_visible(value.at[i]) || value.at[i] == '"')
            return false;
    }
    return true;
}

static void take_etag(struct ota_puller *p, struct text_cursor value)
{
    struct ota_pull_answer *answer = &p->answer;

    if (answer->status == 206) {
        if (value.len != strlen(p->etag) || memcmp(value.at, p->etag, value.len) != 0)
            answer->other_etag = true;
    } else if (answer->status == 200) {
        size_t used = 0;
        p->etag[0] = '\0';
        if (!answer->has_etag && is_strong_etag(value) && value.len < sizeof p->etag)
            text_append(p->etag, sizeof p->etag, &used, value.at, value.len);
    }
    answer->has_etag = true;
}

/* A date as it stands, to be compared with another one of the same answer. */
static void take_date(char out[OTA_PULL_DATE_SIZE], struct text_cursor value)
{
    size_t used = 0;

    text_append(out, OTA_PULL_DATE_SIZE, &used, value.at, value.len);
}

static void take_location(struct ota_puller *p, struct text_cursor value)
{
    struct ota_pull_answer *answer = &p->answer;

    if (!ota_puller_is_redirect(answer->status))
        return;
    if (answer->has_place || !ota_puller_url_follow(&p->url, value))
        answer->bad_place = true;
    answer->has_place = true;
}

static void take_version(struct ota_puller *p, struct text_cursor value)
{
    uint16_t status = p->answer.status;
    size_t used = 0;

    if (status != 200 && status != 206 && status != 304)
        return;
    p->version[0] = '\0';
    if (value.len >= sizeof p->version)
        return;
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] != ' ' && !ota_puller_is_visible(value.at[i]))
            return;
    }
    text_append(p->version, sizeof p->version, &used, value.at, value.len);
}

/* Signs of a name, RFC 9110, section 5.6.2. */
static bool is_name(struct text_cursor name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        if (!ota_puller_is_letter(c) && !ota_puller_is_digit(c) &&
            !memchr("!#$%&'*+-.^_`|~", c, sizeof "!#$%&'*+-.^_`|~" - 1))
            return false;
    }
    return name.len > 0;
}

/* Fields that matter; the others are passed over. */
enum field {
    FIELD_ETAG,
    FIELD_VERSION,
    FIELD_DATE,
    FIELD_MODIFIED,
    /* What decides, and must not be passed over because it is too long. */
    FIELD_LENGTH,
    FIELD_TRANSFER_ENCODING,
    FIELD_CONTENT_ENCODING,
    FIELD_MD5,
    FIELD_RANGE,
    FIELD_LOCATION,
    FIELD_OTHER,
};

static enum field field_of(struct text_cursor name)
{
    static const char *const names[FIELD_OTHER] = {
        [FIELD_ETAG] = "ETag",
        [FIELD_VERSION] = "x-version",
        [FIELD_DATE] = "Date",
        [FIELD_MODIFIED] = "Last-Modified",
        [FIELD_LENGTH] = "Content-Length",
        [FIELD_TRANSFER_ENCODING] = "Transfer-Encoding",
        [FIELD_CONTENT_ENCODING] = "Content-Encoding",
        [FIELD_MD5] = "x-MD5",
        [FIELD_RANGE] = "Content-Range",
        [FIELD_LOCATION] = "Location",
    };
    unsigned field = 0;

    while (field < FIELD_OTHER && !ota_puller_is_word(name.at, name.len, names[field]))
        field++;
    return (enum field)field;
}

static void take(struct ota_puller *p, enum field field, struct text_cursor value)
{
    switch (field) {
    case FIELD_ETAG:
        take_etag(p, value);
        break;
    case FIELD_VERSION:
        take_version(p, value);
        break;
    case FIELD_DATE:
        take_date(p->answer.date, value);
        break;
    case FIELD_MODIFIED:
        take_date(p->answer.modified, value);
        break;
    case FIELD_LENGTH:
        take_length(p, value);
        break;
    case FIELD_TRANSFER_ENCODING:
        p->answer.is_encoded = true;
        break;
    case FIELD_CONTENT_ENCODING:
        take_content_encoding(p, value);
        break;
    case FIELD_MD5:
        take_md5(p, value);
        break;
    case FIELD_RANGE:
        take_range(p, value);
        break;
    case FIELD_LOCATION:
        take_location(p, value);
        break;
    case FIELD_OTHER:
        break;
    }
}

bool ota_puller_read_field(struct ota_puller *p)
{
    const struct ota_pull_lines *lines = &p->lines;
    const char *colon = memchr(lines->text, ':', lines->used);
    struct text_cursor name, value;
    enum field field;

    if (!colon)
        return lines->is_cut;
    name = (struct text_cursor){ lines->text, (size_t)(colon - lines->text) };
    value = (struct text_cursor){ colon + 1, lines->used - name.len - 1 };
    if (!is_name(name))
        return false;
    field = field_of(name);
    if (lines->is_cut)
        return field < FIELD_LENGTH || field == FIELD_OTHER;
    take(p, field, ota_puller_trim(value));
    return true;
}
