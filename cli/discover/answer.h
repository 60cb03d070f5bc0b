/*
 * What an instance answered when it was asked, kept: its host, its address and its TXT record.
 */
#ifndef CLI_ANSWER_H
#define CLI_ANSWER_H

#include "cli/discover/device.h"
#include "cli/discover/mdns.h"

/* Bytes of a TXT record that are kept; more is cut at a string's border. */
#define ANSWER_TXT_MAX 8192

/* How much an address is wanted, the best last. */
enum answer_grade {
    ANSWER_IPV6_LINK_LOCAL,
    ANSWER_IPV6,
    ANSWER_IPV4,
};

struct answer {
    char host[DEVICE_HOST_MAX]; /* no dot at its end; cut when it is too long */
    struct address address;     /* with the port */
    size_t txt_len;
    uint8_t txt[]; /* whole strings */
};

/*
 * True when something can be sent to the address and port: port 0 is how a host says that it has
 * no such service, and nobody's device has an unspecified, broadcast or multicast address.
 */
bool answer_usable(const struct mdns_service *service);

/*
 * A copy, to be freed; NULL without memory. A link-local IPv6 address without a scope gets
 * `interface`, where it was heard.
 */
struct answer *answer_new(const struct mdns_service *service, unsigned interface);

enum answer_grade answer_grade(const struct answer *answer);

/* True when both say the same. */
bool answer_equal(const struct answer *a, const struct answer *b);

#endif
