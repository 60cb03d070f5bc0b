/*
 * The head of an answer while it is put together. A server has one, for it makes its answers one
 * after the other; libevent's own way takes three allocations and a printf for every header.
 */
#ifndef CLI_HTTP_HEAD_H
#define CLI_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct evbuffer;

/* Bytes of all headers. */
#define HTTP_HEAD_MAX 4096

/* Bytes in front of them, which the status line fits into. */
#define HTTP_HEAD_LINE_MAX 64

struct http_head {
    char text[HTTP_HEAD_LINE_MAX + HTTP_HEAD_MAX];
    size_t len;     /* of the headers */
    bool overflows; /* there was no room for one */
    time_t date_of; /* the second that `date` says; it is put together once for each */
    char date[32];
};

/* Begin another one. All zero is right for the first. */
void http_head_begin(struct http_head *head);

/* Add a header; neither text may have controls. */
void http_head_add(struct http_head *head, const char *name, const char *value);

/* The same with a number. */
void http_head_add_number(struct http_head *head, const char *name, uint64_t number);

/*
 * Add Date, and write all of it: status line, headers, empty line. `protocol` is "HTTP/1.0" or
 * "HTTP/1.1". False, with nothing written, when headers had no room, or without memory.
 */
bool http_head_finish(struct http_head *head, const char *protocol, unsigned status,
                      struct evbuffer *out);

#endif
