/*
 * A device's record as JSON.
 */
#ifndef CLI_DEVICE_JSON_H
#define CLI_DEVICE_JSON_H

#include "cli/serve/device_record.h"

#include <jansson.h>

/*
 * An object with every field of the record: device, family, version, sdk_version, mode,
 * access_point, free_space, sketch_size, chip_size, sketch_md5, sketch_sha256, address, first_seen,
 * last_seen, requests, status, reason, sketch, filesystem. What the device did not send is null;
 * `sketch` and `filesystem` are null, or the latest offer: release, md5, attempts, when, outcome.
 * Texts of devices are as cli/printable.h makes them; times are ISO 8601 in UTC. The caller's to
 * release; NULL without memory.
 */
json_t *device_json(const struct device_record *record);

#endif
