#include "cli/serve/http_guard.h"

#include <string.h>
#include <strings.h>

enum state {
    IN_METHOD, /* of the request line; a head begins here */
    IN_TARGET,
    IN_VERSION,
    AFTER_LINE, /* the LF that ends the request line or a header */
    IN_NAME,
    IN_VALUE,
    AFTER_HEAD, /* the LF that ends the head */
};

/* Methods that exist, by RFC 9110 and RFC 5789; the first two are served. */
static const char *const methods[] = {
    "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH",
};

#define METHODS        (sizeof methods / sizeof *methods)
#define METHODS_SERVED 2

void http_guard_init(struct http_guard *guard)
{
    *guard = (struct http_guard){ 0 };
}

static bool refuse(struct http_guard *guard, unsigned status, const char *why)
{
    guard->status = status;
    guard->why = why;
    return false;
}

/* RFC 9110, section 5.6.2: what names and methods consist of, a bit for each of the first 128. */
static bool is_token_char(unsigned char c)
{
    static const uint32_t tokens[4] = { 0, 0x03FF6CFA, 0xC7FFFFFE, 0x57FFFFFF };

    return c < 128 && (tokens[c / 32] >> c % 32 & 1) != 0;
}

static bool is_target_char(unsigned char c)
{
    return c > ' ' && c < 0x7F;
}

static bool is_value_char(unsigned char c)
{
    return (c >= ' ' && c != 0x7F) || c == '\t';
}

static void begin_part(struct http_guard *guard, enum state state)
{
    guard->state = (uint8_t)state;
    guard->part = 0;
}

/* Add to the word; of a longer one its length alone is kept. */
static void add_to_word(struct http_guard *guard, unsigned char c)
{
    if (guard->part < sizeof guard->word)
        guard->word[guard->part] = (char)c;
    guard->part++;
}

static bool word_is(const struct http_guard *guard, const char *text)
{
    return guard->part == strlen(text) && guard->part <= sizeof guard->word &&
           strncasecmp(guard->word, text, guard->part) == 0;
}

static bool take_method(struct http_guard *guard, unsigned char c)
{
    if (c != ' ') {
        if (!is_token_char(c))
            return refuse(guard, 400, "The request does not begin with a method.");
        add_to_word(guard, c);
        return true;
    }
    if (guard->part == 0)
        return refuse(guard, 400, "The request does not begin with a method.");
    /* Methods are told by their case. */
    for (guard->method = 0; guard->method < METHODS; guard->method++)
        if (word_is(guard, methods[guard->method]) &&
            memcmp(guard->word, methods[guard->method], guard->part) == 0)
            break;
    begin_part(guard, IN_TARGET);
    return true;
}

static bool take_target(struct http_guard *guard, unsigned char c)
{
    if (c == ' ' && guard->part > 0) {
        begin_part(guard, IN_VERSION);
        return true;
    }
    if (guard->part == 0)
        guard->odd = c != '/';
    else if (guard->part == 1)
        guard->odd = guard->odd || c == '/';
    if (!is_target_char(c))
        return refuse(guard, 400, "The target has a character that targets do not have.");
    if (++guard->part > HTTP_GUARD_TARGET_MAX)
        return refuse(guard, 414, "The target is too long.");
    return true;
}

static bool take_version(struct http_guard *guard, unsigned char c)
{
    if (c != '\r') {
        if (c <= ' ' || c >= 0x7F || guard->part >= sizeof guard->word)
            return refuse(guard, 400, "The request line does not end with a version.");
        add_to_word(guard, c);
        return true;
    }
    if (guard->part < 5 || memcmp(guard->word, "HTTP/", 5) != 0)
        return refuse(guard, 400, "The request line does not end with a version.");
    guard->old = word_is(guard, "HTTP/1.0");
    if (!guard->old && !word_is(guard, "HTTP/1.1"))
        return refuse(guard, 505, "This server speaks HTTP/1.0 and HTTP/1.1.");
    begin_part(guard, AFTER_LINE);
    return true;
}

/* A header's name is there: remember what the end of the head asks for. */
static bool begin_value(struct http_guard *guard)
{
    if (++guard->headers > HTTP_GUARD_HEADERS_MAX)
        return refuse(guard, 431, "There are too many headers.");
    if (word_is(guard, "transfer-encoding"))
        guard->has_body = true;
    guard->length_value = word_is(guard, "content-length");
    if (guard->length_value && guard->has_length)
        return refuse(guard, 400, "There is more than one Content-Length.");
    guard->has_length = guard->has_length || guard->length_value;
    bool is_host = word_is(guard, "host");
    if (is_host && guard->has_host)
        return refuse(guard, 400, "There is more than one Host.");
    guard->has_host = guard->has_host || is_host;
    begin_part(guard, IN_VALUE);
    return true;
}

static bool take_name(struct http_guard *guard, unsigned char c)
{
    if (c == '\r' && guard->part == 0) {
        guard->state = AFTER_HEAD;
        return true;
    }
    if (c == ':' && guard->part > 0)
        return begin_value(guard);
    if (!is_token_char(c))
        return refuse(guard, 400, "A header's name has a character that names do not have.");
    add_to_word(guard, c);
    return true;
}

/* A length of nothing, and written as a number: anything else announces a body, or may to others.
 */
static bool check_length(struct http_guard *guard)
{
    size_t len = guard->part < sizeof guard->word ? guard->part : sizeof guard->word;

    while (len > 0 && (guard->word[len - 1] == ' ' || guard->word[len - 1] == '\t'))
        len--;
    for (size_t i = 0; i < len; i++) {
        if (guard->word[i] < '0' || guard->word[i] > '9')
            return refuse(guard, 400, "Content-Length is no number.");
        guard->has_body = guard->has_body || guard->word[i] != '0';
    }
    if (len == 0 || guard->part > sizeof guard->word)
        return refuse(guard, 400, "Content-Length is no number.");
    return true;
}

static bool take_value(struct http_guard *guard, unsigned char c)
{
    if (c == '\r') {
        guard->state = AFTER_LINE;
        return !guard->length_value || check_length(guard);
    }
    if (!is_value_char(c))
        return refuse(guard, 400, "A header has a control character.");
    if (guard->length_value && !(guard->part == 0 && (c == ' ' || c == '\t')))
        add_to_word(guard, c);
    return true;
}

static bool end_head(struct http_guard *guard)
{
    if (guard->method >= METHODS)
        return refuse(guard, 501, "This method is not known.");
    if (guard->method >= METHODS_SERVED)
        return refuse(guard, 405, "There is nothing here but to GET, or to ask for by HEAD.");
    if (guard->has_body)
        return refuse(guard, 400, "A request for an image has no body.");
    if (!guard->old && !guard->has_host)
        return refuse(guard, 400, "There is no Host.");
    *guard = (struct http_guard){ .requests = guard->requests + 1, .odd = guard->odd };
    return true;
}

static bool take(struct http_guard *guard, unsigned char c)
{
    switch ((enum state)guard->state) {
    case IN_METHOD:
        return take_method(guard, c);
    case IN_TARGET:
        return take_target(guard, c);
    case IN_VERSION:
        return take_version(guard, c);
    case IN_NAME:
        return take_name(guard, c);
    case IN_VALUE:
        return take_value(guard, c);
    case AFTER_LINE:
    case AFTER_HEAD:
        break;
    }
    if (c != '\n')
        return refuse(guard, 400, "A line does not end with CR LF.");
    if (guard->state == AFTER_HEAD)
        return end_head(guard);
    begin_part(guard, IN_NAME);
    return true;
}

static size_t run_of(bool (*is_in)(unsigned char c), const unsigned char *at, size_t len)
{
    size_t count = 0;

    while (count < len && is_in(at[count]))
        count++;
    return count;
}

/*
 * Take all of the next bytes at once that are more of the same part; take() says the same of them
 * one by one, but most bytes of a request are such.
 */
static size_t take_run(struct http_guard *guard, const unsigned char *at, size_t len)
{
    size_t count = 0;

    if (len > HTTP_GUARD_HEAD_MAX - guard->size)
        len = HTTP_GUARD_HEAD_MAX - guard->size;
    if (guard->state == IN_VALUE && !guard->length_value) {
        count = run_of(is_value_char, at, len);
    } else if (guard->state == IN_NAME) {
        count = run_of(is_token_char, at, len);
        for (size_t i = guard->part; i < guard->part + count && i < sizeof guard->word; i++)
            guard->word[i] = (char)at[i - guard->part];
        guard->part += count;
    } else if (guard->state == IN_TARGET && guard->part > 1) {
        size_t room = HTTP_GUARD_TARGET_MAX - guard->part;
        count = run_of(is_target_char, at, len < room ? len : room);
        guard->part += count;
    }
    guard->size += count;
    return count;
}

bool http_guard_take(struct http_guard *guard, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;

    for (size_t i = 0; guard->status == 0; i++) {
        i += take_run(guard, at + i, len - i);
        if (i == len)
            break;
        if (++guard->size > HTTP_GUARD_HEAD_MAX)
            return refuse(guard, 431, "The headers are too long.");
        if (!take(guard, at[i]))
            return false;
    }
    return guard->status == 0;
}
