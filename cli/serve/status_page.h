/*
 * The status page: plain HTML, whole without scripts, which renews itself.
 *
 * It needs nothing but /status.css: the server answers with the Content-Security-Policy
 * STATUS_PAGE_POLICY, so that not even a mistake in here would make a device's text run.
 */
#ifndef CLI_STATUS_PAGE_H
#define CLI_STATUS_PAGE_H

#include "cli/serve/status_view.h"

struct evbuffer;

#define STATUS_PAGE_TYPE "text/html; charset=utf-8"

#define STATUS_PAGE_POLICY                                                        \
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; " \
    "frame-ancestors 'none'"

/* Append a whole document, UTF-8. */
void status_page_write(const struct status_view *view, struct evbuffer *out);

#endif
