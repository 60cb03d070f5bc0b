/*
 * From reset to main(), for both programs; and back to reset.
 */
#ifndef SF2_START_H
#define SF2_START_H

#include <stdint.h>

/* Reset the board. Does not return. */
_Noreturn void sf2_reset(void);

/* Stop for ever, with interrupts off: the watchdog of a real board would reset it. */
_Noreturn void sf2_stop(void);

/* Bytes of the stack, and how many of them were ever used. */
uint32_t sf2_stack_size(void);
uint32_t sf2_stack_used(void);

/* Provided by each program: what is done when the processor faults. Does not return. */
_Noreturn void sf2_on_fault(void);

/* Sleep until an interrupt comes. */
static inline void sf2_wait(void)
{
    __asm__ volatile("wfi" ::: "memory");
}

#endif
