#include "cli/push/report_line.h"

#include "cli/clock.h"
#include "cli/printable.h"
#include "cli/push/bar.h"
#include "cli/push/report.h"
#include "cli/push/wrap.h"
#include "cli/terminal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_COLUMNS 80

bool report_has_view(const struct report *report)
{
    return report->several && report->moves_cursor && !report->quiet && !report->debug;
}

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

void report_clear(struct report *report)
{
    clear_bar(report);
    if (report_has_view(report))
        fleet_view_clear(&report->view);
}

static void say_list(struct report *report, const char *device, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

/* A line on standard error; with several devices it begins with the name of the one it is about. */
static void say_list(struct report *report, const char *device, const char *format, va_list args)
{
    char line[2048];
    char safe[4 * 256];
    char whole[sizeof line + sizeof safe + 4];
    bool has_name = device && report->several;

    vsnprintf(line, sizeof line, format, args);
    snprintf(whole, sizeof whole, "%s%s%s", has_name ? printable(safe, sizeof safe, device) : "",
             has_name ? ": " : "", line);
    clear_bar(report);
    if (report_has_view(report))
        fleet_view_say(&report->view, whole);
    else
        fprintf(stderr, "%s\n", whole);
}

void report_say(struct report *report, const char *device, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say_list(report, device, format, args);
    va_end(args);
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

double report_seconds(const struct report *report)
{
    return (double)(clock_ms() - report->started_ms) / 1000.0;
}

void report_step(struct report *report, const char *device, const char *text)
{
    if (report->debug)
        report_say(report, device, "[%7.3f] %s", report_seconds(report), text);
}

/* On a terminal broken between words; elsewhere one line, which is easier to search. */
void report_hint(const struct report *report, const char *hint)
{
    if (!report->several && hint[0] != '\0')
        wrap_print(stderr, hint, 4, report->on_terminal ? terminal_size(STDERR_FILENO).columns : 0);
}

/* --- Progress --------------------------------------------------------------------------------- */

static bool wants_bar(const struct report *report)
{
    return !report->several && !report->quiet &&
           (report->progress || (report->on_terminal && !report->is_dumb));
}

uint64_t report_total_of(const struct push_upload *upload)
{
    return upload->config.size > 0 ? upload->config.size : 1;
}

static void draw_bar(struct report *report, const struct push_upload *upload)
{
    uint64_t done = upload->session.acknowledged;
    unsigned percent = (unsigned)(done * 100 / report_total_of(upload));
    size_t columns = report->on_terminal ? terminal_size(STDERR_FILENO).columns : DEFAULT_COLUMNS;
    char bar[BAR_TEXT_MAX];

    /* Without a terminal each drawing stays in somebody's log: only when it has changed. */
    if (!report->on_terminal && report->bar_len > 0 && percent == report->bar_percent &&
        upload->session.state != PUSH_FINISHED)
        return;
    size_t len =
        bar_format(bar, columns, done, report_total_of(upload), clock_ms() - upload->connected_ms);
    size_t blank = report->bar_len > len ? report->bar_len - len : 0;
    fprintf(stderr, "\r%s%*s", bar, (int)blank, "");
    fflush(stderr);
    report->bar_len = len;
    report->bar_percent = percent;
}

/* Without a bar: a line at each quarter of the image. */
static void say_quarter(struct report *report, struct push_upload *upload)
{
    unsigned quarter = (unsigned)(upload->session.acknowledged * 4 / report_total_of(upload));

    if (quarter <= upload->shown_quarters || report->quiet)
        return;
    upload->shown_quarters = quarter;
    report_say(report, upload->name, "%3u%%  %" PRIu64 " of %" PRIu64 " bytes", quarter * 25,
               upload->session.acknowledged, upload->config.size);
}

void report_progress(struct report *report, struct push_upload *upload)
{
    if (wants_bar(report))
        draw_bar(report, upload);
    else if (!report_has_view(report))
        say_quarter(report, upload);
}

void report_whole_bar(struct report *report, struct push_upload *upload)
{
    if (!wants_bar(report))
        return;
    draw_bar(report, upload);
    report->bar_len = 0;
    fputc('\n', stderr);
}
