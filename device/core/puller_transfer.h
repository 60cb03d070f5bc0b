/*
 * The puller from a request on: connection, answer, image, another attempt, the end.
 */
#ifndef OTA_PULLER_TRANSFER_H
#define OTA_PULLER_TRANSFER_H

#include "ota/puller.h"

/* The next request is due (state PAUSING): connect. */
void ota_puller_ask(struct ota_puller *p, uint32_t now_ms);

/* Send what is left of the request, as far as there is room (state SENDING). */
void ota_puller_send(struct ota_puller *p, uint32_t now_ms);

/* Bytes have come from the connection; returns how many were taken (state HEADER). */
size_t ota_puller_take_header(struct ota_puller *p, const char *bytes, size_t len, uint32_t now_ms);

/* The same (state BODY). */
size_t ota_puller_take_body(struct ota_puller *p, const char *bytes, size_t len, uint32_t now_ms);

/* It went wrong in a way that may pass: try again later, or fail. */
void ota_puller_break(struct ota_puller *p, int error, uint32_t now_ms);

/* It is over. `error` is 0 unless `result` is OTA_PULL_FAILED. */
void ota_puller_finish(struct ota_puller *p, enum ota_pull_result result, int error);

/* Let the updater do one operation (the puller holds it); true when there is more to do at once. */
bool ota_puller_work(struct ota_puller *p, uint32_t now_ms);

/* When a state ends that lasts `configured`, or else `standard` milliseconds. */
uint32_t ota_puller_deadline(uint32_t now_ms, uint32_t configured, uint32_t standard);

/* Milliseconds until then, 0 when it has passed. */
uint32_t ota_puller_time_left(uint32_t deadline, uint32_t now_ms);

#endif
