/*
 * Datagrams with the address of ours that they came to. A socket that is bound to no address in
 * particular answers from the one the system prefers for the way back, which need not be the one
 * that was asked; and who asks takes answers from that one only.
 */
#ifndef POSIX_DATAGRAM_H
#define POSIX_DATAGRAM_H

#include "ota/net.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Bytes of the longest datagram that is sent or read whole. */
#define POSIX_DATAGRAM_MAX 2048

/* Let a UDP socket of this family tell where datagrams came to; false with errno. */
bool posix_datagram_prepare(int fd, int family);

/*
 * Receive a datagram, cut to `size` bytes; returns its length, or -1 with errno. `from` is the
 * sender, with length 0 when it has no address of ours' kind. `to` is our address, its port 0; its
 * length is 0 when it is not known, or is none to send from (multicast).
 */
ssize_t posix_datagram_receive(int fd, void *out, size_t size, struct ota_address *from,
                               struct ota_address *to);

/*
 * Send a datagram of up to POSIX_DATAGRAM_MAX bytes from this address of ours; from the one that
 * the system prefers, when its length is 0 or it is not ours any more. It may get lost.
 */
void posix_datagram_send(int fd, const struct ota_address *from, const struct ota_address *to,
                         const void *bytes, size_t len);

#endif
