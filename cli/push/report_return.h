/*
 * What an upload shows of its device before and after it: where it was found, and whether it is
 * back.
 */
#ifndef CLI_REPORT_RETURN_H
#define CLI_REPORT_RETURN_H

#include "cli/discover/locate.h"
#include "cli/push/report.h"

#include <stdint.h>

/* What is called `name` is the device that is called `as`, which is updated under that name. */
void report_same(struct report *report, const char *name, const char *as);

/* The device was found by mDNS. */
void report_found(struct report *report, const struct push_upload *upload,
                  const struct located *located);

/*
 * After report_updated(): it is back after `ms` milliseconds, and called `name` now (raw; NULL: as
 * before) ...
 */
void report_online(struct report *report, struct push_upload *upload, uint64_t ms,
                   const char *name);

/* ... or it did not come back within `ms` milliseconds, ... */
void report_not_online(struct report *report, struct push_upload *upload, uint32_t ms);

/* ... or it was waited for no longer, because of a signal. */
void report_left(struct report *report, struct push_upload *upload);

#endif
