/*
 * The program's clock.
 */
#ifndef CLI_CLOCK_H
#define CLI_CLOCK_H

#include <stdint.h>

/* Milliseconds of a clock that only goes forward (CLOCK_MONOTONIC). */
uint64_t clock_ms(void);

#endif
