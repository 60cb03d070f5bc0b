/*
 * The reply: a datagram from the device, in answer to an invitation or a proof.
 */
#ifndef COMMON_REPLY_H
#define COMMON_REPLY_H

#include "common/challenge.h"
#include "common/text.h"

enum reply_kind {
    REPLY_UNKNOWN,     /* nothing that the protocol knows */
    REPLY_OK,          /* accepted: the device is about to connect */
    REPLY_CHALLENGE,   /* "AUTH NONCE": it wants a proof */
    REPLY_AUTH_FAILED, /* "Authentication Failed": the proof was wrong */
    REPLY_ERROR,       /* "ERR: text": the device refuses */
};

struct reply {
    enum reply_kind kind;
    struct challenge challenge; /* of REPLY_CHALLENGE */
    struct text_cursor text;    /* of REPLY_ERROR and REPLY_UNKNOWN: inside the datagram */
};

/* What the device says when a proof was wrong. */
#define REPLY_AUTH_FAILED_TEXT "Authentication Failed"

/* Classify a datagram of any bytes; white space at its end is ignored. */
struct reply reply_parse(const char *datagram, size_t len);

#endif
