#include "ota/net.h"

#include <string.h>

bool ota_address_same_host(const struct ota_address *a, const struct ota_address *b)
{
    return a->length == b->length && a->length <= sizeof a->bytes && a->scope == b->scope &&
           memcmp(a->bytes, b->bytes, a->length) == 0;
}

bool ota_address_equal(const struct ota_address *a, const struct ota_address *b)
{
    return a->port == b->port && ota_address_same_host(a, b);
}
