#include "cli/serve/http_peer.h"

#include "cli/serve/http_exchange.h"
#include "cli/serve/http_look.h"
#include "cli/serve/http_refusal.h"
#include "cli/serve/http_settle.h"
#include "cli/serve/http_state.h"

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Bytes that one event may write. */
#define WRITE_MAX ((size_t)1 << 20)

/* ---- answers under way ---- */

void http_peer_written(struct http_peer *peer)
{
    /* With nothing left to send libevent is done with the request at once. */
    evhttp_send_reply_end(peer->exchange->request);
}

void http_peer_check_written(struct http_peer *peer)
{
    struct http_exchange *exchange = peer->exchange;

    if (!exchange || peer->held || evbuffer_get_length(bufferevent_get_output(peer->stream)) > 0)
        return;
    if (exchange->settles && exchange->closes) {
        /* The other end need not wait with us. */
        peer->held = http_settle_hold(&peer->server->settle, peer);
        http_peer_finish(peer);
    }
    if (!peer->held)
        http_peer_written(peer);
}

static void on_written(struct bufferevent *stream, void *ctx)
{
    (void)stream;
    http_peer_check_written(ctx);
}

static void on_event(struct bufferevent *stream, short what, void *ctx)
{
    struct http_peer *peer = ctx;

    /*
     * sendfile() that would block counts as the end for libevent. It is rare, for the socket was
     * said to be writable: the kernel is short of memory. The sweep tries again.
     */
    if (what != (BEV_EVENT_WRITING | BEV_EVENT_EOF))
        peer->event_cb(stream, what, peer->connection);
}

/*
 * libevent answers by itself what it cannot take apart, though the guard let it pass: that is a
 * target such as "//[". It writes then, without our callback.
 */
static bool refused_by_libevent(const struct http_peer *peer)
{
    bufferevent_data_cb read_cb;
    bufferevent_data_cb write_cb;

    bufferevent_getcb(peer->stream, &read_cb, &write_cb, NULL, NULL);
    return !peer->refused && !read_cb && write_cb != on_written;
}

/* ---- the strict look ---- */

static void on_input(struct evbuffer *input, const struct evbuffer_cb_info *info, void *ctx)
{
    struct http_peer *peer = ctx;
    bool is_new = peer->guard.size == 0;

    if (info->n_added == 0 || peer->refused)
        return;
    peer->active = http_server_now();
    if (peer->guard.status == 0)
        http_look(peer, input, info->n_added);
    /* Of heads that follow each other, the time is that of the last. */
    if (is_new && peer->guard.requests > 0)
        peer->since = peer->active;
    if (peer->guard.status != 0 && peer->guard.requests == peer->handled && !peer->exchange &&
        !refused_by_libevent(peer))
        http_refusal_begin(peer);
}

/* ---- its begin ---- */

static struct bufferevent *make_stream(struct http_server *server)
{
    struct bufferevent *stream = NULL;

    if (!server->options.tls)
        return bufferevent_socket_new(server->base, -1, BEV_OPT_CLOSE_ON_FREE);
    SSL *ssl = SSL_new(server->options.tls);
    if (ssl)
        stream = bufferevent_openssl_socket_new(server->base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING,
                                                BEV_OPT_CLOSE_ON_FREE);
    if (stream)
        bufferevent_openssl_set_allow_dirty_shutdown(stream, 1);
    else
        SSL_free(ssl);
    return stream;
}

struct bufferevent *http_peer_begin(struct event_base *base, void *ctx)
{
    struct http_server *server = ctx;
    struct http_peer *peer = calloc(1, sizeof *peer);
    struct bufferevent *stream = peer ? make_stream(server) : NULL;

    (void)base;
    if (stream && !evbuffer_add_cb(bufferevent_get_input(stream), on_input, peer)) {
        bufferevent_free(stream);
        stream = NULL;
    }
    if (!stream) {
        free(peer);
        return NULL;
    }
    bufferevent_set_max_single_write(stream, WRITE_MAX);
    peer->server = server;
    peer->stream = stream;
    peer->fd = -1;
    peer->since = http_server_now();
    peer->active = peer->since;
    LIST_INIT(&peer->settling);
    http_guard_init(&peer->guard);
    /* Until it is adopted: should libevent give it up before, it must not be gone. */
    bufferevent_incref(stream);
    LIST_INSERT_HEAD(&server->fresh, peer, link);
    server->connections++;
    http_server_pause(server);
    event_active(server->adopt, 0, 0);
    return stream;
}

/* With TLS: that there is no more, so that nobody can cut the answer short unseen. */
static void say_goodbye(struct http_peer *peer)
{
    SSL *ssl = peer->server->options.tls ? bufferevent_openssl_get_ssl(peer->stream) : NULL;

    if (!ssl || !SSL_is_init_finished(ssl))
        return;
    SSL_shutdown(ssl);
    /* Whatever it says; it must not be taken for somebody else's. */
    ERR_clear_error();
}

/* Free our side of a connection. */
static void forget(struct http_peer *peer)
{
    struct http_server *server = peer->server;

    evbuffer_remove_cb(bufferevent_get_input(peer->stream), on_input, peer);
    LIST_REMOVE(peer, link);
    if (peer->fd >= 0 && server->by_fd[peer->fd] == peer)
        server->by_fd[peer->fd] = NULL;
    server->connections--;
    http_look_forget(peer);
    free(peer);
    http_server_resume(server);
}

/* libevent closes a connection: its requests, and the descriptor, are still there. */
static void on_close(struct evhttp_connection *connection, void *ctx)
{
    struct http_peer *peer = ctx;
    struct http_exchange *exchange = peer->exchange;
    struct http_gist gist;

    (void)connection;
    peer->exchange = NULL;
    http_settle_leave(peer);
    if (!exchange && refused_by_libevent(peer)) {
        exchange = http_exchange_new(peer, NULL);
        if (exchange) {
            http_look_gist(peer, &gist);
            http_exchange_set_gist(exchange, &gist);
            exchange->status = 400;
        }
    }
    if (exchange)
        http_exchange_end(exchange, http_peer_unsent(peer));
    else
        say_goodbye(peer);
    forget(peer);
}

static bool remember_fd(struct http_server *server, struct http_peer *peer)
{
    size_t fd = (size_t)peer->fd;

    if (fd >= server->by_fd_size) {
        size_t size = 2 * fd + 64;
        struct http_peer **larger = realloc(server->by_fd, size * sizeof(struct http_peer *));
        if (!larger)
            return false;
        for (size_t i = server->by_fd_size; i < size; i++)
            larger[i] = NULL;
        server->by_fd = larger;
        server->by_fd_size = size;
    }
    server->by_fd[fd] = peer;
    return true;
}

/* The peer's address; of an IPv4 one that came to an IPv6 socket, the IPv4 one. */
static void note_address(struct http_peer *peer)
{
    char *address = NULL;
    ev_uint16_t port = 0;

    evhttp_connection_get_peer(peer->connection, &address, &port);
    if (address && strncmp(address, "::ffff:", 7) == 0 && strchr(address, '.'))
        address += 7;
    snprintf(peer->address, sizeof peer->address, "%s", address ? address : "-");
}

static void adopt(struct http_server *server, struct http_peer *peer)
{
    struct bufferevent *stream = peer->stream;
    void *connection = NULL;
    int on = 1;

    /* What libevent hands to its callbacks is its connection; NULL once it has given it up. */
    bufferevent_getcb(stream, NULL, NULL, NULL, &connection);
    peer->fd = bufferevent_getfd(stream);
    peer->connection = connection;
    if (!connection || peer->fd < 0) {
        peer->fd = -1;
        forget(peer);
        bufferevent_decref(stream);
        return;
    }
    bufferevent_decref(stream);
    LIST_REMOVE(peer, link);
    LIST_INSERT_HEAD(&server->peers, peer, link);
    evhttp_connection_set_closecb(connection, on_close, peer);
    note_address(peer);
    /* A head and its image are two writes: the end of the second is not to wait for an answer. */
    setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (!remember_fd(server, peer))
        http_peer_close(peer);
}

void http_peer_adopt(struct http_server *server)
{
    struct http_peer *peer;
    struct http_peer *next;

    for (peer = LIST_FIRST(&server->fresh); peer; peer = next) {
        next = LIST_NEXT(peer, link);
        adopt(server, peer);
    }
}

struct http_peer *http_peer_find(struct http_server *server, struct evhttp_connection *connection)
{
    int fd = bufferevent_getfd(evhttp_connection_get_bufferevent(connection));
    struct http_peer *peer = NULL;

    if (fd >= 0 && (size_t)fd < server->by_fd_size)
        peer = server->by_fd[fd];
    return peer && peer->connection == connection ? peer : NULL;
}

/*
 * Write at once, rather than when the loop next finds the socket writable, which it nearly always
 * is. What does not fit is left to the loop, and so is any error.
 */
static void write_now(struct http_peer *peer)
{
    struct evbuffer *output = bufferevent_get_output(peer->stream);

    /* Nobody but the stream may take from it: it is frozen against accidents. */
    evbuffer_unfreeze(output, 1);
    if (evbuffer_write(output, peer->fd) > 0 && evbuffer_get_length(output) > 0)
        evbuffer_write(output, peer->fd);
    evbuffer_freeze(output, 1);
}

void http_peer_sends(struct http_peer *peer)
{
    bufferevent_getcb(peer->stream, NULL, NULL, &peer->event_cb, NULL);
    bufferevent_setcb(peer->stream, NULL, on_written, on_event, peer);
    /*
     * What comes would be kept, without limit; and whoever has only closed his side may still want
     * the answer. A lost peer is seen in writing.
     */
    bufferevent_disable(peer->stream, EV_READ);
    peer->began = http_server_now();
    peer->active = peer->began;
    peer->unsent = 0;
    if (!peer->server->options.tls)
        write_now(peer);
    if (evbuffer_get_length(bufferevent_get_output(peer->stream)) > 0)
        bufferevent_enable(peer->stream, EV_WRITE);
}

uint64_t http_peer_unsent(const struct http_peer *peer)
{
    uint64_t unsent = evbuffer_get_length(bufferevent_get_output(peer->stream));

    return unsent + http_settle_unsent(peer->fd);
}

/* ---- its end ---- */

void http_peer_finish(struct http_peer *peer)
{
    say_goodbye(peer);
    shutdown(peer->fd, SHUT_WR);
}

void http_peer_close(struct http_peer *peer)
{
    /* Calls on_close(). */
    evhttp_connection_free(peer->connection);
}

/* True when it has had its time. */
static bool is_overdue(struct http_peer *peer, int64_t now)
{
    const struct http_server_options *options = &peer->server->options;
    bool reads_head = peer->guard.size > 0 || peer->guard.requests == 0;

    if (peer->lingers)
        return now - peer->since > HTTP_LINGER_MS;
    if (peer->exchange) {
        if (now - peer->began > 1000 * (int64_t)options->answer_seconds)
            return true;
        uint64_t unsent = http_peer_unsent(peer);
        if (unsent != peer->unsent)
            peer->active = now;
        peer->unsent = unsent;
        if (!peer->held)
            bufferevent_enable(peer->stream, EV_WRITE);
    } else if (reads_head && now - peer->since > 1000 * (int64_t)options->head_seconds) {
        return true;
    }
    /* Those who wait for acknowledgements have a limit of their own. */
    if (!LIST_EMPTY(&peer->settling) && !peer->exchange)
        return false;
    return now - peer->active > 1000 * (int64_t)options->idle_seconds;
}

void http_peer_sweep(struct http_server *server)
{
    struct http_peer *peer;
    struct http_peer *next;
    int64_t now = http_server_now();

    for (peer = LIST_FIRST(&server->peers); peer; peer = next) {
        next = LIST_NEXT(peer, link);
        if (is_overdue(peer, now))
            http_peer_close(peer);
    }
}

void http_peer_close_idle(struct http_peer *peer)
{
    if (!peer->exchange && !peer->refused && peer->guard.size == 0 &&
        peer->guard.requests == peer->handled && LIST_EMPTY(&peer->settling))
        http_peer_close(peer);
}

void http_peer_close_all_idle(struct http_server *server)
{
    struct http_peer *peer;
    struct http_peer *next;

    http_peer_adopt(server);
    for (peer = LIST_FIRST(&server->peers); peer; peer = next) {
        next = LIST_NEXT(peer, link);
        http_peer_close_idle(peer);
    }
}
