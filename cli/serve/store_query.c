#include "cli/serve/store_query.h"

#include <stdio.h>

enum store_file_status store_query_fail(struct store_file *file, enum store_file_status status,
                                        const char *why)
{
    snprintf(file->why, sizeof file->why, "%s", why);
    return status;
}

enum store_file_status store_query_status(struct store_file *file, int result)
{
    const char *why = file->db ? sqlite3_errmsg(file->db) : sqlite3_errstr(result);

    switch (result & 0xFF) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return STORE_FILE_GOOD;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR: /* the SQL is right: then the tables are not */
    case SQLITE_SCHEMA:
    case SQLITE_MISMATCH:
    case SQLITE_CONSTRAINT:
    case SQLITE_FORMAT:
    case SQLITE_TOOBIG:
        return store_query_fail(file, STORE_FILE_DAMAGED, why);
    case SQLITE_FULL:
    case SQLITE_IOERR: /* of the disk; what was written before is whole */
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
        return store_query_fail(file, STORE_FILE_REFUSED, why);
    default:
        return store_query_fail(file, STORE_FILE_BROKEN, why);
    }
}

enum store_file_status store_query_run(struct store_file *file, const char *sql)
{
    return store_query_status(file, sqlite3_exec(file->db, sql, NULL, NULL, NULL));
}

enum store_file_status store_query_ask(struct store_file *file, const char *sql, char *out,
                                       size_t size)
{
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(file->db, sql, -1, &statement, NULL);

    out[0] = '\0';
    if (result == SQLITE_OK)
        result = sqlite3_step(statement);
    if (result == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(statement, 0);
        snprintf(out, size, "%s", text ? text : "");
    }
    enum store_file_status status = store_query_status(file, result);
    sqlite3_finalize(statement);
    return status;
}
