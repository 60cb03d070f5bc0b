#include "cli/push/report.h"

#include "cli/clock.h"
#include "cli/printable.h"
#include "cli/push/bar.h"
#include "cli/push/junit.h"
#include "cli/push/paint.h"
#include "cli/push/report_json.h"
#include "cli/push/summary.h"
#include "cli/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Between two drawings of the lines about several devices. */
#define REDRAW_MS 100

/* --- How a device came off -------------------------------------------------------------------- */

void report_keep(struct report *report, const char *name, enum exit_code code, const char *detail,
                 const char *hint, const struct push_upload *upload)
{
    results_add(&report->results, &(struct result){
                                      .name = name,
                                      .detail = detail,
                                      .hint = hint,
                                      .code = code,
                                      .bytes = upload ? upload->session.acknowledged : 0,
                                      .ms = upload ? upload->finished_ms - upload->started_ms : 0,
                                  });
}

/* A device's last line; the sentence is printable. */
static void say_result(struct report *report, const char *name, enum exit_code code,
                       const char *detail)
{
    char safe[4 * 256];
    bool is_good = code == EXIT_UPDATED;

    if (is_good && report->quiet)
        return;
    report_clear(report);
    fprintf(stderr, "%s%s: %s%s%s\n",
            is_good ? "" : "espota-c: ", printable(safe, sizeof safe, name),
            paint_begin(report->has_colour, code), detail, paint_end(report->has_colour, code));
}

void report_result(struct report *report, struct push_upload *upload, enum exit_code code,
                   const char *detail, const char *hint)
{
    struct fleet_row *row = report_row(report, upload);

    if (row)
        fleet_view_end(row, code, detail);
    else
        say_result(report, upload->name, code, detail);
    if (row)
        row->done = upload->session.acknowledged;
    report_keep(report, upload->name, code, detail, hint, upload);
    report_hint(report, hint);
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

static void before_end(struct report *report, struct push_upload *upload)
{
    if (upload->session.ended_in >= PUSH_STREAMING)
        report_tell_progress(report, upload);
    if (upload->session.reason == PUSH_UPDATED)
        report_whole_bar(report, upload);
}

static void after_end(struct report *report, const struct push_upload *upload)
{
    if (upload->session.login != PUSH_LOGIN_MD5_STORED || upload->config.md5_target ||
        upload->session.reason == PUSH_PASSWORD_WRONG || report->told_stored || report->quiet)
        return;
    report->told_stored = true;
    report_say(report, upload->name,
               "The device stores an MD5 of its password: use -m to go straight to the proof it "
               "takes.");
}

void report_updated(struct report *report, struct push_upload *upload)
{
    struct explanation explanation;
    struct fleet_row *row = report_row(report, upload);

    explain(report, &explanation, upload);
    before_end(report, upload);
    if (row)
        fleet_view_set(row, FLEET_UNDER_WAY, "updated, waiting for it to be back");
    else
        say_result(report, upload->name, EXIT_UPDATED, explanation.sentence);
    after_end(report, upload);
}

void report_finished(struct report *report, struct push_upload *upload)
{
    struct explanation explanation;

    explain(report, &explanation, upload);
    before_end(report, upload);
    report_result(report, upload, push_session_code(&upload->session), explanation.sentence,
                  explanation.hint);
    after_end(report, upload);
    if (report->json)
        report_json_result(upload, &explanation);
}

/* --- Devices that were not asked -------------------------------------------------------------- */

/* A sentence begins with the name of what it is about; where that stands before it once is enough.
 */
static const char *without_name(const char *text, const char *name)
{
    size_t len = strlen(name);

    return strncmp(text, name, len) == 0 && strncmp(text + len, ": ", 2) == 0 ? text + len + 2
                                                                              : text;
}

static void keep_failure(struct report *report, const char *name, const struct failure *failure,
                         const char *hint)
{
    const char *detail = without_name(failure->text, name);

    report_keep(report, name, failure->code, detail, hint, NULL);
    if (report->json)
        report_json_failure(name, failure->code, detail, hint);
}

void report_failed_before(struct report *report, const char *name, const struct failure *failure)
{
    keep_failure(report, name, failure, "");
}

void report_failure(struct report *report, const char *name, const struct failure *failure,
                    const char *hint)
{
    struct fleet_row *row = report_row_of(report, name);

    if (row)
        fleet_view_end(row, failure->code, without_name(failure->text, name));
    else
        report_clear(report);
    if (!row)
        failure_print(failure);
    report_hint(report, hint);
    keep_failure(report, name, failure, hint);
}

void report_skipped(struct report *report, const char *name, const struct failure *failure)
{
    struct fleet_row *row = report_row_of(report, name);

    if (row)
        fleet_view_end(row, failure->code, without_name(failure->text, name));
    else
        report_note(report, NULL, "espota-c: %s", failure->text);
    report_failed_before(report, name, failure);
}

void report_waiting(struct report *report, struct push_upload *upload)
{
    struct fleet_row *row = report_row(report, upload);

    if (row)
        fleet_view_set(row, FLEET_WAITING, "");
    if (report->json)
        report_json_waiting(upload);
    report_step(report, upload->name, "waits for its turn");
}

/* --- Begin and end ---------------------------------------------------------------------------- */

void report_start(struct report *report)
{
    bool shares_terminal = report->json && isatty(STDOUT_FILENO) == 1;

    report->started_ms = clock_ms();
    report->started_at = time(NULL);
    report->on_terminal = isatty(STDERR_FILENO) == 1;
    report->is_dumb = terminal_is_dumb();
    report->moves_cursor = terminal_moves_cursor(STDERR_FILENO) && !shares_terminal;
    report->has_colour = terminal_has_colour(STDERR_FILENO);
    report->view.has_colour = report->has_colour;
}

static void on_redraw(evutil_socket_t fd, short what, void *arg)
{
    struct report *report = arg;

    (void)fd;
    (void)what;
    if (report_has_view(report) && terminal_is_ours(STDERR_FILENO))
        fleet_view_draw(&report->view, clock_ms());
}

void report_attach(struct report *report, struct event_base *base)
{
    const struct timeval interval = { .tv_usec = REDRAW_MS * 1000 };

    report->view.size = report->image->size;
    if (!report_has_view(report))
        return;
    report->redraw = event_new(base, -1, EV_PERSIST, on_redraw, report);
    terminal_watch_resumption();
    if (report->redraw)
        event_add(report->redraw, &interval);
}

void report_detach(struct report *report)
{
    if (report->redraw)
        event_free(report->redraw);
    report->redraw = NULL;
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

static void summarise(const struct report *report)
{
    const struct summary_options options = {
        .columns = report->on_terminal ? terminal_size(STDERR_FILENO).columns : 0,
        .has_colour = report->has_colour,
        .seconds = report_seconds(report),
    };
    bool all_updated = results_count(&report->results, EXIT_UPDATED) == report->results.count;

    if (report->several && !(all_updated && (report->quiet || report->results.count < 2)))
        summary_print(stderr, &report->results, &options);
}

bool report_end(struct report *report, struct failure *failure)
{
    const struct junit_run run = {
        .results = &report->results,
        .image = report->image->path,
        .started_at = report->started_at,
        .seconds = report_seconds(report),
    };

    report_clear(report);
    summarise(report);
    bool written = !report->junit || junit_write(report->junit, &run, failure);
    fleet_view_close(&report->view);
    results_free(&report->results);
    return written;
}
