/*
 * The names of HTTP's statuses.
 */
#ifndef CLI_HTTP_STATUS_H
#define CLI_HTTP_STATUS_H

/* "Not Found"; of a status that this server never says, "". */
const char *http_status_phrase(unsigned status);

#endif
