/*
 * What the tests of the update server share: the server as a stranger runs it, on a port that the
 * system chooses, and a client that sees every byte of an answer.
 */
#ifndef TESTS_SERVE_WORLD_H
#define TESTS_SERVE_WORLD_H

#include "stock_updater.h"
#include "tests/e2e/e2e.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERVE_SUITE(name) TestSuite(name, .init = e2e_setup, .fini = serve_teardown, .timeout = 90)

/* Also releases the answers. */
void serve_teardown(void);

struct served {
    struct process *process;
    uint16_t port;        /* for devices */
    uint16_t status_port; /* for people; 0: none */
    char url[64];         /* "http://127.0.0.1:40123/" */
    char status_url[64];
};

/*
 * Start `espota-c serve --listen 127.0.0.1:0` and `args`, and wait until it listens. Its record is
 * in memory unless `args` name a --state.
 */
struct served serve_start(const char *const *args);

/* End it by SIGTERM: it must end well. */
void serve_stop(struct served *served);

/* Write a file to the test's folder. */
void serve_file(const char *name, const char *text);

/* An answer: every byte that came until the server closed. Valid until the test ends. */
struct answer {
    char *bytes; /* NUL-terminated */
    size_t len;
    unsigned status;  /* 0: no answer at all */
    const char *body; /* in `bytes` */
    size_t body_len;
    bool closed; /* in order; else reset, or never */
};

/* Send bytes, and read until the server closes. `len` 0: up to the NUL. */
struct answer ask_bytes(uint16_t port, const void *bytes, size_t len);

/* Send a stock client's request. */
struct answer ask(const struct served *served, const struct stock_updater *updater);

/* A header of an answer, without the spaces around it; NULL when it is not there. */
const char *answer_header(const struct answer *answer, const char *name);

/* How often it is there. */
unsigned answer_header_count(const struct answer *answer, const char *name);

void expect_status_at(const char *file, int line, const struct answer *answer, unsigned status);

#define expect_status(answer, status) expect_status_at(__FILE__, __LINE__, (answer), (status))

/* The answer is 200 with this image, whole, and what the protocol says of it. */
void expect_image_at(const char *file, int line, const struct answer *answer,
                     const struct built_image *image);

#define expect_image(answer, image) expect_image_at(__FILE__, __LINE__, (answer), (image))

/* Wait until the access log, on the server's standard output, has this text. */
void expect_logged(struct served *served, const char *text);

/* Wait until it has it so many times. */
void expect_logged_times(struct served *served, const char *text, unsigned times);

/* Run curl with these arguments; it must succeed. */
struct process *curl(const char *const *args);

#endif
