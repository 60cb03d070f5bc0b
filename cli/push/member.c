#include "cli/push/member.h"

#include "cli/clock.h"
#include "cli/discover/stock_ports.h"
#include "cli/printable.h"
#include "cli/push/ask_password.h"
#include "cli/push/member_return.h"
#include "cli/push/report_return.h"
#include "cli/terminal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint16_t default_port(const struct image_file *image)
{
    switch (image_file_kind(image)) {
    case IMAGE_ESP32:
        return PORT_ESP32;
    case IMAGE_PICO:
        return PORT_PICO;
    default:
        return PORT_ESP8266;
    }
}

static struct member *member_of(struct push_upload *upload)
{
    return (struct member *)upload; /* it is the first of its parts */
}

void member_end(struct member *member)
{
    enum exit_code code = push_reason_code(member->upload.session.reason);

    member->state = MEMBER_OVER;
    report_finished(member->rollout->job->report, &member->upload);
    rollout_note_code(member->rollout, code);
    rollout_close_one(member->rollout);
}

void member_upload(struct member *member)
{
    struct rollout_job *job = member->rollout->job;
    uint64_t now = clock_ms();

    if (!member->told)
        report_upload(member->rollout->job->report, member->name);
    member->told = true;
    member->state = MEMBER_UPLOADING;
    member->upload.config.password = job->has_password ? job->password : NULL;
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

    if (rollout->job->has_password || rollout->job->has_declined || !terminal_has_person())
        return false;
    member->state = MEMBER_LOCKED;
    rollout->without_password++;
    rollout_check_end(rollout);
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

/* --- Found ------------------------------------------------------------------------------------ */

/* The same device by another name, or another one that claims to be where it is. */
static const struct member *find_twin(const struct rollout *rollout, const struct address *address,
                                      const char *instance)
{
    for (const struct member *member = rollout->members; member; member = member->next) {
        bool same_name = instance[0] && strcmp(member->instance, instance) == 0;
        if (same_name || address_equal(&member->upload.device, address))
            return member;
    }
    return NULL;
}

static void refuse_twin(struct rollout *rollout, const char *name, const struct located *located,
                        const struct member *twin)
{
    struct report *report = rollout->job->report;
    bool is_other =
        located->name[0] && twin->instance[0] && strcmp(located->name, twin->instance) != 0;
    struct failure failure;

    if (!is_other) {
        report_same(report, name, twin->name);
        return;
    }
    failure_set(&failure, EXIT_NOT_FOUND,
                "%s: %s is at its address; one of them may be known from the past alone", name,
                twin->name);
    report_failure(report, name, &failure);
    rollout_note_code(rollout, failure.code);
}

static void fill_upload(struct member *member, const struct address *address)
{
    const struct rollout_job *job = member->rollout->job;
    const struct upload_options *options = job->options;
    struct push_upload *upload = &member->upload;

    upload->name = member->name;
    upload->device = *address;
    upload->config = (struct push_config){
        .command = options->filesystem ? PUSH_FILESYSTEM : PUSH_SKETCH,
        .size = job->image->size,
        .md5_target = options->md5_target,
        .timeout_ms = options->timeout_ms,
        .stall_ms = options->stall_ms,
        .verdict_ms = options->verdict_ms,
        .retries = options->retries,
    };
    memcpy(upload->config.md5, job->image->md5, sizeof upload->config.md5);
}

static struct member *make(struct rollout *rollout, const char *name)
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

/*
 * A device that says it needs a password is not asked without one; and one that may be another by
 * now is looked for afresh first, as if it had been silent.
 */
static void start(struct member *member, const struct located *located)
{
    bool has_password = member->rollout->job->has_password;
    bool is_locked = located->auth == DEVICE_AUTH_YES && !has_password;
    bool is_doubtful = located->is_disputed && member_can_be_looked_for(member);

    if (!is_locked && !is_doubtful) {
        member_upload(member);
        return;
    }
    member->upload.started_ms = member->upload.finished_ms = clock_ms();
    member->upload.session = (struct push_session){ .config = &member->upload.config };
    push_session_abort(&member->upload.session, is_locked ? PUSH_PASSWORD_MISSING : PUSH_SILENT);
    event_active(member->step, EV_TIMEOUT, 0);
}

void member_add(struct rollout *rollout, const char *name, const struct located *located)
{
    const struct upload_options *options = rollout->job->options;
    struct report *report = rollout->job->report;
    struct address address = located->address;

    if (options->port > 0 || address_port(&address) == 0)
        address_set_port(&address,
                         options->port ? options->port : default_port(rollout->job->image));
    const struct member *twin = find_twin(rollout, &address, located->name);
    if (twin) {
        refuse_twin(rollout, name, located, twin);
        return;
    }
    struct member *member = make(rollout, name);
    if (!member) {
        struct failure failure;
        failure_set(&failure, EXIT_LOCAL_FAILURE, "%s: %s", name, strerror(ENOMEM));
        report_failure(report, name, &failure);
        rollout_note_code(rollout, failure.code);
        return;
    }
    memcpy(member->instance, located->name, sizeof member->instance);
    member->from_cache = located->from_cache;
    member->wait_end = rollout->wait_end;
    fill_upload(member, &address);
    member->next = rollout->members;
    rollout->members = member;
    rollout->open++;
    if (located->name[0])
        report_found(report, &member->upload, located);
    start(member, located);
}

/* --- Passwords -------------------------------------------------------------------------------- */

void members_ask_password(struct rollout *rollout)
{
    struct rollout_job *job = rollout->job;
    struct password *password = calloc(1, sizeof *password);
    char whose[4 * 256] = "";
    size_t count = rollout->without_password;

    for (const struct member *member = rollout->members; member; member = member->next) {
        if (member->state == MEMBER_LOCKED)
            printable(whose, sizeof whose, member->name);
    }
    if (count > 1)
        snprintf(whose, sizeof whose, "%zu devices", count);
    report_clear(job->report);
    enum ask_outcome outcome;
    do {
        outcome = password ? ask_password(password, whose) : ASK_NOTHING;
    } while (outcome == ASK_STOPPED);
    if (outcome == ASK_ENTERED) {
        password_digest_and_wipe(password, job->password);
        job->has_password = true;
    }
    free(password);
    if (outcome == ASK_INTERRUPTED)
        return; /* the loop is about to hear of the signal, and ends them all */
    job->has_declined = outcome == ASK_NOTHING;
    rollout->without_password = 0;
    for (struct member *member = rollout->members; member; member = member->next) {
        if (member->state != MEMBER_LOCKED)
            continue;
        if (job->has_password)
            member_upload(member);
        else
            member_end(member);
    }
}

/* --- The end ---------------------------------------------------------------------------------- */

static void interrupt(struct member *member)
{
    struct push_upload *upload = &member->upload;

    if (member->state == MEMBER_LEAVING) {
        member->state = MEMBER_OVER;
        report_left(member->rollout->job->report, upload);
        rollout_close_one(member->rollout);
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
    while (rollout->members) {
        struct member *member = rollout->members;
        rollout->members = member->next;
        event_free(member->step);
        free(member->name);
        free(member);
    }
}
