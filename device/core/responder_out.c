#include "responder_out.h"

#include "common/text.h"

#include <string.h>

#define ERROR_PREFIX "ERR: "

void ota_responder_reply(const struct ota_responder *r, const struct ota_address *to,
                         const char *text)
{
    const struct ota_net *net = r->config->net;

    net->send_datagram(net->ctx, to, text, strlen(text));
}

void ota_responder_reply_error(const struct ota_responder *r, const struct ota_address *to,
                               const char *line)
{
    char text[sizeof ERROR_PREFIX - 1 + OTA_ERROR_LINE_MAX];
    size_t len = 0;

    text_append_string(text, sizeof text, &len, ERROR_PREFIX);
    text_append_string(text, sizeof text, &len, line);
    ota_responder_reply(r, to, text);
}

void ota_responder_emit(const struct ota_responder *r, const struct ota_event *event)
{
    if (r->config->on_event)
        r->config->on_event(r->config->event_ctx, event);
}

void ota_responder_emit_refused(const struct ota_responder *r, const struct ota_address *peer,
                                enum ota_error error, const char *text)
{
    ota_responder_emit(r,
                       &(struct ota_event){
                           .kind = OTA_EVENT_REFUSED, .peer = peer, .error = error, .text = text });
}

uint32_t ota_responder_deadline(uint32_t now_ms, uint32_t configured, uint32_t standard)
{
    return now_ms + (configured > 0 ? configured : standard);
}

/* The count wraps: what lies less than half its range ahead is in the future. */
uint32_t ota_responder_time_left(uint32_t deadline, uint32_t now_ms)
{
    uint32_t left = deadline - now_ms;

    return left < 0x80000000u ? left : 0;
}
