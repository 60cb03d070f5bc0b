/*
 * Listening sockets of the uploader, shared between uploads where the user leaves them no choice:
 * with a single port for several devices, the caller's address tells whose call it is. Each is
 * closed with the last upload that uses it.
 */
#ifndef CLI_LISTENER_H
#define CLI_LISTENER_H

#include "cli/failure.h"
#include "cli/push/endpoint.h"

#include <event2/event.h>
#include <stddef.h>

struct listener {
    struct listener *next;
    struct listener *before;
    size_t users;
    struct address local;
    struct event *event;
    void *owner; /* the caller's */
    int fd;
};

/* A list of listeners, empty when NULL. */
typedef struct listener *listener_list;

/*
 * A listener on `local`'s host: a new one on the first free port of the range, or one that is in
 * the list already when no port is free but those; listener_leave() gives it back. `callback` gets
 * the listener as its argument. NULL, with `failure` filled in, when there is none to be had. A new
 * one keeps `owner`.
 */
struct listener *listener_get(listener_list *list, struct event_base *base,
                              const struct address *local, struct port_range range,
                              event_callback_fn callback, void *owner, struct failure *failure);

/*
 * Take one waiting connection, non-blocking and closed on exec, with its peer's address.
 * Returns its descriptor, or -1 with errno; EAGAIN and ECONNABORTED mean that there is none.
 */
int listener_accept(const struct listener *listener, struct address *from);

/* It is used once less: the last time it is closed and released, in its callback too. */
void listener_leave(listener_list *list, struct listener *listener);

#endif
