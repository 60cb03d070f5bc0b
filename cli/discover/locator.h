/*
 * Where devices are looked for (locate.h): one finder for all searches, which is opened when the
 * first of them needs it and closed behind the last.
 */
#ifndef CLI_LOCATOR_H
#define CLI_LOCATOR_H

#include "cli/discover/finder.h"
#include "cli/discover/mdns_options.h"
#include "cli/failure.h"

#include <event2/event.h>
#include <stdbool.h>

struct locator_options {
    struct mdns_choice mdns;
    int family;                               /* AF_INET, AF_INET6, AF_UNSPEC */
    void (*log)(void *ctx, const char *text); /* every step; NULL: not at all */
    void *log_ctx;
};

struct locator;

/* Make one. NULL when out of memory. */
struct locator *locator_new(struct event_base *base, const struct locator_options *options);

/* Release it, with all that is still looked for. NULL does nothing. */
void locator_free(struct locator *locator);

/* True when nothing is looked for. */
bool locator_is_idle(const struct locator *locator);

/* --- For locate.c alone ----------------------------------------------------------------------- */

struct locate;

struct locator {
    struct event_base *base;
    struct locator_options options;
    struct finder *finder;  /* NULL: none was needed, or there is none to be had */
    struct failure failure; /* why there is none; its text is empty else */
    struct locate *list;    /* the searches, in the order in which they were started */
    struct locate *last;
    struct event *tidy; /* closes the finder, from the loop */
};

/* Open the finder, unless it is, cannot be, or must not be (MDNS_OFF). */
void locator_open_finder(struct locator *locator);

/* Have the finder closed if there is no search left. */
void locator_tidy(struct locator *locator);

/* locate.c's: the finder tells of a device; the last search is cancelled. */
void locate_heard(struct locator *locator, enum finder_event event, const struct device *device);
void locate_cancel_all(struct locator *locator);

#endif
