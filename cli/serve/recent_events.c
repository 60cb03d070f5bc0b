#include "cli/serve/recent_events.h"

void recent_events_add(struct recent_events *events, const struct recent_event *event)
{
    events->ring[events->count % RECENT_EVENTS] = *event;
    events->count++;
}

const struct recent_event *recent_events_get(const struct recent_events *events, size_t n)
{
    if (n >= events->count || n >= RECENT_EVENTS)
        return NULL;
    return &events->ring[(events->count - 1 - n) % RECENT_EVENTS];
}
