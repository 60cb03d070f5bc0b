/*
 * A catalogue in a test's hands: its wishes are carried out against tables, and its events become
 * texts. To be included by one test program.
 */
#ifndef TESTS_CATALOGUE_WORLD_H
#define TESTS_CATALOGUE_WORLD_H

#include "cli/discover/catalogue.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define WORLD_QUERIES 2048

struct catalogue_world {
    struct catalogue *catalogue;
    uint64_t now_ms;
    struct catalogue_query *queries[WORLD_QUERIES]; /* open */
    size_t count;
    size_t asked;      /* ever */
    char events[8192]; /* since they were looked at last: "+name address:port if[,if];" */
};

static struct catalogue_world world;

static inline void world_open(int family)
{
    world.catalogue = catalogue_new(family);
    cr_assert_not_null(world.catalogue);
}

static inline void world_close(void)
{
    catalogue_free(world.catalogue);
    world.catalogue = NULL;
}

static inline void world_tell(const struct catalogue_wish *wish)
{
    const struct device *device = wish->device;
    size_t used = strlen(world.events);
    char address[ADDRESS_TEXT_MAX];
    char interfaces[256] = "";

    for (size_t i = 0; i < device->interface_count; i++)
        snprintf(interfaces + strlen(interfaces), sizeof interfaces - strlen(interfaces), "%s%u",
                 i > 0 ? "," : "", device->interfaces[i]);
    snprintf(world.events + used, sizeof world.events - used, "%c%s %s %s;", "+~-"[wish->event],
             device -> name, address_text(&device->address, address), interfaces);
}

static inline void world_drop(const struct catalogue_query *query)
{
    size_t i = 0;

    while (i < world.count && world.queries[i] != query)
        i++;
    cr_assert_lt(i, world.count, "a query that is not open is dropped");
    world.queries[i] = world.queries[--world.count];
}

/* Carry out what it wishes now. */
static inline void world_run(void)
{
    struct catalogue_wish wish;

    while (catalogue_next(world.catalogue, world.now_ms, &wish)) {
        switch (wish.kind) {
        case CATALOGUE_ASK:
            cr_assert_lt(world.count, (size_t)WORLD_QUERIES);
            world.queries[world.count++] = wish.query;
            world.asked++;
            break;
        case CATALOGUE_DROP:
            world_drop(wish.query);
            break;
        case CATALOGUE_TELL:
            world_tell(&wish);
            break;
        }
    }
}

static inline void world_later(unsigned ms)
{
    world.now_ms += ms;
    world_run();
}

static inline bool world_seen(const char *name, unsigned interface, int family)
{
    bool taken =
        catalogue_seen(world.catalogue, &(struct mdns_sighting){ name, interface, family });

    world_run();
    return taken;
}

static inline void world_unseen(const char *name, unsigned interface, int family)
{
    catalogue_unseen(world.catalogue, &(struct mdns_sighting){ name, interface, family });
    world_run();
}

/* The open query, or NULL. */
static inline struct catalogue_query *world_query(const char *name, unsigned interface, int family,
                                                  int address_family)
{
    for (size_t i = 0; i < world.count; i++) {
        struct catalogue_query *query = world.queries[i];
        if (strcmp(query->entry->device.name, name) == 0 && query->interface == interface &&
            query->family == family && query->address_family == address_family)
            return query;
    }
    return NULL;
}

static inline void world_reply(struct catalogue_query *query, const char *address, uint16_t port,
                               const void *txt, size_t txt_len)
{
    struct mdns_service service = { .host = "host.local", .txt = txt, .txt_len = txt_len };

    cr_assert_not_null(query, "no such question is open");
    if (address) {
        cr_assert(address_parse(&service.address, address));
        address_set_port(&service.address, port);
    }
    catalogue_answer(world.catalogue, query, address ? &service : NULL, world.now_ms);
    world_run();
}

/* What an open query of the name and address family is told, through an interface, over IPv4. */
static inline void world_answer(const char *name, unsigned interface, int address_family,
                                const char *address)
{
    world_reply(world_query(name, interface, AF_INET, address_family), address, 8266, "", 0);
}

/* The events since the last call are these, separated by semicolons. */
static inline void world_expect(const char *events)
{
    cr_assert_str_eq(world.events, events);
    world.events[0] = '\0';
}

#endif
