/*
 * The Range header of a request (RFC 9110, section 14), for one range of bytes.
 */
#ifndef CLI_HTTP_RANGE_H
#define CLI_HTTP_RANGE_H

#include <stdint.h>

enum http_range_kind {
    HTTP_RANGE_WHOLE,         /* none, several, or nothing that is understood: 200 */
    HTTP_RANGE_PART,          /* 206 */
    HTTP_RANGE_UNSATISFIABLE, /* 416 */
};

struct http_range {
    enum http_range_kind kind;
    uint64_t first; /* of PART: the first byte */
    uint64_t last;  /* of PART: the last one, inside the size */
};

/* Read a Range header (NULL: there is none) for a representation of `size` bytes. */
struct http_range http_range_parse(const char *value, uint64_t size);

#endif
