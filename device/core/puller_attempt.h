/*
 * The puller's attempts: when one begins, what it sends, and how it ends.
 */
#ifndef OTA_PULLER_ATTEMPT_H
#define OTA_PULLER_ATTEMPT_H

#include "ota/puller.h"

/* The next request is due (state PAUSING): connect. */
void ota_puller_ask(struct ota_puller *p, uint32_t now_ms);

/* Send what is left of the request, as far as there is room (state SENDING). */
void ota_puller_send(struct ota_puller *p, uint32_t now_ms);

/* The next request goes to `p->url`; poll() makes it when `pause_ms` have passed. */
void ota_puller_ask_after(struct ota_puller *p, uint32_t pause_ms, uint32_t now_ms);

/* The same, to where the user has said: an address that a server has redirected to is for once. */
void ota_puller_ask_anew_after(struct ota_puller *p, uint32_t pause_ms, uint32_t now_ms);

/* It went wrong in a way that may pass: try again later, or fail. */
void ota_puller_break(struct ota_puller *p, int error, uint32_t now_ms);

/* It is over. `error` is 0 unless `result` is OTA_PULL_FAILED. */
void ota_puller_finish(struct ota_puller *p, enum ota_pull_result result, int error);

/* The same, told with another text than the error's; it need be valid during the call alone. */
void ota_puller_end(struct ota_puller *p, enum ota_pull_result result, int error, const char *text);

/* It is over: OTA_PULL_FAILED. */
void ota_puller_fail(struct ota_puller *p, int error);

/* Close the connection, if there is one. */
void ota_puller_close(struct ota_puller *p);

/* Give the updater up, if the puller holds it. */
void ota_puller_release(struct ota_puller *p);

/* Tell of something. */
void ota_puller_emit(const struct ota_puller *p, struct ota_pull_event event);

/* When a state ends that lasts `configured`, or else `standard` milliseconds. */
uint32_t ota_puller_deadline(uint32_t now_ms, uint32_t configured, uint32_t standard);

/* Milliseconds until then, 0 when it has passed. */
uint32_t ota_puller_time_left(uint32_t deadline, uint32_t now_ms);

#endif
