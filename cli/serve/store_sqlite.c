#include "cli/serve/store_sqlite.h"

#include "cli/clock.h"
#include "cli/serve/device_table.h"
#include "cli/serve/store_file.h"
#include "cli/serve/store_path.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Devices that a transaction writes: a few milliseconds' work. */
#define BATCH 256

struct store_sqlite {
    struct device_table *table;
    struct store_file file;
    char path[PATH_MAX]; /* "" when there is no file, or none to write */
    uint32_t quiet_ms;
    int lock;     /* or -1 */
    bool damaged; /* found while it was in use: it is to be put aside */
};

static bool store_find(void *ctx, const struct mac *station, struct device_record *out)
{
    const struct store_sqlite *store = ctx;
    const struct device_record *record = device_table_find(store->table, station);

    if (record)
        *out = *record;
    return record != NULL;
}

static void store_put(void *ctx, const struct device_record *record)
{
    struct store_sqlite *store = ctx;

    device_table_put(store->table, record, clock_ms());
}

static struct release_tally store_tally(void *ctx, const char *release)
{
    const struct store_sqlite *store = ctx;

    return device_table_tally(store->table, release);
}

static void store_each(void *ctx, size_t limit,
                       bool (*visit)(void *visit_ctx, const struct device_record *record),
                       void *visit_ctx)
{
    const struct store_sqlite *store = ctx;

    device_table_each(store->table, limit, visit, visit_ctx);
}

static size_t store_count(void *ctx)
{
    const struct store_sqlite *store = ctx;

    return device_table_count(store->table);
}

/* Put the file aside that `why` is wrong with, and say so. */
static bool put_aside(struct store_sqlite *store, char *problem, size_t size)
{
    char moved_to[PATH_MAX];

    if (!store_path_put_aside(store->path, moved_to)) {
        snprintf(problem, size, "%s is damaged (%s) and cannot be put aside: %s", store->path,
                 store->file.why, strerror(errno));
        return false;
    }
    snprintf(problem, size, "%s was damaged (%s): it is now %s, and the record is written anew",
             store->path, store->file.why, moved_to);
    return true;
}

/*
 * Open the file again after it was lost, or could not be used; what is in memory takes the place of
 * what is in it. `problem` says what has happened, also when that ends well.
 */
static bool renew(struct store_sqlite *store, char *problem, size_t size)
{
    enum store_file_status status = STORE_FILE_DAMAGED;
    enum store_file_loss loss = store_file_loss(&store->file);
    bool lost = loss != STORE_FILE_THERE;

    store_file_close(&store->file);
    store->file.busy_ms = STORE_FILE_BUSY_MS;
    if (loss == STORE_FILE_GONE)
        store_path_drop_log(store->path);
    if (lost)
        snprintf(problem, size, "%s was %s while in use; it is written anew", store->path,
                 loss == STORE_FILE_CUT ? "cut short" : "deleted, emptied or replaced");
    if (lost || !store->damaged)
        status = store_file_open(&store->file, store->path, false, store->table);
    if (status == STORE_FILE_DAMAGED) {
        if (!put_aside(store, problem, size))
            return false;
        status = store_file_open(&store->file, store->path, false, store->table);
    }
    store->damaged = false;
    if (status) {
        snprintf(problem, size, "cannot open %s: %s", store->path, store->file.why);
        return false;
    }
    /* Whatever file this is, it is to hold what is in memory, and nothing else. */
    device_table_all_changed(store->table, clock_ms());
    device_table_removed_lost(store->table);
    return true;
}

/* Write once; false when there was nothing, or on an error. `more` when there was more. */
static bool write_batch(struct store_sqlite *store, uint32_t quiet_ms, bool *more, char *problem,
                        size_t size)
{
    const struct device_record *changed[BATCH];
    size_t removed;
    size_t count = device_table_changes(store->table, clock_ms(), quiet_ms, changed, BATCH);

    device_table_removed(store->table, &removed);
    *more = count == BATCH || removed > BATCH;
    if (count == 0 && removed == 0 && !device_table_removed_overflow(store->table))
        return false;
    enum store_file_status status =
        store_file_write(&store->file, store->table, changed, count, BATCH);
    if (!status)
        return true;
    *more = false;
    store->damaged = status == STORE_FILE_DAMAGED;
    snprintf(problem, size, "cannot write %s: %s", store->path, store->file.why);
    if (status != STORE_FILE_REFUSED)
        store_file_close(&store->file);
    return false;
}

/* Take the lock again if somebody has removed it; without it the file may be another server's. */
static bool keep_lock(struct store_sqlite *store, char *problem, size_t size)
{
    struct failure failure;

    if (store_path_is_locked(store->path, store->lock))
        return true;
    int lock = store_path_lock(store->path, &failure);
    if (lock < 0) {
        store_file_close(&store->file);
        snprintf(problem, size, "%s", failure.text);
        return false;
    }
    close(store->lock);
    store->lock = lock;
    return true;
}

static bool flush(struct store_sqlite *store, uint32_t quiet_ms, uint64_t budget_ms, char *problem,
                  size_t size)
{
    uint64_t begin = clock_ms();
    bool more = false;

    problem[0] = '\0';
    if (store->path[0] == '\0')
        return false;
    if (!keep_lock(store, problem, size))
        return false;
    if ((!store->file.db || store_file_loss(&store->file)) && !renew(store, problem, size))
        return false;
    while (write_batch(store, quiet_ms, &more, problem, size) && more &&
           clock_ms() - begin < budget_ms)
        ;
    return more;
}

static bool store_flush(void *ctx, uint32_t budget_ms, char *problem, size_t size)
{
    struct store_sqlite *store = ctx;

    return flush(store, store->quiet_ms, budget_ms, problem, size);
}

static void release(struct store_sqlite *store)
{
    store_file_close(&store->file);
    device_table_free(store->table);
    if (store->lock >= 0)
        store_path_unlock(store->path, store->lock, false);
    free(store);
}

static void store_close(void *ctx)
{
    struct store_sqlite *store = ctx;
    char problem[512];

    flush(store, 0, UINT64_MAX, problem, sizeof problem);
    release(store);
}

/* Examine the file and take in what it holds; into an empty table. */
static enum store_file_status take_in(struct store_sqlite *store,
                                      const struct store_sqlite_options *options,
                                      struct store_sqlite_note *note)
{
    size_t limit = options->device_limit ? options->device_limit : STORE_DEVICES_MAX;
    enum store_file_status status;

    device_table_free(store->table);
    store->table = device_table_new(limit < DEVICE_TABLE_MAX ? limit : DEVICE_TABLE_MAX);
    note->skipped = 0;
    if (!store->table) {
        snprintf(store->file.why, sizeof store->file.why, "%s", strerror(ENOMEM));
        return STORE_FILE_REFUSED;
    }
    if (strcmp(options->path, ":memory:") == 0)
        return STORE_FILE_GOOD;
    store->file.busy_ms = STORE_FILE_BUSY_START_MS;
    status = store_file_open(&store->file, options->path, options->read_only, store->table);
    if (!status)
        status = store_file_load(&store->file, store->table, &note->skipped);
    if (status || options->read_only)
        store_file_close(&store->file);
    return status;
}

static bool begin(struct store_sqlite *store, const struct store_sqlite_options *options,
                  struct store_sqlite_note *note, struct failure *failure)
{
    bool writes = !options->read_only && strcmp(options->path, ":memory:") != 0;

    if (strlen(options->path) >= sizeof store->path)
        return failure_set(failure, EXIT_LOCAL_FAILURE, "cannot open %s: %s", options->path,
                           strerror(ENAMETOOLONG));
    if (writes) {
        if (!store_path_check(options->path, failure))
            return false;
        store->lock = store_path_lock(options->path, failure);
        if (store->lock < 0)
            return false;
        memcpy(store->path, options->path, strlen(options->path) + 1);
    }
    enum store_file_status status = take_in(store, options, note);
    if (status == STORE_FILE_DAMAGED && writes) {
        snprintf(note->why, sizeof note->why, "%s", store->file.why);
        if (!store_path_put_aside(options->path, note->moved_to)) {
            note->moved_to[0] = '\0';
            return failure_set(failure, EXIT_LOCAL_FAILURE,
                               "%s is damaged (%s) and cannot be put aside: %s", options->path,
                               note->why, strerror(errno));
        }
        status = take_in(store, options, note);
    }
    if (status == STORE_FILE_DAMAGED)
        return failure_set(failure, EXIT_LOCAL_FAILURE, "%s is damaged: %s", options->path,
                           store->file.why);
    return !status || failure_set(failure, EXIT_LOCAL_FAILURE, "cannot open %s: %s", options->path,
                                  store->file.why);
}

bool store_sqlite_open(struct store *out, const struct store_sqlite_options *options,
                       struct store_sqlite_note *note, struct failure *failure)
{
    struct store_sqlite *store = calloc(1, sizeof *store);

    *note = (struct store_sqlite_note){ 0 };
    if (!store)
        return failure_set(failure, EXIT_LOCAL_FAILURE, "%s", strerror(ENOMEM));
    store->lock = -1;
    store->quiet_ms = options->quiet_ms ? options->quiet_ms : STORE_QUIET_MS;
    if (!begin(store, options, note, failure)) {
        /* A server that does not start leaves nothing behind. */
        if (store->lock >= 0)
            store_path_unlock(store->path, store->lock, true);
        store->lock = -1;
        release(store);
        return false;
    }
    *out = (struct store){
        .ctx = store,
        .find = store_find,
        .put = store_put,
        .tally = store_tally,
        .each = store_each,
        .count = store_count,
        .flush = store_flush,
        .close = store_close,
    };
    return true;
}
