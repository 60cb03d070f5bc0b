#include "cli/push/session_core.h"

#include "common/text.h"

void session_act(struct push_session *session, enum push_action_kind kind)
{
    push_actions_add(&session->actions, kind, PUSH_EVENT_NONE);
}

void session_tell(struct push_session *session, enum push_event event)
{
    push_actions_add(&session->actions, PUSH_ACTION_EVENT, event);
}

void session_remember_text(struct push_session *session, const char *text, size_t len)
{
    size_t used = 0;

    session->text[0] = '\0';
    text_append(session->text, sizeof session->text, &used, text, len);
}

void session_drop_connection(struct push_session *session)
{
    if (session->connected)
        session_act(session, PUSH_ACTION_CLOSE);
    session->connected = false;
}

void session_finish(struct push_session *session, enum push_reason reason)
{
    if (session->state == PUSH_FINISHED)
        return;
    session->ended_in = session->state;
    session_drop_connection(session);
    session->state = PUSH_FINISHED;
    session->reason = reason;
    session_tell(session, PUSH_EVENT_FINISHED);
}
