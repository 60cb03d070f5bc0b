/*
 * What the puller asks: the text of a request.
 */
#ifndef OTA_PULLER_REQUEST_H
#define OTA_PULLER_REQUEST_H

#include "ota/puller.h"

/* What a request is made of, all of it somebody else's. */
struct ota_puller_request {
    const struct ota_pull_url *url;
    const struct ota_identity *identity;
    enum ota_target target;
    const char *credentials; /* NULL: none are sent */
    uint32_t from;           /* the first byte that is wanted; 0: all of them, not with Range */
    const char *etag;        /* what the image must still be for that; "" when it has none */
};

/*
 * Write the part of the request's text that follows its first `skip` bytes, as far as there is
 * room; returns its length, 0 when there is no more. So no buffer needs to hold it all. It may
 * carry credentials.
 */
size_t ota_puller_request_text(const struct ota_puller_request *request, size_t skip, char *out,
                               size_t size);

#endif
