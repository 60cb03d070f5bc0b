/*
 * Lists of devices for -i, the devices in them, and what programs were told of them.
 */
#ifndef E2E_LIST_H
#define E2E_LIST_H

#include "e2e_board.h"

#define LIST_TEXT_MAX 8192

/* What the list holds so far; a test may empty it. */
extern char list_text[LIST_TEXT_MAX];

/* Add a line to the list. */
void list_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The list is written; `-i` takes this. */
const char *list_written(void);

/* A file in the test's folder. */
void list_file_write(const char *name, const char *text);

/* A device at 127.0.0.`number`, in the list, with what else its line says. */
struct board listed(unsigned number, const char *password, const char *rest);

/* Run with the list and a small sketch. */
struct process *run_list(const char *const *args);

/* Where the object with this beginning stands in what programs were told of 127.0.0.`number`. */
const char *told(const struct process *uploader, const char *event, unsigned number);

void expect_result(const struct process *uploader, unsigned number, const char *status, int code);

/* Ends the device, which nobody has invited. */
void expect_untouched(const struct board *board);

#endif
