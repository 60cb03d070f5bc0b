#include "common/invitation.h"

#include "common/hex.h"
#include "common/text.h"

#include <string.h>

/* Split the text at its first '\n': the line goes to `line`, what follows stays. */
static struct text_cursor take_line(struct text_cursor *text)
{
    const char *end = text->len > 0 ? memchr(text->at, '\n', text->len) : NULL;
    struct text_cursor line = *text;

    if (!end) {
        text->at += text->len;
        text->len = 0;
        return line;
    }
    line.len = (size_t)(end - text->at);
    text->at = end + 1;
    text->len -= line.len + 1;
    return line;
}

bool invitation_parse(struct invitation *out, const char *datagram, size_t len)
{
    struct text_cursor rest = { datagram, len };
    struct text_cursor line = take_line(&rest);
    uint64_t command;
    uint64_t port;

    if (!text_take_number(&line, UINT32_MAX, &command) || !text_take(&line, " "))
        return false;
    if (!text_take_number(&line, UINT16_MAX, &port) || port == 0 || !text_take(&line, " "))
        return false;
    if (!text_take_number(&line, UINT64_MAX, &out->size) || !text_take(&line, " "))
        return false;
    while (text_take(&line, " "))
        ;
    line = text_trim_end(line);
    if (!hex_decode(out->md5, sizeof out->md5, line.at, line.len))
        return false;
    out->command = (uint32_t)command;
    out->port = (uint16_t)port;
    out->tail = rest.at;
    out->tail_len = rest.len;
    return true;
}

size_t invitation_format(const struct invitation *invitation, char *out, size_t size)
{
    char md5[HEX_SIZE(DIGEST_MD5_SIZE)];
    size_t used = 0;

    if (size < INVITATION_MAX + invitation->tail_len)
        return 0;
    hex_encode(md5, invitation->md5, sizeof invitation->md5);
    text_append_number(out, size, &used, invitation->command);
    text_append_string(out, size, &used, " ");
    text_append_number(out, size, &used, invitation->port);
    text_append_string(out, size, &used, " ");
    text_append_number(out, size, &used, invitation->size);
    text_append_string(out, size, &used, " ");
    text_append_string(out, size, &used, md5);
    text_append_string(out, size, &used, "\n");
    if (invitation->tail_len > 0)
        text_append(out, size, &used, invitation->tail, invitation->tail_len);
    return used;
}
