/*
 * mDNS through the avahi-daemon of this machine, which is asked over the system's D-Bus. A daemon
 * that stops to answer counts as gone (see mdns_bus.h).
 */
#ifndef CLI_MDNS_DAEMON_H
#define CLI_MDNS_DAEMON_H

#include "cli/discover/mdns_backend.h"
#include "cli/version.h"

extern const struct mdns_backend mdns_daemon;

/* What it takes beside mdns_libraries, for --version. */
extern const struct linked_library mdns_daemon_libraries[];

#endif
