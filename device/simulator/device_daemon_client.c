#include "device_daemon_client.h"

#include <avahi-client/client.h>
#include <avahi-client/publish.h>
#include <avahi-common/error.h>
#include <avahi-common/simple-watch.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SOCKET_FD (STDERR_FILENO + 1)

/*
 * The program's two libraries of avahi have a function of the same name, avahi_entry_group_free(),
 * and the one of libavahi-core, which comes first, serves both. So nothing is ever released here:
 * the process ends.
 */
struct daemon_client {
    int socket;
    AvahiClient *client;
    AvahiEntryGroup *group;
    struct device_daemon_report report;
};

static void tell(const struct daemon_client *self)
{
    const struct device_daemon_report *report = &self->report;

    /* It is the parent's to read, or to end us. */
    if (send(self->socket, report, sizeof *report, MSG_NOSIGNAL) != (ssize_t)sizeof *report ||
        report->error)
        _exit(EXIT_FAILURE);
}

/* Called for the first time before avahi_client_new() returns. */
static void on_client(AvahiClient *client, AvahiClientState state, void *ctx)
{
    struct daemon_client *self = ctx;

    /*
     * That the daemon looks for another name of its host does not matter: ours is our own. What it
     * has of us stays.
     */
    if (state == AVAHI_CLIENT_S_RUNNING)
        self->report.is_ready = true;
    else if (state == AVAHI_CLIENT_FAILURE)
        self->report.error = avahi_client_errno(client);
    tell(self);
}

static void on_group(AvahiEntryGroup *group, AvahiEntryGroupState state, void *ctx)
{
    struct daemon_client *self = ctx;

    self->report.state = state;
    if (state == AVAHI_ENTRY_GROUP_FAILURE)
        self->report.error = avahi_client_errno(avahi_entry_group_get_client(group));
    tell(self);
}

static int add_service(AvahiEntryGroup *group, const struct device_link *link,
                       const struct device_service *service)
{
    AvahiStringList *txt = device_publisher_txt(service);
    int error = AVAHI_ERR_NO_MEMORY;

    if (txt)
        error = avahi_entry_group_add_service_strlst(
            group, device_publisher_interface(link), device_publisher_protocol(link), 0,
            service->name, DEVICE_SERVICE_TYPE, DEVICE_SERVICE_DOMAIN, service->host, service->port,
            txt);
    avahi_string_list_free(txt);
    return error;
}

static int add_address(AvahiEntryGroup *group, const struct device_link *link,
                       const struct device_service *service)
{
    const AvahiAddress address = device_publisher_address(link);

    /* The way back from the address to a name belongs to the machine. */
    return avahi_entry_group_add_address(group, link->interface, device_publisher_protocol(link),
                                         AVAHI_PUBLISH_NO_REVERSE, service->host, &address);
}

static int publish(AvahiEntryGroup *group, const struct device_daemon_request *request)
{
    const struct device_links *links = &request->links;
    const struct device_service *service = &request->service;
    int error = avahi_entry_group_reset(group);

    if (!error)
        error = add_service(group, device_publisher_service_link(links), service);
    for (size_t i = 0; i < links->count && !error; i++)
        error = add_address(group, &links->link[i], service);
    return error ? error : avahi_entry_group_commit(group);
}

static void on_request(AvahiWatch *watch, int fd, AvahiWatchEvent event, void *ctx)
{
    struct daemon_client *self = ctx;
    struct device_daemon_request request;

    (void)watch;
    (void)event;
    if (recv(fd, &request, sizeof request, 0) != (ssize_t)sizeof request)
        _exit(EXIT_FAILURE);
    int error = publish(self->group, &request);
    self->report.serial = request.serial;
    if (error == AVAHI_ERR_COLLISION)
        self->report.state = AVAHI_ENTRY_GROUP_COLLISION;
    else if (error)
        self->report.error = error;
    else
        self->report.state = AVAHI_ENTRY_GROUP_REGISTERING;
    tell(self);
}

/*
 * Of the device's files and sockets nothing may be held open, which would keep them from the next
 * one. What the libraries have to say, they say by their errors.
 */
static bool let_go(int socket, pid_t parent)
{
    int null = open("/dev/null", O_RDWR);

    /* Whatever this process waits for then. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent || null < 0)
        return false;
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (dup2(null, fd) < 0)
            return false;
    }
    if (dup2(socket, SOCKET_FD) < 0)
        return false;
    if (syscall(SYS_close_range, SOCKET_FD + 1u, ~0u, 0u) == 0)
        return true;
    /* Before Linux 5.9, or in a container that does not know the call. */
    for (long fd = SOCKET_FD + 1L; fd < sysconf(_SC_OPEN_MAX); fd++)
        close((int)fd);
    return true;
}

void device_daemon_client_run(int socket, pid_t parent)
{
    struct daemon_client self = { .socket = SOCKET_FD };

    if (!let_go(socket, parent))
        _exit(EXIT_FAILURE);
    AvahiSimplePoll *loop = avahi_simple_poll_new();
    if (!loop)
        _exit(EXIT_FAILURE);
    const AvahiPoll *poll = avahi_simple_poll_get(loop);
    self.client = avahi_client_new(poll, 0, on_client, &self, &self.report.error);
    if (!self.client)
        tell(&self);
    self.group = avahi_entry_group_new(self.client, on_group, &self);
    if (!self.group) {
        self.report.error = avahi_client_errno(self.client);
        tell(&self);
    }
    if (poll->watch_new(poll, SOCKET_FD, AVAHI_WATCH_IN, on_request, &self))
        avahi_simple_poll_loop(loop);
    _exit(EXIT_FAILURE);
}
