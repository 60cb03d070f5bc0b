#include "sf2_cut.h"

#include "sf2_memory.h"
#include "sf2_start.h"
#include "sf2_uart.h"

#define CUT_AT (SF2_DDR + 0)
#define DONE   (SF2_DDR + 4) /* operations; kept over resets, unlike all that is cleared */

bool sf2_cut_is_due(void)
{
    uint32_t done = *sf2_word(DONE) + 1;

    *sf2_word(DONE) = done;
    return done == *sf2_word(CUT_AT);
}

bool sf2_cut_spares_erases(void)
{
    return *sf2_word(CUT_AT) % 2 != 0;
}

_Noreturn void sf2_cut(void)
{
    sf2_uart_text("cut ");
    sf2_uart_number(*sf2_word(CUT_AT));
    sf2_uart_text("\n");
    sf2_stop();
}
