/*
 * The responder until an update is accepted: invitation, challenge, proof and penalty.
 */
#ifndef OTA_RESPONDER_LOGIN_H
#define OTA_RESPONDER_LOGIN_H

#include "common/proof.h"
#include "ota/responder.h"

/* A well-formed invitation for a sketch or a file system has arrived. */
void ota_responder_invited(struct ota_responder *r, const struct ota_address *from,
                           const struct invitation *invitation, uint32_t now_ms);

/* A well-formed proof has arrived. */
void ota_responder_proved(struct ota_responder *r, const struct ota_address *from,
                          const struct proof *proof, uint32_t now_ms);

/* Let wrong proofs be forgotten, as far as that is due. */
void ota_responder_forget_failures(struct ota_responder *r, uint32_t now_ms);

/* The time of the state, CHALLENGED or PENALTY, is over. */
void ota_responder_login_expired(struct ota_responder *r);

#endif
