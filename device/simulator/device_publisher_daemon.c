#include "device_publisher_daemon.h"

#include "device/port/posix/posix_clock.h"
#include "device_daemon_client.h"

#include <avahi-common/error.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void ask(struct device_publisher *publisher)
{
    publisher->is_asked = true;
    publisher->asked_ms = posix_clock_now_ms();
}

/* Reports on something that has been replaced meanwhile are only a sign of life. */
static void take(struct device_publisher *publisher, const struct device_daemon_report *report)
{
    publisher->is_ready |= report->is_ready;
    if (report->error && !publisher->error)
        publisher->error = report->error;
    if (report->serial == publisher->child.serial) {
        publisher->is_asked = false;
        publisher->state = report->state;
    }
}

static void on_report(AvahiWatch *watch, int fd, AvahiWatchEvent event, void *ctx)
{
    struct device_publisher *publisher = ctx;
    struct device_daemon_report report;
    ssize_t got;

    (void)watch;
    (void)event;
    /* All there are, for the last of them may be the answer that is waited for. */
    while ((got = recv(fd, &report, sizeof report, MSG_DONTWAIT)) == (ssize_t)sizeof report)
        take(publisher, &report);
    if (!publisher->error && (got >= 0 || (errno != EAGAIN && errno != EINTR)))
        publisher->error = AVAHI_ERR_DISCONNECTED; /* it has ended */
}

/* False with errno. */
static bool start_child(struct device_publisher_child *child)
{
    /* If these were ignored, its number would be somebody else's as soon as it ends. */
    const struct sigaction usual = { .sa_handler = SIG_DFL };
    int ends[2];

    sigaction(SIGCHLD, &usual, NULL);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    pid_t parent = getpid();
    child->pid = fork();
    if (child->pid == 0)
        device_daemon_client_run(ends[1], parent);
    close(ends[1]);
    child->socket = ends[0];
    if (child->pid < 0)
        close(ends[0]);
    return child->pid > 0;
}

static void end_child(const struct device_publisher_child *child)
{
    kill(child->pid, SIGKILL);
    while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    close(child->socket);
}

static int daemon_open(struct device_publisher *publisher, const AvahiPoll *poll,
                       const struct device_links *links)
{
    struct device_publisher_child *child = &publisher->child;

    (void)links;
    if (!start_child(child))
        return AVAHI_ERR_OS;
    child->poll = poll;
    child->watch = poll->watch_new(poll, child->socket, AVAHI_WATCH_IN, on_report, publisher);
    if (!child->watch) {
        end_child(child);
        return AVAHI_ERR_NO_MEMORY;
    }
    ask(publisher);
    return AVAHI_OK;
}

static void daemon_close(struct device_publisher *publisher)
{
    publisher->child.poll->watch_free(publisher->child.watch);
    end_child(&publisher->child);
}

static int daemon_publish(struct device_publisher *publisher, const struct device_links *links,
                          const struct device_service *service)
{
    struct device_daemon_request request;

    /* The bytes between its parts go to the other process as well. */
    memset(&request, 0, sizeof request);
    request.serial = ++publisher->child.serial;
    request.service = *service;
    request.links = *links;
    ask(publisher);
    /* There is room: it is asked again only after an answer. */
    ssize_t sent =
        send(publisher->child.socket, &request, sizeof request, MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent == (ssize_t)sizeof request ? AVAHI_OK : AVAHI_ERR_DISCONNECTED;
}

const struct device_publisher_kind device_publisher_daemon = {
    .name = "daemon",
    .open = daemon_open,
    .close = daemon_close,
    .publish = daemon_publish,
};
