/*
 * The responder from the accepted invitation on: connection, image, verdict, draining.
 */
#ifndef OTA_RESPONDER_TRANSFER_H
#define OTA_RESPONDER_TRANSFER_H

#include "ota/responder.h"

/* The inviter may update the device: begin, answer `reply_to`, connect to the inviter. */
void ota_responder_accept(struct ota_responder *r, const struct ota_address *reply_to,
                          uint32_t now_ms);

/* The connection has been made (state CONNECTING). */
void ota_responder_receive(struct ota_responder *r, uint32_t now_ms);

/* Bytes have come from the connection (state RECEIVING); returns how many were taken. */
size_t ota_responder_take(struct ota_responder *r, const void *bytes, size_t len, uint32_t now_ms);

/* The connection ended, or the time to make it (state CONNECTING). */
void ota_responder_connect_failed(struct ota_responder *r);

/* The peer is gone (state RECEIVING). */
void ota_responder_peer_gone(struct ota_responder *r);

/* No byte has come for too long (state RECEIVING). */
void ota_responder_stalled(struct ota_responder *r, uint32_t now_ms);

/* Let the updater do one operation (state RECEIVING); true when there is more to do at once. */
bool ota_responder_work(struct ota_responder *r, uint32_t now_ms);

/* Send what is left of the verdict, as far as there is room. */
void ota_responder_send_verdict(struct ota_responder *r, uint32_t now_ms);

/* Draining is over. */
void ota_responder_drained(struct ota_responder *r);

#endif
