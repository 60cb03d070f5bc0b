/*
 * One transaction of what has changed in a table of devices.
 */
#ifndef CLI_STORE_BATCH_H
#define CLI_STORE_BATCH_H

#include "cli/serve/device_table.h"
#include "cli/serve/store_file.h"

#include <stddef.h>

/*
 * Write `count` records, and delete the last `removals` of the devices that the table has removed
 * and does not know again; or, when these were too many to keep, all that it does not know. Returns
 * SQLite's result; the transaction is left open on errors.
 */
int store_batch_write(struct store_file *file, const struct device_table *table,
                      const struct device_record *const *records, size_t count, size_t removals);

#endif
