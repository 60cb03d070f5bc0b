/*
 * The strict look at every byte of a request before libevent's HTTP parser sees it.
 *
 * That parser forgives much: bare LF, NUL, folded lines, "Content-Length :", a length and a coding
 * at once, a body that it then takes for the next request. Whoever reads the same bytes in another
 * way (a proxy before us) can be made to see other requests than we do. So what is not plainly
 * right is refused here, and nobody sends us a body: a head that passes means the same to everyone.
 *
 * Pure: bytes go in, in any pieces; out comes whether they are right, and if not, the status that
 * says so. Nothing is kept of what was read but a word.
 */
#ifndef CLI_HTTP_GUARD_H
#define CLI_HTTP_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_GUARD_TARGET_MAX  4096  /* bytes of a target; more: 414 */
#define HTTP_GUARD_HEAD_MAX    16384 /* bytes of a request line and its headers; more: 431 */
#define HTTP_GUARD_HEADERS_MAX 100   /* header lines; more: 431 */

/* Where in a request the next byte belongs. Its fields are its own, but for the first five. */
struct http_guard {
    unsigned status;   /* 0 while all is right, else how the request is to be refused */
    const char *why;   /* a sentence for the answer; NULL while all is right */
    uint32_t requests; /* whole heads that were right */
    size_t size;       /* bytes of the head that has begun; 0: none has */
    bool odd;          /* the target, of the last whole head if none has begun, does not begin
                          with one slash: libevent may not be able to take it apart */

    uint8_t state;
    uint8_t method;    /* index into a table */
    bool old;          /* HTTP/1.0 */
    bool has_length;   /* Content-Length was there */
    bool has_host;     /* Host was there */
    bool length_value; /* the value being read is that of Content-Length */
    bool has_body;
    unsigned headers;
    size_t part;   /* bytes of the word, target or value so far */
    char word[20]; /* its beginning */
};

/* All zero is right too. */
void http_guard_init(struct http_guard *guard);

/*
 * Take the next bytes. False once the requests are not right any more; what follows then is not
 * looked at. Those counted in guard->requests stay good.
 */
bool http_guard_take(struct http_guard *guard, const void *bytes, size_t len);

#endif
