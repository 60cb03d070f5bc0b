/*
 * A host in .local that announces no service: its address alone, by mDNS.
 */
#ifndef CLI_LOCATE_HOST_H
#define CLI_LOCATE_HOST_H

#include "cli/address.h"
#include "cli/discover/locate.h"

#include <event2/event.h>

/* The address was found, its port 0; the question stays until it is freed, after this call. */
typedef void locate_host_fn(void *ctx, const struct address *address);

struct locate_host;

/*
 * Ask for `name`, such as "kitchen.local", until it is freed; `fn` is called at most once. What
 * cannot be asked is logged, and never answered. `name` and `options` must outlive it. NULL when
 * out of memory.
 */
struct locate_host *locate_host_start(struct event_base *base, const char *name,
                                      const struct locator_options *options, locate_host_fn *fn,
                                      void *ctx);

/* Stop, also from within `fn`. NULL does nothing. */
void locate_host_free(struct locate_host *host);

#endif
