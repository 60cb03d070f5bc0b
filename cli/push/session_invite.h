/*
 * The part of a session before the device's connection: invitations, challenges and proofs. It
 * implements push_session_on_datagram() and push_session_on_unreachable() of session.h; the rest is
 * for session.c alone.
 */
#ifndef CLI_SESSION_INVITE_H
#define CLI_SESSION_INVITE_H

#include "cli/push/session.h"

/* Begin a try at the whole upload. */
void session_start_attempt(struct push_session *session, uint64_t now);

/* Invite as if for the first time: what was said about earlier challenges counts no more. */
void session_start_round(struct push_session *session, uint64_t now);

/* Repeat the invitation, or the proof, that nobody has answered. */
void session_repeat(struct push_session *session, uint64_t now);

/* The device takes the invitation: by datagram, or by connecting. */
void session_accept(struct push_session *session);

#endif
