/*
 * The record of devices in an SQLite file (write-ahead log), with all of it in memory as well.
 */
#ifndef CLI_STORE_SQLITE_H
#define CLI_STORE_SQLITE_H

#include "cli/failure.h"
#include "cli/serve/store.h"

#include <limits.h>

/* What happened to the file when it was opened. */
struct store_sqlite_note {
    char moved_to[PATH_MAX]; /* the damaged file was put there and a new one begun; "" if not */
    char why[256];           /* what was wrong with it */
};

struct store_sqlite_options {
    const char *path;    /* ":memory:" for none; folders in it must exist */
    size_t device_limit; /* so many devices are remembered; the one not seen for longest goes
                            first. 0: STORE_DEVICES_MAX */
    bool read_only;      /* for reports: another process may have it open, and goes on writing */
};

#define STORE_DEVICES_MAX 250000

/*
 * Open or create. A file that is no database, is damaged, or is of a version that this program
 * does not know is put aside as PATH.damaged-N, and a new one begun: `note` says so. With
 * `read_only` it is left alone, and that is a failure. False, with `failure` filled in, when the
 * file cannot be opened or created.
 */
bool store_sqlite_open(struct store *out, const struct store_sqlite_options *options,
                       struct store_sqlite_note *note, struct failure *failure);

#endif
