/*
 * A network of a test's own, for programs that speak to everybody on theirs: loopback and nothing
 * else. Nothing of it reaches the machine's networks, and it goes with the test.
 */
#ifndef TESTS_E2E_NETWORK_H
#define TESTS_E2E_NETWORK_H

#include "e2e.h"

/* Instead of E2E_SUITE. */
#define E2E_NETWORK_SUITE(name) \
    TestSuite(name, .init = e2e_network_setup, .fini = e2e_teardown, .timeout = 90)

/*
 * As e2e_setup(), in a network namespace; no D-Bus is there. Skips the test, and says why, where
 * that is not allowed.
 */
void e2e_network_setup(void);

/* Somebody else on the network: zeroconf_watch.py. Skips the test without python3-zeroconf. */
struct process *watcher_start(void);

/* Wait until it has printed a line that ends so. */
void watcher_sees(struct process *watcher, const char *end);

#endif
