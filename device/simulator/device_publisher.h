/*
 * What publishes records by mDNS for espota-device, in either of two ways: through avahi-daemon, or
 * with a responder of its own (device_publisher_daemon.h, device_publisher_embedded.h).
 *
 * Nothing is reported by callbacks, which may come in the middle of any call: what has happened is
 * noted in the publisher, to be looked at when avahi's sockets have been served. No function waits
 * for anybody.
 */
#ifndef DEVICE_PUBLISHER_H
#define DEVICE_PUBLISHER_H

#include "device_links.h"
#include "device_name.h"
#include "device_options.h"

#include <avahi-common/address.h>
#include <avahi-common/defs.h>
#include <avahi-common/strlst.h>
#include <avahi-common/watch.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define DEVICE_SERVICE_TYPE   "_arduino._tcp"
#define DEVICE_SERVICE_DOMAIN "local"

/* A host's name: its label, ".local" and NUL. */
#define DEVICE_HOST_SIZE (DEVICE_HOST_LABEL_SIZE + sizeof "." DEVICE_SERVICE_DOMAIN)

/* What is announced. */
struct device_service {
    char name[DEVICE_NAME_SIZE]; /* of the instance */
    char host[DEVICE_HOST_SIZE]; /* with ".local" */
    char board[DEVICE_BOARD_BYTES + 1];
    uint16_t port;
    bool has_password; /* updates need one */
};

/* A process of its own that publishes: the daemon's kind has one. */
struct device_publisher_child {
    pid_t pid;
    int socket;
    AvahiWatch *watch;
    const AvahiPoll *poll;
    uint32_t serial; /* of the latest request to it */
};

struct device_publisher {
    const struct device_publisher_kind *kind; /* NULL: there is none */
    void *engine;                             /* the kind's own */
    void *group;                              /* the kind's own */
    struct device_publisher_child child;      /* the kind's own */
    bool is_ready;                            /* records can be published */
    bool is_asked;                            /* somebody owes an answer, and may hang... */
    uint32_t asked_ms;                        /* ... since then, by posix_clock_now_ms() */
    int error;                                /* AVAHI_ERR_...: it can do nothing more; or 0 */
    AvahiEntryGroupState state;               /* of the records, since they were published */
};

/* Functions that return an int return 0 (AVAHI_OK) or a negative AVAHI_ERR_... */
struct device_publisher_kind {
    const char *name;

    /*
     * Begin, for these links only. With an error there is nothing to close. `publisher`, zeroed but
     * for its kind, must not move until it is closed.
     */
    int (*open)(struct device_publisher *publisher, const AvahiPoll *poll,
                const struct device_links *links);

    /* Withdraw everything, with a goodbye to whoever listens, and release. */
    void (*close)(struct device_publisher *publisher);

    /*
     * Publish the service with all its addresses, instead of what was published before; `state`
     * tells how that goes. AVAHI_ERR_COLLISION, or later the state of that name, when somebody else
     * has one of the names.
     */
    int (*publish)(struct device_publisher *publisher, const struct device_links *links,
                   const struct device_service *service);
};

/* The TXT record, as stock devices write it; NULL when there is no memory. */
AvahiStringList *device_publisher_txt(const struct device_service *service);

/*
 * The link to publish the service itself on; NULL is all interfaces that there are. There is at
 * least one link.
 */
const struct device_link *device_publisher_service_link(const struct device_links *links);

/*
 * The protocol and interface to publish with on a link: on loopback, mDNS works over IPv4 only.
 * NULL is all of them.
 */
AvahiProtocol device_publisher_protocol(const struct device_link *link);
AvahiIfIndex device_publisher_interface(const struct device_link *link);

/* The link's address. */
AvahiAddress device_publisher_address(const struct device_link *link);

#endif
