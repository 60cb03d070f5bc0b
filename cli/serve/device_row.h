/*
 * A device's record as a row of the table `device` in the database.
 *
 * The table is meant to be read by people as well, with the sqlite3 shell. Texts that came from
 * devices are kept so that they do no harm there: as cli/printable.h makes them, whose escapes are
 * undone when a row is read. Nothing that is read is trusted: it may be anything.
 */
#ifndef CLI_DEVICE_ROW_H
#define CLI_DEVICE_ROW_H

#include "cli/serve/device_record.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

/* Room for each of the statements below. */
#define DEVICE_ROW_SQL_SIZE 2048

/* CREATE TABLE device (...), as it is in sqlite_schema too. Returns `out`. */
char *device_row_create_sql(char out[static DEVICE_ROW_SQL_SIZE]);

/* INSERT OR REPLACE of a row, for device_row_bind(). Returns `out`. */
char *device_row_insert_sql(char out[static DEVICE_ROW_SQL_SIZE]);

/* SELECT of all rows, the one seen last first, for device_row_read(). Returns `out`. */
char *device_row_select_sql(char out[static DEVICE_ROW_SQL_SIZE]);

/* Bind all parameters; SQLite's result. Numbers that SQLite has no room for become its largest. */
int device_row_bind(sqlite3_stmt *statement, const struct device_record *record);

/*
 * Read the row that a statement is at. False when a column is not of its type, is too long, or
 * holds what no server ever wrote there.
 */
bool device_row_read(sqlite3_stmt *statement, struct device_record *out);

#endif
