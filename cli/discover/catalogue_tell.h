/*
 * What is told of one instance of the catalogue, and when.
 */
#ifndef CLI_CATALOGUE_TELL_H
#define CLI_CATALOGUE_TELL_H

#include "cli/discover/catalogue_entry.h"

/* There is news: it is told once it has settled, or a better address has had its time to come. */
void catalogue_tell_soon(struct catalogue_entry *entry, uint64_t now_ms);

/* What there is to tell now, as a wish; false when that is nothing. */
bool catalogue_tell(struct catalogue_entry *entry, struct catalogue_pool *pool, uint64_t now_ms,
                    struct catalogue_wish *wish);

/* It is gone: that is told to those who know of it. False when nobody does, or all know that. */
bool catalogue_tell_end(struct catalogue_entry *entry, struct catalogue_wish *wish);

#endif
