/*
 * Where devices are remembered: one small interface, so that a database that several servers share
 * can take the place of SQLite's file.
 *
 * A store answers from memory, or as fast; it may keep changes back until flush(). Losing it loses
 * history, never the service: no function's failure may keep a device from being answered.
 */
#ifndef CLI_STORE_H
#define CLI_STORE_H

#include "cli/serve/device_record.h"
#include "cli/serve/release.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store {
    void *ctx; /* handed to the functions unchanged */

    /*
     * What is remembered of a device; false when it was never seen, or is forgotten. `out` is a
     * copy.
     */
    bool (*find)(void *ctx, const struct mac *station, struct device_record *out);

    /* Remember this of the device record->request.station, in place of what was there. */
    void (*put)(void *ctx, const struct device_record *record);

    /* How a release fares, over all devices whose latest offer (sketch or file system) it is. */
    struct release_tally (*tally)(void *ctx, const char *release);

    /*
     * Visit every device, the one seen last first; until `visit` returns false, or `limit` were
     * visited (0: all). `visit` must not call the store.
     */
    void (*each)(void *ctx, size_t limit,
                 bool (*visit)(void *visit_ctx, const struct device_record *record),
                 void *visit_ctx);

    /* How many devices are remembered. */
    size_t (*count)(void *ctx);

    /*
     * Write what was kept back, for about `budget_ms` at most; true when there is more. What
     * cannot be written stays for the next time; `problem` (capacity `size`) is then why, else "".
     */
    bool (*flush)(void *ctx, uint32_t budget_ms, char *problem, size_t size);

    /* Write everything that was kept back, and close. */
    void (*close)(void *ctx);
};

#endif
