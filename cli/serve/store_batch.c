#include "cli/serve/store_batch.h"

#include "cli/serve/device_row.h"

/* Run a prepared statement, and make it ready for the next time. */
static int step_once(sqlite3_stmt *statement)
{
    int result = sqlite3_step(statement);

    sqlite3_reset(statement);
    return result == SQLITE_DONE ? SQLITE_OK : result;
}

static int remove_last(struct store_file *file, const struct device_table *table, size_t removals)
{
    char text[MAC_TEXT_SIZE];
    size_t count;
    const struct mac *removed = device_table_removed(table, &count);
    int error = SQLITE_OK;

    for (size_t i = 0; i < removals && !error; i++) {
        const struct mac *station = &removed[count - 1 - i];
        if (device_table_find(table, station))
            continue;
        error = sqlite3_bind_text(file->remove, 1, mac_format(text, station), -1, SQLITE_TRANSIENT);
        if (!error)
            error = step_once(file->remove);
    }
    return error;
}

int store_batch_write(struct store_file *file, const struct device_table *table,
                      const struct device_record *const *records, size_t count, size_t removals)
{
    int error = sqlite3_exec(file->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

    if (!error && device_table_removed_overflow(table))
        error = sqlite3_exec(file->db, "DELETE FROM device WHERE NOT is_remembered(mac)", NULL,
                             NULL, NULL);
    else if (!error)
        error = remove_last(file, table, removals);
    for (size_t i = 0; i < count && !error; i++) {
        error = device_row_bind(file->insert, records[i]);
        if (!error)
            error = step_once(file->insert);
    }
    return error ? error : sqlite3_exec(file->db, "COMMIT", NULL, NULL, NULL);
}
