/*
 * A relay in front of a web server, in a thread of its own: it gives the server a port that the
 * system chooses, and cuts connections where a test wants that. One connection at a time.
 */
#ifndef TESTS_PULL_RELAY_H
#define TESTS_PULL_RELAY_H

#include <stddef.h>
#include <stdint.h>

struct pull_relay;

/* Cuts of one relay at most. */
#define PULL_RELAY_CUTS 64

/*
 * Begin to relay to the socket at `path`, of an AF_UNIX server. The first connections are reset
 * when so many bytes of the answer have gone through as `cuts` says, up to a 0; the others are left
 * alone. `cuts` may be NULL. The test fails when this fails.
 */
struct pull_relay *pull_relay_start(const char *path, const size_t *cuts);

/* The same, to a port at 127.0.0.1. */
struct pull_relay *pull_relay_start_to_port(uint16_t port, const size_t *cuts);

/* Its port at 127.0.0.1. */
uint16_t pull_relay_port(const struct pull_relay *relay);

/* Connections so far. */
unsigned pull_relay_count(const struct pull_relay *relay);

/* End it, and all that is relayed. */
void pull_relay_stop(struct pull_relay *relay);

#endif
