#include "cli/serve/http_gist.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* A piece of the head. */
struct text {
    const char *at;
    size_t len;
};

static void copy(char *out, size_t size, struct text text)
{
    size_t len = text.len < size ? text.len : size - 1;

    memcpy(out, text.at, len);
    out[len] = '\0';
}

/* Cut off the next line, without its end. */
static struct text take_line(struct text *rest)
{
    const char *end = memchr(rest->at, '\n', rest->len);
    struct text line = { rest->at, end ? (size_t)(end - rest->at) : rest->len };
    size_t taken = end ? line.len + 1 : line.len;

    rest->at += taken;
    rest->len -= taken;
    if (line.len > 0 && line.at[line.len - 1] == '\r')
        line.len--;
    return line;
}

static struct text trim(struct text text)
{
    while (text.len > 0 && (text.at[0] == ' ' || text.at[0] == '\t')) {
        text.at++;
        text.len--;
    }
    while (text.len > 0 && (text.at[text.len - 1] == ' ' || text.at[text.len - 1] == '\t'))
        text.len--;
    return text;
}

/* RFC 9110 allows more, but no method that anybody speaks has it. */
static bool is_method(struct text word)
{
    for (size_t i = 0; i < word.len; i++) {
        char c = word.at[i];
        if ((c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '-')
            return false;
    }
    return word.len > 0 && word.len < HTTP_GIST_WORD_SIZE;
}

/* Cut the last word off, if it is a version; else nothing. */
static struct text take_protocol(struct text *line)
{
    static const char begin[] = "HTTP/";
    struct text word = { line->at + line->len, 0 };

    while (word.len < line->len && word.at[-1] != ' ') {
        word.at--;
        word.len++;
    }
    if (word.len < sizeof begin || memcmp(word.at, begin, sizeof begin - 1) != 0)
        return (struct text){ line->at, 0 };
    line->len -= word.len;
    return word;
}

static void read_request_line(struct http_gist *gist, struct text line)
{
    const char *space = memchr(line.at, ' ', line.len);
    struct text method = { line.at, space ? (size_t)(space - line.at) : line.len };

    if (!is_method(method))
        return;
    copy(gist->method, sizeof gist->method, method);
    line.at += method.len;
    line.len -= method.len;
    copy(gist->protocol, sizeof gist->protocol, take_protocol(&line));
    copy(gist->target, sizeof gist->target, trim(line));
}

static bool is_named(struct text line, const char *name)
{
    size_t len = strlen(name);

    return line.len > len && line.at[len] == ':' && strncasecmp(line.at, name, len) == 0;
}

static void read_header(char *out, size_t size, struct text line, const char *name)
{
    size_t skipped = strlen(name) + 1;

    if (out[0] == '\0' && is_named(line, name))
        copy(out, size, trim((struct text){ line.at + skipped, line.len - skipped }));
}

void http_gist_read(struct http_gist *gist, const char *head, size_t len)
{
    struct text rest = { head, len };

    *gist = (struct http_gist){ .method = "" };
    if (len == 0)
        return;
    read_request_line(gist, take_line(&rest));
    while (rest.len > 0) {
        struct text line = take_line(&rest);
        if (line.len == 0)
            break;
        read_header(gist->user_agent, sizeof gist->user_agent, line, "User-Agent");
        read_header(gist->referer, sizeof gist->referer, line, "Referer");
    }
}
