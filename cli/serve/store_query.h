/*
 * Asking the SQLite file behind a store, and what the answers mean for it.
 */
#ifndef CLI_STORE_QUERY_H
#define CLI_STORE_QUERY_H

#include "cli/serve/store_file.h"

#include <stddef.h>

/* Note why; returns `status`. */
enum store_file_status store_query_fail(struct store_file *file, enum store_file_status status,
                                        const char *why);

/* What a result of SQLite means for the file; unless it is good, why is noted. */
enum store_file_status store_query_status(struct store_file *file, int result);

/* Run SQL without answers. */
enum store_file_status store_query_run(struct store_file *file, const char *sql);

/* The first column of the first row of a query, as text; "" when there is no row. */
enum store_file_status store_query_ask(struct store_file *file, const char *sql, char *out,
                                       size_t size);

#endif
