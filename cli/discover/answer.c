#include "cli/discover/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool answer_usable(const struct mdns_service *service)
{
    const struct address *address = &service->address;

    if (address->len == 0 || address_port(address) == 0)
        return false;
    if (address->u.any.sa_family == AF_INET) {
        in_addr_t host = ntohl(address->u.v4.sin_addr.s_addr);
        return host != INADDR_ANY && host != INADDR_BROADCAST && !IN_MULTICAST(host);
    }
    const struct in6_addr *host = &address->u.v6.sin6_addr;
    return !IN6_IS_ADDR_UNSPECIFIED(host) && !IN6_IS_ADDR_MULTICAST(host);
}

/* How much of a TXT record is whole strings, and not more than is kept. */
static size_t whole_strings(const uint8_t *txt, size_t len)
{
    size_t used = 0;

    while (used < len) {
        size_t next = used + 1 + txt[used];
        if (next > len || next > ANSWER_TXT_MAX)
            break;
        used = next;
    }
    return used;
}

static bool is_link_local(const struct address *address)
{
    return address->u.any.sa_family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&address->u.v6.sin6_addr);
}

struct answer *answer_new(const struct mdns_service *service, unsigned interface)
{
    size_t txt_len = whole_strings(service->txt, service->txt_len);
    struct answer *answer = malloc(sizeof *answer + txt_len);

    if (!answer)
        return NULL;
    snprintf(answer->host, sizeof answer->host, "%s", service->host);
    answer->address = service->address;
    if (is_link_local(&answer->address) && answer->address.u.v6.sin6_scope_id == 0)
        answer->address.u.v6.sin6_scope_id = interface;
    answer->txt_len = txt_len;
    if (txt_len > 0)
        memcpy(answer->txt, service->txt, txt_len);
    return answer;
}

enum answer_grade answer_grade(const struct answer *answer)
{
    if (answer->address.u.any.sa_family == AF_INET)
        return ANSWER_IPV4;
    return is_link_local(&answer->address) ? ANSWER_IPV6_LINK_LOCAL : ANSWER_IPV6;
}

static bool same_address(const struct address *a, const struct address *b)
{
    if (a->u.any.sa_family != b->u.any.sa_family || address_port(a) != address_port(b))
        return false;
    return address_same_host(a, b) &&
           (a->u.any.sa_family == AF_INET || a->u.v6.sin6_scope_id == b->u.v6.sin6_scope_id);
}

bool answer_equal(const struct answer *a, const struct answer *b)
{
    return same_address(&a->address, &b->address) && strcmp(a->host, b->host) == 0 &&
           a->txt_len == b->txt_len && memcmp(a->txt, b->txt, a->txt_len) == 0;
}
