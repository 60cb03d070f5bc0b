/*
 * What an upload shows: lines and a progress bar for people on standard error, JSON objects for
 * programs on standard output.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli/image/image_file.h"
#include "cli/push/fleet_view.h"
#include "cli/push/loop.h"
#include "cli/push/report_event.h"
#include "cli/push/report_line.h"
#include "cli/push/report_row.h"
#include "cli/push/results.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct report {
    /* The caller's. */
    bool quiet;    /* errors alone */
    bool debug;    /* every step */
    bool progress; /* a bar even where there is no terminal; of one device alone */
    bool json;
    const struct image_file *image;
    bool filesystem;
    bool several; /* devices, or there may be: lines say which one they are about */

    const char *junit; /* the file that report_end() writes; NULL: none */

    /* The report's own; all zero at first. */
    struct results results;
    uint64_t started_ms;
    time_t started_at; /* by the calendar */
    bool on_terminal;
    bool is_dumb;      /* a terminal on which nothing is drawn over */
    bool moves_cursor; /* the terminal's cursor can be moved */
    bool has_colour;
    struct fleet_view view; /* of several devices, where report_has_view() */
    struct event *redraw;
    bool told_stored; /* that a device stores an MD5 has been said */
    bool told_image;
    unsigned stranger_count;
    struct address last_stranger;
    size_t bar_len; /* characters of the bar that stands on the terminal's line */
    unsigned bar_percent;
};

/* Start: the times of --debug count from here. */
void report_start(struct report *report);

/*
 * Between these two the lines about several devices are kept up to date by a timer of `base`.
 * Nothing happens without memory for it: they change when something happens, then.
 */
void report_attach(struct report *report, struct event_base *base);
void report_detach(struct report *report);

/* A device is known, and has to wait until others are through. Called once for each such device. */
void report_waiting(struct report *report, struct push_upload *upload);

/* An upload to `name` is about to begin. The first one names the image. */
void report_upload(struct report *report, const char *name);

/*
 * An upload that never began, because of `failure`: the device `name` gets its result object, and
 * the sentence is printed. `hint` may be empty.
 */
void report_failure(struct report *report, const char *name, const struct failure *failure,
                    const char *hint);

/* The same for a device that failed with all the others, whose sentence has been printed. */
void report_failed_before(struct report *report, const char *name, const struct failure *failure);

/* A device is not tried; `failure` (EXIT_SKIPPED) says why. */
void report_skipped(struct report *report, const char *name, const struct failure *failure);

/*
 * How a device's run has come off, and nothing comes after it: its line is printed, and its result
 * kept. The texts are without its name, `hint` may be empty.
 */
void report_result(struct report *report, struct push_upload *upload, enum exit_code code,
                   const char *detail, const char *hint);

/* Its result alone; `upload` is NULL of a device that was not asked. */
void report_keep(struct report *report, const char *name, enum exit_code code, const char *detail,
                 const char *hint, const struct push_upload *upload);

/* It has finished, and nothing comes after it. */
void report_finished(struct report *report, struct push_upload *upload);

/* Its device was updated, and is waited for to be back; report_return.h has what follows. */
void report_updated(struct report *report, struct push_upload *upload);

/*
 * The end of the run, however it ended: the summary of several devices, and the JUnit file.
 * Releases what the report has allocated. False, with `failure` filled in, when the file cannot be
 * written.
 */
bool report_end(struct report *report, struct failure *failure);

#endif
