/*
 * What both ends of a connection must agree on in the end: each writes down its half, and holds the
 * other to it.
 */
#ifndef LWIP_TEST_TALK_H
#define LWIP_TEST_TALK_H

#include <stdbool.h>
#include <stdint.h>

/* The device's newest connection; zeros at first. */
struct lwip_test_talk {
    uint32_t number; /* from 1 on */
    uint64_t faults; /* of lwip_test_faults(), when it began */

    bool device_open;     /* between connect() and close() */
    uint32_t device_got;  /* bytes */
    uint32_t device_sent; /* bytes that send() took */

    bool peer_open;     /* accepted, and not over */
    bool peer_ended;    /* it has closed its end */
    uint32_t peer_sent; /* bytes that lwIP took */

    uint32_t number_of_port[UINT16_MAX + 1]; /* the last connection from each port */
};

/* True when nothing went wrong since the newest connection began, but by the code. */
bool lwip_test_talk_is_calm(const struct lwip_test_talk *talk);

/* Write `len` bytes of what a device or a peer says on a connection, from byte `at` on. */
void lwip_test_talk_say(uint8_t *out, uint32_t len, uint32_t number, bool device, uint32_t at);

/* True when these are such bytes. */
bool lwip_test_talk_is_said(const uint8_t *bytes, uint32_t len, uint32_t number, bool device,
                            uint32_t at);

#endif
