#include "cli/serve/http_exchange.h"

#include "cli/serve/http_state.h"

#include <event2/http_struct.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A comma-separated list has this word. */
static bool list_has(const char *list, const char *word)
{
    size_t len = strlen(word);

    while (*list != '\0') {
        list += strspn(list, ", \t");
        size_t part = strcspn(list, ", \t");
        if (part == len && strncasecmp(list, word, len) == 0)
            return true;
        list += part;
    }
    return false;
}

/* Most names differ in their first letter. */
static bool is_named(const struct evkeyval *header, const char *name)
{
    return (header->key[0] | 0x20) == (name[0] | 0x20) && strcasecmp(header->key, name) == 0;
}

/*
 * Take over the headers, and find out whether the connection goes on. libevent looks up some in
 * the request's list after us, again and again, and needs but the one of that name: it is copied.
 * With HTTP/1.0 the default is to close; when not, is as libevent understands it.
 */
static void take_headers(struct http_exchange *exchange)
{
    struct evkeyvalq *from = evhttp_request_get_input_headers(exchange->request);
    const struct evkeyval *header;
    const char *connection = NULL;

    exchange->closes = false;
    TAILQ_CONCAT(&exchange->headers, from, next);
    TAILQ_FOREACH(header, &exchange->headers, next)
    {
        if (!is_named(header, "Connection"))
            continue;
        if (!connection)
            connection = header->value;
        exchange->closes = exchange->closes || list_has(header->value, "close");
    }
    if (exchange->is_old &&
        (!connection || strncasecmp(connection, "keep-alive", strlen("keep-alive")) != 0))
        exchange->closes = true;
    if (!exchange->closes && connection)
        evhttp_add_header(from, "Connection", connection);
}

struct http_exchange *http_exchange_new(struct http_peer *peer, struct evhttp_request *request)
{
    struct http_exchange *exchange = malloc(sizeof *exchange);

    if (!exchange)
        return NULL;
    *exchange = (struct http_exchange){ .server = peer->server, .peer = peer, .request = request };
    TAILQ_INIT(&exchange->headers);
    exchange->protocol = "-";
    exchange->closes = true;
    if (request) {
        exchange->is_old = request->minor == 0;
        exchange->protocol = exchange->is_old ? "HTTP/1.0" : "HTTP/1.1";
        exchange->is_head = evhttp_request_get_command(request) == EVHTTP_REQ_HEAD;
        take_headers(exchange);
    }
    memcpy(exchange->address, peer->address, sizeof exchange->address);
    peer->server->answers++;
    return exchange;
}

/* A lone CR may pass for the end of a line. */
static void add_header(struct http_exchange *exchange, const char *name, const char *value)
{
    if (value[0] != '\0' && !strchr(value, '\r'))
        evhttp_add_header(&exchange->headers, name, value);
}

void http_exchange_set_gist(struct http_exchange *exchange, const struct http_gist *gist)
{
    exchange->gist = malloc(sizeof *gist);
    if (!exchange->gist)
        return;
    *exchange->gist = *gist;
    add_header(exchange, "User-Agent", gist->user_agent);
    add_header(exchange, "Referer", gist->referer);
}

void http_exchange_keep(struct http_exchange *exchange)
{
    const char *target = exchange->request ? evhttp_request_get_uri(exchange->request) : NULL;

    exchange->target = target ? strdup(target) : NULL;
    exchange->request = NULL;
}

void http_exchange_end(struct http_exchange *exchange, uint64_t unsent)
{
    struct http_server *server = exchange->server;
    struct http_result result = { .status = exchange->status, .whole = unsent == 0 };

    if (exchange->answered)
        result.body_sent = unsent < exchange->body_length ? exchange->body_length - unsent : 0;
    else
        result.whole = false;
    server->answers--;
    if (server->options.done)
        server->options.done(server->options.ctx, exchange, &result);
    evhttp_clear_headers(&exchange->headers);
    free(exchange->target);
    free(exchange->gist);
    free(exchange);
}

static const char *text_or_null(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

const char *http_exchange_method(const struct http_exchange *exchange)
{
    if (exchange->gist)
        return text_or_null(exchange->gist->method);
    if (exchange->protocol[0] == '-')
        return NULL;
    return exchange->is_head ? "HEAD" : "GET";
}

const char *http_exchange_target(const struct http_exchange *exchange)
{
    const char *target = exchange->target;

    if (exchange->gist)
        target = text_or_null(exchange->gist->target);
    else if (exchange->request)
        target = evhttp_request_get_uri(exchange->request);
    return target ? target : "-";
}

const char *http_exchange_protocol(const struct http_exchange *exchange)
{
    const char *of_gist = exchange->gist ? text_or_null(exchange->gist->protocol) : NULL;

    return of_gist ? of_gist : exchange->protocol;
}

const char *http_exchange_address(const struct http_exchange *exchange)
{
    return exchange->address;
}

const char *http_exchange_header(const struct http_exchange *exchange, const char *name)
{
    const struct evkeyval *header;

    TAILQ_FOREACH(header, &exchange->headers, next)
    {
        if (is_named(header, name))
            return header->value;
    }
    return NULL;
}

void http_exchange_headers(const struct http_exchange *exchange,
                           void (*visit)(void *ctx, const char *name, const char *value), void *ctx)
{
    const struct evkeyval *header;

    TAILQ_FOREACH(header, &exchange->headers, next)
    {
        visit(ctx, header->key, header->value);
    }
}

void http_exchange_set_note(struct http_exchange *exchange, const char *word, void *pointer)
{
    exchange->note = word;
    exchange->pointer = pointer;
}

const char *http_exchange_note(const struct http_exchange *exchange)
{
    return exchange->note;
}

void *http_exchange_pointer(const struct http_exchange *exchange)
{
    return exchange->pointer;
}
