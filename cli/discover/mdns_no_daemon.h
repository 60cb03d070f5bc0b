/*
 * mdns_daemon.h for a build without D-Bus: the daemon's way is there, and cannot be taken.
 */
#ifndef CLI_MDNS_NO_DAEMON_H
#define CLI_MDNS_NO_DAEMON_H

#include "cli/discover/mdns_daemon.h"

#endif
