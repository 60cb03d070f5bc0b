/*
 * A power cut in the middle of an operation of flash, for tests under QEMU: at the operation whose
 * number, counted from power-on, is in the first word of the DDR memory, the board stops half-way
 * and says so on the serial port; then the test pulls the plug. 0, as after power-on in the
 * emulator: never. Hardware has anything in its memory then: there, build with
 * -DESPOTA_SF2_CUTS=OFF.
 */
#ifndef SF2_CUT_H
#define SF2_CUT_H

#include <stdbool.h>

#ifdef SF2_CUTS

/* Count an operation: is it the one? */
bool sf2_cut_is_due(void);

/* Of an erase, nothing is done (else all): what is in between, the emulator does not have. */
bool sf2_cut_spares_erases(void);

/* Say so, and stop. */
_Noreturn void sf2_cut(void);

#else

static inline bool sf2_cut_is_due(void)
{
    return false;
}

static inline bool sf2_cut_spares_erases(void)
{
    return false;
}

static inline void sf2_cut(void)
{
}

#endif

#endif
