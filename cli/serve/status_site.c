#include "cli/serve/status_site.h"

#include "cli/serve/status_json.h"
#include "cli/serve/status_page.h"
#include "cli/serve/status_style.h"

#include <event2/buffer.h>
#include <string.h>
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

static void reply_view(const struct status_site *site, struct http_exchange *exchange,
                       const char *type,
                       void (*write)(const struct status_view *view, struct evbuffer *out))
{
    struct status_view view = view_of(site);
    struct evbuffer *body = evbuffer_new();

    if (!body) {
        http_exchange_reply(exchange, 500, NULL, NULL, 0);
        return;
    }
    write(&view, body);
    reply_with(exchange, type, body);
    evbuffer_free(body);
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
    const struct status_site *site = ctx;
    const char *agent = http_exchange_header(exchange, "User-Agent");

    if (!updates_admit(site->updates->credentials, exchange))
        return;
    /* What devices say of themselves is shown here: nothing of it may run, or be taken for code. */
    http_exchange_add(exchange, "Content-Security-Policy",
                      "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
                      "frame-ancestors 'none'");
    http_exchange_add(exchange, "X-Content-Type-Options", "nosniff");
    http_exchange_add(exchange, "Referrer-Policy", "no-referrer");
    http_exchange_add(exchange, "Cache-Control", "no-store");
    if (agent && update_agent_is_updater(agent))
        http_exchange_reply(exchange, 403, "text/plain", not_here, sizeof not_here - 1);
    else if (target_is(exchange, "/"))
        reply_view(site, exchange, "text/html; charset=utf-8", status_page_write);
    else if (target_is(exchange, "/status.json"))
        reply_view(site, exchange, "application/json", status_json_write);
    else if (target_is(exchange, "/status.css"))
        http_exchange_reply(exchange, 200, "text/css; charset=utf-8", status_style,
                            strlen(status_style));
    else
        http_exchange_reply(exchange, 404, "text/plain", nothing, sizeof nothing - 1);
}

void status_site_done(void *ctx, struct http_exchange *exchange, const struct http_result *result)
{
    const struct status_site *site = ctx;

    http_exchange_set_note(exchange, "status", NULL);
    updates_log(site->updates, exchange, result, NULL);
}
