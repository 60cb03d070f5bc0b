/*
 * Names through the system's resolver: hosts file, DNS, and whatever else this machine asks.
 */
#ifndef CLI_RESOLVE_H
#define CLI_RESOLVE_H

#include "cli/address.h"

#include <event2/event.h>

/*
 * The answer: an address with port 0, or NULL and why there is none. Both last for the call. The
 * question is over then, and released.
 */
typedef void resolve_fn(void *ctx, const struct address *address, const char *why);

struct resolve;

/*
 * Look `name` up. Stock devices speak IPv4, so an IPv4 address is preferred; `family` (AF_INET,
 * AF_INET6) excludes the other one, AF_UNSPEC does not. `fn` is called once, from the loop, however
 * long that takes: the resolver has limits of its own, and the caller may cancel. NULL when out of
 * memory.
 */
struct resolve *resolve_start(struct event_base *base, const char *name, int family, resolve_fn *fn,
                              void *ctx);

/* Forget the question: `fn` is not called any more. NULL does nothing. */
void resolve_cancel(struct resolve *resolve);

#endif
