/*
 * The last things worth telling about devices, for the status page: a ring in memory.
 */
#ifndef CLI_RECENT_EVENTS_H
#define CLI_RECENT_EVENTS_H

#include "cli/serve/decision.h"

#include <stddef.h>
#include <stdint.h>

#define RECENT_EVENTS 64

struct recent_event {
    int64_t when;
    struct mac station;
    enum decision_reason reason;
    enum offer_outcome outcome; /* that the offer has come to; OFFER_NONE: only the reason tells */
    char release[UPDATE_VERSION_SIZE];
    char version[UPDATE_VERSION_SIZE]; /* that the device reported; hostile text */
};

struct recent_events {
    struct recent_event ring[RECENT_EVENTS];
    size_t count; /* that there ever were */
};

/* Add one; the oldest is forgotten. */
void recent_events_add(struct recent_events *events, const struct recent_event *event);

/* The n-th latest, 0 being the last; NULL when there are not so many. */
const struct recent_event *recent_events_get(const struct recent_events *events, size_t n);

#endif
