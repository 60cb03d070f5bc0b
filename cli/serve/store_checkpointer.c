#include "cli/serve/store_checkpointer.h"

#include "cli/serve/quiet_thread.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

/* Pages of the log after which it is taken over. */
#define LOG_PAGES 1000

/*
 * So much it grows when the disk does not keep up; then who writes has to wait as well. A reader
 * that stays keeps the log from being begun anew: then it is tried again when it has grown so much
 * more.
 */
#define LOG_PAGES_MAX (4 * LOG_PAGES)

struct store_checkpointer {
    sqlite3 *db;     /* the thread's own */
    sqlite3 *served; /* whose log it is */
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t called;
    int restart_at; /* pages; of who writes alone */
    bool wanted;
    bool ends;
};

static void *work(void *ctx)
{
    struct store_checkpointer *checkpointer = ctx;

    pthread_mutex_lock(&checkpointer->mutex);
    while (!checkpointer->ends) {
        if (!checkpointer->wanted) {
            pthread_cond_wait(&checkpointer->called, &checkpointer->mutex);
            continue;
        }
        checkpointer->wanted = false;
        pthread_mutex_unlock(&checkpointer->mutex);
        /* Should it fail, the log stays, and the next call tries again. */
        sqlite3_wal_checkpoint_v2(checkpointer->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
        pthread_mutex_lock(&checkpointer->mutex);
    }
    pthread_mutex_unlock(&checkpointer->mutex);
    return NULL;
}

/* SQLite calls it after every transaction. */
static int log_has_grown(void *ctx, sqlite3 *db, const char *name, int pages)
{
    struct store_checkpointer *checkpointer = ctx;

    if (pages < LOG_PAGES_MAX)
        checkpointer->restart_at = LOG_PAGES_MAX;
    else if (pages >= checkpointer->restart_at &&
             sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_RESTART, NULL, NULL) !=
                 SQLITE_OK)
        checkpointer->restart_at = pages + LOG_PAGES;
    if (pages < LOG_PAGES)
        return SQLITE_OK;
    pthread_mutex_lock(&checkpointer->mutex);
    checkpointer->wanted = true;
    pthread_cond_signal(&checkpointer->called);
    pthread_mutex_unlock(&checkpointer->mutex);
    return SQLITE_OK;
}

struct store_checkpointer *store_checkpointer_start(sqlite3 *db, const char *path)
{
    struct store_checkpointer *checkpointer = calloc(1, sizeof *checkpointer);

    if (!checkpointer)
        return NULL;
    pthread_mutex_init(&checkpointer->mutex, NULL);
    pthread_cond_init(&checkpointer->called, NULL);
    checkpointer->served = db;
    if (sqlite3_open_v2(path, &checkpointer->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                        NULL) == SQLITE_OK &&
        sqlite3_exec(checkpointer->db, "PRAGMA synchronous = NORMAL; PRAGMA user_version", NULL,
                     NULL, NULL) == SQLITE_OK &&
        quiet_thread_start(&checkpointer->thread, work, checkpointer) == 0) {
        sqlite3_wal_hook(db, log_has_grown, checkpointer);
        return checkpointer;
    }
    sqlite3_close(checkpointer->db);
    free(checkpointer);
    return NULL;
}

void store_checkpointer_stop(struct store_checkpointer *checkpointer)
{
    if (!checkpointer)
        return;
    sqlite3_wal_hook(checkpointer->served, NULL, NULL);
    pthread_mutex_lock(&checkpointer->mutex);
    checkpointer->ends = true;
    pthread_cond_signal(&checkpointer->called);
    pthread_mutex_unlock(&checkpointer->mutex);
    pthread_join(checkpointer->thread, NULL);
    sqlite3_close(checkpointer->db);
    pthread_cond_destroy(&checkpointer->called);
    pthread_mutex_destroy(&checkpointer->mutex);
    free(checkpointer);
}
