/*
 * HTML text out of texts that may be anything: what a device sent, a path, a catalogue's word.
 */
#ifndef CLI_MARKUP_H
#define CLI_MARKUP_H

#include <stdint.h>

struct evbuffer;

/* Append markup as it is: the program's own, made as by printf. */
void markup_raw(struct evbuffer *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Append a text of anybody's, for content or between double or single quotes: controls, invisible
 * characters and broken UTF-8 as printable() shows them, and & < > " ' as references. Nothing that
 * is in it can end the text. Longer ones than a path may be (PATH_MAX) are cut.
 */
void markup_text(struct evbuffer *out, const char *text);

/*
 * Append <time> with how long ago that was, or with the time itself where it is still to come; the
 * exact one is in `datetime`, and in `title` for who points at it. "unknown" for a moment outside
 * the years 1970 to 9999.
 */
void markup_time(struct evbuffer *out, int64_t when, int64_t now);

/* Append a size: "512 bytes", "12.5 KiB", "4.0 MiB"; the exact one is in a title. */
void markup_size(struct evbuffer *out, uint64_t bytes);

/* Append a share of RELEASE_WHOLE in percent: "10%", "0.5%". */
void markup_share(struct evbuffer *out, uint32_t share);

#endif
