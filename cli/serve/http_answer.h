/*
 * Answers: the functions under "answering" in http_server.h, and what they need of each other.
 */
#ifndef CLI_HTTP_ANSWER_H
#define CLI_HTTP_ANSWER_H

#include "cli/serve/http_exchange.h"

/*
 * Send the answer whose headers the server's head, and whose body libevent's request has by now;
 * `length` is that of the body, or would be if it was asked for; a 304 has none. libevent itself is
 * told of the answer's end alone.
 */
void http_answer_send(struct http_exchange *exchange, unsigned status, uint64_t length);

#endif
