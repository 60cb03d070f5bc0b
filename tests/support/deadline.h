/*
 * Deadlines on the monotonic clock, so that every wait in a test is bounded.
 */
#ifndef TESTS_SUPPORT_DEADLINE_H
#define TESTS_SUPPORT_DEADLINE_H

#include <stdint.h>

/* Nanoseconds of CLOCK_MONOTONIC. */
int64_t deadline_now(void);

/* The moment `ms` milliseconds from now, on that clock. */
int64_t deadline_after(int ms);

/* Milliseconds left until then, rounded up, as poll() takes them; 0 once it has passed. */
int deadline_left(int64_t deadline);

#endif
