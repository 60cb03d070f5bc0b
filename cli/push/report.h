/*
 * What an upload shows: lines and a progress bar for people on standard error, JSON objects for
 * programs on standard output.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli/image/image_file.h"
#include "cli/push/loop.h"

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
    const struct push_upload *uploads;
    size_t count;

    /* The report's own; all zero at first. */
    uint64_t started_ms;
    bool on_terminal;
    bool told_stored; /* that a device stores an MD5 has been said */
    unsigned stranger_count;
    struct address last_stranger;
    size_t bar_len; /* characters of the bar that stands on the terminal's line */
    unsigned bar_percent;
    uint64_t *json_shown; /* per upload: acknowledged bytes of its last `progress` object */
    unsigned *quarters;   /* per upload: quarters of the image reported by lines */
};

/* Start: names the image and what it is for. False when out of memory. */
bool report_start(struct report *report);

/* The observer that makes the loop report. */
struct push_observer report_observer(struct report *report);

/*
 * An upload that never began, because of `failure`: the device `name` gets its result object, and
 * the sentence is printed.
 */
void report_failure(struct report *report, const char *name, const struct failure *failure);

/* Release what report_start() allocated. */
void report_end(struct report *report);

#endif
