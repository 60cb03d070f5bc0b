/*
 * `espota-c serve --report`: the record as a table, or as JSON, one object per device and line.
 */
#ifndef CLI_FLEET_REPORT_H
#define CLI_FLEET_REPORT_H

#include "cli/serve/store.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Print all devices, sorted by MAC; `now` is for how long ago they were seen. False on errors. */
bool fleet_report_print(struct store *store, bool json, int64_t now, FILE *out);

#endif
