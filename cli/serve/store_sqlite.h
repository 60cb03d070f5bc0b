/*
 * The record of devices in an SQLite file (write-ahead log), with all of it in memory as well.
 *
 * flush() writes in transactions of bounded size. What is worth knowing (a new device, an offer, an
 * outcome, another version) is written by the next one; when a device was last seen and how often
 * it asked, at the latest by the first one after `quiet_ms`. After a power cut that much may be
 * missing, and the last transactions; the file is whole. What happens to the file meanwhile is
 * reported as a problem, and made good as soon as that is possible: it was deleted, replaced or cut
 * short (it is written anew), is found to be damaged (it is put aside, likewise), the disk is full.
 *
 * One server at a time has a file: it holds a lock on PATH.lock, which stays when it ends. Should
 * somebody remove that, it is made again; while another server has it, nothing is written.
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
    size_t skipped;          /* devices in the file that made no sense, and are not loaded */
};

struct store_sqlite_options {
    const char *path;    /* ":memory:" for none; folders in it must exist */
    size_t device_limit; /* so many devices are remembered; the one not seen for longest goes
                            first. 0: STORE_DEVICES_MAX */
    uint32_t quiet_ms;   /* see above; 0: STORE_QUIET_MS */
    bool read_only;      /* for reports: another process may have it open, and goes on writing.
                            What is put stays in memory */
};

#define STORE_DEVICES_MAX 250000
#define STORE_QUIET_MS    30000

/*
 * Open or create. A file that is no database, is damaged, or is of a version that this program
 * does not know is put aside as PATH.damaged-N, and a new one begun: `note` says so. With
 * `read_only` it is left alone, and that is a failure. A sound database of another program is left
 * alone in any case. False, with `failure` filled in, when the file cannot be opened or created.
 */
bool store_sqlite_open(struct store *out, const struct store_sqlite_options *options,
                       struct store_sqlite_note *note, struct failure *failure);

#endif
