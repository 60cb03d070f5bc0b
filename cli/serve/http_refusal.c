#include "cli/serve/http_refusal.h"

#include "cli/serve/http_exchange.h"
#include "cli/serve/http_look.h"
#include "cli/serve/http_state.h"

#include <event2/buffer.h>
#include <string.h>
#include <sys/socket.h>

#define METHOD_HEAD 1

static void on_read(struct bufferevent *stream, void *ctx)
{
    struct evbuffer *input = bufferevent_get_input(stream);

    (void)ctx;
    evbuffer_drain(input, evbuffer_get_length(input));
}

/* The answer has gone. */
static void on_written(struct bufferevent *stream, void *ctx)
{
    struct http_peer *peer = ctx;
    struct http_exchange *exchange = peer->exchange;

    (void)stream;
    if (peer->lingers)
        return;
    peer->lingers = true;
    peer->since = http_server_now();
    peer->exchange = NULL;
    if (exchange)
        http_exchange_end(exchange, 0);
    if (peer->half_closed)
        http_peer_close(peer);
    else
        http_peer_finish(peer);
}

/* The other end has closed, or is lost. */
static void on_event(struct bufferevent *stream, short what, void *ctx)
{
    struct http_peer *peer = ctx;

    (void)stream;
    /* Some close their side at once, and read the answer still. */
    if (!peer->lingers && what == (BEV_EVENT_READING | BEV_EVENT_EOF))
        peer->half_closed = true;
    else
        http_peer_close(peer);
}

void http_refusal_begin(struct http_peer *peer)
{
    const struct http_guard *guard = &peer->guard;
    struct evbuffer *output = bufferevent_get_output(peer->stream);
    struct http_head *head = &peer->server->head;
    size_t len = strlen(guard->why) + 1;
    bool is_head = guard->method == METHOD_HEAD;
    struct http_gist gist;

    peer->refused = true;
    /* Its time begins here, and not with an answer before it. */
    peer->began = peer->active = http_server_now();
    peer->exchange = http_exchange_new(peer, NULL);
    http_look_gist(peer, &gist);
    http_look_forget(peer);
    if (peer->exchange) {
        http_exchange_set_gist(peer->exchange, &gist);
        peer->exchange->answered = true;
        peer->exchange->status = guard->status;
        peer->exchange->body_length = is_head ? 0 : len;
    }
    bufferevent_setcb(peer->stream, on_read, on_written, on_event, peer);
    http_head_begin(head);
    http_head_add(head, "Content-Type", "text/plain; charset=utf-8");
    http_head_add_number(head, "Content-Length", len);
    if (guard->status == 405)
        http_head_add(head, "Allow", "GET, HEAD");
    http_head_add(head, "Connection", "close");
    http_head_finish(head, "HTTP/1.1", guard->status, output);
    if (!is_head)
        evbuffer_add_printf(output, "%s\n", guard->why);
    bufferevent_enable(peer->stream, EV_READ | EV_WRITE);
}
