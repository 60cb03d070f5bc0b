#include "cli/push/probe.h"

#include "cli/push/endpoint.h"
#include "common/invitation.h"
#include "common/reply.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define INTERVAL_MS 1000

/* An invitation names a port; nobody connects to this one (RFC 863). */
#define DISCARD_PORT 9

struct probe {
    struct event_base *base;
    struct address device;
    struct address bind_to;
    probe_fn *fn;
    void *ctx;
    int fd;
    struct event *readable;
    struct event *timer;
    char text[INVITATION_MAX];
    size_t len;
};

static void close_socket(struct probe *probe)
{
    if (probe->readable)
        event_free(probe->readable);
    if (probe->fd >= 0)
        close(probe->fd);
    probe->readable = NULL;
    probe->fd = -1;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    struct probe *probe = arg;
    char bytes[512];
    ssize_t n = recv(fd, bytes, sizeof bytes, 0);

    (void)what;
    if (n < 0)
        return; /* it is not there yet (ICMP), or the way to it is not */
    /*
     * Whoever asked for a proof now waits for it, and would swallow the next invitation instead:
     * that is to be this one, not a user's.
     */
    if (reply_parse(bytes, (size_t)n).kind == REPLY_CHALLENGE)
        (void)send(fd, probe->text, probe->len, 0);
    event_del(probe->timer);
    close_socket(probe);
    probe->fn(probe->ctx);
}

/* The network may have changed since the socket was connected: it is opened anew when it fails. */
static void open_socket(struct probe *probe)
{
    struct address local;
    struct failure failure;

    probe->fd = endpoint_open_udp(&probe->device, &probe->bind_to, &local, &failure);
    if (probe->fd < 0)
        return;
    probe->readable = event_new(probe->base, probe->fd, EV_READ | EV_PERSIST, on_readable, probe);
    if (!probe->readable || event_add(probe->readable, NULL) != 0)
        close_socket(probe);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct probe *probe = arg;

    (void)fd;
    (void)what;
    if (probe->fd < 0)
        open_socket(probe);
    if (probe->fd >= 0 && send(probe->fd, probe->text, probe->len, 0) < 0)
        close_socket(probe);
}

struct probe *probe_start(struct event_base *base, const struct address *device,
                          const struct address *bind_to, probe_fn *fn, void *ctx)
{
    const struct timeval interval = { .tv_sec = INTERVAL_MS / 1000 };
    const struct invitation invitation = { .command = PUSH_SKETCH, .port = DISCARD_PORT };
    struct probe *probe = calloc(1, sizeof *probe);

    if (!probe)
        return NULL;
    probe->base = base;
    probe->device = *device;
    probe->bind_to = *bind_to;
    probe->fn = fn;
    probe->ctx = ctx;
    probe->fd = -1;
    probe->len = invitation_format(&invitation, probe->text, sizeof probe->text);
    probe->timer = event_new(base, -1, EV_PERSIST, on_timer, probe);
    if (!probe->timer || event_add(probe->timer, &interval) != 0) {
        probe_free(probe);
        return NULL;
    }
    event_active(probe->timer, EV_TIMEOUT, 0);
    return probe;
}

void probe_free(struct probe *probe)
{
    if (!probe)
        return;
    close_socket(probe);
    if (probe->timer)
        event_free(probe->timer);
    free(probe);
}
