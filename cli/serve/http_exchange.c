#include "cli/serve/http_exchange.h"

#include "cli/serve/http_state.h"

#include <event2/http_struct.h>
#include <stdio.h>
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

/* Whether any of the Connection headers, which may be many, has this word. */
static bool connection_says(const struct http_exchange *exchange, const char *word)
{
    const struct evkeyval *header;

    TAILQ_FOREACH(header, exchange->headers, next)
    {
        if (strcasecmp(header->key, "Connection") == 0 && list_has(header->value, word))
            return true;
    }
    return false;
}

/* With HTTP/1.0 the default is to close; libevent sees to it, and this is how it understands it. */
static bool asks_to_go_on(const struct http_exchange *exchange)
{
    const char *value = evhttp_find_header(exchange->headers, "Connection");

    return value && strncasecmp(value, "keep-alive", strlen("keep-alive")) == 0;
}

struct http_exchange *http_exchange_new(struct http_peer *peer, struct evhttp_request *request)
{
    struct http_exchange *exchange = calloc(1, sizeof *exchange);

    if (!exchange)
        return NULL;
    exchange->server = peer->server;
    exchange->peer = peer;
    exchange->request = request;
    TAILQ_INIT(&exchange->kept);
    exchange->headers = request ? evhttp_request_get_input_headers(request) : &exchange->kept;
    memcpy(exchange->address, peer->address, sizeof exchange->address);
    snprintf(exchange->protocol, sizeof exchange->protocol, "%s", "-");
    exchange->closes = true;
    if (request) {
        bool old = request->minor == 0;
        snprintf(exchange->protocol, sizeof exchange->protocol, "HTTP/1.%c", old ? '0' : '1');
        exchange->is_head = evhttp_request_get_command(request) == EVHTTP_REQ_HEAD;
        exchange->closes = connection_says(exchange, "close") || (old && !asks_to_go_on(exchange));
    }
    peer->server->answers++;
    return exchange;
}

void http_exchange_keep(struct http_exchange *exchange)
{
    struct evkeyval *header;
    struct evkeyval *next;

    if (!exchange->request)
        return;
    const char *target = evhttp_request_get_uri(exchange->request);
    exchange->target = target ? strdup(target) : NULL;
    for (header = TAILQ_FIRST(exchange->headers); header; header = next) {
        next = TAILQ_NEXT(header, next);
        /* libevent looks at this one again to decide whether to go on. */
        if (strcasecmp(header->key, "Connection") == 0)
            continue;
        TAILQ_REMOVE(exchange->headers, header, next);
        TAILQ_INSERT_TAIL(&exchange->kept, header, next);
    }
    exchange->headers = &exchange->kept;
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
    evhttp_clear_headers(&exchange->kept);
    free(exchange->target);
    free(exchange);
}

const char *http_exchange_method(const struct http_exchange *exchange)
{
    if (exchange->protocol[0] == '-')
        return "-";
    return exchange->is_head ? "HEAD" : "GET";
}

const char *http_exchange_target(const struct http_exchange *exchange)
{
    const char *target =
        exchange->request ? evhttp_request_get_uri(exchange->request) : exchange->target;

    return target ? target : "-";
}

const char *http_exchange_protocol(const struct http_exchange *exchange)
{
    return exchange->protocol;
}

const char *http_exchange_address(const struct http_exchange *exchange)
{
    return exchange->address;
}

const char *http_exchange_header(const struct http_exchange *exchange, const char *name)
{
    return evhttp_find_header(exchange->headers, name);
}

void http_exchange_headers(const struct http_exchange *exchange,
                           void (*visit)(void *ctx, const char *name, const char *value), void *ctx)
{
    const struct evkeyval *header;

    TAILQ_FOREACH(header, exchange->headers, next)
    visit(ctx, header->key, header->value);
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
