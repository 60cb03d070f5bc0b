/*
 * A TCP connection for the puller: names are resolved without blocking (posix_lookup.h), each
 * address of a host is tried in turn, and nothing here waits. Used like posix_net.h: prepare, the
 * program's own poll(), serve. There is no TLS.
 */
#ifndef POSIX_PULL_H
#define POSIX_PULL_H

#include "ota/puller.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes read from the connection at a time; what the puller does not take waits here. */
#define POSIX_PULL_INPUT 8192

/* Sockets to wait for. */
#define POSIX_PULL_FDS 1

/*
 * Addresses of a host that are tried at most, and how long each but the last has for an answer at
 * most: less where the puller's time for connecting would not do for all of them.
 */
#define POSIX_PULL_ADDRESSES 8
#define POSIX_PULL_TRY_MS    2500

struct posix_pull; /* fields at the end of this header, they are its own */

/* Make ready; `pull->net` is the interface for the puller's configuration. Must not move. */
void posix_pull_init(struct posix_pull *pull);

/* Close whatever is open. Nothing is reported about it; may be used on. */
void posix_pull_close(struct posix_pull *pull);

/* As ota_puller_start(), and the puller is polled at once: the next prepare() does not wait. */
bool posix_pull_start(struct posix_pull *pull, struct ota_puller *puller, const char *url,
                      enum ota_target target);

/* What to wait for goes to `fds`; returns for how many milliseconds at most, or OTA_PULL_NEVER. */
uint32_t posix_pull_prepare(struct posix_pull *pull, struct pollfd fds[POSIX_PULL_FDS]);

/* Deliver what poll() has noted in `fds`, and poll the puller once. */
void posix_pull_serve(struct posix_pull *pull, struct ota_puller *puller,
                      const struct pollfd fds[POSIX_PULL_FDS]);

enum posix_pull_state {
    POSIX_PULL_IDLE,
    POSIX_PULL_LOOKING_UP,
    POSIX_PULL_CONNECTING,
    POSIX_PULL_CONNECTED,
    POSIX_PULL_UNREACHABLE, /* no address could be reached; the puller is about to be told */
    POSIX_PULL_ENDED,       /* the puller knows that it has ended, or could not be made */
};

struct posix_pull {
    struct ota_pull_net net; /* the interface */
    enum posix_pull_state state;
    struct posix_lookup *lookup; /* while looking up, else NULL */
    struct sockaddr_storage address[POSIX_PULL_ADDRESSES];
    size_t addresses;
    size_t tried;      /* of them, the one that is being tried included */
    uint32_t limit_ms; /* how long the puller waits for a connection, */
    uint32_t began_ms; /* and since when */
    uint32_t tried_ms; /* when the present try began, */
    uint32_t try_ms;   /* and how long it may take */
    uint16_t port;
    int fd;            /* of the connection, or -1 */
    bool peer_ended;   /* the peer has closed or reset it: told once the input is taken */
    bool send_is_full; /* the puller has more to send */
    uint32_t delay_ms; /* until the puller wants to be polled; 0 at first */
    size_t input_at;   /* bytes of `input` that were taken */
    size_t input_len;  /* bytes of `input` that were read */
    uint8_t input[POSIX_PULL_INPUT];
};

#ifdef __cplusplus
}
#endif

#endif
