/*
 * mDNS through the avahi-daemon of this machine, which is asked over the system's D-Bus.
 *
 * Its libraries wait for the answer to each question to D-Bus: a daemon that runs, but does
 * nothing, holds the program up for as long as they do.
 */
#ifndef CLI_MDNS_DAEMON_H
#define CLI_MDNS_DAEMON_H

#include "cli/discover/mdns_backend.h"

extern const struct mdns_backend mdns_daemon;

#endif
