/*
 * The puller's updater: what it will not take, and what becomes of what it is given.
 */
#ifndef OTA_PULLER_VERDICT_H
#define OTA_PULLER_VERDICT_H

#include "ota/puller.h"

/*
 * Look whether the updater could begin an update now. False when it could not: it is over then,
 * with the reason.
 */
bool ota_puller_can_begin(struct ota_puller *p);

/* The updater has refused, or failed, with this error: it is over, in its words. */
void ota_puller_fail_by_updater(struct ota_puller *p, enum ota_error error);

/*
 * x-MD5 has announced this image. False when it is the sketch that the bootloader has given up: it
 * is over then. Whether it is the one that runs, the updater finds out.
 */
bool ota_puller_wants(struct ota_puller *p, const uint8_t md5[DIGEST_MD5_SIZE]);

/* An image begins, whose bytes will be looked at. */
void ota_puller_look_at_none(struct ota_puller *p);

/* The updater has been given these. */
void ota_puller_look_at(struct ota_puller *p, const void *bytes, size_t len);

/*
 * It has been given all of them. False when they are the sketch that runs, or that was given up: it
 * is over then. True also of what x-MD5 has told of before.
 */
bool ota_puller_wants_what_came(struct ota_puller *p);

#endif
