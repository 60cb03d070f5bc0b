#include "cli/serve/serve.h"

#include "cli/failure.h"
#include "cli/serve/http_server.h"
#include "cli/serve/serve_options.h"
#include "cli/serve/serve_report.h"
#include "cli/serve/server.h"
#include "cli/serve/state_path.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <string.h>

/* Milliseconds between two looks at the files, and between two writings. */
#define LOOK_MS   1000
#define LOG_MS    100
#define RECORD_MS 1000
#define MORE_MS   10 /* when a writing left something to do */

struct serve_job {
    struct serve_options options;
    struct server server;
    struct event_base *base;
    struct event *look;
    struct event *log;
    struct event *record;
    struct event *reload;
    struct event *interrupt;
    struct event *terminate;
    struct event *deadline; /* of draining */
    bool draining;
};

static struct timeval after_ms(uint32_t ms)
{
    return (struct timeval){ .tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000) * 1000 };
}

static void on_look(evutil_socket_t fd, short what, void *arg)
{
    struct serve_job *job = arg;

    (void)fd;
    (void)what;
    server_look(&job->server);
}

static void on_log(evutil_socket_t fd, short what, void *arg)
{
    struct serve_job *job = arg;

    (void)fd;
    (void)what;
    server_write_log(&job->server);
    if (job->draining && server_answers(&job->server) == 0)
        event_base_loopbreak(job->base);
}

static void on_record(evutil_socket_t fd, short what, void *arg)
{
    struct serve_job *job = arg;
    struct timeval next = after_ms(server_write_record(&job->server) ? MORE_MS : RECORD_MS);

    (void)fd;
    (void)what;
    evtimer_add(job->record, &next);
}

static void on_reload(evutil_socket_t fd, short what, void *arg)
{
    struct serve_job *job = arg;

    (void)fd;
    (void)what;
    server_reload(&job->server);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
    struct serve_job *job = arg;

    (void)fd;
    (void)what;
    event_base_loopbreak(job->base);
}

/* The first time, transfers under way are let finish; the second time nothing is. */
static void on_end(evutil_socket_t fd, short what, void *arg)
{
    struct serve_job *job = arg;
    struct timeval limit = after_ms(job->options.drain_ms);

    (void)fd;
    (void)what;
    if (job->draining) {
        event_base_loopbreak(job->base);
        return;
    }
    job->draining = true;
    server_drain(&job->server);
    if (server_answers(&job->server) == 0)
        event_base_loopbreak(job->base);
    else
        evtimer_add(job->deadline, &limit);
}

static bool make_events(struct serve_job *job)
{
    struct event_base *base = job->base;
    struct timeval look = after_ms(LOOK_MS);
    struct timeval log = after_ms(LOG_MS);
    struct timeval record = after_ms(RECORD_MS);

    job->look = event_new(base, -1, EV_PERSIST, on_look, job);
    job->log = event_new(base, -1, EV_PERSIST, on_log, job);
    job->record = evtimer_new(base, on_record, job);
    job->reload = evsignal_new(base, SIGHUP, on_reload, job);
    job->interrupt = evsignal_new(base, SIGINT, on_end, job);
    job->terminate = evsignal_new(base, SIGTERM, on_end, job);
    job->deadline = evtimer_new(base, on_deadline, job);
    return job->look && job->log && job->record && job->reload && job->interrupt &&
           job->terminate && job->deadline && event_add(job->look, &look) == 0 &&
           event_add(job->log, &log) == 0 && event_add(job->record, &record) == 0 &&
           event_add(job->reload, NULL) == 0 && event_add(job->interrupt, NULL) == 0 &&
           event_add(job->terminate, NULL) == 0;
}

static void free_events(struct serve_job *job)
{
    struct event *const events[] = { job->look,      job->log,       job->record,  job->reload,
                                     job->interrupt, job->terminate, job->deadline };

    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        if (events[i])
            event_free(events[i]);
    }
}

static bool run(struct serve_job *job, struct failure *failure)
{
    bool opened;

    job->base = http_server_base_new();
    if (!job->base)
        return failure_set(failure, EXIT_LOCAL_FAILURE, "%s", strerror(ENOMEM));
    if (!make_events(job)) {
        failure_set(failure, EXIT_LOCAL_FAILURE, "%s", strerror(ENOMEM));
        opened = false;
    } else
        opened = server_open(&job->server, job->base, &job->options, failure);
    if (opened)
        event_base_dispatch(job->base);
    server_close(&job->server);
    free_events(job);
    event_base_free(job->base);
    return opened;
}

static bool report(const struct serve_options *options, struct failure *failure)
{
    char path[PATH_MAX];

    if (options->state)
        return serve_report(options->state, options->json, failure);
    return state_path_default(path, failure) && serve_report(path, options->json, failure);
}

int serve_run(int argc, char **argv)
{
    struct serve_job job = { 0 };
    struct failure failure;
    bool done;

    serve_options_parse(&job.options, argc, argv);
    http_server_prepare_process();
    done = job.options.report ? report(&job.options, &failure) : run(&job, &failure);
    return done ? EXIT_UPDATED : failure_print(&failure);
}
