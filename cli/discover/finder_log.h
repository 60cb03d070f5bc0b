/*
 * What a finder says of its steps to people who ask for them.
 */
#ifndef CLI_FINDER_LOG_H
#define CLI_FINDER_LOG_H

#include "cli/discover/catalogue.h"
#include "cli/discover/finder.h"

/* All do nothing where no log is wanted. `format` is printf's; what it makes must be printable. */
void finder_log(const struct finder_options *options, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Where a device is seen, or no longer: `what`. */
void finder_log_sighting(const struct finder_options *options, const struct mdns_sighting *sighting,
                         const char *what);

/* What was answered; NULL: nothing. */
void finder_log_answer(const struct finder_options *options, const struct catalogue_query *query,
                       const struct mdns_service *service);

#endif
