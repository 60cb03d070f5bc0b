#include "cli/push/rollout.h"

#include "cli/clock.h"
#include "cli/discover/locate.h"
#include "cli/push/loop.h"
#include "cli/push/member.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* What the user named with one -i, while it is looked for. */
struct rollout_wish {
    struct rollout *rollout;
    const char *text;
    bool is_glob;
    bool has_matched;
    struct locate *locate;
};

struct rollout_signals {
    struct event *interrupt;
    struct event *terminate;
};

void rollout_check_end(struct rollout *rollout)
{
    /* Passwords are asked for when nothing else is under way, as nothing else goes on meanwhile. */
    if (rollout->open == rollout->without_password)
        event_active(rollout->idle, EV_TIMEOUT, 0);
}

void rollout_note_code(struct rollout *rollout, enum exit_code code)
{
    if (code == EXIT_UPDATED)
        return;
    if (rollout->result.code == EXIT_UPDATED)
        rollout->result.code = (int)code;
    else if (rollout->result.code != (int)code)
        rollout->result.code = EXIT_LOCAL_FAILURE;
}

void rollout_close_one(struct rollout *rollout)
{
    rollout->open--;
    rollout_check_end(rollout);
}

/* --- What the user named ---------------------------------------------------------------------- */

static void fail_wish(struct rollout_wish *wish, const struct failure *failure)
{
    struct report *report = wish->rollout->job->report;

    report_failure(report, wish->text, failure);
    if (failure->code == EXIT_NOT_FOUND)
        report_hint(report, "Check the name (espota-c discover shows what is there), or give its "
                            "address with -i.");
    rollout_note_code(wish->rollout, failure->code);
}

static void on_located(void *ctx, enum locate_event event, const struct located *located,
                       const struct failure *failure)
{
    struct rollout_wish *wish = ctx;

    wish->has_matched = wish->has_matched || event == LOCATE_FOUND;
    if (event == LOCATE_FOUND)
        member_add(wish->rollout, wish->is_glob ? located->name : wish->text, located);
    else if (event == LOCATE_FAILED)
        fail_wish(wish, failure);
    if (event == LOCATE_FOUND && wish->is_glob)
        return;
    wish->locate = NULL;
    rollout_close_one(wish->rollout);
}

static void start_wish(struct rollout *rollout, struct rollout_wish *wish, const char *text)
{
    const struct upload_options *options = rollout->job->options;
    const struct locate_limits limits = { .dns_ms = options->timeout_ms,
                                          .wait_ms = options->wait_ms };
    struct address address;

    *wish = (struct rollout_wish){ .rollout = rollout, .text = text };
    wish->is_glob = target_kind(text, &address) == TARGET_GLOB;
    wish->locate = locate_start(rollout->locator, text, &limits, on_located, wish);
    if (wish->locate) {
        rollout->open++;
        return;
    }
    struct failure failure;
    failure_set(&failure, EXIT_LOCAL_FAILURE, "%s: %s", text, strerror(ENOMEM));
    fail_wish(wish, &failure);
}

static void interrupt_wish(struct rollout_wish *wish)
{
    struct failure failure;

    if (!wish->locate)
        return;
    locate_cancel(wish->locate);
    wish->locate = NULL;
    if (wish->has_matched)
        return; /* the devices speak for themselves */
    failure_set(&failure, EXIT_LOCAL_FAILURE,
                "%s: interrupted before it was asked: nothing has changed on it", wish->text);
    fail_wish(wish, &failure);
}

/* --- The run ---------------------------------------------------------------------------------- */

static void on_signal(evutil_socket_t number, short what, void *arg)
{
    struct rollout *rollout = arg;

    (void)what;
    rollout->result.signal = (int)number;
    for (size_t i = 0; i < rollout->job->options->device_count; i++)
        interrupt_wish(&rollout->wishes[i]);
    members_interrupt(rollout);
    event_base_loopbreak(rollout->base);
}

static void on_idle(evutil_socket_t fd, short what, void *arg)
{
    struct rollout *rollout = arg;

    (void)fd;
    (void)what;
    if (rollout->open > 0 && rollout->open == rollout->without_password)
        members_ask_password(rollout);
    if (rollout->open == 0)
        event_base_loopbreak(rollout->base);
}

static void on_log(void *ctx, const char *text)
{
    struct rollout *rollout = ctx;

    report_step(rollout->job->report, NULL, text);
}

/* What every part of the run is told of the network. */
static void configure(struct rollout *rollout)
{
    const struct upload_options *options = rollout->job->options;
    int family = options->bind_to.len > 0 ? options->bind_to.u.any.sa_family : AF_UNSPEC;

    rollout->locator_options = (struct locator_options){
        .mdns = options->mdns,
        .family = family,
        .log = rollout->job->report->debug ? on_log : NULL,
        .log_ctx = rollout,
    };
    rollout->online_options = (struct online_options){
        .mdns = options->mdns,
        .family = family,
        .bind_to = options->bind_to,
        .log = rollout->locator_options.log,
        .log_ctx = rollout,
    };
    rollout->loop_options = (struct push_loop_options){
        .image_fd = rollout->job->image->fd,
        .image_stamp = &rollout->job->image->stamp,
        .bind_to = options->bind_to,
        .ports = options->ports,
        .observer = report_observer(rollout->job->report),
        .finished = member_on_finished,
        .finished_ctx = rollout,
    };
}

static bool make(struct rollout *rollout, struct rollout_signals *signals)
{
    struct event_base *base = rollout->base;

    configure(rollout);
    rollout->wishes = calloc(rollout->job->options->device_count + 1, sizeof *rollout->wishes);
    rollout->locator = locator_new(base, &rollout->locator_options);
    rollout->online = online_new(base, &rollout->online_options);
    rollout->loop = push_loop_new(base, &rollout->loop_options);
    rollout->idle = event_new(base, -1, 0, on_idle, rollout);
    signals->interrupt = evsignal_new(base, SIGINT, on_signal, rollout);
    signals->terminate = evsignal_new(base, SIGTERM, on_signal, rollout);
    return rollout->wishes && rollout->locator && rollout->online && rollout->loop &&
           rollout->idle && signals->interrupt && signals->terminate &&
           event_add(signals->interrupt, NULL) == 0 && event_add(signals->terminate, NULL) == 0;
}

static void release(struct rollout *rollout, struct rollout_signals *signals)
{
    push_loop_free(rollout->loop);
    members_free(rollout);
    online_free(rollout->online);
    locator_free(rollout->fresh);
    locator_free(rollout->locator);
    if (rollout->idle)
        event_free(rollout->idle);
    if (signals->interrupt)
        event_free(signals->interrupt);
    if (signals->terminate)
        event_free(signals->terminate);
    free(rollout->wishes);
}

struct rollout_result rollout_run(struct event_base *base, struct rollout_job *job)
{
    struct rollout_signals signals = { NULL, NULL };
    struct rollout rollout = { .base = base, .job = job };

    if (make(&rollout, &signals)) {
        if (job->options->wait_ms > 0)
            rollout.wait_end = clock_ms() + job->options->wait_ms;
        for (size_t i = 0; i < job->options->device_count; i++)
            start_wish(&rollout, &rollout.wishes[i], job->options->devices[i]);
        for (size_t i = 0; i < job->chosen_count; i++)
            member_add(&rollout, job->chosen[i].name, &job->chosen[i]);
        rollout_check_end(&rollout);
        event_base_dispatch(base);
    } else {
        struct failure failure;
        failure_set(&failure, EXIT_LOCAL_FAILURE, "cannot start: %s", strerror(ENOMEM));
        for (size_t i = 0; i < job->options->device_count; i++)
            report_failure(job->report, job->options->devices[i], &failure);
        rollout_note_code(&rollout, failure.code);
    }
    report_clear(job->report);
    release(&rollout, &signals);
    return rollout.result;
}
