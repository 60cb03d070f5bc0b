#include "common/reply.h"

struct reply reply_parse(const char *datagram, size_t len)
{
    struct reply reply = { .kind = REPLY_UNKNOWN };
    struct text_cursor text = text_trim_end((struct text_cursor){ datagram, len });

    reply.text = text;
    if (text_take(&text, "OK") && text.len == 0) {
        reply.kind = REPLY_OK;
        return reply;
    }
    text = reply.text;
    if (text_take(&text, REPLY_AUTH_FAILED_TEXT)) {
        reply.kind = REPLY_AUTH_FAILED;
        return reply;
    }
    if (text_take(&text, "ERR:")) {
        while (text_take(&text, " "))
            ;
        reply.kind = REPLY_ERROR;
        reply.text = text;
        return reply;
    }
    if (challenge_parse(&reply.challenge, datagram, len))
        reply.kind = REPLY_CHALLENGE;
    return reply;
}
