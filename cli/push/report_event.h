/*
 * What a report makes of the events of uploads under way.
 */
#ifndef CLI_REPORT_EVENT_H
#define CLI_REPORT_EVENT_H

#include "cli/push/loop.h"

struct report;

/* The observer that makes the loop report. */
struct push_observer report_observer(struct report *report);

/* A `progress` object, when there is any since the last one. */
void report_tell_progress(struct report *report, struct push_upload *upload);

#endif
