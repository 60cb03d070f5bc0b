#include "device_publisher_embedded.h"

#include <avahi-common/error.h>
#include <avahi-core/core.h>
#include <avahi-core/log.h>
#include <avahi-core/publish.h>

/* What matters is in return values. */
static void on_log(AvahiLogLevel level, const char *text)
{
    (void)level;
    (void)text;
}

/* Called for the first time before avahi_server_new() returns. */
static void on_server(AvahiServer *server, AvahiServerState state, void *ctx)
{
    struct device_publisher *publisher = ctx;

    if (state == AVAHI_SERVER_RUNNING)
        publisher->is_ready = true;
    else if (state == AVAHI_SERVER_FAILURE)
        publisher->error = avahi_server_errno(server);
}

static void on_group(AvahiServer *server, AvahiSEntryGroup *group, AvahiEntryGroupState state,
                     void *ctx)
{
    struct device_publisher *publisher = ctx;

    (void)group;
    publisher->state = state;
    if (state == AVAHI_ENTRY_GROUP_FAILURE)
        publisher->error = avahi_server_errno(server);
}

/* Nothing of the machine's own is published: that would collide with its daemon for ever. */
static int configure(AvahiServerConfig *config, const struct device_links *links)
{
    avahi_server_config_init(config);
    config->publish_addresses = 0;
    config->publish_hinfo = 0;
    config->publish_workstation = 0;
    config->publish_domain = 0;
    config->enable_wide_area = 0;
    for (size_t i = 0; i < links->count; i++) {
        if (!device_links_is_first(links, i))
            continue;
        AvahiStringList *more =
            avahi_string_list_add(config->allow_interfaces, links->link[i].interface_name);
        if (!more)
            return AVAHI_ERR_NO_MEMORY;
        config->allow_interfaces = more;
    }
    return AVAHI_OK;
}

static int embedded_open(struct device_publisher *publisher, const AvahiPoll *poll,
                         const struct device_links *links)
{
    AvahiServerConfig config;
    int error;

    avahi_set_log_function(on_log);
    error = configure(&config, links);
    AvahiServer *server =
        error ? NULL : avahi_server_new(poll, &config, on_server, publisher, &error);
    avahi_server_config_free(&config);
    if (!server)
        return error;
    publisher->engine = server;
    publisher->group = avahi_s_entry_group_new(server, on_group, publisher);
    if (!publisher->group) {
        error = avahi_server_errno(server);
        avahi_server_free(server);
        return error;
    }
    return AVAHI_OK;
}

static void embedded_close(struct device_publisher *publisher)
{
    /* Says goodbye before it returns. */
    avahi_server_free(publisher->engine);
}

static int add_service(struct device_publisher *publisher, const struct device_link *link,
                       const struct device_service *service)
{
    AvahiStringList *txt = device_publisher_txt(service);
    int error = AVAHI_ERR_NO_MEMORY;

    if (txt)
        error = avahi_server_add_service_strlst(
            publisher->engine, publisher->group, device_publisher_interface(link),
            device_publisher_protocol(link), 0, service->name, DEVICE_SERVICE_TYPE,
            DEVICE_SERVICE_DOMAIN, service->host, service->port, txt);
    avahi_string_list_free(txt);
    return error;
}

static int add_address(struct device_publisher *publisher, const struct device_link *link,
                       const struct device_service *service)
{
    AvahiAddress address = device_publisher_address(link);

    /* The way back from the address to a name belongs to the machine. */
    return avahi_server_add_address(publisher->engine, publisher->group, link->interface,
                                    device_publisher_protocol(link), AVAHI_PUBLISH_NO_REVERSE,
                                    service->host, &address);
}

static int embedded_publish(struct device_publisher *publisher, const struct device_links *links,
                            const struct device_service *service)
{
    avahi_s_entry_group_reset(publisher->group);
    int error = add_service(publisher, device_publisher_service_link(links), service);
    for (size_t i = 0; i < links->count && !error; i++)
        error = add_address(publisher, &links->link[i], service);
    return error ? error : avahi_s_entry_group_commit(publisher->group);
}

const struct device_publisher_kind device_publisher_embedded = {
    .name = "embedded",
    .open = embedded_open,
    .close = embedded_close,
    .publish = embedded_publish,
};
