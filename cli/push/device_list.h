/*
 * A list of devices, one in each line: what -i takes, and what is that device's own.
 *
 *     # the ground floor
 *     kitchen
 *     "Living room lamp"  port=3232
 *     192.168.1.40        port=8267 auth-file=secrets/garage
 *
 * Pure: text in, slices of it out.
 */
#ifndef CLI_DEVICE_LIST_H
#define CLI_DEVICE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the longest line, its end not counted. */
#define DEVICE_LIST_LINE_MAX 4096

/* Characters, with NUL, of the longest reason. */
#define DEVICE_LIST_WHY_MAX 256

/* A part of the list's text: no NUL, no control characters; no NUL behind it either. */
struct device_slice {
    const char *text;
    size_t len;
};

struct device_line {
    struct device_slice name;      /* at least one byte */
    uint16_t port;                 /* 0: none of its own */
    struct device_slice auth_file; /* no bytes: none of its own */
};

enum device_list_step {
    DEVICE_LIST_DEVICE,
    DEVICE_LIST_END,
    DEVICE_LIST_BAD, /* `why` says what is wrong with the line; the next step goes on behind it */
};

/* Reading one; the text must outlive it. */
struct device_list {
    const char *at;
    const char *end;
    unsigned line;                 /* of the latest step, from 1 */
    char why[DEVICE_LIST_WHY_MAX]; /* DEVICE_LIST_BAD: printable, no full stop */
};

/* Begin with `len` bytes of text, which may have a byte order mark in front. */
void device_list_begin(struct device_list *list, const char *text, size_t len);

/* Go on to the next device; empty lines and comments are passed over. */
enum device_list_step device_list_next(struct device_list *list, struct device_line *out);

#endif
