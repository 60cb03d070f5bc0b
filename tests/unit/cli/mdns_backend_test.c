#include "cli/discover/mdns_backend.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCOPE 7

/* What was told last, and how often anything was. */
static struct told {
    unsigned times;
    enum mdns_event event;
    bool with_detail;
    char name[64];
    char host[64];
    unsigned interface;
    int family;
    struct address address;
    uint8_t txt[64];
    size_t txt_len;
    char text[256];
} told;

static void told_sighting(void *ctx, enum mdns_event event, const struct mdns_sighting *sighting)
{
    struct told *to = ctx;

    to->times++;
    to->event = event;
    to->with_detail = sighting != NULL;
    if (!sighting)
        return;
    snprintf(to->name, sizeof to->name, "%s", sighting->name);
    to->interface = sighting->interface;
    to->family = sighting->family;
}

static void told_service(void *ctx, enum mdns_event event, const struct mdns_service *service)
{
    struct told *to = ctx;

    to->times++;
    to->event = event;
    to->with_detail = service != NULL;
    if (!service)
        return;
    snprintf(to->host, sizeof to->host, "%s", service->host);
    to->address = service->address;
    cr_assert_leq(service->txt_len, sizeof to->txt);
    memcpy(to->txt, service->txt, service->txt_len);
    to->txt_len = service->txt_len;
}

static void told_host(void *ctx, enum mdns_event event, const struct address *address)
{
    struct told *to = ctx;

    to->times++;
    to->event = event;
    to->with_detail = address != NULL;
    if (address)
        to->address = *address;
}

static void told_lost(void *ctx, const char *why)
{
    struct told *to = ctx;

    to->times++;
    snprintf(to->text, sizeof to->text, "%s", why);
}

static void told_log(void *ctx, const char *text)
{
    struct told *to = ctx;

    snprintf(to->text, sizeof to->text, "%s", text);
}

static const char *broken(const struct mdns *mdns)
{
    (void)mdns;
    return "broken";
}

/* Whether addresses can be browsed, and how many such browsers there are. */
static bool can_browse;
static unsigned browsers;

static void *browse_addresses(struct mdns_query *query, AvahiIfIndex interface,
                              AvahiProtocol protocol, const char *name)
{
    cr_assert_eq(interface, SCOPE);
    cr_assert_eq(protocol, AVAHI_PROTO_INET6);
    cr_assert_str_eq(name, "kitchen.local");
    browsers += can_browse;
    return can_browse ? query : NULL;
}

static void stop_addresses(struct mdns_query *query)
{
    cr_assert_eq(query->others, query);
    browsers--;
}

static const struct mdns_backend way = { .mode = MDNS_EMBEDDED,
                                         .error = broken,
                                         .browse_addresses = browse_addresses,
                                         .stop_addresses = stop_addresses };
static struct mdns mdns = { .way = &way, .opened = true };
static struct mdns_query browse = {
    .mdns = &mdns, .kind = MDNS_QUERY_BROWSE, .fn.browse = told_sighting, .ctx = &told
};
static struct mdns_query service = { .mdns = &mdns,
                                     .kind = MDNS_QUERY_SERVICE,
                                     .family = AF_INET,
                                     .fn.service = told_service,
                                     .ctx = &told };
static struct mdns_query host = {
    .mdns = &mdns, .kind = MDNS_QUERY_HOST, .family = AF_INET6, .fn.host = told_host, .ctx = &told
};

static void hear(int interface, int protocol, AvahiBrowserEvent event, const char *name)
{
    mdns_heard_browser(&browse, interface, protocol, event, name, "_arduino._tcp", "local");
}

Test(mdns_backend, a_sighting_is_told_as_it_is)
{
    hear(3, AVAHI_PROTO_INET6, AVAHI_BROWSER_NEW, "a.b\"\xC3\xBC\x1B");
    cr_assert_eq(told.times, 1);
    cr_assert_eq(told.event, MDNS_ADDED);
    cr_assert_str_eq(told.name, "a.b\"\xC3\xBC\x1B");
    cr_assert_eq(told.interface, 3);
    cr_assert_eq(told.family, AF_INET6);
    hear(3, AVAHI_PROTO_INET, AVAHI_BROWSER_REMOVE, "x");
    cr_assert_eq(told.times, 2);
    cr_assert_eq(told.event, MDNS_GONE);
    cr_assert_eq(told.family, AF_INET);
}

Test(mdns_backend, what_cannot_be_is_not_told)
{
    char longest[65];

    memset(longest, 'n', sizeof longest);
    longest[64] = '\0';
    hear(3, AVAHI_PROTO_INET, AVAHI_BROWSER_NEW, longest);
    hear(3, AVAHI_PROTO_INET, AVAHI_BROWSER_NEW, "");
    hear(3, AVAHI_PROTO_INET, AVAHI_BROWSER_NEW, NULL);
    hear(0, AVAHI_PROTO_INET, AVAHI_BROWSER_NEW, "x");
    hear(AVAHI_IF_UNSPEC, AVAHI_PROTO_INET, AVAHI_BROWSER_NEW, "x");
    hear(3, AVAHI_PROTO_UNSPEC, AVAHI_BROWSER_NEW, "x");
    mdns_heard_browser(&browse, 3, AVAHI_PROTO_INET, AVAHI_BROWSER_NEW, "x", "_http._tcp", "local");
    mdns_heard_browser(&browse, 3, AVAHI_PROTO_INET, AVAHI_BROWSER_NEW, "x", "_arduino._tcp",
                       "example.org");
    mdns_heard_browser(&browse, 3, AVAHI_PROTO_INET, AVAHI_BROWSER_NEW, "x", NULL, NULL);
    cr_assert_eq(told.times, 0);
    longest[63] = '\0';
    hear(3, AVAHI_PROTO_INET, AVAHI_BROWSER_NEW, longest);
    mdns_heard_browser(&browse, 3, AVAHI_PROTO_INET, AVAHI_BROWSER_NEW, "x", "_Arduino._TCP",
                       "LOCAL");
    cr_assert_eq(told.times, 2, "63 bytes, and any case, are fine");
}

Test(mdns_backend, settled_is_told_once)
{
    hear(-1, AVAHI_PROTO_UNSPEC, AVAHI_BROWSER_ALL_FOR_NOW, NULL);
    cr_assert_eq(told.times, 0);
    hear(-1, AVAHI_PROTO_UNSPEC, AVAHI_BROWSER_CACHE_EXHAUSTED, NULL);
    hear(-1, AVAHI_PROTO_UNSPEC, AVAHI_BROWSER_CACHE_EXHAUSTED, NULL);
    cr_assert_eq(told.times, 1);
    cr_assert_eq(told.event, MDNS_SETTLED);
    cr_assert_not(told.with_detail);
}

Test(mdns_backend, a_closed_query_hears_nothing)
{
    AvahiAddress address = { .proto = AVAHI_PROTO_INET };

    browse.closed = service.closed = host.closed = true;
    hear(3, AVAHI_PROTO_INET, AVAHI_BROWSER_NEW, "x");
    mdns_heard_service(&service, 3, AVAHI_PROTO_INET, AVAHI_RESOLVER_FOUND, "x.local", &address, 1,
                       NULL);
    mdns_heard_host(&host, 3, AVAHI_PROTO_INET6, AVAHI_RESOLVER_FAILURE, NULL);
    cr_assert_eq(told.times, 0);
}

Test(mdns_backend, a_loss_is_told_once)
{
    mdns.options = (struct mdns_options){ .lost = told_lost, .ctx = &told };
    hear(-1, AVAHI_PROTO_UNSPEC, AVAHI_BROWSER_FAILURE, NULL);
    mdns_lost(&mdns, "again");
    cr_assert_eq(told.times, 1);
    cr_assert_str_eq(told.text, "broken");
    cr_assert_eq(mdns.busy, 0);
}

Test(mdns_backend, the_log_is_printable)
{
    mdns.options = (struct mdns_options){ .log = told_log, .ctx = &told };
    mdns_log(&mdns, "heard %s", "\x1B[2J\xFF");
    cr_assert_str_eq(told.text, "heard \\x1b[2J\\xff");
}

/* 192.0.2.LAST says this of the service. */
static void found(const char *name, uint8_t last, uint16_t port, const char *text)
{
    AvahiAddress address = { .proto = AVAHI_PROTO_INET };
    AvahiStringList *txt = text ? avahi_string_list_new("first=1", text, NULL) : NULL;

    address.data.ipv4.address = htonl(0xC0000200u | last);
    mdns_heard_service(&service, SCOPE, AVAHI_PROTO_INET, AVAHI_RESOLVER_FOUND, name, &address,
                       port, txt);
    avahi_string_list_free(txt);
}

static void expect(unsigned times, enum mdns_event event)
{
    cr_assert_eq(told.times, times, "told %u times", told.times);
    cr_assert_eq(told.event, event, "event %d", told.event);
    cr_assert_eq(told.with_detail, event != MDNS_GONE);
}

static void nothing_answers(void)
{
    mdns_heard_service(&service, -1, -1, AVAHI_RESOLVER_FAILURE, NULL, NULL, 0, NULL);
}

Test(mdns_backend, a_service_is_told_when_it_is_news)
{
    char text[ADDRESS_TEXT_MAX];

    found("kitchen.local.", 1, 8266, "b=2");
    expect(1, MDNS_ADDED);
    cr_assert_str_eq(told.host, "kitchen.local");
    cr_assert_str_eq(address_text(&told.address, text), "192.0.2.1:8266");
    cr_assert_eq(told.txt_len, 12);
    cr_assert_eq(memcmp(told.txt, "\7first=1\3b=2", 12), 0);
    found("kitchen.local", 1, 8266, "b=2");
    expect(1, MDNS_ADDED);
    found("kitchen.local", 1, 8266, "b=3");
    expect(2, MDNS_CHANGED);
    found("kitchen.local", 1, 8267, "b=3");
    expect(3, MDNS_CHANGED);
    found("kitchen.local", 2, 8267, "b=3");
    expect(4, MDNS_CHANGED);
    found("cellar.local", 2, 8267, "b=3");
    expect(5, MDNS_CHANGED);
    nothing_answers();
    expect(6, MDNS_GONE);
    nothing_answers();
    expect(6, MDNS_GONE);
    found("cellar.local", 2, 8267, "b=3");
    expect(7, MDNS_ADDED);
}

Test(mdns_backend, a_service_may_never_have_been_there)
{
    nothing_answers();
    expect(1, MDNS_GONE);
}

Test(mdns_backend, a_txt_record_may_be_empty)
{
    found("kitchen.local", 1, 0, NULL);
    expect(1, MDNS_ADDED);
    cr_assert_leq(told.txt_len, 1, "nothing, or one empty string");
    cr_assert(told.txt_len == 0 || told.txt[0] == 0);
}

Test(mdns_backend, an_address_of_another_family_is_no_answer)
{
    AvahiAddress address = { .proto = AVAHI_PROTO_INET6 };

    mdns_heard_service(&service, SCOPE, AVAHI_PROTO_INET, AVAHI_RESOLVER_FOUND, "x.local", &address,
                       1, NULL);
    mdns_heard_service(&service, SCOPE, AVAHI_PROTO_INET, AVAHI_RESOLVER_FOUND, "x.local", NULL, 1,
                       NULL);
    address.proto = AVAHI_PROTO_INET;
    mdns_heard_service(&service, SCOPE, AVAHI_PROTO_INET, AVAHI_RESOLVER_FOUND, NULL, &address, 1,
                       NULL);
    mdns_heard_host(&host, SCOPE, AVAHI_PROTO_INET6, AVAHI_RESOLVER_FOUND, &address);
    cr_assert_eq(told.times, 0);
}

static void host_found(const char *text)
{
    static char name[] = "kitchen.local";
    AvahiAddress address;

    host.host = name;
    cr_assert_not_null(avahi_address_parse(text, AVAHI_PROTO_INET6, &address));
    mdns_heard_host(&host, SCOPE, AVAHI_PROTO_INET6, AVAHI_RESOLVER_FOUND, &address);
}

Test(mdns_backend, a_host_is_told_when_it_is_news)
{
    host_found("fe80::1");
    expect(1, MDNS_ADDED);
    cr_assert_eq(told.address.u.v6.sin6_scope_id, SCOPE, "link-local: only on its interface");
    cr_assert_eq(address_port(&told.address), 0);
    host_found("fe80::1");
    expect(1, MDNS_ADDED);
    host_found("2001:db8::1");
    expect(2, MDNS_CHANGED);
    cr_assert_eq(told.address.u.v6.sin6_scope_id, 0);
    mdns_heard_host(&host, -1, -1, AVAHI_RESOLVER_FAILURE, NULL);
    expect(3, MDNS_GONE);
    host_found("2001:db8::1");
    expect(4, MDNS_ADDED);
}

/* The browser of addresses says so of one. */
static void record(AvahiBrowserEvent event, const char *text)
{
    struct in6_addr bytes;

    cr_assert_eq(inet_pton(AF_INET6, text, &bytes), 1);
    mdns_heard_address(&host, event, &bytes, sizeof bytes);
}

static void expect_address(unsigned times, enum mdns_event event, const char *expected)
{
    char text[ADDRESS_TEXT_MAX];

    expect(times, event);
    cr_assert_str_eq(address_host_text(&told.address, text), expected);
}

Test(mdns_backend, a_better_address_takes_the_place_of_a_link_local_one)
{
    can_browse = true;
    host_found("fe80::1");
    cr_assert_eq(told.times, 0, "not before the others are known");
    cr_assert_eq(browsers, 1);
    record(AVAHI_BROWSER_NEW, "fe80::1");
    record(AVAHI_BROWSER_NEW, "::1");
    record(AVAHI_BROWSER_NEW, "ff02::1");
    record(AVAHI_BROWSER_NEW, "2001:db8::1");
    record(AVAHI_BROWSER_NEW, "2001:db8::2");
    mdns_heard_address(&host, AVAHI_BROWSER_CACHE_EXHAUSTED, NULL, 0);
    expect_address(1, MDNS_ADDED, "2001:db8::1");
    host_found("fe80::1");
    record(AVAHI_BROWSER_REMOVE, "2001:db8::2");
    mdns_heard_address(&host, AVAHI_BROWSER_NEW, "short", 5);
    expect_address(1, MDNS_ADDED, "2001:db8::1");
    record(AVAHI_BROWSER_REMOVE, "2001:db8::1");
    expect(2, MDNS_CHANGED);
    cr_assert(IN6_IS_ADDR_LINKLOCAL(&told.address.u.v6.sin6_addr));
    record(AVAHI_BROWSER_NEW, "2001:db8::3");
    expect_address(3, MDNS_CHANGED, "2001:db8::3");
    mdns_heard_host(&host, -1, -1, AVAHI_RESOLVER_FAILURE, NULL);
    expect(4, MDNS_GONE);
    record(AVAHI_BROWSER_NEW, "2001:db8::4");
    expect(4, MDNS_GONE);
    cr_assert_eq(browsers, 1);
}

Test(mdns_backend, a_link_local_address_is_told_when_there_is_no_other)
{
    can_browse = true;
    host_found("fe80::1");
    cr_assert_eq(told.times, 0);
    mdns_heard_address(&host, AVAHI_BROWSER_CACHE_EXHAUSTED, NULL, 0);
    expect(1, MDNS_ADDED);
    cr_assert_eq(told.address.u.v6.sin6_scope_id, SCOPE);
}

static void found_v6(const char *name, const char *text)
{
    AvahiAddress address;

    service.family = AF_INET6;
    cr_assert_not_null(avahi_address_parse(text, AVAHI_PROTO_INET6, &address));
    mdns_heard_service(&service, SCOPE, AVAHI_PROTO_INET6, AVAHI_RESOLVER_FOUND, name, &address,
                       8266, NULL);
}

Test(mdns_backend, a_better_address_is_forgotten_with_its_host)
{
    char text[ADDRESS_TEXT_MAX];
    struct in6_addr bytes;

    can_browse = true;
    found_v6("kitchen.local", "fe80::1");
    cr_assert_eq(inet_pton(AF_INET6, "2001:db8::1", &bytes), 1);
    mdns_heard_address(&service, AVAHI_BROWSER_NEW, &bytes, sizeof bytes);
    mdns_heard_address(&service, AVAHI_BROWSER_CACHE_EXHAUSTED, NULL, 0);
    expect(1, MDNS_ADDED);
    cr_assert_str_eq(address_text(&told.address, text), "[2001:db8::1]:8266");
    found_v6("cellar.local", "2001:db8::9");
    expect(2, MDNS_CHANGED);
    cr_assert_str_eq(address_text(&told.address, text), "[2001:db8::9]:8266");
    cr_assert_eq(browsers, 0);
}
