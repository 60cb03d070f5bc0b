#include "cli/serve/store_file.h"

#include "cli/serve/device_row.h"
#include "cli/serve/store_batch.h"
#include "cli/serve/store_checkpointer.h"
#include "cli/serve/store_query.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of the schema; in the file's header, as is the application's: "ESPc". */
#define USER_VERSION   1
#define APPLICATION_ID 0x45535063

/* The same for people, with words and dates. */
static const char readable_view[] =
    "CREATE VIEW readable AS SELECT mac, family, version,"
    " CASE status WHEN 200 THEN 'sent' WHEN 304 THEN 'nothing new' WHEN 403 THEN 'refused'"
    " WHEN 404 THEN 'not known' ELSE status END AS answer,"
    " datetime(first_seen, 'unixepoch') AS first_seen,"
    " datetime(last_seen, 'unixepoch') AS last_seen, requests, address, offer_release AS offered,"
    " CASE offer_outcome WHEN 0 THEN 'none' WHEN 1 THEN 'offered' WHEN 2 THEN 'delivered'"
    " WHEN 3 THEN 'updated' WHEN 4 THEN 'failed' WHEN 5 THEN 'held-back' END AS outcome,"
    " offer_attempts AS attempts FROM device";

static enum store_file_status begin_schema(struct store_file *file)
{
    char create[DEVICE_ROW_SQL_SIZE];
    char sql[DEVICE_ROW_SQL_SIZE + sizeof readable_view + 128];

    snprintf(sql, sizeof sql,
             "BEGIN IMMEDIATE; %s; %s; PRAGMA application_id = %d; PRAGMA user_version = %d;"
             " COMMIT",
             device_row_create_sql(create), readable_view, APPLICATION_ID, USER_VERSION);
    return store_query_run(file, sql);
}

/* The device table as this program made it, or would make it. */
static enum store_file_status has_table(struct store_file *file, bool *has)
{
    char create[DEVICE_ROW_SQL_SIZE];
    char found[DEVICE_ROW_SQL_SIZE];
    enum store_file_status status = store_query_ask(
        file, "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = 'device'", found,
        sizeof found);

    *has = strcmp(found, device_row_create_sql(create)) == 0;
    return status;
}

static enum store_file_status check_schema(struct store_file *file)
{
    char found[32];
    bool has = false;
    enum store_file_status status;

    status = store_query_ask(file, "PRAGMA application_id", found, sizeof found);
    if (status)
        return status;
    if (strtol(found, NULL, 10) != APPLICATION_ID)
        return store_query_fail(file, STORE_FILE_DAMAGED, "it is a database of something else");
    status = store_query_ask(file, "PRAGMA user_version", found, sizeof found);
    if (status)
        return status;
    if (strtol(found, NULL, 10) != USER_VERSION)
        return store_query_fail(file, STORE_FILE_DAMAGED,
                                "it is of a version that is not known here");
    status = has_table(file, &has);
    if (status)
        return status;
    if (!has)
        return store_query_fail(file, STORE_FILE_DAMAGED,
                                "its table of devices is not as it should be");
    return STORE_FILE_GOOD;
}

/*
 * A sound database of another program was named by mistake. One with our table, or an unsound one,
 * is taken for ours, come to harm. Nothing may be written to the file before this.
 */
static enum store_file_status check_owner(struct store_file *file)
{
    char application[32];
    char found[256];
    bool has = false;
    enum store_file_status status =
        store_query_ask(file, "PRAGMA application_id", application, sizeof application);

    if (status || strtol(application, NULL, 10) == APPLICATION_ID)
        return status;
    status = store_query_ask(file, "SELECT count(*) FROM sqlite_schema", found, sizeof found);
    if (status || (strcmp(found, "0") == 0 && strcmp(application, "0") == 0))
        return status;
    status = has_table(file, &has);
    if (status || has)
        return status;
    status = store_query_ask(file, "PRAGMA quick_check(1)", found, sizeof found);
    if (!status && strcmp(found, "ok") == 0)
        status = store_query_fail(file, STORE_FILE_FOREIGN, "it is a database of something else");
    return status;
}

static enum store_file_status examine(struct store_file *file, bool read_only)
{
    char found[256];
    enum store_file_status status;

    status = store_query_ask(file, "SELECT count(*) FROM sqlite_schema", found, sizeof found);
    if (!status && strcmp(found, "0") == 0 && !read_only) {
        status = store_query_ask(file, "PRAGMA user_version", found, sizeof found);
        if (!status && strcmp(found, "0") == 0)
            status = begin_schema(file);
    }
    if (!status)
        status = check_schema(file);
    if (!status)
        status = store_query_ask(file, "PRAGMA quick_check(1)", found, sizeof found);
    if (!status && strcmp(found, "ok") != 0)
        status = store_query_fail(file, STORE_FILE_DAMAGED, found);
    return status;
}

/* Whether a device in the file is one that is in memory; by its MAC as the server writes it. */
static void is_remembered(sqlite3_context *context, int count, sqlite3_value **values)
{
    const struct device_table *table = sqlite3_user_data(context);
    const char *text = (const char *)sqlite3_value_text(values[0]);
    struct mac mac;
    char canonical[MAC_TEXT_SIZE];

    (void)count;
    sqlite3_result_int(context, text && mac_parse(&mac, text) &&
                                    strcmp(mac_format(canonical, &mac), text) == 0 &&
                                    device_table_find(table, &mac) != NULL);
}

/*
 * A hostile file can bring code with it: triggers, views, functions in its schema. None is run. Nor
 * do its pages get around SQLite's own checks.
 */
static int distrust(sqlite3 *db)
{
    int error = sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);

    if (!error)
        error = sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    if (!error)
        error = sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    if (!error)
        error = sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (!error)
        error = sqlite3_exec(db, "PRAGMA cell_size_check = ON", NULL, NULL, NULL);
    return error;
}

static enum store_file_status prepare(struct store_file *file, struct device_table *table)
{
    char sql[DEVICE_ROW_SQL_SIZE];
    int error = sqlite3_prepare_v3(file->db, device_row_insert_sql(sql), -1,
                                   SQLITE_PREPARE_PERSISTENT, &file->insert, NULL);

    if (!error)
        error = sqlite3_prepare_v3(file->db, "DELETE FROM device WHERE mac = ?", -1,
                                   SQLITE_PREPARE_PERSISTENT, &file->remove, NULL);
    if (!error)
        error =
            sqlite3_create_function(file->db, "is_remembered", 1, SQLITE_UTF8 | SQLITE_DIRECTONLY,
                                    table, is_remembered, NULL, NULL);
    return store_query_status(file, error);
}

/* Open for writing: write-ahead log, and no waiting for the disk but when the log is taken over. */
static enum store_file_status open_writable(struct store_file *file, struct device_table *table)
{
    enum store_file_status status = check_owner(file);

    if (!status)
        status = store_query_run(file, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                                       "PRAGMA journal_size_limit = 16777216");

    /* SQLite reads a file that it may not write, and one of which the header says so. */
    if (!status && sqlite3_db_readonly(file->db, "main") == 1)
        return access(file->path, W_OK) == 0
                   ? store_query_fail(file, STORE_FILE_DAMAGED, "its header forbids writing")
                   : store_query_fail(file, STORE_FILE_BROKEN, "it may not be written");
    if (!status)
        status = examine(file, false);
    if (!status)
        status = prepare(file, table);
    if (!status && stat(file->path, &file->identity) != 0)
        status = store_query_fail(file, STORE_FILE_BROKEN, strerror(errno));
    if (!status) {
        file->checkpointer = store_checkpointer_start(file->db, file->path);
        sqlite3_busy_timeout(file->db, STORE_FILE_BUSY_MS);
    }
    return status;
}

static enum store_file_status open_as(struct store_file *file, const char *name, int flags)
{
    int error = sqlite3_open_v2(name, &file->db, flags | SQLITE_OPEN_NOMUTEX, NULL);

    if (!error)
        error = sqlite3_extended_result_codes(file->db, 1);
    if (!error)
        error = sqlite3_busy_timeout(file->db, (int)file->busy_ms);
    if (!error)
        error = distrust(file->db);
    return store_query_status(file, error);
}

/*
 * A closed file in a folder that may not be written: SQLite cannot make the log's index there, and
 * does not need it.
 */
static enum store_file_status open_immutable(struct store_file *file)
{
    char name[3 * sizeof file->path + 32];
    size_t used = 5;

    memcpy(name, "file:", used);
    for (const char *at = file->path; *at; at++) {
        if (strchr("?#%", *at))
            used += (size_t)snprintf(name + used, 4, "%%%02X", (unsigned)(unsigned char)*at);
        else
            name[used++] = *at;
    }
    snprintf(name + used, sizeof name - used, "?immutable=1");
    enum store_file_status status = open_as(file, name, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
    if (!status)
        status = check_owner(file);
    return status ? status : examine(file, true);
}

static enum store_file_status open_read_only(struct store_file *file)
{
    char log[sizeof file->path + sizeof "-wal"];
    enum store_file_status status = open_as(file, file->path, SQLITE_OPEN_READONLY);

    if (!status)
        status = check_owner(file);
    if (!status)
        status = examine(file, true);
    snprintf(log, sizeof log, "%s-wal", file->path);
    if (status == STORE_FILE_BROKEN && access(file->path, R_OK) == 0 && access(log, F_OK) != 0) {
        store_file_close(file);
        status = open_immutable(file);
    }
    return status;
}

/*
 * Begin a file for its owner alone: it says where devices are and what they run. SQLite, which
 * takes an empty file for a new one, gives its log the same rights. That it could not be made,
 * SQLite will say.
 */
static void begin_private(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd >= 0)
        close(fd);
}

enum store_file_status store_file_open(struct store_file *file, const char *path, bool read_only,
                                       struct device_table *table)
{
    struct stat found;
    enum store_file_status status;

    /* So that no name means anything special to SQLite. */
    int len = snprintf(file->path, sizeof file->path, "%s%s", path[0] == '/' ? "" : "./", path);
    if (len < 0 || (size_t)len >= PATH_MAX)
        return store_query_fail(file, STORE_FILE_BROKEN, strerror(ENAMETOOLONG));
    if (stat(file->path, &found) == 0) {
        if (!S_ISREG(found.st_mode))
            return store_query_fail(file, STORE_FILE_BROKEN, "it is not a regular file");
    } else if (errno != ENOENT || read_only) {
        return store_query_fail(file, STORE_FILE_BROKEN, strerror(errno));
    }
    if (read_only) {
        status = open_read_only(file);
    } else {
        begin_private(file->path);
        status = open_as(file, file->path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
        if (!status)
            status = open_writable(file, table);
    }
    if (status)
        store_file_close(file);
    return status;
}

enum store_file_status store_file_load(struct store_file *file, struct device_table *table,
                                       size_t *skipped)
{
    char sql[DEVICE_ROW_SQL_SIZE];
    struct device_record record;
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(file->db, device_row_select_sql(sql), -1, &statement, NULL);

    while (!result && (result = sqlite3_step(statement)) == SQLITE_ROW) {
        result = SQLITE_OK;
        if (!device_row_read(statement, &record)) {
            ++*skipped;
        } else if (!device_table_load(table, &record)) {
            /* Twice the same device, or more devices than are remembered. */
            device_table_removed_lost(table);
        }
    }
    enum store_file_status status = store_query_status(file, result);
    sqlite3_finalize(statement);
    return status;
}

enum store_file_status store_file_write(struct store_file *file, struct device_table *table,
                                        const struct device_record *const *records, size_t count,
                                        size_t removals)
{
    size_t removed;

    device_table_removed(table, &removed);
    if (removals > removed)
        removals = removed;
    enum store_file_status status =
        store_query_status(file, store_batch_write(file, table, records, count, removals));
    if (status) {
        /* May have happened by itself. */
        sqlite3_exec(file->db, "ROLLBACK", NULL, NULL, NULL);
        return status;
    }
    if (device_table_removed_overflow(table))
        device_table_removed_clear(table);
    else
        device_table_removed_written(table, removals);
    for (size_t i = 0; i < count; i++)
        device_table_written(table, &records[i]->request.station);
    return STORE_FILE_GOOD;
}

/* SQLite, as it is used here, only ever makes it longer. */
enum store_file_loss store_file_loss(struct store_file *file)
{
    struct stat found;

    if (stat(file->path, &found) != 0 || found.st_dev != file->identity.st_dev ||
        found.st_ino != file->identity.st_ino || found.st_size == 0)
        return STORE_FILE_GONE;
    if (found.st_size < file->identity.st_size)
        return STORE_FILE_CUT;
    file->identity.st_size = found.st_size;
    return STORE_FILE_THERE;
}

void store_file_close(struct store_file *file)
{
    if (!file->db)
        return;
    store_checkpointer_stop(file->checkpointer);
    file->checkpointer = NULL;
    /* Beside another file of that name, what SQLite would tidy up is not ours. */
    if (file->insert && store_file_loss(file))
        sqlite3_db_config(file->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_finalize(file->insert);
    sqlite3_finalize(file->remove);
    sqlite3_close(file->db);
    file->db = NULL;
    file->insert = file->remove = NULL;
}
