/*
 * The puller's answers: header, image, and what comes of them.
 */
#ifndef OTA_PULLER_TRANSFER_H
#define OTA_PULLER_TRANSFER_H

#include "ota/puller.h"

/* Bytes have come from the connection; returns how many were taken (state HEADER). */
size_t ota_puller_take_header(struct ota_puller *p, const char *bytes, size_t len, uint32_t now_ms);

/* The same (state BODY). */
size_t ota_puller_take_body(struct ota_puller *p, const char *bytes, size_t len, uint32_t now_ms);

/* Let the updater do one operation (the puller holds it); true when there is more to do at once. */
bool ota_puller_work(struct ota_puller *p, uint32_t now_ms);

#endif
