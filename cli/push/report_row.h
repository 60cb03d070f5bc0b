/*
 * The lines about each of several devices, on a terminal: whose they are.
 */
#ifndef CLI_REPORT_ROW_H
#define CLI_REPORT_ROW_H

#include "cli/push/fleet_view.h"
#include "cli/push/transport.h"

struct report;

/* What is called `name` is looked for: it has a line at once, for whoever of that name is found. */
void report_sought(struct report *report, const char *name);

/* What is called `name` is not looked for any more, and was not found under that name. */
void report_sought_no_more(struct report *report, const char *name);

/* A search for any number of devices has begun, and has ended. */
void report_search_begun(struct report *report);
void report_search_ended(struct report *report);

/* The line of an upload's device where there are several; NULL where it has none. */
struct fleet_row *report_row(struct report *report, struct push_upload *upload);

/* The line of a device of that name that has not begun; NULL as above. */
struct fleet_row *report_row_of(struct report *report, const char *name);

/* It waits for somebody to enter its password. */
void report_locked(struct report *report, struct push_upload *upload);

#endif
