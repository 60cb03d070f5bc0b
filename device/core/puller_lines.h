/*
 * An answer's header, line by line, as it comes: the status line, then fields, then an empty line.
 * Lines end with LF, with or without CR before it. A field that is continued on further lines
 * (RFC 9112, section 5.2) is one line here. What is longer than there is room for is cut.
 */
#ifndef OTA_PULLER_LINES_H
#define OTA_PULLER_LINES_H

#include "ota/puller.h"

enum ota_puller_line {
    OTA_PULLER_LINE_NONE,   /* all was taken, and more is needed */
    OTA_PULLER_LINE_STATUS, /* the first line of a header is in `text` */
    OTA_PULLER_LINE_FIELD,  /* a field is in `text`; `is_cut` when that is not all of it */
    OTA_PULLER_LINE_END,    /* the header has ended; another one may follow */
    OTA_PULLER_LINE_BAD,    /* no such header; or a longer one than is accepted, all together */
};

/* Expect a header from its beginning; the count of bytes begins as well. */
void ota_puller_lines_begin(struct ota_pull_lines *lines);

/*
 * Take bytes up to the end of a line; `*taken` tells how many. What is in `text` is valid until the
 * next call. To be called until it returns NONE, END of the header that is waited for, or BAD.
 */
enum ota_puller_line ota_puller_lines_feed(struct ota_pull_lines *lines, const char *bytes,
                                           size_t len, size_t *taken);

#endif
