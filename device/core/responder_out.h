/*
 * What the responder's parts share: telling the peer, telling the application, and deadlines.
 */
#ifndef OTA_RESPONDER_OUT_H
#define OTA_RESPONDER_OUT_H

#include "ota/responder.h"

/* Send a text as a datagram. */
void ota_responder_reply(const struct ota_responder *r, const struct ota_address *to,
                         const char *text);

/* Send "ERR: " and an error line, as from ota_error_line(), as a datagram. */
void ota_responder_reply_error(const struct ota_responder *r, const struct ota_address *to,
                               const char *line);

/* Report an event to the application, if it listens. */
void ota_responder_emit(const struct ota_responder *r, const struct ota_event *event);

/* Report that somebody was refused. */
void ota_responder_emit_refused(const struct ota_responder *r, const struct ota_address *peer,
                                enum ota_error error, const char *text);

/* The instant `configured` milliseconds from now, or `standard` when that is 0. */
uint32_t ota_responder_deadline(uint32_t now_ms, uint32_t configured, uint32_t standard);

/* Milliseconds until a deadline, 0 when it has come. */
uint32_t ota_responder_time_left(uint32_t deadline, uint32_t now_ms);

#endif
