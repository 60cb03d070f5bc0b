/*
 * What the user named, while it is looked for; for rollout.c alone.
 */
#ifndef CLI_WISH_H
#define CLI_WISH_H

#include "cli/push/member.h"

#include <stddef.h>

/* Look for all of them. False when out of memory, and nothing has begun. */
bool wishes_start(struct rollout *rollout);

/* End the searches because of a signal: what was not found has failed. */
void wishes_interrupt(struct rollout *rollout);

/* End the searches, as nothing begins any more: what was not found is not tried. */
void wishes_skip(struct rollout *rollout);

void wishes_free(struct rollout *rollout);

#endif
