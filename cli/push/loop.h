/*
 * Any number of uploads at once on one libevent base. It owns the sockets and knows nothing of the
 * protocol; it prints nothing, and tells an observer what happens.
 */
#ifndef CLI_LOOP_H
#define CLI_LOOP_H

#include "cli/address.h"
#include "cli/push/endpoint.h"
#include "cli/push/transport.h"

#include <stddef.h>

struct push_loop_options {
    int image_fd; /* a regular file, at least as long as each upload's config.size */
    const struct file_stamp *image_stamp; /* of when it was digested */
    struct address bind_to;               /* no address: whatever leads to the device */
    struct port_range ports;
    struct push_observer observer;
    /* As in struct transport_env. */
    void (*finished)(void *ctx, struct push_upload *upload);
    void *finished_ctx;
};

struct push_loop;

/* Make one; `options` must outlive it. NULL when out of memory. */
struct push_loop *push_loop_new(struct event_base *base, const struct push_loop_options *options);

/*
 * Start an upload, or start it anew. It stays where it is until it has finished, which it may have
 * before this returns; its results stay readable.
 */
void push_loop_start(struct push_loop *loop, struct push_upload *upload);

/* End all uploads that have not finished. */
void push_loop_abort(struct push_loop *loop, enum push_reason reason);

/* Close everything. NULL does nothing. */
void push_loop_free(struct push_loop *loop);

#endif
