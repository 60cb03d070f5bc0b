/*
 * When to repeat a datagram that was not answered.
 */
#ifndef CLI_RESEND_H
#define CLI_RESEND_H

#include <stdint.h>

/*
 * Growing intervals: the first is a second, or less when the whole wait is short, so that at least
 * four datagrams go out within it; each is half as long again as the one before.
 */
struct resend {
    uint64_t at; /* when the next one is due */
    uint32_t interval;
};

/* A datagram goes out now, the first of a wait of `timeout_ms`; no interval is below `least_ms`. */
void resend_start(struct resend *resend, uint32_t timeout_ms, uint32_t least_ms, uint64_t now);

/* A repetition goes out now. */
void resend_again(struct resend *resend, uint64_t now);

#endif
