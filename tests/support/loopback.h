/*
 * Sockets on this machine for tests: addresses of either family, ports that the system chooses,
 * waits that are bounded.
 */
#ifndef TESTS_SUPPORT_LOOPBACK_H
#define TESTS_SUPPORT_LOOPBACK_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct loopback_address {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } sa;
    socklen_t len;
};

/* A numeric IPv4 or IPv6 address with a port; false when the text is none. */
bool loopback_parse(struct loopback_address *out, const char *text, uint16_t port);

uint16_t loopback_port_of(const struct loopback_address *address);
void loopback_set_port(struct loopback_address *address, uint16_t port);

/*
 * A non-blocking socket of `type` (SOCK_DGRAM, SOCK_STREAM: listening) bound to an address;
 * `port` 0 lets the system choose. -1 with errno when it failed.
 */
int loopback_bind(const char *address, uint16_t port, int type);

/* The port a socket is bound to. */
uint16_t loopback_port(int fd);

/*
 * A non-blocking TCP connection without Nagle's delay, from `source` unless it is NULL, with a
 * receive buffer of `receive_buffer` bytes unless it is 0. -1 with errno when there was none in
 * time.
 */
int loopback_connect(const struct loopback_address *to, const char *source, int receive_buffer,
                     int timeout_ms);

/*
 * Wait until the deadline for events of `fd`, or until `stop` becomes readable (either may be -1);
 * returns the events of `fd` that poll() reports, 0 if there were none.
 */
short loopback_wait(int fd, short events, int stop, int64_t deadline);

/* Close unless it is -1, and make it -1. */
void loopback_close(int *fd);

#endif
