/*
 * A device that follows a script: it plays the quirks of stock devices, and worse ones, for
 * end-to-end tests of an uploader. It runs in a thread, on loopback, at a port that the system
 * chooses, and records what it saw.
 *
 *     static const struct device_step script[] = {
 *         DEVICE_INVITED,              (* wait for an invitation *)
 *         DEVICE_ANSWER("OK"),
 *         DEVICE_CONNECT,
 *         DEVICE_READ_ALL,
 *         DEVICE_WRITE("1460536OK"),   (* glued *)
 *         DEVICE_CLOSE,
 *         DEVICE_END,
 *     };
 *     struct scripted_device *device = scripted_device_start(script, NULL);
 *     ... run the uploader against 127.0.0.1, port scripted_device_port(device) ...
 *     struct device_record seen;
 *     scripted_device_finish(device, &seen);
 *     cr_assert(seen.completed, "%s", seen.problem);
 *     cr_assert_eq(seen.invitations, 1);
 *
 * A step that cannot be done ends the script; `problem` then says why. Every wait is bounded.
 * After the script the device goes on to record datagrams, and its connection stays as it is,
 * until the test calls scripted_device_finish(). Programs that use this link a digest back-end.
 */
#ifndef TESTS_SUPPORT_SCRIPTED_DEVICE_H
#define TESTS_SUPPORT_SCRIPTED_DEVICE_H

#include "common/invitation.h"
#include "tests/support/scripted_stream.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum device_action {
    DEVICE_DO_END,
    DEVICE_DO_INVITED,
    DEVICE_DO_IGNORE,
    DEVICE_DO_ANSWER,
    DEVICE_DO_PROOF,
    DEVICE_DO_LEAVE,
    DEVICE_DO_SLEEP,
    DEVICE_DO_CONNECT,
    DEVICE_DO_STRANGER,
    DEVICE_DO_READ,
    DEVICE_DO_READ_TO_END,
    DEVICE_DO_RECEIVE,
    DEVICE_DO_WRITE,
    DEVICE_DO_WRITE_SPLIT,
    DEVICE_DO_CLOSE,
    DEVICE_DO_RESET,
    DEVICE_DO_HOLD,
};

struct device_step {
    enum device_action action;
    const char *text;
    uint64_t number;
};

#define DEVICE_STEP(action, text, number)  \
    {                                      \
        DEVICE_DO_##action, text, (number) \
    }

/* The end of every script. */
#define DEVICE_END DEVICE_STEP(END, NULL, 0)

/* Datagrams. Texts are string literals, and may have NULs inside. */

/* Wait for an invitation; every other datagram before it is recorded and swallowed. */
#define DEVICE_INVITED         DEVICE_STEP(INVITED, NULL, 0)
/* Swallow `n` datagrams of any kind. */
#define DEVICE_IGNORE(n)       DEVICE_STEP(IGNORE, NULL, (n))
/* Send a datagram to where the latest invitation came from. "AUTH NONCE" is kept for _PROOF. */
#define DEVICE_ANSWER(literal) DEVICE_STEP(ANSWER, literal, sizeof(literal) - 1)
/* Wait for a proof, and record what it proves; it is for the script to answer as it likes. */
#define DEVICE_PROOF           DEVICE_STEP(PROOF, NULL, 0)
/* Close the UDP port: datagrams are answered by ICMP "port unreachable" from now on. */
#define DEVICE_LEAVE           DEVICE_STEP(LEAVE, NULL, 0)

/* The connection to the inviter, as the latest invitation names it. */

#define DEVICE_CONNECT               DEVICE_STEP(CONNECT, NULL, 0)
/* Connect from another address of this machine than the device's own, such as "127.0.0.9". */
#define DEVICE_CONNECT_FROM(address) DEVICE_STEP(CONNECT, address, 0)
/* Somebody else connects from there as well, and is to be refused without a byte. */
#define DEVICE_STRANGER(address)     DEVICE_STEP(STRANGER, address, 0)
/* Read `n` bytes; all that is missing of the image; or until the uploader closes or resets. */
#define DEVICE_READ(n)               DEVICE_STEP(READ, NULL, (n))
#define DEVICE_READ_ALL              DEVICE_STEP(READ, NULL, UINT64_MAX)
#define DEVICE_READ_TO_END           DEVICE_STEP(READ_TO_END, NULL, 0)
/* As a stock device: read all that is missing of the image, and write the count of each read. */
#define DEVICE_RECEIVE               DEVICE_STEP(RECEIVE, NULL, 0)
/* Write text in one piece, or byte by byte, each in a segment of its own. */
#define DEVICE_WRITE(literal)        DEVICE_STEP(WRITE, literal, sizeof(literal) - 1)
#define DEVICE_WRITE_SPLIT(literal)  DEVICE_STEP(WRITE_SPLIT, literal, sizeof(literal) - 1)
#define DEVICE_CLOSE                 DEVICE_STEP(CLOSE, NULL, 0)
/* Close with a TCP reset. */
#define DEVICE_RESET                 DEVICE_STEP(RESET, NULL, 0)

/* Time. */

#define DEVICE_SLEEP(ms) DEVICE_STEP(SLEEP, NULL, (ms))
/* Read and write nothing until the uploader closes the connection or the test finishes. */
#define DEVICE_HOLD      DEVICE_STEP(HOLD, NULL, 0)

struct device_options {
    const char *address;  /* where it listens and connects from; NULL: 127.0.0.1 */
    uint16_t port;        /* where it listens; 0: the system chooses */
    const char *password; /* what DEVICE_PROOF checks against; NULL: "" */
    int receive_buffer;   /* bytes of SO_RCVBUF, so that not reading is felt soon; 0: as it is */
    int patience_ms;      /* bound of each step; 0: 20000 */
};

/* What a proof proves. */
enum device_proof {
    DEVICE_PROOF_WRONG,
    DEVICE_PROOF_MD5,    /* it knows the MD5 of the password */
    DEVICE_PROOF_SHA256, /* it knows the SHA-256 of the password */
};

#define DEVICE_PROOFS_MAX      8
#define DEVICE_CONNECTIONS_MAX 8

struct device_record {
    bool completed;    /* every step was done */
    char problem[160]; /* else: which one was not, and why */
    unsigned datagrams;
    unsigned invitations;
    struct invitation invitation; /* the latest, and its text */
    char invitation_text[512];
    uint16_t invitation_port; /* from which UDP port it came */
    unsigned proofs;
    uint16_t proof_port; /* from which UDP port the latest proof came */
    enum device_proof proof[DEVICE_PROOFS_MAX];
    unsigned connections; /* of DEVICE_CONNECT */
    struct device_connection connection[DEVICE_CONNECTIONS_MAX];
    unsigned strangers; /* of DEVICE_STRANGER that were refused without a byte */
};

struct scripted_device;

/* Start; `options` may be NULL. The script is not copied. NULL with errno when it failed. */
struct scripted_device *scripted_device_start(const struct device_step *script,
                                              const struct device_options *options);

/* Its UDP port. */
uint16_t scripted_device_port(const struct scripted_device *device);

/* Wait until `steps` steps of the script have been done. False when they are not in time. */
bool scripted_device_reached(struct scripted_device *device, size_t steps, int timeout_ms);

/*
 * The uploader has ended: let the device do the steps that need it no more, stop it, and hand over
 * the record (`out` may be NULL). Releases `device`, which may be NULL.
 */
void scripted_device_finish(struct scripted_device *device, struct device_record *out);

#endif
