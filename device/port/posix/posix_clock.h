/*
 * The time on POSIX systems: the monotonic clock.
 */
#ifndef POSIX_CLOCK_H
#define POSIX_CLOCK_H

#include "ota/clock.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Milliseconds since an arbitrary instant, in libota's wrapping 32 bits. */
uint32_t posix_clock_now_ms(void);

/* The clock for libota's blocking functions; waits a millisecond at a time. */
struct ota_clock posix_clock(void);

#ifdef __cplusplus
}
#endif

#endif
