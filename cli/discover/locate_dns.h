/*
 * The part that the system's resolver has in a search (locate.h): it is asked, and asked again
 * while a device is waited for. For locate.c alone.
 */
#ifndef CLI_LOCATE_DNS_H
#define CLI_LOCATE_DNS_H

#include "cli/address.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

enum locate_dns_state {
    LOCATE_DNS_UNASKED,
    LOCATE_DNS_ASKED,
    LOCATE_DNS_FOUND,
    LOCATE_DNS_FAILED
};

/* All zero before the first question. */
struct locate_dns {
    enum locate_dns_state state;
    struct address address; /* LOCATE_DNS_FOUND */
    char why[128];          /* LOCATE_DNS_FAILED; or why it is given up */
    uint64_t failed;        /* when */
    struct resolve *resolve;
};

/*
 * Ask for `name` if it is time to: at first, and while it is `waited` for, every other second. It
 * must not move until locate_dns_cancel(), or an answer. Times are of clock_ms().
 */
void locate_dns_ask(struct locate_dns *dns, struct event_base *base, const char *name, int family,
                    bool waited, uint64_t now);

/* Its time is over: without an answer so far, it has failed. */
void locate_dns_give_up(struct locate_dns *dns);

/* Forget the question, if there is one. */
void locate_dns_cancel(struct locate_dns *dns);

#endif
