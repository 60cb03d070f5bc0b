/*
 * What is known of the devices of the network, without any I/O: it takes in where instances are
 * seen and what they answer, and says what to ask next and what to tell of whom.
 *
 * A device is one instance name, case aside, wherever it is seen. An IPv4 address is preferred; an
 * IPv6 one waits a moment for it, and a link-local one is told only where there is nothing else.
 * All memory is bounded, whatever is taken in.
 *
 * After anything has been taken in, and at the time of catalogue_wake(), the wishes are to be
 * fetched with catalogue_next(), perhaps several inputs at once: changes of one moment become one
 * event.
 */
#ifndef CLI_CATALOGUE_H
#define CLI_CATALOGUE_H

#include "cli/discover/catalogue_entry.h"
#include "cli/discover/finder.h"

struct catalogue;

/* `family`: AF_INET or AF_INET6 for addresses of that kind alone, or AF_UNSPEC. NULL: no memory. */
struct catalogue *catalogue_new(int family);

/* NULL does nothing. Close all queries first: they end without a wish. */
void catalogue_free(struct catalogue *catalogue);

/*
 * An instance is seen somewhere, or no longer. One more than FINDER_DEVICES_MAX takes the place of
 * one that has been asked for in two rounds and has not answered. False when there is none (or it
 * has no name, or there is no memory) and it is ignored.
 */
bool catalogue_seen(struct catalogue *catalogue, const struct mdns_sighting *sighting);
void catalogue_unseen(struct catalogue *catalogue, const struct mdns_sighting *sighting);

/*
 * The question is asked anew: what is not seen again until the round ends counts as no longer seen
 * from then on.
 */
void catalogue_begin_round(struct catalogue *catalogue);
void catalogue_end_round(struct catalogue *catalogue);

/*
 * The answer to a query, or NULL when there is none (any more). `now_ms` is of a clock that goes
 * forward.
 */
void catalogue_answer(struct catalogue *catalogue, struct catalogue_query *query,
                      const struct mdns_service *service, uint64_t now_ms);

/* All open queries have been closed, from outside: whatever must be known is asked again. */
void catalogue_forget_queries(struct catalogue *catalogue);

/*
 * The next wish, valid until the next call. False when there is none now. A query that could not
 * be opened has catalogue_answer() called with NULL for it, and is dropped in time like others.
 */
bool catalogue_next(struct catalogue *catalogue, uint64_t now_ms, struct catalogue_wish *wish);

/* True when catalogue_next() is to be called at `*at_ms`, even if nothing comes until then. */
bool catalogue_wake(const struct catalogue *catalogue, uint64_t *at_ms);

/* True when an instance that was ignored could be taken in now. */
bool catalogue_has_room(const struct catalogue *catalogue);

/* The devices that have been told of, as in finder.h. */
size_t catalogue_devices(const struct catalogue *catalogue, const struct device ***devices);

#endif
