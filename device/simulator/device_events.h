/*
 * What espota-device prints on standard output: one line per event, a word and key=value pairs, as
 * its manual page lists them. Standard output is to be line buffered.
 */
#ifndef DEVICE_EVENTS_H
#define DEVICE_EVENTS_H

#include "device_announce.h"
#include "device_boot.h"
#include "ota/responder.h"

/* "listening ...": the device can be reached; `local` with the port that was chosen. */
void device_events_listening(const struct ota_address *local);

/* "boot ...": what the bootloader did, and which sketch it runs. */
void device_events_boot(const struct device_boot *boot);

/* "started ..." or "restarted ...": what the device holds now. */
void device_events_images(const char *word, const struct device_boot *boot);

/* "confirmed ...": the sketch that runs is no longer on trial. */
void device_events_confirmed(const struct device_boot *boot);

/* An event of the responder, except the wish to restart; `updater` is the one it works with. */
void device_events_print(const struct ota_event *event, const struct ota_updater *updater);

/* "announced ..." or "renamed ...": an event of mDNS, except that it cannot be had. */
void device_events_mdns(const struct device_announce_event *event);

#endif
