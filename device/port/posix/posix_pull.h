/*
 * A TCP connection for the puller: names are resolved without blocking (getaddrinfo_a), each
 * address of a host is tried in turn, and nothing here waits. Used like posix_net.h: prepare, the
 * program's own poll(), serve.
 */
#ifndef POSIX_PULL_H
#define POSIX_PULL_H

#include "ota/puller.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes read from the connection at a time. */
#define POSIX_PULL_INPUT 8192

/* Sockets to wait for. */
#define POSIX_PULL_FDS 1

struct posix_pull; /* fields at the end of this header, they are its own */

/* Make ready; `pull->net` is the interface for the puller's configuration. Must not move. */
void posix_pull_init(struct posix_pull *pull);

/* Close whatever is open. */
void posix_pull_close(struct posix_pull *pull);

/* What to wait for goes to `fds`; returns for how many milliseconds at most, or OTA_PULL_NEVER. */
uint32_t posix_pull_prepare(struct posix_pull *pull, struct pollfd fds[static POSIX_PULL_FDS]);

/* Deliver what poll() has noted in `fds`, and poll the puller once. */
void posix_pull_serve(struct posix_pull *pull, struct ota_puller *puller,
                      const struct pollfd fds[static POSIX_PULL_FDS]);

#endif
