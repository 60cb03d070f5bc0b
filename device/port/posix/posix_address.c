#include "posix_address.h"

#include <netdb.h>
#include <netinet/in.h>
#include <string.h>

bool posix_address_from_socket(struct ota_address *out, const struct sockaddr_storage *socket)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    *out = (struct ota_address){ 0 };
    if (socket->ss_family == AF_INET) {
        memcpy(&v4, socket, sizeof v4);
        out->length = sizeof v4.sin_addr;
        memcpy(out->bytes, &v4.sin_addr, sizeof v4.sin_addr);
        out->port = ntohs(v4.sin_port);
        return true;
    }
    if (socket->ss_family == AF_INET6) {
        memcpy(&v6, socket, sizeof v6);
        out->length = sizeof v6.sin6_addr;
        memcpy(out->bytes, &v6.sin6_addr, sizeof v6.sin6_addr);
        out->port = ntohs(v6.sin6_port);
        out->scope = v6.sin6_scope_id;
        return true;
    }
    return false;
}

socklen_t posix_address_to_socket(const struct ota_address *address, struct sockaddr_storage *out)
{
    struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(address->port) };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(address->port) };

    memset(out, 0, sizeof *out);
    if (address->length == sizeof v4.sin_addr) {
        memcpy(&v4.sin_addr, address->bytes, sizeof v4.sin_addr);
        memcpy(out, &v4, sizeof v4);
        return sizeof v4;
    }
    if (address->length == sizeof v6.sin6_addr) {
        memcpy(&v6.sin6_addr, address->bytes, sizeof v6.sin6_addr);
        v6.sin6_scope_id = address->scope;
        memcpy(out, &v6, sizeof v6);
        return sizeof v6;
    }
    return 0;
}

bool posix_address_parse(struct ota_address *out, const char *text)
{
    struct addrinfo hints = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_DGRAM };
    struct addrinfo *found;
    struct sockaddr_storage socket = { 0 };

    if (getaddrinfo(text, NULL, &hints, &found) != 0)
        return false;
    memcpy(&socket, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return posix_address_from_socket(out, &socket);
}

void posix_address_format(const struct ota_address *address, char *out)
{
    struct sockaddr_storage socket;
    socklen_t len = posix_address_to_socket(address, &socket);

    if (len == 0 || getnameinfo((const struct sockaddr *)&socket, len, out, POSIX_ADDRESS_MAX, NULL,
                                0, NI_NUMERICHOST) != 0)
        memcpy(out, "?", 2);
}
