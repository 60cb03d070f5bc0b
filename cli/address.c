#include "cli/address.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>

bool address_from(struct address *out, const struct sockaddr *from, socklen_t len)
{
    size_t needed = from->sa_family == AF_INET ? sizeof out->u.v4 : sizeof out->u.v6;

    *out = (struct address){ .len = 0 };
    if ((from->sa_family != AF_INET && from->sa_family != AF_INET6) || len < needed)
        return false;
    memcpy(&out->u, from, needed);
    out->len = (socklen_t)needed;
    return true;
}

bool address_parse(struct address *out, const char *text)
{
    const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_DGRAM };
    struct addrinfo *found = NULL;
    char bare[ADDRESS_TEXT_MAX];
    size_t len = strlen(text);

    *out = (struct address){ .len = 0 };
    if (len >= sizeof bare || len == 0)
        return false;
    memcpy(bare, text, len + 1);
    if (bare[0] == '[' && bare[len - 1] == ']') {
        bare[len - 1] = '\0';
        memmove(bare, bare + 1, len - 1);
        if (!strchr(bare, ':'))
            return false;
    }
    if (getaddrinfo(bare, NULL, &hints, &found) != 0)
        return false;
    bool ok = address_from(out, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return ok;
}

uint16_t address_port(const struct address *address)
{
    return ntohs(address->u.any.sa_family == AF_INET ? address->u.v4.sin_port
                                                     : address->u.v6.sin6_port);
}

void address_set_port(struct address *address, uint16_t port)
{
    if (address->u.any.sa_family == AF_INET)
        address->u.v4.sin_port = htons(port);
    else
        address->u.v6.sin6_port = htons(port);
}

/* The 16 bytes of the host, IPv4 in its mapped form. */
static void host_bytes(const struct address *address, uint8_t out[16])
{
    static const uint8_t mapped[12] = { [10] = 0xFF, [11] = 0xFF };

    if (address->u.any.sa_family == AF_INET6) {
        memcpy(out, &address->u.v6.sin6_addr, 16);
        return;
    }
    memcpy(out, mapped, sizeof mapped);
    memcpy(out + sizeof mapped, &address->u.v4.sin_addr, 4);
}

bool address_is_loopback(const struct address *address)
{
    static const uint8_t v4[13] = { [10] = 0xFF, [11] = 0xFF, [12] = 127 };
    static const uint8_t v6[16] = { [15] = 1 };
    uint8_t host[16];

    host_bytes(address, host);
    return memcmp(host, v4, sizeof v4) == 0 || memcmp(host, v6, sizeof v6) == 0;
}

bool address_same_host(const struct address *a, const struct address *b)
{
    uint8_t host_a[16];
    uint8_t host_b[16];

    host_bytes(a, host_a);
    host_bytes(b, host_b);
    return memcmp(host_a, host_b, sizeof host_a) == 0;
}

bool address_equal(const struct address *a, const struct address *b)
{
    return address_same_host(a, b) && address_port(a) == address_port(b);
}

int address_compare(const struct address *a, const struct address *b)
{
    uint8_t host_a[16];
    uint8_t host_b[16];

    host_bytes(a, host_a);
    host_bytes(b, host_b);
    int order = memcmp(host_a, host_b, sizeof host_a);
    return order != 0 ? order : (int)address_port(a) - (int)address_port(b);
}

char *address_host_text(const struct address *address, char out[ADDRESS_TEXT_MAX])
{
    if (address->len == 0 || getnameinfo(&address->u.any, address->len, out, ADDRESS_TEXT_MAX, NULL,
                                         0, NI_NUMERICHOST) != 0)
        snprintf(out, ADDRESS_TEXT_MAX, "?");
    return out;
}

char *address_text(const struct address *address, char out[ADDRESS_TEXT_MAX])
{
    char host[ADDRESS_TEXT_MAX];

    address_host_text(address, host);
    snprintf(out, ADDRESS_TEXT_MAX, strchr(host, ':') ? "[%.70s]:%u" : "%.70s:%u", host,
             (unsigned)address_port(address));
    return out;
}
