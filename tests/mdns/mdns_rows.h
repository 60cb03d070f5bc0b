/*
 * What `espota-c discover` says, run on a host of a world (mdns_world.h).
 */
#ifndef TESTS_MDNS_ROWS_H
#define TESTS_MDNS_ROWS_H

#include "mdns_world.h"

#include <jansson.h>
#include <stddef.h>

/*
 * Run `espota-c discover --json --timeout 6` with further arguments (or NULL), to its end: it is
 * patient, because the machine may have other things to do.
 */
struct process *discover_run(const struct world_host *host, const char *const *args);

/* Start `espota-c discover --json --watch`, likewise. */
struct process *discover_watch(const struct world_host *host, const char *const *args);

/*
 * The objects on its stdout, in their order: an array, which lasts as long as the test. Each line
 * must be one, and nothing in it be unprintable.
 */
json_t *rows_of(const struct process *discover);

/* The only row of this name. */
json_t *row_of(json_t *rows, const char *name);

/* How many rows have this name; NULL: any. */
size_t count_rows(json_t *rows, const char *name);

/* A text in it, and whether a list of texts in it holds one. */
const char *row_text(json_t *row, const char *key);
bool row_lists(json_t *row, const char *key, const char *text);

/* A text in it is this one. */
void expect_text(json_t *row, const char *key, const char *text);

/* The names of the rows are sorted. */
void expect_sorted(json_t *rows);

/*
 * Wait for an event ("add", "change", "remove") of a device, passing over events of others and
 * changes that are not waited for. Returns its row. The opposite event fails the test.
 */
json_t *expect_event(struct process *watch, const char *event, const char *name);

/* Nothing that a terminal would obey: UTF-8 without control characters but line ends. */
void expect_printable(const struct process_stream *stream);

#endif
