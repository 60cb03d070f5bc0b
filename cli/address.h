/*
 * Socket addresses of either family, as values.
 */
#ifndef CLI_ADDRESS_H
#define CLI_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct address {
    socklen_t len; /* 0: no address */
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } u;
};

/* Characters, with NUL, of the longest text, "[fe80::...%interface]:65535". */
#define ADDRESS_TEXT_MAX 80

/* Read a numeric IPv4 or IPv6 address, the latter also in brackets and with a scope. Port is 0. */
bool address_parse(struct address *out, const char *text);

/* Copy a socket address; false when its family is neither IPv4 nor IPv6. */
bool address_from(struct address *out, const struct sockaddr *from, socklen_t len);

uint16_t address_port(const struct address *address);
void address_set_port(struct address *address, uint16_t port);

/* True when the address is one by which a machine reaches itself alone: 127.0.0.0/8, ::1. */
bool address_is_loopback(const struct address *address);

/* True when both name the same host, whatever the ports; an IPv4-mapped address is the IPv4 one. */
bool address_same_host(const struct address *a, const struct address *b);

/* True when both are the same host and the same port. */
bool address_equal(const struct address *a, const struct address *b);

/* An order of addresses and ports: 0 when they are equal, else negative or positive. */
int address_compare(const struct address *a, const struct address *b);

/* The address without its port, as text. Returns `out`. */
char *address_host_text(const struct address *address, char out[ADDRESS_TEXT_MAX]);

/* The address with its port, as text. Returns `out`. */
char *address_text(const struct address *address, char out[ADDRESS_TEXT_MAX]);

#endif
