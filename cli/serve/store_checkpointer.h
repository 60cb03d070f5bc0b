/*
 * Takes the write-ahead log over into the file, in a thread of its own: this alone waits for the
 * disk, and the server must not.
 */
#ifndef CLI_STORE_CHECKPOINTER_H
#define CLI_STORE_CHECKPOINTER_H

#include <sqlite3.h>

struct store_checkpointer;

/*
 * Begin for the file of an open connection, which calls for it from now on when its log has grown,
 * in place of doing the same itself. NULL when there cannot be a thread, or no second connection:
 * then the connection does it as before.
 */
struct store_checkpointer *store_checkpointer_start(sqlite3 *db, const char *path);

/* End; waits for what is under way. Before the connection is closed. NULL is allowed. */
void store_checkpointer_stop(struct store_checkpointer *checkpointer);

#endif
