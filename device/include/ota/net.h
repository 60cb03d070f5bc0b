/*
 * The network interface: what a port provides to the responder. Nothing in it may block.
 *
 * One UDP socket that is bound to the device's port, and at most one TCP connection, which the
 * device opens. No function calls back into the responder: a port delivers what happens afterwards,
 * through ota_responder_on_...().
 */
#ifndef OTA_NET_H
#define OTA_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An IPv4 or IPv6 address with a port; a plain value. */
struct ota_address {
    uint8_t bytes[16]; /* in network order; the first `length` count */
    uint8_t length;    /* 4 or 16 */
    uint16_t port;     /* in the host's order */
    uint32_t scope;    /* IPv6 scope (interface) of a link-local address, else 0 */
};

/* True when both name the same host, whatever their ports. */
bool ota_address_same_host(const struct ota_address *a, const struct ota_address *b);

/* True when host and port are the same. */
bool ota_address_equal(const struct ota_address *a, const struct ota_address *b);

struct ota_net {
    void *ctx; /* handed to the functions unchanged */

    /* Send a datagram from the device's port. It may get lost; nobody is told. */
    void (*send_datagram)(void *ctx, const struct ota_address *to, const void *bytes, size_t len);

    /*
     * Begin to connect; there is no other connection. False when that failed at once; else the port
     * reports ota_responder_on_connected(), or ota_responder_on_closed() when it fails later.
     */
    bool (*connect)(void *ctx, const struct ota_address *to);

    /*
     * Send bytes on the connection. Returns how many were taken, 0 to `len`; when it is less than
     * `len`, the port calls ota_responder_on_sendable() once there is room again. Negative when
     * the connection is broken.
     */
    int32_t (*send)(void *ctx, const void *bytes, size_t len);

    /*
     * Close the connection in order: what send() took still arrives, if the peer lives. Also
     * gives up a connection that is being opened. Nothing is reported about it afterwards.
     */
    void (*close)(void *ctx);
};

#ifdef __cplusplus
}
#endif

#endif
