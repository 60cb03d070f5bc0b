#include "sf2_clock.h"

#include "sf2_memory.h"
#include "sf2_start.h"

/* Registers, in bytes from SF2_SYSTICK. */
enum {
    CONTROL = 0,
    RELOAD = 4,
    VALUE = 8,
};

#define ENABLED 7u /* counts, interrupts, runs at the processor's clock */

static volatile uint32_t milliseconds;
static volatile uint32_t reset_at;

void sf2_clock_start(void)
{
    milliseconds = 0;
    reset_at = 0;
    *sf2_word(SF2_SYSTICK + RELOAD) = SF2_CLOCK_HZ / 1000 - 1;
    *sf2_word(SF2_SYSTICK + VALUE) = 0;
    *sf2_word(SF2_SYSTICK + CONTROL) = ENABLED;
}

void sf2_clock_stop(void)
{
    *sf2_word(SF2_SYSTICK + CONTROL) = 0;
}

uint32_t sf2_clock_ms(void)
{
    return milliseconds;
}

uint32_t sf2_clock_cycles(void)
{
    return *sf2_word(SF2_SYSTICK + VALUE);
}

void sf2_clock_reset_at(uint32_t ms)
{
    reset_at = ms;
}

void sf2_on_tick(void)
{
    milliseconds++;
    if (reset_at != 0 && milliseconds >= reset_at)
        sf2_reset();
}
