#include "cli/push/report.h"

#include "cli/clock.h"
#include "cli/printable.h"
#include "cli/push/bar.h"
#include "cli/push/report_json.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DEFAULT_COLUMNS 80

/* Strangers that are shown. */
#define STRANGERS_MAX 10

/* --- Lines and the bar ------------------------------------------------------------------------ */

/*
 * Blank out the bar, with nothing but CR and spaces: that works on every terminal and console. A
 * terminal may have put "^C" behind it.
 */
static void clear_bar(struct report *report)
{
    if (report->bar_len > 0)
        fprintf(stderr, "\r%*s\r", (int)report->bar_len + (report->on_terminal ? 2 : 0), "");
    report->bar_len = 0;
}

static void say_list(struct report *report, const char *device, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

/* A line on standard error; with several devices it begins with the name of the one it is about. */
static void say_list(struct report *report, const char *device, const char *format, va_list args)
{
    char line[2048];
    char safe[4 * 256];

    vsnprintf(line, sizeof line, format, args);
    clear_bar(report);
    if (device && report->several)
        fprintf(stderr, "%s: ", printable(safe, sizeof safe, device));
    fprintf(stderr, "%s\n", line);
}

void report_say(struct report *report, const char *device, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say_list(report, device, format, args);
    va_end(args);
}

static bool wants_bar(const struct report *report)
{
    return !report->several && !report->quiet && (report->on_terminal || report->progress);
}

static size_t terminal_columns(const struct report *report)
{
    struct winsize size;

    if (report->on_terminal && ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return DEFAULT_COLUMNS;
}

/* Bytes of the image, never 0: a forced upload may be empty. */
static uint64_t total_of(const struct push_upload *upload)
{
    return upload->config.size > 0 ? upload->config.size : 1;
}

static void draw_bar(struct report *report, const struct push_upload *upload)
{
    uint64_t done = upload->session.acknowledged;
    unsigned percent = (unsigned)(done * 100 / total_of(upload));
    char bar[BAR_TEXT_MAX];

    /* Without a terminal each drawing stays in somebody's log: only when it has changed. */
    if (!report->on_terminal && report->bar_len > 0 && percent == report->bar_percent &&
        upload->session.state != PUSH_FINISHED)
        return;
    size_t len = bar_format(bar, terminal_columns(report), done, total_of(upload),
                            clock_ms() - upload->connected_ms);
    size_t blank = report->bar_len > len ? report->bar_len - len : 0;
    fprintf(stderr, "\r%s%*s", bar, (int)blank, "");
    fflush(stderr);
    report->bar_len = len;
    report->bar_percent = percent;
}

/* Without a bar: a line at each quarter of the image. */
static void say_quarter(struct report *report, struct push_upload *upload)
{
    unsigned quarter = (unsigned)(upload->session.acknowledged * 4 / total_of(upload));

    if (quarter <= upload->shown_quarters || report->quiet || wants_bar(report))
        return;
    upload->shown_quarters = quarter;
    report_say(report, upload->name, "%3u%%  %" PRIu64 " of %" PRIu64 " bytes", quarter * 25,
               upload->session.acknowledged, upload->config.size);
}

/* A `progress` object, when there is any since the last one. */
static void tell_progress(struct report *report, struct push_upload *upload)
{
    if (report->json && upload->session.acknowledged != upload->shown_bytes) {
        upload->shown_bytes = upload->session.acknowledged;
        report_json_progress(upload);
    }
}

static void on_tick(void *ctx, struct push_upload *upload)
{
    struct report *report = ctx;

    say_quarter(report, upload);
    tell_progress(report, upload);
    if (wants_bar(report))
        draw_bar(report, upload);
}

/* --- Events ------------------------------------------------------------------------------------
 */

static void say_debug(struct report *report, const struct push_upload *upload,
                      enum push_event event)
{
    char to[ADDRESS_TEXT_MAX];
    char local[ADDRESS_TEXT_MAX];
    char safe[4 * VERDICT_TEXT_MAX];
    const struct push_session *session = &upload->session;
    double at = (double)(clock_ms() - report->started_ms) / 1000.0;

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
                   exit_code_name(push_reason_code(session->reason)));
        break;
    case PUSH_EVENT_IGNORED:
        report_say(report, upload->name, "[%7.3f] ignored: \"%s\"", at,
                   printable(safe, sizeof safe, session->text));
        break;
    default:
        break;
    }
}

/* On a terminal broken between words; elsewhere one line, which is easier to search. */
void report_hint(const struct report *report, const char *hint)
{
    size_t width = report->on_terminal ? terminal_columns(report) : SIZE_MAX;
    const size_t indent = 4;
    size_t room = width > indent + 20 ? width - indent - 1 : SIZE_MAX;

    while (*hint) {
        size_t len = strlen(hint);
        if (len > room) {
            for (len = room; len > 0 && hint[len] != ' '; len--)
                ;
            if (len == 0)
                len = room;
        }
        fprintf(stderr, "%*s%.*s\n", (int)indent, "", (int)len, hint);
        hint += len;
        hint += strspn(hint, " ");
    }
}

static void say_finished(struct report *report, const struct push_upload *upload,
                         const struct explanation *explanation)
{
    bool updated = upload->session.reason == PUSH_UPDATED;
    char name[4 * 256];

    printable(name, sizeof name, upload->name);
    if (updated && report->quiet)
        return;
    clear_bar(report);
    fprintf(stderr, "%s%s: %s\n", updated ? "" : "espota-c: ", name, explanation->sentence);
    report_hint(report, explanation->hint);
}

static void explain(const struct report *report, struct explanation *explanation,
                    const struct push_upload *upload)
{
    explain_upload(explanation, upload, image_file_kind(report->image));
    if (upload->session.reason == PUSH_FAILED &&
        !file_stamp_holds(&report->image->stamp, report->image->fd))
        snprintf(explanation->hint, sizeof explanation->hint,
                 "The image was written to while it was being sent: build first, then upload.");
}

static void tell_people(struct report *report, struct push_upload *upload,
                        const struct explanation *explanation)
{
    if (upload->session.ended_in >= PUSH_STREAMING)
        tell_progress(report, upload);
    if (wants_bar(report) && upload->session.reason == PUSH_UPDATED) {
        draw_bar(report, upload);
        report->bar_len = 0; /* the whole bar is left standing */
        fputc('\n', stderr);
    }
    say_finished(report, upload, explanation);
    if (upload->session.login == PUSH_LOGIN_MD5_STORED && !upload->config.md5_target &&
        upload->session.reason != PUSH_PASSWORD_WRONG && !report->told_stored && !report->quiet) {
        report->told_stored = true;
        report_say(
            report, upload->name,
            "The device stores an MD5 of its password: use -m to go straight to the proof it "
            "takes.");
    }
}

void report_updated(struct report *report, struct push_upload *upload)
{
    struct explanation explanation;

    explain(report, &explanation, upload);
    tell_people(report, upload, &explanation);
}

void report_finished(struct report *report, struct push_upload *upload)
{
    struct explanation explanation;

    explain(report, &explanation, upload);
    tell_people(report, upload, &explanation);
    if (report->json)
        report_json_result(upload, &explanation);
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

/* --- Begin and end -----------------------------------------------------------------------------
 */

void report_start(struct report *report)
{
    report->started_ms = clock_ms();
    report->on_terminal = isatty(STDERR_FILENO) == 1;
}

static void name_image(struct report *report)
{
    const struct image_file *image = report->image;
    char size[32];
    char path[4 * 1024];

    report_say(report, NULL, "Sending %s (%s, %s)", printable(path, sizeof path, image->path),
               report->filesystem ? "file system image" : image_kind_name(image_file_kind(image)),
               bar_size_text(image->size, size));
}

void report_upload(struct report *report, const char *name)
{
    if (!report->told_image && !report->quiet)
        name_image(report);
    report->told_image = true;
    if (report->json)
        report_json_image(name, report->image, report->filesystem);
}

void report_note(struct report *report, const char *device, const char *format, ...)
{
    va_list args;

    if (report->quiet)
        return;
    va_start(args, format);
    say_list(report, device, format, args);
    va_end(args);
}

void report_step(struct report *report, const char *device, const char *text)
{
    if (report->debug)
        report_say(report, device, "[%7.3f] %s", (double)(clock_ms() - report->started_ms) / 1000.0,
                   text);
}

void report_failure(struct report *report, const char *name, const struct failure *failure)
{
    clear_bar(report);
    failure_print(failure);
    if (report->json)
        report_json_failure(name, failure);
}

void report_waiting(struct report *report, struct push_upload *upload)
{
    report_step(report, upload->name, "waits for its turn");
}

void report_skipped(struct report *report, const char *name, const struct failure *failure)
{
    report_failure(report, name, failure);
}

void report_clear(struct report *report)
{
    clear_bar(report);
}

bool report_end(struct report *report, struct failure *failure)
{
    (void)failure;
    clear_bar(report);
    results_free(&report->results);
    return true;
}
