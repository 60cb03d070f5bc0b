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

static bool is_link_local(const struct address *address)
{
    return address->u.any.sa_family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&address->u.v6.sin6_addr);
}

static void tell(struct mdns_query *query, enum mdns_event event)
{
    const struct mdns_service service = {
        .host = query->host, .address = query->told, .txt = query->txt, .txt_len = query->txt_len
    };
    bool gone = event == MDNS_GONE;

    query->mdns->busy++;
    if (query->kind == MDNS_QUERY_SERVICE)
        query->fn.service(query->ctx, event, gone ? NULL : &service);
    else
        query->fn.host(query->ctx, event, gone ? NULL : &query->told);
    query->mdns->busy--;
}

/* Tell what was found, if that is news; a link-local address not before the others are known. */
static void tell_found(struct mdns_query *query)
{
    struct address best = query->address;

    if (!query->found || (query->others && !query->others_known))
        return;
    if (is_link_local(&best) && query->better.len > 0) {
        best = query->better;
        address_set_port(&best, address_port(&query->address));
    }
    if (query->there && !query->news && same_address(&best, &query->told))
        return;
    enum mdns_event event = query->there ? MDNS_CHANGED : MDNS_ADDED;
    query->told = best;
    query->there = true;
    query->gone = false;
    query->news = false;
    tell(query, event);
}

static void tell_gone(struct mdns_query *query)
{
    query->found = false;
    query->there = false;
    if (query->gone)
        return;
    query->gone = true;
    tell(query, MDNS_GONE);
}

static void forget_addresses(struct mdns_query *query)
{
    if (query->others)
        query->mdns->way->stop_addresses(query);
    query->others = NULL;
    query->others_known = false;
    query->better = (struct address){ .len = 0 };
}

static void take_found(struct mdns_query *query, const struct address *address,
                       AvahiIfIndex interface, AvahiProtocol protocol)
{
    query->found = true;
    query->address = *address;
    if (is_link_local(address) && !query->others)
        query->others = query->mdns->way->browse_addresses(query, interface, protocol, query->host);
    tell_found(query);
}

/* Take over host name and TXT record of a service. False when there is no memory. */
static bool keep_texts(struct mdns_query *query, const char *host, AvahiStringList *txt)
{
    size_t host_len = strnlen(host, AVAHI_DOMAIN_NAME_MAX - 1);
    size_t txt_len = avahi_string_list_serialize(txt, NULL, 0);

    if (host_len > 0 && host[host_len - 1] == '.')
        host_len--;
    if (txt_len > TXT_MAX)
        txt_len = TXT_MAX;
    char *host_copy = strndup(host, host_len);
    uint8_t *txt_copy = malloc(txt_len + 1);
    if (!host_copy || !txt_copy) {
        free(host_copy);
        free(txt_copy);
        return false;
    }
    txt_len = avahi_string_list_serialize(txt, txt_copy, txt_len);
    bool other_host = !query->host || strcmp(host_copy, query->host) != 0;
    if (other_host)
        forget_addresses(query);
    if (other_host || txt_len != query->txt_len || memcmp(txt_copy, query->txt, txt_len) != 0)
        query->news = true;
    free(query->host);
    free(query->txt);
    query->host = host_copy;
    query->txt = txt_copy;
    query->txt_len = txt_len;
    return true;
}

void mdns_heard_service(struct mdns_query *query, AvahiIfIndex interface, AvahiProtocol protocol,
                        AvahiResolverEvent event, const char *host, const AvahiAddress *address,
                        uint16_t port, AvahiStringList *txt)
{
    struct address found;

    if (query->closed)
        return;
    if (event == AVAHI_RESOLVER_FAILURE)
        tell_gone(query);
    else if (host && take_address(&found, query->family, interface, address, port) &&
             keep_texts(query, host, txt))
        take_found(query, &found, interface, protocol);
}

void mdns_heard_host(struct mdns_query *query, AvahiIfIndex interface, AvahiProtocol protocol,
                     AvahiResolverEvent event, const AvahiAddress *address)
{
    struct address found;

    if (query->closed)
        return;
    if (event == AVAHI_RESOLVER_FAILURE)
        tell_gone(query);
    else if (take_address(&found, query->family, interface, address, 0))
        take_found(query, &found, interface, protocol);
}

/* The address of an AAAA record, when it is a better one than any link-local one. */
static bool take_record(struct address *out, const void *rdata, size_t size)
{
    *out = (struct address){ .len = sizeof out->u.v6 };
    out->u.v6.sin6_family = AF_INET6;
    if (!rdata || size != sizeof out->u.v6.sin6_addr)
        return false;
    memcpy(&out->u.v6.sin6_addr, rdata, size);
    return !IN6_IS_ADDR_LINKLOCAL(&out->u.v6.sin6_addr) &&
           !IN6_IS_ADDR_MULTICAST(&out->u.v6.sin6_addr) &&
           !IN6_IS_ADDR_UNSPECIFIED(&out->u.v6.sin6_addr) &&
           !IN6_IS_ADDR_LOOPBACK(&out->u.v6.sin6_addr);
}

void mdns_heard_address(struct mdns_query *query, AvahiBrowserEvent event, const void *rdata,
                        size_t size)
{
    struct address address;

    if (query->closed)
        return;
    if (event == AVAHI_BROWSER_NEW || event == AVAHI_BROWSER_REMOVE) {
        if (!take_record(&address, rdata, size))
            return;
        if (event == AVAHI_BROWSER_NEW && query->better.len == 0)
            query->better = address;
        else if (event == AVAHI_BROWSER_REMOVE && same_address(&address, &query->better))
            query->better.len = 0;
    } else {
        query->others_known = true; /* as far as they ever will be */
    }
    tell_found(query);
}

void mdns_query_destroy(struct mdns_query *query)
{
    free(query->host);
    free(query->txt);
    free(query);
}
