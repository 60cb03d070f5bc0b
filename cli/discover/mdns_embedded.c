#include "cli/discover/mdns_embedded.h"

#include <avahi-common/error.h>
#include <avahi-core/core.h>
#include <avahi-core/log.h>
#include <avahi-core/lookup.h>
#include <stdio.h>

/*
 * avahi's log is one for the process, and its function is given nothing to know us by: there is no
 * way around a variable here. It goes to whoever opened last and is still there.
 */
static struct mdns *loggers;

static void avahi_said(AvahiLogLevel level, const char *text)
{
    /* Its warnings are about what is all right here: another one on this host, no IPv6 on loopback.
     */
    if (loggers && level != AVAHI_LOG_WARN && level != AVAHI_LOG_DEBUG)
        mdns_log(loggers, "mDNS: %s", text);
}

static void log_begin(struct mdns *mdns)
{
    mdns->log_next = loggers;
    loggers = mdns;
    avahi_set_log_function(avahi_said);
}

static void log_end(struct mdns *mdns)
{
    struct mdns **link = &loggers;

    while (*link != mdns)
        link = &(*link)->log_next;
    *link = mdns->log_next;
    if (!loggers)
        avahi_set_log_function(NULL);
}

static void server_changed(AvahiServer *server, AvahiServerState state, void *userdata)
{
    if (state == AVAHI_SERVER_FAILURE)
        mdns_lost(userdata, avahi_strerror(avahi_server_errno(server)));
}

static AvahiServer *server_new(struct mdns *mdns, int *error)
{
    AvahiServerConfig config;
    AvahiServer *server = NULL;

    avahi_server_config_init(&config);
    config.use_ipv4 = 1;
    config.use_ipv6 = 1;
    config.disable_publishing = 1;
    config.enable_wide_area = 0;
    if (mdns->options.interface)
        config.allow_interfaces = avahi_string_list_new(mdns->options.interface, NULL);
    *error = AVAHI_ERR_NO_MEMORY;
    if (!mdns->options.interface || config.allow_interfaces)
        server = avahi_server_new(&mdns->poll.api, &config, server_changed, mdns, error);
    avahi_server_config_free(&config);
    return server;
}

static bool embedded_open(struct mdns *mdns, char why[MDNS_WHY_MAX])
{
    int error = 0;

    log_begin(mdns);
    AvahiServer *server = server_new(mdns, &error);
    if (server && avahi_server_get_state(server) == AVAHI_SERVER_FAILURE) {
        error = avahi_server_errno(server);
        avahi_server_free(server);
        server = NULL;
    }
    if (!server) {
        log_end(mdns);
        snprintf(why, MDNS_WHY_MAX, "%s", avahi_strerror(error));
        return false;
    }
    mdns->avahi.server = server;
    return true;
}

static void embedded_close(struct mdns *mdns)
{
    avahi_server_free(mdns->avahi.server);
    log_end(mdns);
}

static void browser_said(AvahiSServiceBrowser *browser, AvahiIfIndex interface,
                         AvahiProtocol protocol, AvahiBrowserEvent event, const char *name,
                         const char *type, const char *domain, AvahiLookupResultFlags flags,
                         void *userdata)
{
    (void)browser;
    (void)flags;
    mdns_heard_browser(userdata, interface, protocol, event, name, type, domain);
}

static void service_said(AvahiSServiceResolver *resolver, AvahiIfIndex interface,
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
    mdns_heard_service(userdata, interface, protocol, event, host, address, port, txt);
}

static void host_said(AvahiSHostNameResolver *resolver, AvahiIfIndex interface,
                      AvahiProtocol protocol, AvahiResolverEvent event, const char *name,
                      const AvahiAddress *address, AvahiLookupResultFlags flags, void *userdata)
{
    (void)resolver;
    (void)name;
    (void)flags;
    mdns_heard_host(userdata, interface, protocol, event, address);
}

static void record_said(AvahiSRecordBrowser *browser, AvahiIfIndex interface,
                        AvahiProtocol protocol, AvahiBrowserEvent event, AvahiRecord *record,
                        AvahiLookupResultFlags flags, void *userdata)
{
    bool is_aaaa = record && record->key->type == AVAHI_DNS_TYPE_AAAA;

    (void)browser;
    (void)interface;
    (void)protocol;
    (void)flags;
    mdns_heard_address(userdata, event, is_aaaa ? &record->data.aaaa.address : NULL,
                       sizeof record->data.aaaa.address);
}

static void *embedded_browse(struct mdns_query *query)
{
    struct mdns *mdns = query->mdns;

    return avahi_s_service_browser_new(mdns->avahi.server, mdns->interface, AVAHI_PROTO_UNSPEC,
                                       MDNS_SERVICE, MDNS_DOMAIN, AVAHI_LOOKUP_USE_MULTICAST,
                                       browser_said, query);
}

static void *embedded_resolve(struct mdns_query *query, const struct mdns_sighting *sighting)
{
    return avahi_s_service_resolver_new(
        query->mdns->avahi.server, (AvahiIfIndex)sighting->interface,
        avahi_af_to_proto(sighting->family), sighting->name, MDNS_SERVICE, MDNS_DOMAIN,
        avahi_af_to_proto(query->family), AVAHI_LOOKUP_USE_MULTICAST, service_said, query);
}

static void *embedded_resolve_host(struct mdns_query *query, const char *host)
{
    struct mdns *mdns = query->mdns;

    return avahi_s_host_name_resolver_new(mdns->avahi.server, mdns->interface, AVAHI_PROTO_UNSPEC,
                                          host, avahi_af_to_proto(query->family),
                                          AVAHI_LOOKUP_USE_MULTICAST, host_said, query);
}

static void embedded_stop(struct mdns_query *query)
{
    switch (query->kind) {
    case MDNS_QUERY_BROWSE:
        avahi_s_service_browser_free(query->object);
        break;
    case MDNS_QUERY_SERVICE:
        avahi_s_service_resolver_free(query->object);
        break;
    case MDNS_QUERY_HOST:
        avahi_s_host_name_resolver_free(query->object);
        break;
    }
}

static void *embedded_browse_addresses(struct mdns_query *query, AvahiIfIndex interface,
                                       AvahiProtocol protocol, const char *host)
{
    AvahiKey *key = avahi_key_new(host, AVAHI_DNS_CLASS_IN, AVAHI_DNS_TYPE_AAAA);

    if (!key)
        return NULL;
    void *browser = avahi_s_record_browser_new(query->mdns->avahi.server, interface, protocol, key,
                                               AVAHI_LOOKUP_USE_MULTICAST, record_said, query);
    avahi_key_unref(key);
    return browser;
}

static void embedded_stop_addresses(struct mdns_query *query)
{
    avahi_s_record_browser_free(query->others);
}

static const char *embedded_error(const struct mdns *mdns)
{
    return avahi_strerror(avahi_server_errno(mdns->avahi.server));
}

const struct mdns_backend mdns_embedded = {
    .mode = MDNS_EMBEDDED,
    .open = embedded_open,
    .close = embedded_close,
    .browse = embedded_browse,
    .resolve = embedded_resolve,
    .resolve_host = embedded_resolve_host,
    .stop = embedded_stop,
    .browse_addresses = embedded_browse_addresses,
    .stop_addresses = embedded_stop_addresses,
    .error = embedded_error,
};
