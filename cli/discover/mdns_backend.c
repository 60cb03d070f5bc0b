#include "cli/discover/mdns_backend.h"

#include "cli/printable.h"

#include <avahi-common/domain.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of a label of DNS, and of a TXT record. */
#define LABEL_MAX 63
#define TXT_MAX   65535

void mdns_log(const struct mdns *mdns, const char *format, ...)
{
    char raw[512];
    char text[4 * sizeof raw];
    va_list args;

    if (!mdns->options.log)
        return;
    va_start(args, format);
    vsnprintf(raw, sizeof raw, format, args);
    va_end(args);
    mdns->options.log(mdns->options.ctx, printable(text, sizeof text, raw));
}

void mdns_lost(struct mdns *mdns, const char *why)
{
    if (mdns->lost || !mdns->opened)
        return;
    mdns->lost = true;
    mdns_log(mdns, "mDNS: lost: %s", why);
    if (!mdns->options.lost)
        return;
    mdns->busy++;
    mdns->options.lost(mdns->options.ctx, why);
    mdns->busy--;
}

static int family_of(AvahiProtocol protocol)
{
    if (protocol == AVAHI_PROTO_INET)
        return AF_INET;
    return protocol == AVAHI_PROTO_INET6 ? AF_INET6 : AF_UNSPEC;
}

static void tell_sighting(struct mdns_query *query, enum mdns_event event,
                          const struct mdns_sighting *sighting)
{
    query->mdns->busy++;
    query->fn.browse(query->ctx, event, sighting);
    query->mdns->busy--;
}

/* What avahi, and the daemon, should have made sure of, and what of all the rest is not for us. */
static bool is_ours(AvahiIfIndex interface, AvahiProtocol protocol, const char *name,
                    const char *type, const char *domain)
{
    if (interface <= 0 || family_of(protocol) == AF_UNSPEC || !name || !type || !domain)
        return false;
    size_t len = strnlen(name, LABEL_MAX + 1);
    return len > 0 && len <= LABEL_MAX && avahi_domain_equal(type, MDNS_SERVICE) &&
           avahi_domain_equal(domain, MDNS_DOMAIN);
}

void mdns_heard_browser(struct mdns_query *query, AvahiIfIndex interface, AvahiProtocol protocol,
                        AvahiBrowserEvent event, const char *name, const char *type,
                        const char *domain)
{
    if (query->closed)
        return;
    switch (event) {
    case AVAHI_BROWSER_NEW:
    case AVAHI_BROWSER_REMOVE:
        if (is_ours(interface, protocol, name, type, domain)) {
            const struct mdns_sighting sighting = { .name = name,
                                                    .interface = (unsigned)interface,
                                                    .family = family_of(protocol) };
            tell_sighting(query, event == AVAHI_BROWSER_NEW ? MDNS_ADDED : MDNS_GONE, &sighting);
        }
        break;
    case AVAHI_BROWSER_CACHE_EXHAUSTED:
        if (!query->settled) {
            query->settled = true;
            tell_sighting(query, MDNS_SETTLED, NULL);
        }
        break;
    case AVAHI_BROWSER_ALL_FOR_NOW:
        break;
    case AVAHI_BROWSER_FAILURE:
        mdns_lost(query->mdns, query->mdns->way->error(query->mdns));
        break;
    }
}

/* False when it is not of the family asked for. */
static bool take_address(struct address *out, int family, AvahiIfIndex interface,
                         const AvahiAddress *from, uint16_t port)
{
    *out = (struct address){ .len = 0 };
    if (!from || family_of(from->proto) != family)
        return false;
    if (family == AF_INET) {
        out->len = sizeof out->u.v4;
        out->u.v4.sin_family = AF_INET;
        out->u.v4.sin_addr.s_addr = from->data.ipv4.address;
    } else {
        out->len = sizeof out->u.v6;
        out->u.v6.sin6_family = AF_INET6;
        memcpy(&out->u.v6.sin6_addr, from->data.ipv6.address, sizeof out->u.v6.sin6_addr);
        if (IN6_IS_ADDR_LINKLOCAL(&out->u.v6.sin6_addr) && interface > 0)
            out->u.v6.sin6_scope_id = (uint32_t)interface;
    }
    address_set_port(out, port);
    return true;
}

static bool same_address(const struct address *a, const struct address *b)
{
    return a->len == b->len && memcmp(&a->u, &b->u, a->len) == 0;
}

/* The event to tell when something was found; false when it has been told already. */
static bool found_is_news(const struct mdns_query *query, bool same, enum mdns_event *event)
{
    *event = query->there ? MDNS_CHANGED : MDNS_ADDED;
    return !query->there || !same;
}

/* Nothing answers. True when that is news. */
static bool note_gone(struct mdns_query *query)
{
    bool news = !query->gone;

    query->there = false;
    query->gone = true;
    return news;
}

static void tell_service(struct mdns_query *query, enum mdns_event event)
{
    const struct mdns_service service = {
        .host = query->host, .address = query->address, .txt = query->txt, .txt_len = query->txt_len
    };

    query->mdns->busy++;
    query->fn.service(query->ctx, event, event == MDNS_GONE ? NULL : &service);
    query->mdns->busy--;
}

/* Take over what was found; its strings become the query's. */
static void keep_service(struct mdns_query *query, char *host, const struct address *address,
                         uint8_t *txt, size_t txt_len)
{
    free(query->host);
    free(query->txt);
    query->host = host;
    query->txt = txt;
    query->txt_len = txt_len;
    query->address = *address;
    query->there = true;
    query->gone = false;
}

static void service_found(struct mdns_query *query, const char *host, const struct address *address,
                          AvahiStringList *txt)
{
    size_t host_len = strnlen(host, AVAHI_DOMAIN_NAME_MAX - 1);
    size_t txt_len = avahi_string_list_serialize(txt, NULL, 0);
    enum mdns_event event;

    if (host_len > 0 && host[host_len - 1] == '.')
        host_len--;
    if (txt_len > TXT_MAX)
        txt_len = TXT_MAX;
    char *host_copy = strndup(host, host_len);
    uint8_t *txt_copy = malloc(txt_len + 1);
    if (!host_copy || !txt_copy) {
        free(host_copy);
        free(txt_copy);
        return;
    }
    txt_len = avahi_string_list_serialize(txt, txt_copy, txt_len);
    bool same = query->there && strcmp(host_copy, query->host) == 0 &&
                same_address(address, &query->address) && txt_len == query->txt_len &&
                memcmp(txt_copy, query->txt, txt_len) == 0;
    bool news = found_is_news(query, same, &event);
    keep_service(query, host_copy, address, txt_copy, txt_len);
    if (news)
        tell_service(query, event);
}

void mdns_heard_service(struct mdns_query *query, AvahiIfIndex interface, AvahiResolverEvent event,
                        const char *host, const AvahiAddress *address, uint16_t port,
                        AvahiStringList *txt)
{
    struct address found;

    if (query->closed)
        return;
    if (event == AVAHI_RESOLVER_FOUND && host &&
        take_address(&found, query->family, interface, address, port))
        service_found(query, host, &found, txt);
    else if (event == AVAHI_RESOLVER_FAILURE && note_gone(query))
        tell_service(query, MDNS_GONE);
}

static void tell_host(struct mdns_query *query, enum mdns_event event)
{
    query->mdns->busy++;
    query->fn.host(query->ctx, event, event == MDNS_GONE ? NULL : &query->address);
    query->mdns->busy--;
}

void mdns_heard_host(struct mdns_query *query, AvahiIfIndex interface, AvahiResolverEvent event,
                     const AvahiAddress *address)
{
    enum mdns_event told;
    struct address found;

    if (query->closed)
        return;
    if (event == AVAHI_RESOLVER_FAILURE) {
        if (note_gone(query))
            tell_host(query, MDNS_GONE);
        return;
    }
    if (!take_address(&found, query->family, interface, address, 0))
        return;
    bool news = found_is_news(query, same_address(&found, &query->address), &told);
    query->address = found;
    query->there = true;
    query->gone = false;
    if (news)
        tell_host(query, told);
}
