#include "cli/serve/serve_report.h"

#include "cli/serve/fleet_report.h"
#include "cli/serve/store_sqlite.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

bool serve_report(const char *path, bool json, struct failure *failure)
{
    const struct store_sqlite_options options = { .path = path, .read_only = true };
    struct store_sqlite_note note;
    struct store store;
    bool printed;

    if (!store_sqlite_open(&store, &options, &note, failure))
        return false;
    printed = fleet_report_print(&store, json, (int64_t)time(NULL), stdout);
    if (fflush(stdout) != 0 || ferror(stdout))
        printed = false;
    if (!printed)
        failure_set(failure, EXIT_LOCAL_FAILURE, "cannot write to standard output: %s",
                    strerror(errno));
    store.close(store.ctx);
    return printed;
}
