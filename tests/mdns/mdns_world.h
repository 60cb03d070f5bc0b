/*
 * A small world for tests of mDNS: hosts, the links between them, packets that get lost, plugs that
 * are pulled; mdns_daemon.h and mdns_peers.h have who lives there. Everything is in network, mount
 * and host name namespaces of the test's own. Nothing of it reaches the machine's networks, and all
 * of it vanishes with the test's processes, however they end.
 *
 *     WORLD_SUITE(two_hosts);
 *
 *     Test(two_hosts, see_each_other)
 *     {
 *         struct world_host *here = world_here();
 *         struct world_host *attic = world_host("attic");
 *
 *         world_link(&(struct world_link){ .name = "lan", .ipv4 = true }, HOSTS(here, attic));
 *         world_daemon(attic);
 *         struct process *device = world_start(attic, E2E_DEVICE, ARGS("--name", "kitchen"));
 *         struct process *program = world_run(here, E2E_UPLOADER, ARGS("discover"));
 *         expect_out(program, "kitchen");
 *     }
 *
 * The test's own process is one of the hosts, "here": what it binds, and what program_start(),
 * act_run() and the rest of tests/e2e/e2e.h start, is in the world. That needs the right to make
 * namespaces: root's, or anybody's where namespaces of users are allowed. Without it the suite's
 * tests are skipped, and say why. Failures end the test.
 *
 * Names of hosts and links hold letters and digits; links' have at most 12 characters.
 */
#ifndef TESTS_MDNS_WORLD_H
#define TESTS_MDNS_WORLD_H

#include "tests/e2e/e2e.h"

#include <stdbool.h>
#include <stddef.h>

#define WORLD_SUITE(suite) \
    TestSuite(suite, .init = world_setup, .fini = world_teardown, .timeout = 180)

/*
 * Make the world, with the host "here" that has loopback and nothing else, and what e2e_setup()
 * makes; or skip the test.
 */
void world_setup(void);

/*
 * The same, but where it may not be made go on in the machine's network: for tests that keep to its
 * loopback, start programs with program_start() or on world_here(), and use nothing else of this.
 */
void world_setup_loopback(void);

/* Releases everything, programs first. */
void world_teardown(void);

/* Skip the test, and say so, unless all of these programs are in PATH. Ends with NULL. */
void world_needs(const char *const *programs);

/* ---- hosts ---- */

struct world_host;

/* The host that the test itself is. */
struct world_host *world_here(void);

/*
 * Another one, with loopback and nothing else. Its files are this machine's, but for an empty /run
 * of its own, where a daemon puts its sockets. Its name is what gethostname() returns there.
 */
struct world_host *world_host(const char *name);

/* Its name. */
const char *world_name(const struct world_host *host);

/* ---- links ---- */

/* What it is; as many as are wanted, and a host may be on several. */
struct world_link {
    const char *name; /* of the interface on each host */
    bool ipv4;        /* addresses 10.N.0.H/24 */
    bool ipv6;        /* addresses fe80::N:H, of the link alone */
    bool ula;         /* addresses fd00:N::H/64, too */
};

/* Hosts for a link: NULL at their end. */
#define HOSTS(...) ((struct world_host *const[]){ __VA_ARGS__, NULL })

/* Connect hosts by an Ethernet switch. Addresses can be used at once. */
void world_link(const struct world_link *link, struct world_host *const *on);

struct world_text {
    char text[64];
};

enum world_kind {
    WORLD_IPV4,
    WORLD_IPV6, /* of the link alone; without scope */
    WORLD_ULA,
    WORLD_BEST, /* the first of these that there is */
};

/* A host's address on a link. */
struct world_text world_address(const struct world_host *host, const char *link,
                                enum world_kind kind);

/* Pull a host's plug out of a link, and put it in again. The interface stays, without a carrier. */
void world_unplug(const struct world_host *host, const char *link);
void world_plug(const struct world_host *host, const char *link);

/*
 * From now on a host loses so many of a hundred mDNS datagrams that reach it, by chance; 0: none.
 * For losses both ways tell both ends. (It never loses what it sends: the sender would be told.)
 */
void world_loss(const struct world_host *host, unsigned percent);

/* ---- programs ---- */

/*
 * Start a program on a host, in the test's folder, as program_start() does; it is released after
 * the test. `args` (or NULL) are at most 20.
 */
struct process *world_start(const struct world_host *host, const char *program,
                            const char *const *args);

/* Start it, and wait for its end as program_finish() does. */
struct process *world_run(const struct world_host *host, const char *program,
                          const char *const *args);

/* End it as a power cut would: no goodbye. */
void world_kill(struct process *process);

/* Run a shell's command line on a host; it must succeed. The text is printf's. */
__attribute__((format(printf, 2, 3))) void world_shell(const struct world_host *host,
                                                       const char *format, ...);

#endif
