/*
 * From what the user calls a device to its address, through the system's resolver.
 */
#ifndef CLI_RESOLVE_H
#define CLI_RESOLVE_H

#include "cli/failure.h"
#include "cli/address.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct resolve_request {
    const char *name;       /* address or host name */
    struct address address; /* the answer, port 0 */
    bool found;
    struct failure failure; /* when not found: EXIT_NOT_FOUND */
};

/*
 * Answer all requests at once: addresses are read, names looked up in parallel, for at most
 * `timeout_ms` in all. Stock devices speak IPv4, so an IPv4 address is preferred; `family`
 * (AF_INET, AF_INET6) excludes the other one, AF_UNSPEC does not. False when `*stop`, which a
 * signal handler sets, ended the wait early.
 */
bool resolve_all(struct resolve_request *requests, size_t count, int family, uint32_t timeout_ms,
                 const volatile sig_atomic_t *stop);

#endif
