/*
 * What the tests of uploads by name share: a network with hosts on it, devices that say what
 * happens to them, and a name service that tells what it was asked.
 */
#ifndef TESTS_MDNS_UPLOAD_H
#define TESTS_MDNS_UPLOAD_H

#include "mdns_daemon.h"
#include "mdns_peers.h"
#include "mdns_world.h"

/* "here" and two others on the link "lan", by IPv4. */
struct upload_lan {
    struct world_host *here;
    struct world_host *attic;
    struct world_host *cellar;
};

/*
 * Make it, and the sketch that upload_start() sends. The system's resolver of "here" knows what is
 * in /etc/hosts, `hosts` (or NULL) and nothing else, until name_service() is there.
 */
struct upload_lan upload_lan(const char *hosts);

/* The address of a host on the link. */
#define LAN_ADDRESS(host) (world_address((host), "lan", WORLD_IPV4).text)

/* Start `espota-c -f SKETCH` and `args` on "here"; upload_run() waits for its end. */
struct process *upload_start(const char *const *args);
struct process *upload_run(const char *const *args);

/* The same, with a person before the terminal. */
struct process *upload_typing(const char *const *args);

/* That person waits for a text, all of it new, and answers. */
void upload_answer(struct process *upload, const char *prompt, const char *answer);

/* espota-device without mDNS; it listens when this returns. `args` as of peer_device(). */
struct process *silent_device(const struct world_host *host, const char *flash,
                              const char *const *args);

/* A device's next line that begins so must come; lines before it are passed over. */
void device_says(struct process *device, const char *beginning);

/* It was updated, has restarted, and has announced itself again. */
void device_is_updated(struct process *device);

/* End a device, unless it has ended; so many of all its lines begin so. */
void expect_device_said_at(const char *file, int line, struct process *device,
                           const char *beginning, unsigned times);
#define expect_device_said(device, beginning, times) \
    expect_device_said_at(__FILE__, __LINE__, (device), (beginning), (times))

/* Pass a time in which a program must not end, as it waits for something. */
void expect_waiting(struct process *program, int ms);

/*
 * A name service for "here": it says the name of each question on stdout, knows that one name is at
 * that address, and denies all others.
 */
struct process *name_service(const char *name, const char *address);

#endif
