/*
 * What publishes records by mDNS for espota-device, in either of two ways: through avahi-daemon, or
 * with a responder of its own (device_publisher_daemon.h, device_publisher_embedded.h).
 *
 * Nothing is reported by callbacks, which may come in the middle of any call: what has happened is
 * noted in the publisher, to be looked at when avahi's sockets have been served.
 */
#ifndef DEVICE_PUBLISHER_H
#define DEVICE_PUBLISHER_H

#include "device_links.h"

#include <avahi-common/address.h>
#include <avahi-common/defs.h>
#include <avahi-common/strlst.h>
#include <avahi-common/watch.h>
#include <stdbool.h>
#include <stdint.h>

/* What is announced; the texts must live for the time of the call only. */
struct device_service {
    const char *name; /* of the instance */
    const char *host; /* with ".local" */
    uint16_t port;
    AvahiStringList *txt;
};

#define DEVICE_SERVICE_TYPE   "_arduino._tcp"
#define DEVICE_SERVICE_DOMAIN "local"

struct device_publisher {
    const struct device_publisher_kind *kind; /* NULL: there is none */
    void *engine;                             /* the kind's own */
    void *group;                              /* the kind's own */
    bool is_ready;                            /* records can be added */
    int error;                                /* AVAHI_ERR_...: it can do nothing more; or 0 */
    AvahiEntryGroupState state;               /* of the records, since they were committed */
};

/* Functions that return an int return 0 (AVAHI_OK) or a negative AVAHI_ERR_... */
struct device_publisher_kind {
    const char *name;

    /*
     * Begin, on these links only. With an error there is nothing to close. `publisher`, zeroed but
     * for its kind, must not move until it is closed.
     */
    int (*open)(struct device_publisher *publisher, const AvahiPoll *poll,
                const struct device_links *links);

    /* Withdraw everything, with a goodbye to whoever listens, and release. */
    void (*close)(struct device_publisher *publisher);

    /* Withdraw all records, to add others. */
    int (*reset)(struct device_publisher *publisher);

    /*
     * Add the service's records, or its host's address, to those to be published on a link; of the
     * service also on all interfaces that there are (NULL). AVAHI_ERR_COLLISION when somebody else
     * on this machine has the name.
     */
    int (*add_service)(struct device_publisher *publisher, const struct device_link *link,
                       const struct device_service *service);
    int (*add_address)(struct device_publisher *publisher, const struct device_link *link,
                       const struct device_service *service);

    /* Publish what was added; `state` tells how that goes. */
    int (*commit)(struct device_publisher *publisher);
};

/*
 * The protocol and interface to publish with on a link: on loopback, mDNS works over IPv4 only.
 * NULL is all of them.
 */
AvahiProtocol device_publisher_protocol(const struct device_link *link);
AvahiIfIndex device_publisher_interface(const struct device_link *link);

/* The link's address. */
AvahiAddress device_publisher_address(const struct device_link *link);

#endif
