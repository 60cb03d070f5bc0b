/*
 * Devices in memory, by MAC: what a store answers from.
 *
 * Finding and putting one takes well under a microsecond with any number of devices, and no heap
 * but for a block of places now and then. Places for devices are bounded: the one that was put
 * longest ago makes room. The table also knows what has changed since it was last written to a
 * file.
 */
#ifndef CLI_DEVICE_TABLE_H
#define CLI_DEVICE_TABLE_H

#include "cli/serve/device_record.h"
#include "cli/serve/release.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct device_table;

/* For at most `limit` devices, 1 to DEVICE_TABLE_MAX. NULL without memory. */
struct device_table *device_table_new(size_t limit);

#define DEVICE_TABLE_MAX 100000000

/* NULL is allowed. */
void device_table_free(struct device_table *table);

/* NULL when it is not there. Valid until the table changes. */
const struct device_record *device_table_find(const struct device_table *table,
                                              const struct mac *station);

/*
 * Remember a device, in place of what was remembered of it, as the one seen last. `now_ms` is of
 * any clock that goes forward. Only a table without memory for a single device does not take it.
 */
void device_table_put(struct device_table *table, const struct device_record *record,
                      uint64_t now_ms);

/*
 * Take in a device from a file, as the one not seen for longest; it does not count as changed.
 * False when the table is full, the device is there already, or there is no memory.
 */
bool device_table_load(struct device_table *table, const struct device_record *record);

size_t device_table_count(const struct device_table *table);

/* As store.h has it; see release_tallies.h for what counts. */
struct release_tally device_table_tally(const struct device_table *table, const char *release);

/* Visit devices, the one put last first, as store.h has it. */
void device_table_each(const struct device_table *table, size_t limit,
                       bool (*visit)(void *visit_ctx, const struct device_record *record),
                       void *visit_ctx);

/*
 * What has changed: up to `max` devices in `out`, oldest change first; returns how many. Small
 * changes, of nothing but when a device was last seen and how often it asked, are left out until
 * they are `quiet_ms` old. Valid until the table changes.
 */
size_t device_table_changes(const struct device_table *table, uint64_t now_ms, uint64_t quiet_ms,
                            const struct device_record **out, size_t max);

/* This device is in the file as it is here. */
void device_table_written(struct device_table *table, const struct mac *station);

/* Every device counts as changed, as for a file that is begun anew. */
void device_table_all_changed(struct device_table *table, uint64_t now_ms);

/*
 * Devices that had to make room, some of which may be back: `*count` of them, the oldest first.
 * NULL when there is none. Valid until the table changes.
 */
const struct mac *device_table_removed(const struct device_table *table, size_t *count);

/* True when there were more than the table keeps: look for what is in the file and not here. */
bool device_table_removed_overflow(const struct device_table *table);

/* The `count` last of device_table_removed() are not in the file any more. */
void device_table_removed_written(struct device_table *table, size_t count);

/* Nothing is in the file that is not here. */
void device_table_removed_clear(struct device_table *table);

/* Ask for a look at all that is in the file, as if the removed had been too many. */
void device_table_removed_lost(struct device_table *table);

#endif
