/*
 * The network of a test of the finder: an mDNS that is made up, in the place of
 * cli/discover/mdns.c, and what the test wants of it. To be linked with one test program.
 */
#ifndef TESTS_FINDER_WORLD_H
#define TESTS_FINDER_WORLD_H

#include "cli/discover/finder.h"

#include <stdbool.h>
#include <stddef.h>

#define DEVICES_MAX 8

/* What the finder holds: a test can tell it what it likes, by the functions in these. */
struct mdns {
    struct mdns_options options;
    enum mdns_mode mode;
};

struct mdns_query {
    mdns_browse_fn *browse;
    mdns_service_fn *resolve;
    void *ctx;
    char name[DEVICE_NAME_MAX];
};

struct finder_world {
    struct event_base *base;
    struct finder *finder;
    unsigned crowd;                   /* crowd-0 and so on, that the network has */
    const char *devices[DEVICES_MAX]; /* that it has, too */
    bool has_daemon;
    bool has_sockets;
    bool hangs;                /* the daemon, if it is one that is asked */
    unsigned refused;          /* questions that it was asked all the same */
    struct mdns *mdns;         /* open */
    struct mdns_query *browse; /* open */
    size_t queries;            /* open */
    unsigned browsed;
    unsigned fail_browse; /* so many times */
    unsigned stop_at;     /* end the loop when it has browsed so often */
    size_t stop_events;   /* end the loop when there have been so many events */
    size_t event_count;
    char events[1024];
    struct failure lost;
};

/* The test's, to be changed at any time; all zero at its start. */
extern struct finder_world net;

/* The name of a device of the crowd; overwritten by the next call. */
const char *crowd_name(unsigned i);

#endif
