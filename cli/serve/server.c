#include "cli/serve/server.h"

#include "cli/serve/http_tls.h"
#include "cli/serve/notice.h"
#include "cli/serve/state_path.h"
#include "cli/serve/store_sqlite.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Milliseconds that writing the record may take at a time: devices wait for so long. */
#define FLUSH_BUDGET_MS 5

/* Connections of people at once; the others are for devices. */
#define PEOPLE_MAX 32

/* At the end nobody waits. */
#define CLOSE_BUDGET_MS 5000

/* ---- opening ---- */

static bool open_record(struct server *server, struct failure *failure)
{
    const struct serve_options *options = server->options;
    struct store_sqlite_options record = { .path = options->state };
    struct store_sqlite_note note = { .moved_to = "" };
    char path[PATH_MAX];

    if (!record.path && options->image)
        record.path = ":memory:";
    if (!record.path) {
        if (!state_path_default(path, failure))
            return false;
        if (!state_path_make_folders(path))
            return failure_set(failure, EXIT_LOCAL_FAILURE, "%s: %s", path, strerror(errno));
        record.path = path;
    }
    if (!store_sqlite_open(&server->store, &record, &note, failure))
        return false;
    if (note.skipped > 0)
        notice("warning: %s: %zu devices in it make no sense, and are forgotten", record.path,
               note.skipped);
    if (note.moved_to[0])
        notice("warning: %s cannot be used (%s): it is kept as %s, and a new record begun",
               record.path, note.why, note.moved_to);
    return true;
}

static bool open_guards(struct server *server, struct failure *failure)
{
    const struct serve_options *options = server->options;

    if (options->auth_file) {
        server->updates.credentials = credentials_load(options->auth_file, failure);
        if (!server->updates.credentials)
            return false;
        if (credentials_are_exposed(options->auth_file))
            notice("warning: others can read %s", options->auth_file);
    }
    if (options->tls_cert) {
        server->tls = http_tls_new(options->tls_cert, options->tls_key, failure);
        return server->tls != NULL;
    }
    return true;
}

/* Listen, and say at which address really: port 0 is any. */
static bool listen_at(struct http_server *http, const struct address *at, struct address *bound,
                      struct failure *failure)
{
    struct sockaddr_storage storage;

    if (!http_server_listen(http, &at->u.any, at->len, &storage, failure))
        return false;
    if (!address_from(bound, (const struct sockaddr *)&storage, sizeof storage))
        *bound = *at;
    return true;
}

static bool listen_for_device_at(struct server *server, const struct address *at,
                                 struct failure *failure)
{
    return listen_at(server->devices, at, &server->bound[server->bound_count++], failure);
}

/* True when this machine has IPv6. */
static bool has_ipv6(void)
{
    const struct sockaddr_in6 any = { .sin6_family = AF_INET6 };
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool has = fd >= 0 && bind(fd, (const struct sockaddr *)&any, sizeof any) == 0;

    if (fd >= 0)
        close(fd);
    return has;
}

/* All addresses: those of IPv6 include IPv4's. */
static bool listen_everywhere(struct server *server, struct failure *failure)
{
    struct address address;

    (void)address_parse(&address, has_ipv6() ? "::" : "0.0.0.0");
    address_set_port(&address, SERVE_PORT);
    return listen_for_device_at(server, &address, failure);
}

static bool listen_for_devices(struct server *server, struct failure *failure)
{
    const struct serve_options *options = server->options;
    const struct http_server_options http = {
        .tls = server->tls,
        .idle_seconds = (options->timeout_ms + 999) / 1000,
        .handle = updates_handle,
        .done = updates_done,
        .ctx = &server->updates,
    };

    server->devices = http_server_new(server->base, &http);
    if (!server->devices)
        return failure_set(failure, EXIT_LOCAL_FAILURE, "%s", strerror(ENOMEM));
    if (options->listen_count == 0)
        return listen_everywhere(server, failure);
    for (unsigned i = 0; i < options->listen_count; i++) {
        if (!listen_for_device_at(server, &options->listen[i], failure))
            return false;
    }
    return true;
}

static bool listen_for_people(struct server *server, struct failure *failure)
{
    const struct http_server_options http = {
        .tls = server->tls,
        .connections_max = PEOPLE_MAX,
        .handle = status_site_handle,
        .done = status_site_done,
        .ctx = &server->site,
    };

    if (server->options->status.len == 0)
        return true;
    server->site.is_local = address_is_loopback(&server->options->status);
    server->people = http_server_new(server->base, &http);
    if (!server->people)
        return failure_set(failure, EXIT_LOCAL_FAILURE, "%s", strerror(ENOMEM));
    return listen_at(server->people, &server->options->status, &server->page, failure);
}

/* ---- saying ---- */

/* "s" unless there is one. */
static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static void say_fleet(const char *path, const struct fleet *fleet)
{
    notice("serving %s: %zu release%s, %zu section%s for devices%s", path, fleet->release_count,
           plural(fleet->release_count), fleet->rule_count, plural(fleet->rule_count),
           fleet->fallback ? ", and a default" : "");
    if (fleet->rule_count == 0 && !fleet->fallback)
        notice("warning: %s: without [default] or a [device] section, no device is sent anything",
               path);
}

static void say_image(const char *path, const struct image_facts *facts, const char *md5)
{
    notice("serving %s, %llu bytes, MD5 %s", path, (unsigned long long)facts->size, md5);
    if (facts->kind == IMAGE_UNKNOWN)
        notice("warning: %s is no image of a known kind; devices are sent it all the same", path);
}

static void say_offering(const struct offering *offering)
{
    const struct offering_source *source = &offering->source;

    if (offering->fleet)
        say_fleet(source->catalog_path, offering->fleet);
    else
        say_image(source->image_path, &offering->image->facts, offering->image->md5_text);
}

static void say_address(const struct server *server, const char *what,
                        const struct address *address)
{
    char text[ADDRESS_TEXT_MAX];

    notice("%s http%s://%s/", what, server->tls ? "s" : "", address_text(address, text));
}

static void say_everything(const struct server *server)
{
    say_offering(&server->offering);
    for (unsigned i = 0; i < server->bound_count; i++)
        say_address(server, "answering devices at", &server->bound[i]);
    if (server->page.len > 0)
        say_address(server, "status page at", &server->page);
}

/* When a look at the files has ended. */
static void on_looked(void *ctx, enum offering_change change)
{
    struct server *server = ctx;

    switch (change) {
    case OFFERING_SAME:
        break;
    case OFFERING_NEW:
        say_offering(&server->offering);
        break;
    case OFFERING_BROKEN:
        notice("%s; what was served before still is", server->offering.problem.text);
        break;
    }
}

/* ---- opening, all of it ---- */

static bool open_offering(struct server *server, struct failure *failure)
{
    const struct offering_source source = {
        .image_path = server->options->image,
        .catalog_path = server->options->catalog,
        .looked = on_looked,
        .ctx = server,
    };

    if (offering_open(&server->offering, server->base, &source))
        return true;
    *failure = server->offering.problem;
    return false;
}

bool server_open(struct server *server, struct event_base *base,
                 const struct serve_options *options, struct failure *failure)
{
    *server = (struct server){ .options = options, .base = base };
    server->updates = (struct updates){
        .offering = &server->offering,
        .store = &server->store,
        .attempts = options->attempts,
        .debug = options->debug,
    };
    server->site = (struct status_site){ .updates = &server->updates,
                                         .record_problem = server->record_problem,
                                         .started = (int64_t)time(NULL) };
    /* Files are made last: a server that does not start leaves none behind. */
    if (!open_offering(server, failure) || !open_guards(server, failure) ||
        !listen_for_devices(server, failure) || !listen_for_people(server, failure))
        return false;
    server->updates.log = access_log_open(options->log, failure);
    if (!server->updates.log || !open_record(server, failure))
        return false;
    say_everything(server);
    return true;
}

/* ---- from time to time ---- */

void server_look(struct server *server)
{
    offering_look(&server->offering, false);
}

bool server_write_record(struct server *server)
{
    char problem[sizeof server->record_problem];
    bool more = server->store.flush(server->store.ctx, FLUSH_BUDGET_MS, problem, sizeof problem);

    if (strcmp(problem, server->record_problem) != 0) {
        if (problem[0])
            notice("the record: %s; devices are answered all the same", problem);
        else
            notice("the record is written again");
        memcpy(server->record_problem, problem, sizeof problem);
    }
    return more && !problem[0];
}

void server_write_log(struct server *server)
{
    struct access_log *log = server->updates.log;
    const char *name =
        strcmp(server->options->log, "-") == 0 ? "standard output" : server->options->log;

    if (access_log_flush(log))
        return;
    if (errno == EAGAIN)
        notice("%s: it is read too slowly: %llu lines are lost so far", name,
               (unsigned long long)access_log_lost(log));
    else
        notice("%s: %s; lines may be lost", name, strerror(errno));
}

static void use_certificate(struct server *server, struct ssl_ctx_st *tls)
{
    http_server_set_tls(server->devices, tls);
    if (server->people)
        http_server_set_tls(server->people, tls);
    http_tls_free(server->tls);
    server->tls = tls;
}

/* A new one takes the place of the old one only when it can be used. */
static void reload_guards(struct server *server)
{
    const struct serve_options *options = server->options;
    struct failure failure;

    if (options->auth_file) {
        struct credentials *credentials = credentials_load(options->auth_file, &failure);
        if (credentials) {
            credentials_free(server->updates.credentials);
            server->updates.credentials = credentials;
        } else
            notice("%s; the old names and passwords are still good", failure.text);
    }
    if (options->tls_cert) {
        struct ssl_ctx_st *tls = http_tls_new(options->tls_cert, options->tls_key, &failure);
        if (tls)
            use_certificate(server, tls);
        else
            notice("%s; the old certificate is still used", failure.text);
    }
}

void server_reload(struct server *server)
{
    struct failure failure;

    offering_look(&server->offering, true);
    reload_guards(server);
    if (!access_log_reopen(server->updates.log, &failure))
        notice("%s; the log goes on where it was", failure.text);
}

/* ---- the end ---- */

void server_drain(struct server *server)
{
    http_server_drain(server->devices);
    http_server_free(server->people);
    server->people = NULL;
}

size_t server_answers(const struct server *server)
{
    return http_server_answers(server->devices);
}

/* What cannot be written now is gone: who ends the server should know. */
static void say_what_is_lost(struct server *server)
{
    char problem[sizeof server->record_problem];

    (void)server->store.flush(server->store.ctx, CLOSE_BUDGET_MS, problem, sizeof problem);
    if (problem[0])
        notice("the record: %s; what devices did since it was written last is lost", problem);
}

void server_close(struct server *server)
{
    http_server_free(server->devices);
    http_server_free(server->people);
    if (server->store.close) {
        say_what_is_lost(server);
        server->store.close(server->store.ctx);
    }
    access_log_close(server->updates.log);
    credentials_free(server->updates.credentials);
    http_tls_free(server->tls);
    status_site_free(&server->site);
    offering_close(&server->offering);
    update_asked_free(&server->updates.spare);
    *server = (struct server){ 0 };
}
