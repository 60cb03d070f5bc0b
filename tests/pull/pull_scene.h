/*
 * What tests of a device that asks begin with: answers for a scripted server, and a device that has
 * something to lose.
 */
#ifndef TESTS_PULL_SCENE_H
#define TESTS_PULL_SCENE_H

#include "e2e_board.h"
#include "scripted_web.h"

/* "304 Not Modified". */
extern const struct web_answer pull_nothing_new;

/* Characters, with NUL, of an answer's header. */
#define PULL_HEAD_SIZE 256

/*
 * An answer with an image and its digest, and more fields, each with its line end; `head` has room
 * for its header.
 */
struct web_answer pull_offer(char head[PULL_HEAD_SIZE], const struct e2e_image *image,
                             const char *fields);

/* The same, of which half comes, and then nothing more. */
struct web_answer pull_half_an_offer(char head[PULL_HEAD_SIZE], const struct e2e_image *image);

/* A device that runs this sketch, and was stopped. */
struct board pull_board_with(const struct e2e_image *sketch);

/* The request has this header with this value. */
void pull_expect_header(const char *request, const char *name, const char *value);

/* How often it has said so, until now. */
unsigned pull_count_said(const struct board *board, const char *text);

#endif
