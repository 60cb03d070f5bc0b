#include "cli/serve/http_server.h"

#include "cli/address.h"
#include "cli/serve/http_answer.h"
#include "cli/serve/http_state.h"

#include <dirent.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/http_struct.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define IDLE_SECONDS    30
#define HEAD_SECONDS    30
#define ANSWER_SECONDS  3600
#define CONNECTIONS_MAX 16384
#define BACKLOG         1024

/* Descriptors that are left for files: the catalogue, its images, the log, the record. */
#define DESCRIPTORS_KEPT 64

/* More than the guard lets pass, so that libevent never is the one to refuse. */
#define LIBEVENT_HEAD_MAX (4 * HTTP_GUARD_HEAD_MAX)

int64_t http_server_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- requests ---- */

static void on_request(struct evhttp_request *request, void *ctx)
{
    struct http_server *server = ctx;
    struct http_peer *peer = http_peer_find(server, evhttp_request_get_connection(request));
    struct http_exchange *exchange = peer ? http_exchange_new(peer, request) : NULL;

    if (!exchange) {
        evhttp_send_error(request, 503, NULL);
        return;
    }
    /* What is behind a request that was the last good one is not looked at. */
    peer->handled++;
    if (server->draining || (peer->guard.status != 0 && peer->guard.requests == peer->handled))
        exchange->closes = true;
    /* The target names another host, but we are no proxy: it is as good as a path. */
    request->flags &= ~EVHTTP_PROXY_REQUEST;
    peer->exchange = exchange;
    http_head_begin(&server->head);
    server->options.handle(server->options.ctx, exchange);
    if (!exchange->answered)
        http_exchange_reply(exchange, 500, NULL, NULL, 0);
    http_peer_check_written(peer);
}

/* ---- listening ---- */

static struct evconnlistener *listener(const struct http_server *server, unsigned i)
{
    return evhttp_bound_socket_get_listener(server->listeners[i]);
}

void http_server_pause(struct http_server *server)
{
    if (server->connections < server->options.connections_max)
        return;
    for (unsigned i = 0; i < server->listener_count; i++)
        evconnlistener_disable(listener(server, i));
}

void http_server_resume(struct http_server *server)
{
    if (server->draining || server->connections >= server->options.connections_max)
        return;
    for (unsigned i = 0; i < server->listener_count; i++)
        evconnlistener_enable(listener(server, i));
}

/*
 * There are no descriptors left, or no memory: accepting again at once would fail at once. It is
 * resumed when a connection has ended, or by the next sweep.
 */
static void on_accept_error(struct evconnlistener *of, void *ctx)
{
    (void)ctx;
    evconnlistener_disable(of);
}

/* A listening socket, or -1 with errno. */
static int listen_at(const struct sockaddr *address, socklen_t length)
{
    int on = 1;
    int off = 0;
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    /* "::" means both versions of IP, whatever the system's default is. */
    if (address->sa_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(fd, address, length) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* Give a listening socket to libevent, which closes it. */
static bool adopt_listener(struct http_server *server, int fd)
{
    struct evconnlistener *made =
        evconnlistener_new(server->base, NULL, NULL,
                           LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_DISABLED, 0, fd);

    if (!made) {
        close(fd);
        return false;
    }
    struct evhttp_bound_socket *bound = evhttp_bind_listener(server->http, made);
    if (!bound) {
        evconnlistener_free(made);
        return false;
    }
    evconnlistener_set_error_cb(made, on_accept_error);
    server->listeners[server->listener_count++] = bound;
    http_server_resume(server);
    return true;
}

bool http_server_listen(struct http_server *server, const struct sockaddr *address,
                        socklen_t length, struct sockaddr_storage *out, struct failure *failure)
{
    struct address shown;
    char text[ADDRESS_TEXT_MAX];
    socklen_t out_length = sizeof *out;

    if (!address_from(&shown, address, length))
        return failure_set(failure, EXIT_LOCAL_FAILURE, "cannot listen: no internet address");
    address_text(&shown, text);
    errno = ENOSPC;
    int fd = server->listener_count < HTTP_LISTENERS_MAX ? listen_at(address, length) : -1;
    if (fd < 0)
        return failure_set(failure, EXIT_LOCAL_FAILURE, "cannot listen at %s: %s", text,
                           strerror(errno));
    if (out)
        getsockname(fd, (struct sockaddr *)out, &out_length);
    return adopt_listener(server, fd) ||
           failure_set(failure, EXIT_LOCAL_FAILURE, "cannot listen at %s: %s", text,
                       strerror(ENOMEM));
}

/* ---- begin and end ---- */

static void on_adopt(evutil_socket_t fd, short events, void *ctx)
{
    (void)fd;
    (void)events;
    http_peer_adopt(ctx);
}

static void on_sweep(evutil_socket_t fd, short events, void *ctx)
{
    struct http_server *server = ctx;

    (void)fd;
    (void)events;
    http_peer_sweep(server);
    http_server_resume(server);
}

/* Files that are open now. */
static unsigned count_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    unsigned count = 0;

    while (dir && readdir(dir))
        count++;
    if (dir)
        closedir(dir);
    return count;
}

/* As many connections as there are descriptors for; where these are few, half of them. */
static unsigned find_connections_max(void)
{
    struct rlimit limit;
    rlim_t used = count_descriptors();

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return CONNECTIONS_MAX;
    rlim_t left = limit.rlim_cur > used ? limit.rlim_cur - used : 0;
    rlim_t kept = left / 2 < DESCRIPTORS_KEPT ? left / 2 : DESCRIPTORS_KEPT;
    left -= kept;
    if (left > CONNECTIONS_MAX)
        return CONNECTIONS_MAX;
    return left > 0 ? (unsigned)left : 1;
}

static void fill_in_defaults(struct http_server_options *options)
{
    if (options->idle_seconds == 0)
        options->idle_seconds = IDLE_SECONDS;
    if (options->head_seconds == 0)
        options->head_seconds = HEAD_SECONDS;
    if (options->answer_seconds == 0)
        options->answer_seconds = ANSWER_SECONDS;
    if (options->connections_max == 0)
        options->connections_max = find_connections_max();
}

struct event_base *http_server_base_new(void)
{
    struct event_config *config = event_config_new();
    struct event_base *base = NULL;

    if (config && event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST |
                                                    EVENT_BASE_FLAG_NOLOCK) == 0)
        base = event_base_new_with_config(config);
    if (config)
        event_config_free(config);
    return base;
}

static bool start(struct http_server *server)
{
    struct timeval second = { .tv_sec = 1 };

    server->http = evhttp_new(server->base);
    server->adopt = event_new(server->base, -1, 0, on_adopt, server);
    server->sweep = event_new(server->base, -1, EV_PERSIST, on_sweep, server);
    if (!http_settle_init(&server->settle, server->base,
                          1000 * (int64_t)server->options.idle_seconds,
                          1000 * (int64_t)server->options.answer_seconds) ||
        !server->http || !server->adopt || !server->sweep)
        return false;
    evhttp_set_bevcb(server->http, http_peer_begin, server);
    evhttp_set_gencb(server->http, on_request, server);
    evhttp_set_allowed_methods(server->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
    evhttp_set_max_headers_size(server->http, LIBEVENT_HEAD_MAX);
    evhttp_set_max_body_size(server->http, 0);
    evhttp_set_default_content_type(server->http, NULL);
    return evtimer_add(server->sweep, &second) == 0;
}

struct http_server *http_server_new(struct event_base *base,
                                    const struct http_server_options *options)
{
    struct http_server *server = calloc(1, sizeof *server);

    if (!server)
        return NULL;
    server->base = base;
    server->options = *options;
    LIST_INIT(&server->fresh);
    LIST_INIT(&server->peers);
    fill_in_defaults(&server->options);
    if (!start(server)) {
        http_server_free(server);
        return NULL;
    }
    return server;
}

void http_server_set_tls(struct http_server *server, struct ssl_ctx_st *tls)
{
    /* Connections hold the one that they began with. */
    server->options.tls = tls;
}

void http_server_drain(struct http_server *server)
{
    server->draining = true;
    while (server->listener_count > 0)
        evhttp_del_accept_socket(server->http, server->listeners[--server->listener_count]);
    http_peer_close_all_idle(server);
}

size_t http_server_connections(const struct http_server *server)
{
    return server->connections;
}

size_t http_server_answers(const struct http_server *server)
{
    return server->answers;
}

void http_server_free(struct http_server *server)
{
    if (!server)
        return;
    if (server->http) {
        http_server_drain(server);
        evhttp_free(server->http);
    }
    http_settle_free(&server->settle);
    if (server->adopt)
        event_free(server->adopt);
    if (server->sweep)
        event_free(server->sweep);
    free(server->by_fd);
    free(server);
}

void http_server_prepare_process(void)
{
    struct rlimit limit;

    signal(SIGPIPE, SIG_IGN);
    /* Else libevent calls calloc(), several times for each header, which is the slowest of them. */
    event_set_mem_functions(malloc, realloc, free);
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}
