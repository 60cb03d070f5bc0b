/*
 * Web servers that everybody has, with the test's folder to serve from: python3's http.server, and
 * nginx with a configuration of the test's own. They end with the test.
 */
#ifndef TESTS_PULL_WEB_SERVER_H
#define TESTS_PULL_WEB_SERVER_H

#include "e2e.h"

#include <stdint.h>

/* Start `python3 -m http.server` in the test's folder, and wait until it listens; its port. */
uint16_t web_python_start(void);

/*
 * Start nginx with these server blocks, and wait until it listens; skips the test where there is
 * none. It serves the folder "www" of the test's; sockets lie at "unix:SOCKET", with the path that
 * web_socket() gives. Every request is a line "STATUS RANGE-OR-- URI" of its access log.
 */
void web_nginx_start(const char *servers);

/* The path of the socket with this name. */
struct temp_path web_socket(const char *name);

/* What nginx has logged, or "" ; to be released by free(). */
char *web_nginx_log(void);

/* Write an image to "www". */
void web_publish(const char *name, const struct e2e_image *image);

/* "http://127.0.0.1:PORT/NAME". */
struct web_url {
    char text[128];
};

struct web_url web_url(uint16_t port, const char *name);

#endif
