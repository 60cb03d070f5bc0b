/*
 * The SQLite file behind a store: opening and examining it, and writing to it in transactions.
 */
#ifndef CLI_STORE_FILE_H
#define CLI_STORE_FILE_H

#include "cli/serve/device_table.h"

#include <limits.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* How an attempt ended. */
enum store_file_status {
    STORE_FILE_GOOD,
    STORE_FILE_DAMAGED, /* it is no database, or one of ours that has come to harm: put it aside */
    STORE_FILE_FOREIGN, /* it is a sound database of another program: leave it alone */
    STORE_FILE_BROKEN,  /* it cannot be used now; opening it again may help */
    STORE_FILE_REFUSED, /* likewise, but the file is fine: the disk is full, it is locked */
};

struct store_checkpointer;

/*
 * Milliseconds to wait for others who have the file for themselves: when a report or a server
 * begins, and while devices wait. What cannot be written then is written later.
 */
#define STORE_FILE_BUSY_START_MS 2000
#define STORE_FILE_BUSY_MS       50

/* The caller's, zeroed at first. */
struct store_file {
    unsigned busy_ms; /* of the above, to open it; the caller sets it. Writing waits for the less */
    sqlite3 *db;      /* NULL when it is not open */
    sqlite3_stmt *insert;
    sqlite3_stmt *remove;
    struct store_checkpointer *checkpointer;
    struct stat identity; /* of the file, to tell when it is another or shorter */
    char path[PATH_MAX + 2];
    char why[256]; /* of the last status but STORE_FILE_GOOD: a clause for people */
};

/*
 * Open or create the file, and examine it. `table` must outlive it. With `read_only` nothing is
 * created or changed, and another process may be writing.
 */
enum store_file_status store_file_open(struct store_file *file, const char *path, bool read_only,
                                       struct device_table *table);

/* Take all rows into the table. `skipped` is counted up by those that make no sense. */
enum store_file_status store_file_load(struct store_file *file, struct device_table *table,
                                       size_t *skipped);

/*
 * Write the `count` records in one transaction, and with them up to `removals` of the devices that
 * the table has removed; then the table is told that they are written. All or nothing.
 */
enum store_file_status store_file_write(struct store_file *file, struct device_table *table,
                                        const struct device_record *const *records, size_t count,
                                        size_t removals);

/* What has become of an open file since it was opened, or since the last look. */
enum store_file_loss {
    STORE_FILE_THERE,
    STORE_FILE_CUT,  /* it is shorter than it was; or somebody has tidied it up */
    STORE_FILE_GONE, /* there is none under its name any more, or another one, or it is empty */
};

enum store_file_loss store_file_loss(struct store_file *file);

/* Close; does nothing when it is not open. */
void store_file_close(struct store_file *file);

#endif
