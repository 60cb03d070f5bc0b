#include "cli/serve/http_answer.h"

#include "cli/serve/http_range.h"
#include "cli/serve/http_state.h"

#include <event2/buffer.h>
#include <event2/http_struct.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- sending ---- */

static void on_complete(struct evhttp_request *request, void *ctx)
{
    struct http_exchange *exchange = ctx;
    struct http_peer *peer = exchange->peer;

    (void)request;
    peer->exchange = NULL;
    peer->active = http_server_now();
    if (exchange->settles && !exchange->closes)
        http_settle_add(&exchange->server->settle, peer, exchange);
    else
        http_exchange_end(exchange, exchange->missing);
}

void http_exchange_add(struct http_exchange *exchange, const char *name, const char *value)
{
    http_head_add(&exchange->server->head, name, value);
}

/* Whether the connection goes on, for both ends of it, and for libevent. */
static void add_connection(struct http_exchange *exchange)
{
    const char *says = exchange->closes ? "close" : "keep-alive";

    /* To go on is what HTTP/1.1 does anyway. */
    if (exchange->closes || exchange->is_old)
        http_exchange_add(exchange, "Connection", says);
    if (exchange->closes)
        evhttp_add_header(evhttp_request_get_output_headers(exchange->request), "Connection", says);
}

void http_answer_send(struct http_exchange *exchange, unsigned status, uint64_t length)
{
    struct http_head *head = &exchange->server->head;
    struct evbuffer *body = evhttp_request_get_output_buffer(exchange->request);
    struct evbuffer *output = bufferevent_get_output(exchange->peer->stream);

    exchange->answered = true;
    exchange->status = status;
    exchange->body_length = exchange->is_head ? 0 : length;
    if (status != 304)
        http_head_add_number(head, "Content-Length", length);
    add_connection(exchange);
    if (http_head_finish(head, exchange->protocol, status, output)) {
        evbuffer_add_buffer(output, body);
    } else {
        /* No memory: nothing is sent, and the connection ends. */
        exchange->closes = true;
        add_connection(exchange);
        exchange->settles = false;
        exchange->missing = exchange->body_length + 1;
    }
    /* Should the connection be lost, the request is libevent's to free. */
    exchange->request->userdone = 1;
    evhttp_request_set_on_complete_cb(exchange->request, on_complete, exchange);
    http_peer_sends(exchange->peer);
}

void http_exchange_reply(struct http_exchange *exchange, unsigned status, const char *type,
                         const void *body, size_t len)
{
    struct evbuffer *output = evhttp_request_get_output_buffer(exchange->request);

    if (type && status != 304)
        http_exchange_add(exchange, "Content-Type", type);
    if (status == 304)
        len = 0;
    if (len > 0 && !exchange->is_head && evbuffer_add(output, body, len) != 0)
        len = 0;
    http_answer_send(exchange, status, len);
}

/* ---- images ---- */

/* What of an image is asked for. */
struct plan {
    unsigned status;
    uint64_t first;
    uint64_t length;
};

/* A list of entity tags, or "*", that this one is in; weak ones count if `weak`. */
static bool tags_have(const char *list, const char *tag, bool weak)
{
    size_t len = strlen(tag);

    while (list && *list != '\0') {
        list += strspn(list, ", \t");
        bool is_weak = strncmp(list, "W/", 2) == 0;
        if (is_weak)
            list += 2;
        if (*list == '*' && list[1] == '\0')
            return true;
        if (strncmp(list, tag, len) == 0 && (weak || !is_weak))
            return true;
        /* A tag may have commas inside. */
        const char *end = *list == '"' ? strchr(list + 1, '"') : NULL;
        list = end ? end + 1 : list + strcspn(list, ",");
    }
    return false;
}

static struct plan make_plan(const struct http_exchange *exchange, const struct served_image *image)
{
    struct plan plan = { 200, 0, image->facts.size };
    const char *none_match = http_exchange_header(exchange, "If-None-Match");
    const char *match = http_exchange_header(exchange, "If-Match");
    const char *if_range = http_exchange_header(exchange, "If-Range");
    struct http_range range;

    if (match && !tags_have(match, image->etag, false))
        return (struct plan){ .status = 412 };
    if (none_match && tags_have(none_match, image->etag, true))
        return (struct plan){ .status = 304 };
    /* A date is no strong validator: two builds may have the same second. */
    if (exchange->is_head || (if_range && strcmp(if_range, image->etag) != 0))
        return plan;
    range = http_range_parse(http_exchange_header(exchange, "Range"), plan.length);
    if (range.kind == HTTP_RANGE_PART)
        plan = (struct plan){ 206, range.first, range.last - range.first + 1 };
    else if (range.kind == HTTP_RANGE_UNSATISFIABLE)
        plan = (struct plan){ .status = 416 };
    return plan;
}

bool http_exchange_wants_start(const struct http_exchange *exchange,
                               const struct served_image *image)
{
    struct plan plan = make_plan(exchange, image);

    return !exchange->is_head && plan.first == 0 && plan.length > 0;
}

static void add_image_headers(struct http_exchange *exchange, const struct served_image *image,
                              const struct plan *plan)
{
    char text[80];

    http_exchange_add(exchange, "ETag", image->etag);
    if (image->modified[0] != '\0')
        http_exchange_add(exchange, "Last-Modified", image->modified);
    if (plan->status == 304)
        return;
    http_exchange_add(exchange, "Accept-Ranges", "bytes");
    if (plan->status == 416) {
        snprintf(text, sizeof text, "bytes */%" PRIu64, image->facts.size);
        http_exchange_add(exchange, "Content-Range", text);
    }
    if (plan->length == 0)
        return;
    http_exchange_add(exchange, "Content-Type", "application/octet-stream");
    http_exchange_add(exchange, "x-MD5", image->md5_text);
    if (plan->status != 206)
        return;
    snprintf(text, sizeof text, "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, plan->first,
             plan->first + plan->length - 1, image->facts.size);
    http_exchange_add(exchange, "Content-Range", text);
}

void http_exchange_reply_image(struct http_exchange *exchange, struct served_image *image)
{
    struct evbuffer *output = evhttp_request_get_output_buffer(exchange->request);
    struct plan plan = make_plan(exchange, image);

    if (plan.length > 0 && !exchange->is_head) {
        /* This buffer ends up in a socket whole, or in OpenSSL, which wants to see the bytes. */
        if (!exchange->server->options.tls)
            evbuffer_set_flags(output, EVBUFFER_FLAG_DRAINS_TO_FD);
        if (!served_image_append(image, output, plan.first, plan.length)) {
            http_exchange_reply(exchange, 500, NULL, NULL, 0);
            return;
        }
        exchange->settles = true;
    }
    add_image_headers(exchange, image, &plan);
    http_answer_send(exchange, plan.status, plan.length);
}
