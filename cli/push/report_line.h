/*
 * The lines and the bar that a report writes for people, on standard error.
 */
#ifndef CLI_REPORT_LINE_H
#define CLI_REPORT_LINE_H

#include "cli/push/transport.h"

#include <stdbool.h>
#include <stdint.h>

struct report;

/* Several devices have lines that stay in place: a terminal that can, and nobody else writes there.
 */
bool report_has_view(const struct report *report);

/* A line for people, whatever they want; it begins with the name of `device` (raw; NULL: of none)
 * where there are several. */
void report_say(struct report *report, const char *device, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * A hint below the latest failure's line, broken between words on a terminal. Nothing where there
 * are several devices: it is in the summary.
 */
void report_hint(const struct report *report, const char *hint);

/* A line for people, unless they want errors alone; `device` as above. */
void report_note(struct report *report, const char *device, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A line for those who want every step, with its time. `text` is printable. */
void report_step(struct report *report, const char *device, const char *text);

/* Make way for what somebody else prints on the terminal. */
void report_clear(struct report *report);

/* Milliseconds since the report's start, as seconds. */
double report_seconds(const struct report *report);

/* Bytes of the image, never 0: a forced upload may be empty. */
uint64_t report_total_of(const struct push_upload *upload);

/* Show how far it is: the bar of a single device, or a line at each quarter. */
void report_progress(struct report *report, struct push_upload *upload);

/* Leave a single device's bar standing, all of it. */
void report_whole_bar(struct report *report, struct push_upload *upload);

#endif
