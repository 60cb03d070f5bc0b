#include "cli/push/report_event.h"

#include "cli/clock.h"
#include "cli/printable.h"
#include "cli/push/explain.h"
#include "cli/push/report.h"
#include "cli/push/report_json.h"

#include <stdio.h>

/* Strangers that are shown. */
#define STRANGERS_MAX 10

/* --- A device's line -------------------------------------------------------------------------- */

static const char *finished_text(enum push_reason reason)
{
    switch (reason) {
    case PUSH_SILENT:
    case PUSH_UNREACHABLE:
        return "no answer, looking for it again";
    case PUSH_PASSWORD_MISSING:
        return "wants a password";
    default:
        return "";
    }
}

/* What the line says from this event on; NULL: what it did. */
static const char *state_text(const struct push_upload *upload, enum push_event event)
{
    switch (event) {
    case PUSH_EVENT_INVITED:
        return upload->session.attempt > 1 ? "invited again" : "invited";
    case PUSH_EVENT_CHALLENGED:
        return "logging in";
    case PUSH_EVENT_ACCEPTED:
        return "accepted, waiting for its connection";
    case PUSH_EVENT_SENT_ALL:
        return "100%  waiting for its verdict";
    case PUSH_EVENT_RETRY:
        return "broken, trying again";
    case PUSH_EVENT_FINISHED:
        return finished_text(upload->session.reason);
    default:
        return NULL;
    }
}

static void set_row(struct report *report, struct push_upload *upload, enum push_event event)
{
    struct fleet_row *row = report_row(report, upload);
    const char *text = state_text(upload, event);

    if (!row || row->state == FLEET_OVER)
        return;
    row->done = upload->session.acknowledged;
    if (text) {
        fleet_view_set(row, FLEET_UNDER_WAY, text);
    } else if (event == PUSH_EVENT_CONNECTED) {
        fleet_view_set(row, FLEET_SENDING, "");
        row->since_ms = upload->connected_ms;
        if (report->view.since_ms == 0)
            report->view.since_ms = upload->connected_ms;
    }
}

/* --- Events ----------------------------------------------------------------------------------- */

static void say_debug(struct report *report, const struct push_upload *upload,
                      enum push_event event)
{
    char to[ADDRESS_TEXT_MAX];
    char local[ADDRESS_TEXT_MAX];
    char safe[4 * VERDICT_TEXT_MAX];
    const struct push_session *session = &upload->session;
    double at = report_seconds(report);

    switch (event) {
    case PUSH_EVENT_INVITED:
        report_say(report, upload->name, "[%7.3f] invitation %u to %s, listening at %s", at,
                   session->attempt, address_text(&upload->device, to),
                   address_text(&upload->local, local));
        break;
    case PUSH_EVENT_REPEATED:
        report_say(report, upload->name, "[%7.3f] invitation repeated", at);
        break;
    case PUSH_EVENT_CHALLENGED:
        report_say(report, upload->name, "[%7.3f] challenge with a nonce of %zu digits, proof sent",
                   at, auth_digits(session->challenge.dialect));
        break;
    case PUSH_EVENT_LOGIN_RETRY:
        report_say(report, upload->name, "[%7.3f] rejected; once more with an MD5 of the password",
                   at);
        break;
    case PUSH_EVENT_AUTHENTICATED:
        report_say(report, upload->name, "[%7.3f] password accepted", at);
        break;
    case PUSH_EVENT_ACCEPTED:
        report_say(report, upload->name, "[%7.3f] accepted, waiting for its connection", at);
        break;
    case PUSH_EVENT_CONNECTED:
        report_say(report, upload->name, "[%7.3f] it has connected", at);
        break;
    case PUSH_EVENT_SENT_ALL:
        report_say(report, upload->name, "[%7.3f] everything sent, waiting for the verdict", at);
        break;
    case PUSH_EVENT_RETRY:
        report_say(report, upload->name, "[%7.3f] the transfer broke", at);
        break;
    case PUSH_EVENT_FINISHED:
        report_say(report, upload->name, "[%7.3f] over: %s", at,
                   exit_code_name(push_session_code(session)));
        break;
    case PUSH_EVENT_IGNORED:
        report_say(report, upload->name, "[%7.3f] ignored: \"%s\"", at,
                   printable(safe, sizeof safe, session->text));
        break;
    default:
        break;
    }
}

void report_tell_progress(struct report *report, struct push_upload *upload)
{
    if (report->json && upload->session.acknowledged != upload->shown_bytes) {
        upload->shown_bytes = upload->session.acknowledged;
        report_json_progress(upload);
    }
}

static void on_tick(void *ctx, struct push_upload *upload)
{
    struct report *report = ctx;

    if (upload->row)
        upload->row->done = upload->session.acknowledged;
    report_progress(report, upload);
    report_tell_progress(report, upload);
}

static void on_retry(struct report *report, struct push_upload *upload)
{
    struct explanation explanation;

    explain_upload(&explanation, upload, image_file_kind(report->image));
    upload->shown_quarters = 0;
    if (!report->quiet)
        report_say(report, upload->name, "%s; trying again (%u of %u)", explanation.sentence,
                   upload->session.attempt, upload->config.retries);
}

static void on_event(void *ctx, struct push_upload *upload, enum push_event event)
{
    struct report *report = ctx;

    if (report->debug)
        say_debug(report, upload, event);
    set_row(report, upload, event);
    switch (event) {
    case PUSH_EVENT_INVITED:
        if (report->json)
            report_json_invited(upload);
        break;
    case PUSH_EVENT_AUTHENTICATED:
        if (report->json)
            report_json_authenticated(upload);
        break;
    case PUSH_EVENT_CONNECTED:
        if (report->json)
            report_json_connected(upload);
        break;
    case PUSH_EVENT_RETRY:
        on_retry(report, upload);
        break;
    default:
        break;
    }
}

/* Once for each host in turn, and not without end: a port scan must not flood the terminal. */
static void on_stranger(void *ctx, const struct address *local, const struct address *from)
{
    struct report *report = ctx;
    char text[ADDRESS_TEXT_MAX];

    if (report->stranger_count > STRANGERS_MAX ||
        (report->stranger_count > 0 && address_same_host(&report->last_stranger, from)))
        return;
    report->last_stranger = *from;
    if (++report->stranger_count > STRANGERS_MAX)
        report_say(report, NULL, "espota-c: further connections of strangers are not shown");
    else
        report_say(report, NULL,
                   "espota-c: a connection from %s to port %u was refused: it is not the device",
                   address_text(from, text), address_port(local));
}

struct push_observer report_observer(struct report *report)
{
    return (struct push_observer){ report, on_event, on_stranger, on_tick };
}
