#include "cli/serve/status_site.h"

#include "cli/address.h"
#include "cli/serve/status_json.h"
#include "cli/serve/status_page.h"
#include "cli/serve/status_style.h"

#include <event2/buffer.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* Devices on the page; there may be a hundred thousand. */
#define ROWS 500

static void reply_with(struct http_exchange *exchange, const char *type, struct evbuffer *body)
{
    size_t len = evbuffer_get_length(body);
    const unsigned char *bytes = evbuffer_pullup(body, -1);

    if (bytes)
        http_exchange_reply(exchange, 200, type, bytes, len);
    else
        http_exchange_reply(exchange, 500, NULL, NULL, 0);
}

/* The worst of what is wrong: devices get old releases, or are forgotten. */
static const char *problem_of(const struct status_site *site)
{
    const char *text = site->updates->offering->problem.text;

    if (text[0] == '\0')
        text = site->record_problem;
    return text[0] ? text : NULL;
}

static struct status_view view_of(const struct status_site *site)
{
    const struct updates *updates = site->updates;
    const struct offering *offering = updates->offering;

    return (struct status_view){
        .fleet = offering->fleet,
        .image = offering->image,
        .store = updates->store,
        .events = &updates->events,
        .now = (int64_t)time(NULL),
        .started = site->started,
        .problem = problem_of(site),
        .device_limit = ROWS,
    };
}

/* Making it takes a while, and devices wait: people who look at the same moment see the same. */
static bool renew(const struct status_site *site, struct status_copy *copy,
                  void (*write)(const struct status_view *view, struct evbuffer *out))
{
    struct status_view view = view_of(site);
    struct evbuffer *body;

    if (copy->body && copy->made == view.now)
        return true;
    body = evbuffer_new();
    if (!body)
        return false;
    write(&view, body);
    if (copy->body)
        evbuffer_free(copy->body);
    *copy = (struct status_copy){ body, view.now };
    return true;
}

static void reply_view(const struct status_site *site, struct http_exchange *exchange,
                       const char *type, struct status_copy *copy,
                       void (*write)(const struct status_view *view, struct evbuffer *out))
{
    if (renew(site, copy, write))
        reply_with(exchange, type, copy->body);
    else
        http_exchange_reply(exchange, 500, NULL, NULL, 0);
}

void status_site_free(struct status_site *site)
{
    if (site->page.body)
        evbuffer_free(site->page.body);
    if (site->json.body)
        evbuffer_free(site->json.body);
    site->page = site->json = (struct status_copy){ 0 };
}

/* True when the Host header, without a port, is an address, or this machine's own name for itself.
 */
static bool is_asked_for_here(const struct http_exchange *exchange)
{
    const char *host = http_exchange_header(exchange, "Host");
    char name[ADDRESS_TEXT_MAX];
    struct address address;
    size_t len;

    if (!host)
        return true; /* HTTP/1.0; browsers send one */
    len = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
    if (len >= sizeof name || len > strlen(host))
        return false;
    memcpy(name, host, len);
    name[len] = '\0';
    return strcasecmp(name, "localhost") == 0 || address_parse(&address, name);
}

/* The target without its query. */
static bool target_is(const struct http_exchange *exchange, const char *path)
{
    const char *target = http_exchange_target(exchange);
    size_t len = strlen(path);

    return strncmp(target, path, len) == 0 && (target[len] == '\0' || target[len] == '?');
}

void status_site_handle(void *ctx, struct http_exchange *exchange)
{
    static const char not_here[] = "devices are answered elsewhere; this is for people\n";
    static const char nothing[] = "there is /, /status.json and /status.css\n";
    static const char elsewhere[] = "ask for it by an address, or as localhost\n";
    struct status_site *site = ctx;
    const char *agent = http_exchange_header(exchange, "User-Agent");

    http_exchange_set_note(exchange, "status", NULL);
    if (!updates_admit(site->updates->credentials, exchange))
        return;
    /* What devices say of themselves is shown here: nothing of it may run, or be taken for code. */
    http_exchange_add(exchange, "Content-Security-Policy",
                      "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
                      "frame-ancestors 'none'");
    http_exchange_add(exchange, "X-Content-Type-Options", "nosniff");
    http_exchange_add(exchange, "Referrer-Policy", "no-referrer");
    http_exchange_add(exchange, "Cache-Control", "no-store");
    if (site->is_local && !is_asked_for_here(exchange))
        http_exchange_reply(exchange, 403, "text/plain", elsewhere, sizeof elsewhere - 1);
    else if (agent && update_agent_is_updater(agent))
        http_exchange_reply(exchange, 403, "text/plain", not_here, sizeof not_here - 1);
    else if (target_is(exchange, "/"))
        reply_view(site, exchange, "text/html; charset=utf-8", &site->page, status_page_write);
    else if (target_is(exchange, "/status.json"))
        reply_view(site, exchange, "application/json", &site->json, status_json_write);
    else if (target_is(exchange, "/status.css"))
        http_exchange_reply(exchange, 200, "text/css; charset=utf-8", status_style,
                            strlen(status_style));
    else
        http_exchange_reply(exchange, 404, "text/plain", nothing, sizeof nothing - 1);
}

void status_site_done(void *ctx, struct http_exchange *exchange, const struct http_result *result)
{
    const struct status_site *site = ctx;

    updates_log(site->updates, exchange, result, NULL);
}
