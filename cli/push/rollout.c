#include "cli/push/rollout.h"

#include "cli/clock.h"
#include "cli/discover/locate.h"
#include "cli/push/loop.h"
#include "cli/push/member.h"
#include "cli/push/member_found.h"
#include "cli/push/member_password.h"
#include "cli/push/wish.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* Silent devices are looked for this often. */
#define PULSE_MS 250

/* Devices that begin in one go, before those that are under way are heard. */
#define BEGIN_MAX 16

/* Devices at the same time, where nobody said how many. */
#define DEFAULT_JOBS 64

/* What happens in the loop before signals and sockets are looked at anew. */
#define PASS_MAX 256

/* Events have the other one; what is of the first is heard before them. */
#define SIGNAL_PRIORITY 0
#define PRIORITIES      2

/* What ends a run. */
static const int signal_numbers[] = { SIGINT, SIGTERM, SIGHUP };

#define SIGNALS (sizeof signal_numbers / sizeof *signal_numbers)

struct rollout_signals {
    struct event *events[SIGNALS]; /* NULL: is ignored */
};

void rollout_check_turns(struct rollout *rollout)
{
    event_active(rollout->turns, EV_TIMEOUT, 0);
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
    rollout_check_turns(rollout);
}

void rollout_skip(struct rollout *rollout, const char *name)
{
    const struct schedule *schedule = &rollout->schedule;
    struct failure failure;

    failure_set(&failure, EXIT_SKIPPED, "%s: not tried, as %s%s failed", name,
                schedule->stop == SCHEDULE_CANARY_FAILED ? "the canary " : "", schedule->blame);
    report_skipped(rollout->job->report, name, &failure);
}

/* --- Turns ------------------------------------------------------------------------------------ */

/* Those who may begin do. False when that was as much as is done in one go. */
static bool begin(struct rollout *rollout)
{
    uint64_t now = clock_ms();

    for (int i = 0; i < BEGIN_MAX; i++) {
        struct turn *turn = schedule_next(&rollout->schedule, now);
        if (!turn)
            return true;
        member_begin(member_of_turn(turn));
    }
    return false;
}

/* Those who were found by now, and could not begin at once. */
static void tell_waiting(struct rollout *rollout)
{
    for (struct member *member = rollout->untold; member; member = member->next) {
        if (member->turn.state != TURN_WAITING)
            continue;
        member->had_to_wait = true;
        report_waiting(rollout->job->report, &member->upload);
    }
    rollout->untold = NULL;
}

/* Nothing begins any more. */
static void skip(struct rollout *rollout)
{
    struct turn *turn;

    while ((turn = schedule_next_skipped(&rollout->schedule)))
        member_skip(member_of_turn(turn));
    if (!rollout->has_stopped)
        wishes_skip(rollout);
    rollout->has_stopped = true;
}

/*
 * Nothing is under way, and some want a password. Nothing goes on while it is asked for: what is
 * looked for is found before, or is not there and only waited for.
 */
static void ask_password_in_time(struct rollout *rollout)
{
    const struct schedule *schedule = &rollout->schedule;
    uint64_t now = clock_ms();
    bool is_search_left = rollout->open > schedule->locked.count + schedule->waiting.count;

    if (is_search_left && now < rollout->usual_end) {
        uint64_t left = rollout->usual_end - now;
        event_add(rollout->turns, &(const struct timeval){ (time_t)(left / 1000),
                                                           (suseconds_t)(left % 1000) * 1000 });
        return;
    }
    members_ask_password(rollout);
}

static void on_turns(evutil_socket_t fd, short what, void *arg)
{
    static const struct timeval at_once = { 0 };
    static const struct timeval pulse = { .tv_usec = PULSE_MS * 1000 };
    struct rollout *rollout = arg;
    const struct schedule *schedule = &rollout->schedule;

    (void)fd;
    (void)what;
    if (schedule->stop != SCHEDULE_GOES_ON)
        skip(rollout);
    if (!begin(rollout)) {
        event_add(rollout->turns, &at_once); /* unlike event_active(), after what has come in */
        return;
    }
    tell_waiting(rollout);
    if (schedule->limits.silent_aside && schedule->running.count >= schedule->limits.jobs &&
        !event_pending(rollout->pulse, EV_TIMEOUT, NULL))
        event_add(rollout->pulse, &pulse);
    if (schedule->locked.count > 0 && schedule->running.count == 0)
        ask_password_in_time(rollout);
    if (rollout->open == 0)
        event_base_loopbreak(rollout->base);
}

static void on_pulse(evutil_socket_t fd, short what, void *arg)
{
    struct rollout *rollout = arg;
    struct schedule *schedule = &rollout->schedule;
    uint64_t now = clock_ms();

    (void)fd;
    (void)what;
    for (struct turn *turn = schedule->running.first; turn; turn = turn->behind)
        schedule_heed(schedule, turn, member_life(member_of_turn(turn)), now);
    rollout_check_turns(rollout);
}

/* --- The run ---------------------------------------------------------------------------------- */

static void on_signal(evutil_socket_t number, short what, void *arg)
{
    struct rollout *rollout = arg;

    (void)what;
    rollout->result.signal = (int)number;
    wishes_interrupt(rollout);
    members_interrupt(rollout);
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

static bool make_schedule(struct rollout *rollout)
{
    const struct rollout_job *job = rollout->job;
    const struct upload_options *options = job->options;
    const struct schedule_limits limits = {
        .jobs = options->jobs > 0 ? options->jobs : DEFAULT_JOBS,
        .silent_aside = options->jobs == 0,
        .room = job->room,
        .canaries = options->canaries,
        .fail_fast = options->fail_fast,
    };

    rollout->schedule_wishes = calloc(job->wanted->count + 1, sizeof *rollout->schedule_wishes);
    schedule_init(&rollout->schedule, &limits, rollout->schedule_wishes, job->wanted->count);
    return rollout->schedule_wishes;
}

/* A program that was started by nohup is to outlive its terminal. */
static bool is_ignored_hangup(int number)
{
    struct sigaction action;

    return number == SIGHUP && sigaction(number, NULL, &action) == 0 &&
           action.sa_handler == SIG_IGN;
}

static bool hear_signals(struct rollout *rollout, struct rollout_signals *signals)
{
    for (size_t i = 0; i < SIGNALS; i++) {
        if (is_ignored_hangup(signal_numbers[i]))
            continue;
        struct event *event = evsignal_new(rollout->base, signal_numbers[i], on_signal, rollout);
        signals->events[i] = event;
        if (!event || event_priority_set(event, SIGNAL_PRIORITY) != 0 ||
            event_add(event, NULL) != 0)
            return false;
    }
    return true;
}

static bool make(struct rollout *rollout, struct rollout_signals *signals)
{
    struct event_base *base = rollout->base;

    configure(rollout);
    rollout->locator = locator_new(base, &rollout->locator_options);
    rollout->online = online_new(base, &rollout->online_options);
    rollout->loop = push_loop_new(base, &rollout->loop_options);
    rollout->turns = event_new(base, -1, 0, on_turns, rollout);
    rollout->pulse = event_new(base, -1, 0, on_pulse, rollout);
    return make_schedule(rollout) && rollout->locator && rollout->online && rollout->loop &&
           rollout->turns && rollout->pulse && hear_signals(rollout, signals);
}

static void release(struct rollout *rollout, struct rollout_signals *signals)
{
    push_loop_free(rollout->loop);
    members_free(rollout);
    online_free(rollout->online);
    locator_free(rollout->fresh);
    locator_free(rollout->locator);
    if (rollout->turns)
        event_free(rollout->turns);
    if (rollout->pulse)
        event_free(rollout->pulse);
    for (size_t i = 0; i < SIGNALS; i++) {
        if (signals->events[i])
            event_free(signals->events[i]);
    }
    wishes_free(rollout);
    free(rollout->schedule_wishes);
}

struct event_base *rollout_base_new(void)
{
    struct event_config *config = event_config_new();
    struct event_base *base = NULL;

    if (config &&
        event_config_set_max_dispatch_interval(config, NULL, PASS_MAX, SIGNAL_PRIORITY + 1) == 0)
        base = event_base_new_with_config(config);
    if (config)
        event_config_free(config);
    if (!base || event_base_priority_init(base, PRIORITIES) == 0)
        return base;
    event_base_free(base);
    return NULL;
}

struct rollout_result rollout_run(struct event_base *base, struct rollout_job *job)
{
    struct rollout_signals signals = { { NULL } };
    struct rollout rollout = { .base = base, .job = job };

    rollout.usual_end = clock_ms() + LOCATE_MDNS_MS;
    if (job->options->wait_ms > 0)
        rollout.wait_end = clock_ms() + job->options->wait_ms;
    if (make(&rollout, &signals) && wishes_start(&rollout)) {
        for (size_t i = 0; i < job->chosen_count; i++)
            member_add(&rollout, job->chosen[i].name, &job->chosen[i], NULL, 0);
        rollout_check_turns(&rollout);
        event_base_dispatch(base);
    } else {
        struct failure failure;
        failure_set(&failure, EXIT_LOCAL_FAILURE, "cannot start: %s", strerror(ENOMEM));
        for (size_t i = 0; i < job->wanted->count; i++)
            report_failure(job->report, job->wanted->list[i].name, &failure, "");
        rollout_note_code(&rollout, failure.code);
    }
    report_clear(job->report);
    release(&rollout, &signals);
    return rollout.result;
}
