/*
 * What an upload shows: lines and a progress bar for people on standard error, JSON objects for
 * programs on standard output.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli/image/image_file.h"
#include "cli/push/loop.h"
#include "cli/push/results.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct report {
    /* The caller's. */
    bool quiet;    /* errors alone */
    bool debug;    /* every step */
    bool progress; /* a bar even where there is no terminal */
    bool json;
    const struct image_file *image;
    bool filesystem;
    bool
        several; /* devices, or there may be: lines begin with the name of the one they are about */

    const char *junit; /* the file that report_end() writes; NULL: none */

    /* The report's own; all zero at first. */
    struct results results;
    uint64_t started_ms;
    bool on_terminal;
    bool told_stored; /* that a device stores an MD5 has been said */
    bool told_image;
    unsigned stranger_count;
    struct address last_stranger;
    size_t bar_len; /* characters of the bar that stands on the terminal's line */
    unsigned bar_percent;
};

/* Start: the times of --debug count from here. */
void report_start(struct report *report);

/* A device is known, and has to wait until others are through. Called once for each such device. */
void report_waiting(struct report *report, struct push_upload *upload);

/* An upload to `name` is about to begin. The first one names the image. */
void report_upload(struct report *report, const char *name);

/* The observer that makes the loop report. */
struct push_observer report_observer(struct report *report);

/*
 * An upload that never began, because of `failure`: the device `name` gets its result object, and
 * the sentence is printed.
 */
void report_failure(struct report *report, const char *name, const struct failure *failure);

/* A device is not tried; `failure` (EXIT_SKIPPED) says why. */
void report_skipped(struct report *report, const char *name, const struct failure *failure);

/* It has finished, and nothing comes after it. */
void report_finished(struct report *report, struct push_upload *upload);

/* Its device was updated, and is waited for to be back; report_return.h has what follows. */
void report_updated(struct report *report, struct push_upload *upload);

/* A line for people, whatever they want; a hint below it, broken between words on a terminal. */
void report_say(struct report *report, const char *device, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void report_hint(const struct report *report, const char *hint);

/* A line for people, unless they want errors alone; `device` as in the rest of the report, or NULL.
 */
void report_note(struct report *report, const char *device, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A line for those who want every step, with its time. `text` is printable. */
void report_step(struct report *report, const char *device, const char *text);

/* Make way for what somebody else prints on the terminal. */
void report_clear(struct report *report);

/*
 * The end of the run, however it ended: the summary of several devices, and the JUnit file.
 * Releases what the report has allocated. False, with `failure` filled in, when the file cannot be
 * written.
 */
bool report_end(struct report *report, struct failure *failure);

#endif
