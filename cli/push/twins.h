/*
 * The devices of a rollout by where they are and by what they announce as their name: none is to be
 * updated twice.
 */
#ifndef CLI_TWINS_H
#define CLI_TWINS_H

#include "cli/address.h"

#include <stdbool.h>

struct member;

/* All zero at first. */
struct twins {
    void *by_address;
    void *by_name;
};

/* The member of that instance's name (empty: it has none), or else at that address; or NULL. */
struct member *twins_find(const struct twins *twins, const struct address *address,
                          const char *instance);

/*
 * Add a member, which must not move while it is here, nor have another address or name. Where there
 * is one already, that stays. False without memory.
 */
bool twins_add(struct twins *twins, struct member *member);

/* Take it out, before it moves. */
void twins_remove(struct twins *twins, struct member *member);

/* Release what was allocated; the members are the owner's. */
void twins_free(struct twins *twins);

#endif
