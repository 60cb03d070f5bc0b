/*
 * A session (cli/push/session.h) in a test's hands: the test says what the device does and how
 * time passes, and finds written down what the session wanted. Time is virtual and costs nothing.
 *
 *     struct session_driver d;
 *     session_driver_init(&d);
 *     d.config.retries = 0;
 *     session_driver_start(&d);
 *     device_says(&d, "OK");
 *     device_connects(&d);
 *     device_reads_all(&d);
 *     device_writes(&d, "OK");
 *     expect_finished(&d, PUSH_UPDATED);
 *
 * After every call all actions are carried out, and what must hold at any time is asserted.
 */
#ifndef TESTS_SESSION_DRIVER_H
#define TESTS_SESSION_DRIVER_H

#include "cli/push/session.h"
#include "common/proof.h"

#include <criterion/criterion.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DRIVER_SIZE      5000u
#define DRIVER_PORT      40000u
#define DRIVER_MD5       "00112233445566778899aabbccddeeff"
#define DRIVER_PASSWORD  "corr:ect h\xC3\xB6rse"
#define DRIVER_TIMES_MAX 64

struct session_driver {
    struct push_config config; /* may be changed between init and start */
    struct push_password password;
    struct push_session session;
    uint64_t now;

    /* What the session wanted so far. */
    unsigned actions;
    unsigned invitations;
    unsigned proofs;
    unsigned closes;
    unsigned events[PUSH_EVENT_FINISHED + 1];
    uint64_t invited_at[DRIVER_TIMES_MAX];
    struct invitation invitation; /* the latest */
    struct proof proof;           /* the latest */
    char nonce[AUTH_TEXT_MAX];    /* of the latest device_challenges() */

    unsigned nonces;
    uint8_t randomness;
};

/* A sketch of DRIVER_SIZE bytes, no password given, two retries, the program's default limits. */
void session_driver_init(struct session_driver *d);

/* The user gave DRIVER_PASSWORD; before start. */
void session_driver_give_password(struct session_driver *d);

void session_driver_start(struct session_driver *d);

/* Started; with the device connected; with everything sent and acknowledged. */
void session_driver_invite(struct session_driver *d);
void session_driver_connect(struct session_driver *d);
void session_driver_send_all(struct session_driver *d);

/* Datagrams from the device. */
void device_says(struct session_driver *d, const char *text);
void device_says_bytes(struct session_driver *d, const void *bytes, size_t len);
void device_challenges(struct session_driver *d, enum auth_dialect dialect);
void device_repeats_its_challenge(struct session_driver *d);
void device_is_unreachable(struct session_driver *d);

/* True when the latest proof answers the latest nonce with this digest of the right password. */
bool proof_is_right(const struct session_driver *d, enum digest_kind kind);

/* The connection. */
void device_connects(struct session_driver *d);
void device_writes(struct session_driver *d, const char *text);
void device_closes(struct session_driver *d);
void device_resets(struct session_driver *d);

/* At most `len` bytes more go to TCP and, with device_reads(), are acknowledged. */
void uploader_sends(struct session_driver *d, size_t len);
void device_reads(struct session_driver *d, size_t len);
void device_reads_all(struct session_driver *d);

/* Let `ms` pass; the session is woken whenever it wants to be. */
void time_passes(struct session_driver *d, uint64_t ms);

/* Go on to the next moment at which the session wants to be woken, and wake it. */
void session_wakes(struct session_driver *d);

/* Nothing more happens: let time pass until the session is over, which it must be in the end. */
void silence_to_the_end(struct session_driver *d);

void uploader_aborts(struct session_driver *d, enum push_reason reason);

#define expect_state(d, expected)                                                           \
    cr_assert_eq((d)->session.state, (expected), "the state is %d, not %d (" #expected ")", \
                 (int)(d)->session.state, (int)(expected))

#define expect_event(d, event, count)                                                            \
    cr_assert_eq((d)->events[event], (unsigned)(count), #event ": %u of %u", (d)->events[event], \
                 (unsigned)(count))

#define expect_finished(d, why)                                                               \
    do {                                                                                      \
        expect_state(d, PUSH_FINISHED);                                                       \
        cr_assert_eq((d)->session.reason, (why), "it ended for reason %d, not %d (" #why ")", \
                     (int)(d)->session.reason, (int)(why));                                   \
        expect_event(d, PUSH_EVENT_FINISHED, 1);                                              \
    } while (0)

#endif
