/*
 * Addresses between libota and the socket interface.
 */
#ifndef POSIX_ADDRESS_H
#define POSIX_ADDRESS_H

#include "ota/net.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Characters, with NUL, of the longest text: an IPv6 address with an interface's name. */
#define POSIX_ADDRESS_MAX 64

/* A socket address as libota's; false when it is neither IPv4 nor IPv6. */
bool posix_address_from_socket(struct ota_address *out, const struct sockaddr_storage *socket);

/* The other way; returns the length, 0 when `address` is neither IPv4 nor IPv6. */
socklen_t posix_address_to_socket(const struct ota_address *address, struct sockaddr_storage *out);

/* Read a numeric address ("192.0.2.1", "fe80::1%eth0"); the port becomes 0. False otherwise. */
bool posix_address_parse(struct ota_address *out, const char *text);

/* Write the address without its port. `out` has POSIX_ADDRESS_MAX characters. */
void posix_address_format(const struct ota_address *address, char *out);

#ifdef __cplusplus
}
#endif

#endif
