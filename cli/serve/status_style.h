/*
 * The status page's style sheet, for /status.css.
 */
#ifndef CLI_STATUS_STYLE_H
#define CLI_STATUS_STYLE_H

#define STATUS_STYLE_TYPE "text/css; charset=utf-8"

/* Ends with NUL. Light or dark as the reader's system is; for paper and narrow screens, too. */
extern const char status_style[];

#endif
