/*
 * espota-device announces itself by mDNS as stock devices do: as a service _arduino._tcp, with the
 * addresses it can be reached at, also when these change. If its name is taken, it finds another
 * one.
 */
#ifndef DEVICE_ANNOUNCE_H
#define DEVICE_ANNOUNCE_H

#include "device_name.h"
#include "device_options.h"
#include "device_publisher.h"
#include "ota/net.h"

#include <avahi-common/simple-watch.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum device_announce_event_kind {
    DEVICE_ANNOUNCED,   /* whoever asks gets an answer from now on */
    DEVICE_RENAMED,     /* `former` is taken: `name` is tried */
    DEVICE_UNANNOUNCED, /* mDNS cannot be had, or no more: `text` says why; not told again
                           before it could be had */
};

/* Texts are valid during the call. */
struct device_announce_event {
    enum device_announce_event_kind kind;
    const char *name;
    const char *host; /* with ".local" */
    uint16_t port;
    const char *through; /* "daemon" or "embedded" */
    const char *former;
    const char *text;
};

struct device_announce_config {
    enum device_mdns mdns;
    const char *name;         /* see device_name_is_valid() */
    const char *board;        /* 1 to DEVICE_BOARD_BYTES, printable */
    bool has_password;        /* updates need one */
    struct ota_address local; /* bound to, with the port */
    void (*on_event)(void *ctx, const struct device_announce_event *event);
    void *event_ctx;
};

/* Others' sockets that can be waited for along with avahi's. */
#define DEVICE_ANNOUNCE_FDS 4

/* What is waited for in device_announce_wait(). */
struct device_announce_wait {
    struct pollfd *fds;
    size_t count;
    const sigset_t *mask;
    int error; /* of errno, that ended the wait */
};

struct device_announce {
    const struct device_announce_config *config;
    AvahiSimplePoll *poll;                    /* NULL: nothing is announced, nor tried to */
    const struct device_publisher_kind *kind; /* the one to try */
    struct device_publisher publisher;
    struct device_links links;
    uint32_t looked_ms; /* when the links were last looked at, by posix_clock_now_ms() */
    uint32_t failed_ms; /* when a publisher could last not be had, or failed */
    struct device_announce_wait wait;
    unsigned number; /* of the name that is tried; 1 is the one that was configured */
    char name[DEVICE_NAME_SIZE];
    char host[DEVICE_HOST_SIZE];
    bool is_committed; /* the records have been handed to the publisher */
    bool is_told;      /* ... and their success to the caller */
    bool has_warned;
};

/* Get ready; nothing is announced yet. `config` must outlive `announce`, which must not move. */
void device_announce_init(struct device_announce *announce,
                          const struct device_announce_config *config);

/*
 * Begin to announce, under the latest name that was tried, and go on trying while that cannot be
 * done. What comes of it is told by on_event(), from within this function or
 * device_announce_wait().
 */
void device_announce_start(struct device_announce *announce);

/* Withdraw, and tell whoever listens. Nothing happens when nothing is announced. */
void device_announce_stop(struct device_announce *announce);

/*
 * As ppoll() with these `count` sockets, at most DEVICE_ANNOUNCE_FDS, for `timeout_ms` or, with
 * OTA_NEVER, for as long as it takes; mDNS is served meanwhile, which may end the wait as well. So
 * may a signal. False with errno when waiting failed.
 */
bool device_announce_wait(struct device_announce *announce, struct pollfd *fds, size_t count,
                          uint32_t timeout_ms, const sigset_t *mask);

#endif
