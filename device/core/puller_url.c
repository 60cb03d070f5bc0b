#include "puller_url.h"

#include "puller_word.h"

#include <string.h>

/* An address that was taken apart, all inside the text that was given. */
struct parts {
    bool tls;
    bool is_literal;
    uint16_t port;
    struct text_cursor host;
    struct text_cursor path; /* and query; may be empty, or begin with '?' */
};

uint16_t ota_puller_url_standard_port(bool tls)
{
    return tls ? 443 : 80;
}

/* Characters of `text` before the first that is one of `ends`; all of them if there is none. */
static size_t span_until(struct text_cursor text, const char *ends)
{
    size_t len = 0;

    while (len < text.len && !memchr(ends, text.at[len], strlen(ends)))
        len++;
    return len;
}

/* Take what is before one of `ends`. */
static struct text_cursor take_until(struct text_cursor *text, const char *ends)
{
    struct text_cursor taken = { text->at, span_until(*text, ends) };

    text->at += taken.len;
    text->len -= taken.len;
    return taken;
}

static bool is_visible_text(struct text_cursor text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!ota_puller_is_visible(text.at[i]))
            return false;
    }
    return true;
}

static bool is_name(struct text_cursor host)
{
    for (size_t i = 0; i < host.len; i++) {
        char c = host.at[i];
        if (!ota_puller_is_letter(c) && !ota_puller_is_digit(c) && c != '-' && c != '.' && c != '_')
            return false;
    }
    return host.len > 0;
}

static bool is_ipv6(struct text_cursor host)
{
    unsigned colons = 0;

    for (size_t i = 0; i < host.len; i++) {
        char c = host.at[i];
        if (c == ':')
            colons++;
        else if (!ota_puller_is_digit(c) && c != '.' &&
                 !(ota_puller_is_letter(c) && (c & ~0x20) <= 'F'))
            return false;
    }
    return colons >= 2;
}

/* "" and ":" stand for the scheme's own. */
static bool take_port(struct parts *parts, struct text_cursor text)
{
    uint64_t port;

    parts->port = ota_puller_url_standard_port(parts->tls);
    if (text.len == 0)
        return true;
    if (!text_take(&text, ":"))
        return false;
    if (text.len == 0)
        return true;
    if (!text_take_number(&text, UINT16_MAX, &port) || text.len > 0)
        return false;
    parts->port = (uint16_t)port;
    return port > 0;
}

/* What follows "//". */
static bool take_server(struct parts *parts, struct text_cursor text)
{
    struct text_cursor server = take_until(&text, "/?");

    parts->path = text;
    parts->is_literal = text_take(&server, "[");
    if (parts->is_literal) {
        parts->host = take_until(&server, "]");
        return is_ipv6(parts->host) && text_take(&server, "]") && take_port(parts, server);
    }
    parts->host = take_until(&server, ":");
    return is_name(parts->host) && take_port(parts, server);
}

/* A scheme comes before anything that a path could have. */
static bool has_scheme(struct text_cursor text)
{
    size_t len = span_until(text, ":/?");

    return len > 0 && len < text.len && text.at[len] == ':';
}

static bool take_apart(struct parts *parts, struct text_cursor text)
{
    struct text_cursor scheme = take_until(&text, ":");

    parts->tls = ota_puller_is_word(scheme.at, scheme.len, "https");
    if (!parts->tls && !ota_puller_is_word(scheme.at, scheme.len, "http"))
        return false;
    return text_take(&text, "://") && take_server(parts, text);
}

static bool put_together(struct ota_pull_url *url, const struct parts *parts)
{
    bool has_path = parts->path.len > 0 && *parts->path.at == '/';
    size_t used = parts->host.len + 1;
    size_t path = used;

    if (parts->host.len + parts->path.len + sizeof "\0/" > sizeof url->text)
        return false;
    memcpy(url->text, parts->host.at, parts->host.len);
    url->text[parts->host.len] = '\0';
    if (!has_path)
        url->text[used++] = '/';
    url->text[used] = '\0';
    text_append(url->text, sizeof url->text, &used, parts->path.at, parts->path.len);
    url->tls = parts->tls;
    url->is_literal = parts->is_literal;
    url->port = parts->port;
    url->path = (uint16_t)path;
    return true;
}

bool ota_puller_url_parse(struct ota_pull_url *url, struct text_cursor text)
{
    struct parts parts;

    text.len = span_until(text, "#");
    return is_visible_text(text) && take_apart(&parts, text) && put_together(url, &parts);
}

/* Characters of a text before its query. */
static size_t path_length(const char *path)
{
    size_t len = 0;

    while (path[len] != '\0' && path[len] != '?')
        len++;
    return len;
}

/* Take "." and ".." out of a path, in place (RFC 3986, section 5.2.4); not out of its query. */
static void remove_dots(char *path)
{
    const char *in = path;
    char *out = path;

    while (*in == '/') {
        size_t len = 1;
        while (in[len] != '\0' && in[len] != '/' && in[len] != '?')
            len++;
        bool is_last = in[len] != '/';
        bool is_up = len == 3 && memcmp(in, "/..", 3) == 0;
        if (is_up) {
            while (out > path && *--out != '/')
                ;
        }
        if (is_up || (len == 2 && in[1] == '.')) {
            if (is_last)
                *out++ = '/';
        } else {
            memmove(out, in, len);
            out += len;
        }
        in += len;
    }
    memmove(out, in, strlen(in) + 1);
}

/* Put `reference` in place of what of the path is behind the first `keep` characters. */
static bool replace_path(struct ota_pull_url *url, size_t keep, struct text_cursor reference)
{
    size_t used = url->path + keep;

    if (reference.len >= sizeof url->text - used)
        return false;
    text_append(url->text, sizeof url->text, &used, reference.at, reference.len);
    remove_dots(url->text + url->path);
    return true;
}

static bool follow_relative(struct ota_pull_url *url, struct text_cursor reference)
{
    const char *path = url->text + url->path;
    size_t len = path_length(path);

    if (reference.len == 0)
        return true;
    if (*reference.at == '/')
        len = 0;
    else if (*reference.at != '?')
        while (len > 0 && path[len - 1] != '/')
            len--;
    return replace_path(url, len, reference);
}

bool ota_puller_url_follow(struct ota_pull_url *url, struct text_cursor reference)
{
    struct parts parts = { .tls = url->tls };
    bool was_tls = url->tls;

    reference.len = span_until(reference, "#");
    if (!is_visible_text(reference))
        return false;
    if (has_scheme(reference)) {
        if (!take_apart(&parts, reference) || !put_together(url, &parts))
            return false;
    } else if (text_take(&reference, "//")) {
        if (!take_server(&parts, reference) || !put_together(url, &parts))
            return false;
    } else {
        return follow_relative(url, reference);
    }
    remove_dots(url->text + url->path);
    return url->tls || !was_tls;
}

bool ota_puller_url_same_server(const struct ota_pull_url *a, const struct ota_pull_url *b)
{
    return a->tls == b->tls && a->port == b->port &&
           ota_puller_is_same(a->text, strlen(a->text), b->text, strlen(b->text));
}
