#include "cli/push/listener.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct listener *find(listener_list list, const struct address *local)
{
    for (struct listener *listener = list; listener; listener = listener->next) {
        if (address_same_host(&listener->local, local))
            return listener;
    }
    return NULL;
}

struct listener *listener_get(listener_list *list, struct event_base *base,
                              const struct address *local, struct port_range range,
                              event_callback_fn callback, void *owner, struct failure *failure)
{
    struct address address = *local;
    int fd = endpoint_listen(&address, range, failure);

    if (fd < 0) {
        struct listener *shared = errno == EADDRINUSE ? find(*list, local) : NULL;
        if (shared) {
            shared->users++;
            failure->text[0] = '\0';
        }
        return shared;
    }
    struct listener *listener = calloc(1, sizeof *listener);
    if (listener)
        listener->event = event_new(base, fd, EV_READ | EV_PERSIST, callback, listener);
    if (!listener || !listener->event || event_add(listener->event, NULL) != 0) {
        failure_set(failure, EXIT_LOCAL_FAILURE, "cannot listen: %s", strerror(ENOMEM));
        if (listener && listener->event)
            event_free(listener->event);
        free(listener);
        close(fd);
        return NULL;
    }
    listener->fd = fd;
    listener->owner = owner;
    listener->local = address;
    listener->users = 1;
    listener->next = *list;
    if (*list)
        (*list)->before = listener;
    *list = listener;
    return listener;
}

int listener_accept(const struct listener *listener, struct address *from)
{
    struct sockaddr_storage name;
    socklen_t len = sizeof name;
    int fd = accept4(listener->fd, (struct sockaddr *)&name, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd >= 0 && !address_from(from, (struct sockaddr *)&name, len)) {
        close(fd);
        errno = ECONNABORTED;
        return -1;
    }
    return fd;
}

void listener_leave(listener_list *list, struct listener *listener)
{
    if (--listener->users > 0)
        return;
    if (listener->before)
        listener->before->next = listener->next;
    else
        *list = listener->next;
    if (listener->next)
        listener->next->before = listener->before;
    event_free(listener->event);
    close(listener->fd);
    free(listener);
}
