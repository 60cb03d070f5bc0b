/*
 * Devices of a rollout that are not there: those that stay silent, and those that reboot; for
 * member.c alone.
 */
#ifndef CLI_MEMBER_RETURN_H
#define CLI_MEMBER_RETURN_H

#include "cli/push/member.h"

#include <stdbool.h>

/*
 * True when it was found by mDNS, as a device or as a host that a daemon knows, and can be looked
 * for past the daemon.
 */
bool member_can_be_looked_for(const struct member *member);

/*
 * Look for a device that did not answer afresh, past every cache, and go on with it if it is
 * elsewhere, or waited for. False when it cannot be looked for, or need not be.
 */
bool member_look_afresh(struct member *member);

/* Wait for an updated device to be back, and report it. */
void member_await_return(struct member *member);

#endif
