#include "cli/push/member.h"

#include "cli/clock.h"
#include "cli/push/member_return.h"
#include "cli/push/report_return.h"
#include "cli/terminal.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* What mDNS said so long ago may not be true any more. */
#define STALE_MS 30000u

static struct member *member_of(struct push_upload *upload)
{
    return (struct member *)upload; /* it is the first of its parts */
}

struct member *member_of_turn(struct turn *turn)
{
    return (struct member *)((char *)turn - offsetof(struct member, turn));
}

uint64_t member_life(const struct member *member)
{
    const struct push_session *session = &member->upload.session;

    /* What wraps around differs all the same. */
    return ((session->acknowledged * 1024 + session->attempt) * 16 + session->state) * 16 +
           member->state;
}

void member_close(struct member *member, bool failed)
{
    member->state = MEMBER_OVER;
    schedule_over(&member->rollout->schedule, &member->turn, failed);
    rollout_close_one(member->rollout);
}

void member_end(struct member *member)
{
    enum exit_code code = push_session_code(&member->upload.session);

    report_finished(member->rollout->job->report, &member->upload);
    rollout_note_code(member->rollout, code);
    member_close(member, code != EXIT_UPDATED);
}

void member_skip(struct member *member)
{
    member->state = MEMBER_OVER;
    rollout_skip(member->rollout, member->name);
    rollout_close_one(member->rollout);
}

/* The password it is updated with, NULL: none is known. */
static const struct push_password *password_of(const struct member *member)
{
    const struct rollout_job *job = member->rollout->job;

    if (member->password)
        return member->password;
    return job->has_password ? job->password : NULL;
}

void member_upload(struct member *member)
{
    uint64_t now = clock_ms();

    if (!member->told)
        report_upload(member->rollout->job->report, member->name);
    member->told = true;
    member->state = MEMBER_UPLOADING;
    member->upload.config.password = password_of(member);
    /* One that can be looked for by mDNS is, when it stays silent. */
    member->upload.config.wait_ms = !member_can_be_looked_for(member) && member->wait_end > now
                                        ? (uint32_t)(member->wait_end - now)
                                        : 0;
    push_loop_start(member->rollout->loop, &member->upload);
}

/* It wants a password and there is none: it waits for one if somebody can be asked for it. */
static bool lock(struct member *member)
{
    struct rollout *rollout = member->rollout;

    if (password_of(member) || rollout->job->has_declined || !terminal_has_person())
        return false;
    member->state = MEMBER_LOCKED;
    report_locked(rollout->job->report, &member->upload);
    schedule_lock(&rollout->schedule, &member->turn);
    rollout_check_turns(rollout);
    return true;
}

static void on_step(evutil_socket_t fd, short what, void *arg)
{
    struct member *member = arg;
    const struct push_session *session = &member->upload.session;

    (void)fd;
    (void)what;
    if (member->again) {
        member->again = false;
        member_upload(member);
        return;
    }
    switch (session->reason) {
    case PUSH_SILENT:
    case PUSH_UNREACHABLE:
        if (!member_look_afresh(member))
            member_end(member);
        break;
    case PUSH_PASSWORD_MISSING:
        if (!lock(member))
            member_end(member);
        break;
    case PUSH_UPDATED:
        if (member->rollout->job->options->online_ms > 0)
            member_await_return(member);
        else
            member_end(member);
        break;
    default:
        member_end(member);
        break;
    }
}

void member_on_finished(void *ctx, struct push_upload *upload)
{
    struct member *member = member_of(upload);

    (void)ctx;
    if (member->state == MEMBER_UPLOADING)
        event_active(member->step, EV_TIMEOUT, 0);
}

/* --- The begin -------------------------------------------------------------------------------- */

struct member *member_new(struct rollout *rollout, const char *name)
{
    struct member *member = calloc(1, sizeof *member);

    if (!member)
        return NULL;
    member->rollout = rollout;
    member->name = strdup(name);
    member->step = event_new(rollout->base, -1, 0, on_step, member);
    if (member->name && member->step)
        return member;
    free(member->name);
    if (member->step)
        event_free(member->step);
    free(member);
    return NULL;
}

/* What was true when it was found, and may not be by now. */
static void allow_for_waiting(struct member *member, uint64_t now)
{
    uint32_t wait_ms = member->rollout->job->options->wait_ms;

    if (!member->had_to_wait)
        return;
    if (wait_ms > 0)
        member->wait_end = now + wait_ms;
    if (member->instance[0] && now - member->found_ms >= STALE_MS)
        member->from_cache = true;
}

/*
 * A device that says it needs a password is not asked without one; and one that may be another by
 * now is looked for afresh first, as if it had been silent.
 */
void member_begin(struct member *member)
{
    uint64_t now = clock_ms();
    bool is_locked = member->says_locked && !password_of(member);
    bool is_doubtful = member->is_disputed && member_can_be_looked_for(member);

    allow_for_waiting(member, now);
    if (!is_locked && !is_doubtful) {
        member_upload(member);
        return;
    }
    member->state = MEMBER_UPLOADING;
    member->is_disputed = is_locked && member->is_disputed;
    member->upload.started_ms = member->upload.finished_ms = now;
    member->upload.session = (struct push_session){ .config = &member->upload.config };
    push_session_abort(&member->upload.session, is_locked ? PUSH_PASSWORD_MISSING : PUSH_SILENT);
    event_active(member->step, EV_TIMEOUT, 0);
}

/* --- The end ---------------------------------------------------------------------------------- */

static void interrupt_waiting(struct member *member)
{
    struct failure failure;

    failure_set(&failure, EXIT_LOCAL_FAILURE,
                "%s: interrupted before it was asked: nothing has changed on it", member->name);
    report_failure(member->rollout->job->report, member->name, &failure, "");
    rollout_note_code(member->rollout, failure.code);
    member_close(member, true);
}

static void interrupt(struct member *member)
{
    struct push_upload *upload = &member->upload;

    if (member->state == MEMBER_LEAVING) {
        report_left(member->rollout->job->report, upload);
        member_close(member, false);
        return;
    }
    if (member->state == MEMBER_WAITING) {
        interrupt_waiting(member);
        return;
    }
    if (member->state == MEMBER_SILENT || member->state == MEMBER_LOCKED) {
        upload->session = (struct push_session){ .config = &upload->config, .attempt = 1 };
        push_session_abort(&upload->session, PUSH_INTERRUPTED);
    }
    if (member->state != MEMBER_OVER)
        member_end(member);
}

void members_interrupt(struct rollout *rollout)
{
    push_loop_abort(rollout->loop, PUSH_INTERRUPTED);
    for (struct member *member = rollout->members; member; member = member->next)
        interrupt(member);
}

void members_free(struct rollout *rollout)
{
    twins_free(&rollout->twins);
    while (rollout->members) {
        struct member *member = rollout->members;
        rollout->members = member->next;
        event_free(member->step);
        free(member->name);
        free(member);
    }
}
