/*
 * Time: the processor's SysTick, which interrupts once a millisecond.
 */
#ifndef SF2_CLOCK_H
#define SF2_CLOCK_H

#include <stdint.h>

/* Start counting from 0, as start-up code does. */
void sf2_clock_start(void);

/* No more interrupts, before another program takes over. */
void sf2_clock_stop(void);

/* Milliseconds since the start; wraps after 49 days. */
uint32_t sf2_clock_ms(void);

/* Cycles within the millisecond, counted down: for what has to be unlike, not for measuring. */
uint32_t sf2_clock_cycles(void);

/*
 * Reset the board when the clock reaches `ms`, whatever the program does by then, unless interrupts
 * are off: for those hangs, hardware has a watchdog. 0: never.
 */
void sf2_clock_reset_at(uint32_t ms);

/* The interrupt. */
void sf2_on_tick(void);

#endif
