/*
 * The socket of a responder of mDNS over IPv4.
 */
#ifndef TESTS_MDNS_RESPONDER_SOCKET_H
#define TESTS_MDNS_RESPONDER_SOCKET_H

#include <stdint.h>

#define RESPONDER_GROUP "224.0.0.251"
#define RESPONDER_PORT  5353

/*
 * One that hears and speaks on the interface with this IPv4 address, which `*out` receives in
 * network byte order. -1 with errno when there is none.
 */
int responder_socket(const char *address, uint32_t *out);

#endif
