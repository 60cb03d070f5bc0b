/*
 * `espota-c serve --report`.
 */
#ifndef CLI_SERVE_REPORT_H
#define CLI_SERVE_REPORT_H

#include "cli/failure.h"

#include <stdbool.h>

/* Print the record in the file `path`; false, with `failure` filled in, when that cannot be done.
 */
bool serve_report(const char *path, bool json, struct failure *failure);

#endif
