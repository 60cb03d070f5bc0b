#include "cli/discover/mdns_daemon.h"

#include "cli/discover/mdns_limit.h"

#include <avahi-client/client.h>
#include <avahi-client/lookup.h>
#include <avahi-common/error.h>
#include <dbus/dbus.h>
#include <stdio.h>
#include <string.h>

/* How long the daemon may take for an answer: it may be busy, but people wait. */
#define ANSWER_MS 3000

static void begin_call(struct mdns *mdns, struct mdns_limit *limit)
{
    mdns_limit_begin(limit, &mdns->poll.newest_fd, ANSWER_MS);
}

/* True when the daemon is not there to be asked again. */
static bool is_final(int error)
{
    return error == AVAHI_ERR_DBUS_ERROR || error == AVAHI_ERR_DISCONNECTED ||
           error == AVAHI_ERR_NO_DAEMON || error == AVAHI_ERR_TIMEOUT;
}

/* `ok` is false when what was asked for failed. */
static void end_call(struct mdns *mdns, const struct mdns_limit *limit, bool ok)
{
    mdns_limit_end(limit);
    if (!ok && is_final(avahi_client_errno(mdns->avahi.client)))
        mdns_lost(mdns, avahi_strerror(avahi_client_errno(mdns->avahi.client)));
}

static void client_changed(AvahiClient *client, AvahiClientState state, void *userdata)
{
    if (state == AVAHI_CLIENT_FAILURE)
        mdns_lost(userdata, avahi_strerror(avahi_client_errno(client)));
}

/* "avahi 0.8" is what it calls itself. */
static const char *version_of(AvahiClient *client)
{
    static const char prefix[] = "avahi ";
    const char *version = avahi_client_get_version_string(client);

    if (!version)
        return "";
    if (strncmp(version, prefix, sizeof prefix - 1) == 0)
        version += sizeof prefix - 1;
    return version;
}

static AvahiClient *client_new(struct mdns *mdns, int *error)
{
    struct mdns_limit limit;

    begin_call(mdns, &limit);
    AvahiClient *client = avahi_client_new(&mdns->poll.api, AVAHI_CLIENT_IGNORE_USER_CONFIG,
                                           client_changed, mdns, error);
    mdns_limit_end(&limit);
    if (client && avahi_client_get_state(client) == AVAHI_CLIENT_FAILURE) {
        *error = avahi_client_errno(client);
        avahi_client_free(client);
        return NULL;
    }
    return client;
}

static bool daemon_open(struct mdns *mdns, char why[MDNS_WHY_MAX])
{
    int error = 0;
    struct mdns_bus *bus = mdns_bus_open(why);

    if (!bus)
        return false;
    AvahiClient *client = client_new(mdns, &error);
    if (!client) {
        mdns_bus_close(bus);
        snprintf(why, MDNS_WHY_MAX, "%s", avahi_strerror(error));
        return false;
    }
    mdns->bus = bus;
    mdns->avahi.client = client;
    /* The daemon is asked for it: not where nobody reads it. */
    if (mdns->options.log)
        mdns_log(mdns, "mDNS: through avahi-daemon %s", version_of(client));
    return true;
}

/* It disconnects first, so it asks the daemon nothing. */
static void daemon_close(struct mdns *mdns)
{
    avahi_client_free(mdns->avahi.client);
    mdns_bus_close(mdns->bus);
}

static const char silence[] = "avahi-daemon does not answer";

static void daemon_check(struct mdns *mdns)
{
    if (!mdns_bus_answers(mdns->bus))
        mdns_lost(mdns, silence);
}

/*
 * To be asked before whatever waits for the daemon: that finds out faster than begin_call(), which
 * is for a daemon that stops just then.
 */
static bool is_alive(struct mdns *mdns)
{
    if (!mdns->lost)
        daemon_check(mdns);
    return !mdns->lost;
}

static void browser_said(AvahiServiceBrowser *browser, AvahiIfIndex interface,
                         AvahiProtocol protocol, AvahiBrowserEvent event, const char *name,
                         const char *type, const char *domain, AvahiLookupResultFlags flags,
                         void *userdata)
{
    (void)browser;
    (void)flags;
    mdns_heard_browser(userdata, interface, protocol, event, name, type, domain);
}

static void service_said(AvahiServiceResolver *resolver, AvahiIfIndex interface,
                         AvahiProtocol protocol, AvahiResolverEvent event, const char *name,
                         const char *type, const char *domain, const char *host,
                         const AvahiAddress *address, uint16_t port, AvahiStringList *txt,
                         AvahiLookupResultFlags flags, void *userdata)
{
    (void)resolver;
    (void)name;
    (void)type;
    (void)domain;
    (void)flags;
    /* The client's list is the wrong way round; it must be given back as it was. */
    txt = avahi_string_list_reverse(txt);
    mdns_heard_service(userdata, interface, protocol, event, host, address, port, txt);
    avahi_string_list_reverse(txt);
}

static void host_said(AvahiHostNameResolver *resolver, AvahiIfIndex interface,
                      AvahiProtocol protocol, AvahiResolverEvent event, const char *name,
                      const AvahiAddress *address, AvahiLookupResultFlags flags, void *userdata)
{
    (void)resolver;
    (void)name;
    (void)flags;
    mdns_heard_host(userdata, interface, protocol, event, address);
}

static void record_said(AvahiRecordBrowser *browser, AvahiIfIndex interface, AvahiProtocol protocol,
                        AvahiBrowserEvent event, const char *name, uint16_t class, uint16_t type,
                        const void *rdata, size_t size, AvahiLookupResultFlags flags,
                        void *userdata)
{
    (void)browser;
    (void)interface;
    (void)protocol;
    (void)name;
    (void)class;
    (void)type;
    (void)flags;
    mdns_heard_address(userdata, event, rdata, size);
}

static void *daemon_browse(struct mdns_query *query)
{
    struct mdns *mdns = query->mdns;
    struct mdns_limit limit;

    if (!is_alive(mdns))
        return NULL;
    begin_call(mdns, &limit);
    void *browser = avahi_service_browser_new(mdns->avahi.client, mdns->interface,
                                              AVAHI_PROTO_UNSPEC, MDNS_SERVICE, MDNS_DOMAIN,
                                              AVAHI_LOOKUP_USE_MULTICAST, browser_said, query);
    end_call(mdns, &limit, browser != NULL);
    return browser;
}

static void *daemon_resolve(struct mdns_query *query, const struct mdns_sighting *sighting)
{
    struct mdns *mdns = query->mdns;
    struct mdns_limit limit;

    if (!is_alive(mdns))
        return NULL;
    begin_call(mdns, &limit);
    void *resolver = avahi_service_resolver_new(
        mdns->avahi.client, (AvahiIfIndex)sighting->interface, avahi_af_to_proto(sighting->family),
        sighting->name, MDNS_SERVICE, MDNS_DOMAIN, avahi_af_to_proto(query->family),
        AVAHI_LOOKUP_USE_MULTICAST, service_said, query);
    end_call(mdns, &limit, resolver != NULL);
    return resolver;
}

static void *daemon_resolve_host(struct mdns_query *query, const char *host)
{
    struct mdns *mdns = query->mdns;
    struct mdns_limit limit;

    if (!is_alive(mdns))
        return NULL;
    begin_call(mdns, &limit);
    void *resolver = avahi_host_name_resolver_new(
        mdns->avahi.client, mdns->interface, AVAHI_PROTO_UNSPEC, host,
        avahi_af_to_proto(query->family), AVAHI_LOOKUP_USE_MULTICAST, host_said, query);
    end_call(mdns, &limit, resolver != NULL);
    return resolver;
}

/* avahi's, or an error: its object is gone in any case. */
static int free_object(const struct mdns_query *query)
{
    switch (query->kind) {
    case MDNS_QUERY_BROWSE:
        return avahi_service_browser_free(query->object);
    case MDNS_QUERY_SERVICE:
        return avahi_service_resolver_free(query->object);
    case MDNS_QUERY_HOST:
        return avahi_host_name_resolver_free(query->object);
    }
    return AVAHI_OK;
}

static void daemon_stop(struct mdns_query *query)
{
    struct mdns_limit limit;

    if (!is_alive(query->mdns))
        return; /* daemon_close() frees it */
    begin_call(query->mdns, &limit);
    int result = free_object(query);
    end_call(query->mdns, &limit, result >= 0);
}

static void *daemon_browse_addresses(struct mdns_query *query, AvahiIfIndex interface,
                                     AvahiProtocol protocol, const char *host)
{
    struct mdns *mdns = query->mdns;
    struct mdns_limit limit;

    if (!is_alive(mdns))
        return NULL;
    begin_call(mdns, &limit);
    void *browser = avahi_record_browser_new(mdns->avahi.client, interface, protocol, host,
                                             AVAHI_DNS_CLASS_IN, AVAHI_DNS_TYPE_AAAA,
                                             AVAHI_LOOKUP_USE_MULTICAST, record_said, query);
    end_call(mdns, &limit, browser != NULL);
    return browser;
}

static void daemon_stop_addresses(struct mdns_query *query)
{
    struct mdns_limit limit;

    if (!is_alive(query->mdns))
        return;
    begin_call(query->mdns, &limit);
    int result = avahi_record_browser_free(query->others);
    end_call(query->mdns, &limit, result >= 0);
}

static const char *daemon_error(const struct mdns *mdns)
{
    int error = avahi_client_errno(mdns->avahi.client);

    return error == AVAHI_OK ? silence : avahi_strerror(error);
}

const struct mdns_backend mdns_daemon = {
    .mode = MDNS_DAEMON,
    .open = daemon_open,
    .hint = "; is it running?",
    .close = daemon_close,
    .check = daemon_check,
    .browse = daemon_browse,
    .resolve = daemon_resolve,
    .resolve_host = daemon_resolve_host,
    .stop = daemon_stop,
    .browse_addresses = daemon_browse_addresses,
    .stop_addresses = daemon_stop_addresses,
    .error = daemon_error,
};

static const char *dbus_version(void)
{
    static char text[32];
    int major;
    int minor;
    int micro;

    dbus_get_version(&major, &minor, &micro);
    snprintf(text, sizeof text, "%d.%d.%d", major, minor, micro);
    return text;
}

const struct linked_library mdns_daemon_libraries[] = {
    { "D-Bus", dbus_version },
    { 0 },
};
