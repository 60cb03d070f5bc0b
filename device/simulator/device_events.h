/*
 * What espota-device prints on standard output: one line per event, a word and key=value pairs, as
 * its manual page lists them. Standard output is to be line buffered.
 */
#ifndef DEVICE_EVENTS_H
#define DEVICE_EVENTS_H

#include "device_announce.h"
#include "device_boot.h"
#include "ota/puller.h"
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

/*
 * An event of the puller, except that it is over: "asking", "redirected", "offered", "progress",
 * "broken". `url` is where it asks.
 */
void device_events_pull(const struct ota_pull_event *event, const struct ota_pull_url *url);

/*
 * That it is over, and how, by its result: "updated ...", of a sketch that `updater` has stored,
 * with the version that the server gave it unless that is ""; "up-to-date"; "pull-failed ...".
 */
void device_events_pulled(const struct ota_pull_event *event, const struct ota_puller *puller,
                          const struct ota_updater *updater);

/*
 * Whether progress is to be printed: true for the first in each tenth of the image. `*tenth` is
 * kept in between, and 0 at first.
 */
bool device_events_is_new_tenth(unsigned *tenth, uint32_t done, uint32_t total);

/* "announced ..." or "renamed ...": an event of mDNS, except that it cannot be had. */
void device_events_mdns(const struct device_announce_event *event);

#endif
