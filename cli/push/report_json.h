/*
 * The JSON objects of `espota-c upload --json`: one a line, on standard output, flushed.
 */
#ifndef CLI_REPORT_JSON_H
#define CLI_REPORT_JSON_H

#include "cli/discover/locate.h"
#include "cli/image/image_file.h"
#include "cli/push/explain.h"
#include "cli/push/transport.h"

#include <stdbool.h>

/* "image": what is going to be sent to `device`. */
void report_json_image(const char *device, const struct image_file *image, bool filesystem);

/* "same": `device` is the one that is called `as`, and has no further objects. */
void report_json_same(const char *device, const char *as);

/* "found": what its device announces of itself by mDNS. */
void report_json_found(const struct push_upload *upload, const struct located *located);

/* "online", after `ms` milliseconds; `name` is its instance's now (NULL: as before). */
void report_json_online(const struct push_upload *upload, uint64_t ms, const char *name);

/* "result" of one that was updated, and is not back online. */
void report_json_not_online(const struct push_upload *upload, const char *detail, const char *hint);

/* "waiting": until others are through. */
void report_json_waiting(const struct push_upload *upload);

/* "invited", with the attempt, the device's address and where it is to connect. */
void report_json_invited(const struct push_upload *upload);

/* "authenticated", with the dialect. */
void report_json_authenticated(const struct push_upload *upload);

void report_json_connected(const struct push_upload *upload);

/* "progress": bytes that the device has acknowledged, of how many. */
void report_json_progress(const struct push_upload *upload);

/* "result" of an upload that has finished. */
void report_json_result(const struct push_upload *upload, const struct explanation *explanation);

/* "result" of an upload that never began; `hint` may be empty. */
void report_json_failure(const char *device, enum exit_code code, const char *detail,
                         const char *hint);

/* False, with errno set, when an object could not be written to standard output. */
bool report_json_written(void);

#endif
