#include "cli/push/device_list.h"

#include "cli/parse.h"
#include "cli/printable.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What is left of a line. */
struct rest {
    const char *at;
    const char *end;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Say what is wrong. Returns false. */
static bool complain(struct device_list *list, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool complain(struct device_list *list, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(list->why, sizeof list->why, format, args);
    va_end(args);
    return false;
}

/* A text of the list, as it can be shown. */
struct shown {
    char text[128];
};

static struct shown show(struct device_slice slice)
{
    struct shown shown;

    printable_bytes(shown.text, sizeof shown.text, slice.text, slice.len);
    return shown;
}

static void skip_blanks(struct rest *rest)
{
    while (rest->at < rest->end && is_blank(*rest->at))
        rest->at++;
}

/* A word as it stands, or all between double quotes. */
static bool take_word(struct device_list *list, struct rest *rest, struct device_slice *out)
{
    bool quoted = rest->at < rest->end && *rest->at == '"';
    const char *start = rest->at + quoted;
    const char *at = start;

    while (at < rest->end && (quoted ? *at != '"' : !is_blank(*at) && *at != '"'))
        at++;
    *out = (struct device_slice){ start, (size_t)(at - start) };
    if (quoted && at == rest->end)
        return complain(list, "no quote behind \"%s", show(*out).text);
    rest->at = at + quoted;
    if (rest->at < rest->end && !is_blank(*rest->at))
        return complain(list, "no blank beside the quote at '%s'", show(*out).text);
    return true;
}

/* `port=` or `auth-file=`, whatever is behind it; false when it is neither. */
static bool take_key(struct rest *rest, const char *key)
{
    size_t len = strlen(key);

    if ((size_t)(rest->end - rest->at) < len || memcmp(rest->at, key, len) != 0)
        return false;
    rest->at += len;
    return true;
}

static bool read_port(struct device_list *list, struct rest *rest, struct device_line *out)
{
    struct device_slice value;
    char digits[8];

    if (out->port > 0)
        return complain(list, "port is given twice");
    if (!take_word(list, rest, &value))
        return false;
    snprintf(digits, sizeof digits, "%.*s", value.len < sizeof digits ? (int)value.len : 0,
             value.text);
    return (parse_port(&out->port, digits) && out->port > 0) ||
           complain(list, "port takes a UDP port, 1 to 65535, not '%s'", show(value).text);
}

static bool read_auth_file(struct device_list *list, struct rest *rest, struct device_line *out)
{
    if (out->auth_file.len > 0)
        return complain(list, "auth-file is given twice");
    if (!take_word(list, rest, &out->auth_file))
        return false;
    return out->auth_file.len > 0 || complain(list, "auth-file takes a file's name");
}

static bool refuse_word(struct device_list *list, struct rest *rest)
{
    struct device_slice word;

    if (!take_word(list, rest, &word))
        return false;
    const char *equals = memchr(word.text, '=', word.len);
    if (!equals)
        return complain(list, "unexpected '%s': a name with blanks stands in double quotes",
                        show(word).text);
    word.len = (size_t)(equals - word.text);
    return complain(list, "unknown '%s': there are port and auth-file", show(word).text);
}

static bool read_name(struct device_list *list, struct rest *rest, struct device_line *out)
{
    bool quoted = *rest->at == '"';

    if (!take_word(list, rest, &out->name))
        return false;
    if (out->name.len == 0)
        return complain(list, "the device's name is empty");
    if (out->name.text[0] == '@' && !quoted)
        return complain(list, "'%s': a list cannot name another one; in quotes it is a device",
                        show(out->name).text);
    if (out->name.len == 1 && out->name.text[0] == '-' && !quoted)
        return complain(list, "'-': a list cannot name another one; in quotes it is a device");
    return true;
}

static bool read_device(struct device_list *list, struct rest *rest, struct device_line *out)
{
    *out = (struct device_line){ .port = 0 };
    if (!read_name(list, rest, out))
        return false;
    for (skip_blanks(rest); rest->at < rest->end && *rest->at != '#'; skip_blanks(rest)) {
        bool ok;
        if (take_key(rest, "port="))
            ok = read_port(list, rest, out);
        else if (take_key(rest, "auth-file="))
            ok = read_auth_file(list, rest, out);
        else
            ok = refuse_word(list, rest);
        if (!ok)
            return false;
    }
    return true;
}

/* Of what some editors call Unicode. */
static bool is_utf16(const struct rest *beginning)
{
    return beginning->end - beginning->at >= 2 &&
           (memcmp(beginning->at, "\xff\xfe", 2) == 0 || memcmp(beginning->at, "\xfe\xff", 2) == 0);
}

/* Nothing that could not be typed into a text file. */
static bool is_text(const struct rest *rest)
{
    for (const char *at = rest->at; at < rest->end; at++) {
        if (((unsigned char)*at < ' ' && *at != '\t') || *at == '\x7f')
            return false;
    }
    return true;
}

/* The next line, without its end. */
static struct rest take_line(struct device_list *list)
{
    size_t left = (size_t)(list->end - list->at);
    const char *newline = memchr(list->at, '\n', left);
    struct rest rest = { list->at, newline ? newline : list->end };

    list->at = newline ? newline + 1 : list->end;
    list->line++;
    if (rest.end > rest.at && rest.end[-1] == '\r')
        rest.end--;
    return rest;
}

void device_list_begin(struct device_list *list, const char *text, size_t len)
{
    static const char mark[] = "\xef\xbb\xbf";
    size_t skip = len >= sizeof mark - 1 && memcmp(text, mark, sizeof mark - 1) == 0 ? 3 : 0;

    *list = (struct device_list){ .at = text + skip, .end = text + len };
}

enum device_list_step device_list_next(struct device_list *list, struct device_line *out)
{
    while (list->at < list->end) {
        struct rest rest = take_line(list);
        bool ok = true;
        if (rest.end - rest.at > DEVICE_LIST_LINE_MAX)
            ok = complain(list, "the line is longer than 4096 bytes");
        else if (list->line == 1 && is_utf16(&rest))
            ok = complain(list, "it is UTF-16, not UTF-8 text: save it as that");
        else if (!is_text(&rest))
            ok = complain(list, "the line has control characters in it");
        skip_blanks(&rest);
        if (ok && (rest.at == rest.end || *rest.at == '#'))
            continue;
        return ok && read_device(list, &rest, out) ? DEVICE_LIST_DEVICE : DEVICE_LIST_BAD;
    }
    return DEVICE_LIST_END;
}
