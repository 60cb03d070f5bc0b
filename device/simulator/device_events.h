/*
 * What espota-device prints on standard output: one line per event, a word and key=value pairs, as
 * its manual page lists them. Standard output is to be line buffered.
 */
#ifndef DEVICE_EVENTS_H
#define DEVICE_EVENTS_H

#include "device/port/posix/posix_flash.h"
#include "ota/responder.h"

/* "listening ...": the device can be reached; `local` with the port that was chosen. */
void device_events_listening(const struct ota_address *local);

/* "started ..." or "restarted ...": what the record in flash says. */
void device_events_record(const char *word, const struct ota_flash *flash);

/* An event of the responder, except the wish to restart. */
void device_events_print(const struct ota_event *event);

#endif
