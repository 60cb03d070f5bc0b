/*
 * What can be made out of the head of a request that is refused: for the log, where just those
 * requests are looked up.
 */
#ifndef CLI_HTTP_GIST_H
#define CLI_HTTP_GIST_H

#include <stddef.h>

#define HTTP_GIST_WORD_SIZE 16
#define HTTP_GIST_TEXT_SIZE 1024

/* Hostile texts, with any bytes; longer ones are cut. What there is none of, is empty. */
struct http_gist {
    char method[HTTP_GIST_WORD_SIZE]; /* a token: GET, POST, BREW */
    char target[HTTP_GIST_TEXT_SIZE];
    char protocol[HTTP_GIST_WORD_SIZE]; /* HTTP/1.1, HTTP/9 */
    char user_agent[HTTP_GIST_TEXT_SIZE];
    char referer[HTTP_GIST_TEXT_SIZE];
};

/*
 * Read the beginning of a head, which may end anywhere and be anything. What does not begin with a
 * method has no target and no protocol either; headers are the first of their name, case ignored.
 */
void http_gist_read(struct http_gist *gist, const char *head, size_t len);

#endif
