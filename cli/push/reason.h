/*
 * Why an upload ended as it did.
 */
#ifndef CLI_REASON_H
#define CLI_REASON_H

#include "cli/exit_code.h"

enum push_reason {
    PUSH_UPDATED,
    PUSH_SILENT,           /* no answer to any invitation */
    PUSH_UNREACHABLE,      /* ICMP: nobody listens at that port */
    PUSH_PROOF_UNANSWERED, /* it asked for a proof, and never answered one */
    PUSH_PASSWORD_WRONG,
    PUSH_PASSWORD_MISSING,
    PUSH_NOT_CALLED_BACK, /* said OK, never connected */
    PUSH_REFUSED,         /* "ERR: text" by datagram */
    PUSH_FAILED,          /* error text on the connection */
    PUSH_CLOSED,          /* the device closed before everything was there */
    PUSH_RESET,           /* the connection was reset, likewise */
    PUSH_STALLED,         /* no progress for stall_ms */
    PUSH_EARLY_OK,        /* it said "OK" before it was sent everything */
    PUSH_CLOSED_SILENTLY, /* everything sent, closed or reset without a verdict */
    PUSH_NO_VERDICT,      /* everything sent, silence for verdict_ms */
    PUSH_INTERRUPTED,     /* by the user */
    PUSH_LOCAL_FAILURE,   /* the driver could not go on */
};

/* The exit code that tells a reason to scripts. */
enum exit_code push_reason_code(enum push_reason reason);

#endif
