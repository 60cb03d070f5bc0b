#include "device_publisher_daemon.h"

#include <avahi-client/client.h>
#include <avahi-client/publish.h>
#include <avahi-common/error.h>
#include <dlfcn.h>
#include <signal.h>
#include <string.h>

typedef int (*group_free)(AvahiEntryGroup *group);

/*
 * libavahi-core has a function avahi_entry_group_free() as well, of other parameters. Linked into
 * one program, the one of the library that comes first serves both, which cannot be this: so it is
 * asked for in its library. NULL when it cannot be found.
 */
static group_free find_group_free(void)
{
    void *known = dlsym(RTLD_DEFAULT, "avahi_client_new");
    group_free found = NULL;
    Dl_info library;

    if (!known || !dladdr(known, &library))
        return NULL;
    void *handle = dlopen(library.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
    if (!handle)
        return NULL;
    void *symbol = dlsym(handle, "avahi_entry_group_free");
    memcpy(&found, &symbol, sizeof found);
    dlclose(handle); /* it stays loaded */
    return found;
}

/* Called for the first time before avahi_client_new() returns. */
static void on_client(AvahiClient *client, AvahiClientState state, void *ctx)
{
    struct device_publisher *publisher = ctx;

    /*
     * That the daemon looks for another name of its host does not matter: ours is our own. What it
     * has of us stays.
     */
    if (state == AVAHI_CLIENT_S_RUNNING)
        publisher->is_ready = true;
    else if (state == AVAHI_CLIENT_FAILURE)
        publisher->error = avahi_client_errno(client);
}

static void on_group(AvahiEntryGroup *group, AvahiEntryGroupState state, void *ctx)
{
    struct device_publisher *publisher = ctx;

    publisher->state = state;
    if (state == AVAHI_ENTRY_GROUP_FAILURE)
        publisher->error = avahi_client_errno(avahi_entry_group_get_client(group));
}

static int daemon_open(struct device_publisher *publisher, const AvahiPoll *poll,
                       const struct device_links *links)
{
    struct sigaction pipe_action;
    int error = 0;

    (void)links;
    if (!find_group_free())
        return AVAHI_ERR_NOT_SUPPORTED;
    /* D-Bus would have SIGPIPE ignored, also where that is how the program is to end. */
    sigaction(SIGPIPE, NULL, &pipe_action);
    AvahiClient *client = avahi_client_new(poll, 0, on_client, publisher, &error);
    sigaction(SIGPIPE, &pipe_action, NULL);
    if (!client)
        return error;
    publisher->engine = client;
    publisher->group = avahi_entry_group_new(client, on_group, publisher);
    if (!publisher->group) {
        error = avahi_client_errno(client);
        avahi_client_free(client);
        return error;
    }
    return AVAHI_OK;
}

static void daemon_close(struct device_publisher *publisher)
{
    group_free free_group = find_group_free();

    /* Left to avahi_client_free(), it would be freed by the other library's function. */
    if (free_group)
        free_group(publisher->group);
    /* The daemon withdraws what was published when its client leaves. */
    avahi_client_free(publisher->engine);
}

static int daemon_reset(struct device_publisher *publisher)
{
    return avahi_entry_group_reset(publisher->group);
}

static int daemon_add_service(struct device_publisher *publisher, const struct device_link *link,
                              const struct device_service *service)
{
    return avahi_entry_group_add_service_strlst(publisher->group, device_publisher_interface(link),
                                                device_publisher_protocol(link), 0, service->name,
                                                DEVICE_SERVICE_TYPE, DEVICE_SERVICE_DOMAIN,
                                                service->host, service->port, service->txt);
}

static int daemon_add_address(struct device_publisher *publisher, const struct device_link *link,
                              const struct device_service *service)
{
    const AvahiAddress address = device_publisher_address(link);

    /* The way back from the address to a name belongs to the machine. */
    return avahi_entry_group_add_address(publisher->group, link->interface,
                                         device_publisher_protocol(link), AVAHI_PUBLISH_NO_REVERSE,
                                         service->host, &address);
}

static int daemon_commit(struct device_publisher *publisher)
{
    return avahi_entry_group_commit(publisher->group);
}

const struct device_publisher_kind device_publisher_daemon = {
    .name = "daemon",
    .open = daemon_open,
    .close = daemon_close,
    .reset = daemon_reset,
    .add_service = daemon_add_service,
    .add_address = daemon_add_address,
    .commit = daemon_commit,
};
