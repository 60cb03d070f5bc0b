/*
 * A device that was found becomes one of a rollout's; for rollout.c and wish.c alone.
 */
#ifndef CLI_MEMBER_FOUND_H
#define CLI_MEMBER_FOUND_H

#include "cli/push/member.h"

#include <stddef.h>

/*
 * A device was found: it is updated when it is its turn, unless it is one already. `name` is
 * copied; `wanted`, NULL for one that was chosen, and the number of its wish say where it is from.
 */
void member_add(struct rollout *rollout, const char *name, const struct located *located,
                const struct wanted *wanted, size_t wish);

#endif
