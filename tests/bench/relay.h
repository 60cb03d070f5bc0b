/*
 * A slow, narrow link between an uploader and a device, in user space and on loopback.
 *
 * The uploader sends its invitation to the relay's port. The relay passes datagrams on, and puts a
 * TCP port of its own into invitations, so that the device connects to it; it then connects to the
 * uploader. Everything is half a round trip on its way. At most `window` bytes are in flight from
 * the uploader: taken from it, and the news that the device has them not back yet. A TCP handshake
 * takes one and a half round trips until the uploader can send.
 *
 * It runs in a thread of its own, for any number of uploads one after the other.
 */
#ifndef TESTS_BENCH_RELAY_H
#define TESTS_BENCH_RELAY_H

#include <stddef.h>
#include <stdint.h>

struct relay_options {
    uint16_t device_port; /* UDP, on 127.0.0.1 */
    unsigned rtt_us;      /* round trip, in microseconds */
    size_t window;        /* bytes */
};

struct relay;

/* Start; NULL with errno when that failed. */
struct relay *relay_start(const struct relay_options *options);

/* The UDP port that stands for the device's. */
uint16_t relay_port(const struct relay *relay);

/* Stop at once, and release everything. */
void relay_stop(struct relay *relay);

#endif
