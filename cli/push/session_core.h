/*
 * What the parts of a session have in common; for session*.c alone.
 */
#ifndef CLI_SESSION_CORE_H
#define CLI_SESSION_CORE_H

#include "cli/push/session.h"

/* Queue an action for the driver. */
void session_act(struct push_session *session, enum push_action_kind kind);

/* Queue an event. */
void session_tell(struct push_session *session, enum push_event event);

/* Keep what the device said, cut to what push_session.text holds. */
void session_remember_text(struct push_session *session, const char *text, size_t len);

/* Have the driver drop the connection, if there is one. */
void session_drop_connection(struct push_session *session);

/* End the session; what it ended with first stays. */
void session_finish(struct push_session *session, enum push_reason reason);

#endif
