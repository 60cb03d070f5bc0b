/*
 * The order of a fleet's releases and rules, in which fleet.h finds them, and that none is there
 * twice.
 */
#ifndef CLI_FLEET_ORDER_H
#define CLI_FLEET_ORDER_H

#include "cli/serve/fleet.h"
#include "cli/serve/fleet_complaint.h"

#include <stdbool.h>

/* Fill in fleet->by_name. False, with the failure filled in, when a name is there twice. */
bool fleet_order_releases(struct fleet *fleet, const struct fleet_source *source);

/* Sort the rules, and count the exact ones. False when a pattern is there twice. */
bool fleet_order_rules(struct fleet *fleet, const struct fleet_source *source);

#endif
