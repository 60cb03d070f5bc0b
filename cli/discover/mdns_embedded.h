/*
 * mDNS within this process, where no daemon runs: avahi's core, which asks and listens but
 * publishes nothing. It runs beside a daemon, and beside others of its kind.
 */
#ifndef CLI_MDNS_EMBEDDED_H
#define CLI_MDNS_EMBEDDED_H

#include "cli/discover/mdns_backend.h"

extern const struct mdns_backend mdns_embedded;

#endif
