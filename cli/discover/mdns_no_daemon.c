#include "cli/discover/mdns_no_daemon.h"

#include <stdio.h>

static bool no_daemon_open(struct mdns *mdns, char why[MDNS_WHY_MAX])
{
    (void)mdns;
    snprintf(why, MDNS_WHY_MAX, "this build of the program does without D-Bus");
    return false;
}

const struct linked_library mdns_daemon_libraries[] = { { 0 } };

/* As it cannot be opened, nothing else is called. */
const struct mdns_backend mdns_daemon = {
    .mode = MDNS_DAEMON,
    .open = no_daemon_open,
    .hint = "",
};
