/*
 * The event loop of uploads: one libevent base, any number of sessions. It owns the sockets and
 * knows nothing of the protocol; it prints nothing, and tells an observer what happens.
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
};

/*
 * Run all uploads to their ends. SIGINT and SIGTERM abort what is not finished.
 * Returns 0, or the number of the signal that ended it.
 */
int push_loop_run(struct push_upload *uploads, size_t count,
                  const struct push_loop_options *options);

#endif
