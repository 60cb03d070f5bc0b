/*
 * One upload's session and its sockets: what happens on them is told to the session, and what the
 * session wants is done on them.
 */
#ifndef CLI_TRANSPORT_H
#define CLI_TRANSPORT_H

#include "cli/address.h"
#include "cli/failure.h"
#include "cli/image/file_stamp.h"
#include "cli/push/session.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fleet_row;
struct listener;
struct transport_env;

/* What mDNS says of a device that did not answer. */
enum push_presence {
    PUSH_UNASKED,
    PUSH_PRESENT,
    PUSH_ABSENT, /* though it was known from before */
};

/* One device to be updated. */
struct push_upload {
    /* The caller's, before the loop runs. */
    const char *name;          /* for people */
    struct address device;     /* with its UDP port */
    struct push_config config; /* `port` and `random` are filled in by the loop */
    enum push_presence presence;

    /* The observer's; all zero at first. */
    uint64_t shown_bytes;
    unsigned shown_quarters;
    struct fleet_row *row; /* its line where there are several; stays over a new start */

    /* For everybody to read. */
    struct push_session session; /* its state is PUSH_FINISHED after the loop */
    struct address local;        /* where the device is told to connect to */
    struct failure failure;      /* of PUSH_LOCAL_FAILURE */
    int network_error;           /* errno of the last failed datagram, 0 when none */
    uint64_t started_ms;         /* clock_ms(): start, first byte's connection, end */
    uint64_t connected_ms;
    uint64_t finished_ms;

    /* The loop's own. */
    const struct transport_env *env;
    struct listener *listener; /* NULL once it has finished */
    size_t place;              /* among those under way */
    struct event *datagrams;
    struct event *readable;
    struct event *writable;
    struct event *timer;
    int udp_fd;
    int stream_fd;
    uint64_t rings_at;  /* when `timer` does, UINT64_MAX: not set */
    bool hears_all;     /* the stream is readable from the first byte on */
    bool stream_broken; /* sending has failed: what ends it is no orderly close */
};

/* Called from within the loop; every function may be NULL. */
struct push_observer {
    void *ctx;
    void (*event)(void *ctx, struct push_upload *upload, enum push_event event);
    /* A host that is no upload's device connected to `local`, and was turned away. */
    void (*stranger)(void *ctx, const struct address *local, const struct address *from);
    /* For each upload whose image is on its way, ten times a second; with many, less often. */
    void (*tick)(void *ctx, struct push_upload *upload);
};

/* What all uploads of a loop share. */
struct transport_env {
    struct event_base *base;
    int image_fd;
    const struct file_stamp *image_stamp;
    const struct push_observer *observer;
    /* An upload is over and its sockets are closed; not NULL. It must not be started again in this
     * call. */
    void (*finished)(void *ctx, struct push_upload *upload);
    void *finished_ctx;
};

/* Set the descriptors and events to none; `env` is kept. */
void transport_init(struct push_upload *upload, const struct transport_env *env);

/* Start to listen on `udp_fd`. False, with the upload's `failure` filled in, when out of memory. */
bool transport_start_datagrams(struct push_upload *upload);

/* Take over the connection of the device, which the session wants. */
void transport_start_stream(struct push_upload *upload, int fd);

/* Do what the session wants; to be called after every call into it. */
void transport_settle(struct push_upload *upload);

/* End the upload here and now; its `failure` says why. */
void transport_fail(struct push_upload *upload);

/* Tell the session what the device has said, and its TCP acknowledged, by now. */
void transport_sample(struct push_upload *upload);

/* Close all sockets; harmless the second time. */
void transport_release(struct push_upload *upload);

#endif
