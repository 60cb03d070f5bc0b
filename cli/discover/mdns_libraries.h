/*
 * The libraries that mDNS is spoken with, for --version.
 */
#ifndef CLI_MDNS_LIBRARIES_H
#define CLI_MDNS_LIBRARIES_H

#include "cli/version.h"

extern const struct linked_library mdns_libraries[];

#endif
