/*
 * What a session wants its driver to do, in order.
 */
#ifndef CLI_ACTIONS_H
#define CLI_ACTIONS_H

enum push_event {
    PUSH_EVENT_NONE,
    PUSH_EVENT_INVITED,       /* the first invitation of an attempt goes out */
    PUSH_EVENT_REPEATED,      /* a further one */
    PUSH_EVENT_CHALLENGED,    /* the device wants a proof, and gets one */
    PUSH_EVENT_LOGIN_RETRY,   /* SHA-256 of the password was rejected; its MD5 comes next */
    PUSH_EVENT_AUTHENTICATED, /* it accepted the proof */
    PUSH_EVENT_ACCEPTED,      /* it said OK */
    PUSH_EVENT_CONNECTED,
    PUSH_EVENT_SENT_ALL, /* the device's TCP has acknowledged the last byte */
    PUSH_EVENT_RETRY,    /* the transfer broke: push_session.reason; another try follows */
    PUSH_EVENT_IGNORED,  /* a datagram that means nothing now: push_session.text */
    PUSH_EVENT_FINISHED,
};

enum push_action_kind {
    PUSH_ACTION_NONE,
    PUSH_ACTION_SEND,  /* push_session.datagram, to the device's UDP port */
    PUSH_ACTION_CLOSE, /* drop the device's connection */
    PUSH_ACTION_EVENT,
};

struct push_action {
    enum push_action_kind kind;
    enum push_event event;
};

#define PUSH_ACTIONS_MAX 8

/* A queue; it is empty when all its bytes are 0. */
struct push_actions {
    struct push_action ring[PUSH_ACTIONS_MAX];
    unsigned first;
    unsigned count;
};

/*
 * Add an action. When PUSH_ACTIONS_MAX are waiting it is dropped: a driver that takes them out
 * after every call, as it must, never lets that happen.
 */
void push_actions_add(struct push_actions *actions, enum push_action_kind kind,
                      enum push_event event);

/* Take the first one out; PUSH_ACTION_NONE when there is none. */
struct push_action push_actions_take(struct push_actions *actions);

#endif
