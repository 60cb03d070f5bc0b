#include "sf2_start.h"

#include "sf2_clock.h"
#include "sf2_memory.h"

#include <stddef.h>

/* By the linker scripts. */
extern uint32_t sf2_data_load[], sf2_data_begin[], sf2_data_end[];
extern uint32_t sf2_bss_begin[], sf2_bss_end[];
extern uint32_t sf2_stack_bottom[], sf2_stack_top[];

extern int main(void);

/* Where both programs begin; the linker scripts know it. */
void sf2_on_reset(void);

#define PAINT 0x5AA5C33Cu

_Noreturn void sf2_stop(void)
{
    __asm__ volatile("cpsid i");
    for (;;)
        sf2_wait();
}

_Noreturn void sf2_reset(void)
{
    __asm__ volatile("dsb" ::: "memory");
    *sf2_word(SF2_AIRCR) = 0x05FA0004u; /* VECTKEY, SYSRESETREQ */
    sf2_stop();
}

/* Up to a little below of where the stack ends now. */
static void paint_stack(void)
{
    volatile uint32_t *at = sf2_stack_bottom;
    uintptr_t here;

    __asm__ volatile("mov %0, sp" : "=r"(here));
    while ((uintptr_t)at < here - 64)
        *at++ = PAINT;
}

uint32_t sf2_stack_size(void)
{
    return (uint32_t)(sf2_stack_top - sf2_stack_bottom) * (uint32_t)sizeof(uint32_t);
}

uint32_t sf2_stack_used(void)
{
    const volatile uint32_t *at = sf2_stack_bottom;

    while (at < sf2_stack_top && *at == PAINT)
        at++;
    return (uint32_t)(sf2_stack_top - at) * (uint32_t)sizeof(uint32_t);
}

void sf2_on_reset(void)
{
    const uint32_t *from = sf2_data_load;

    /* What was loaded into memory is in place already, and copied onto itself. */
    for (uint32_t *to = sf2_data_begin; to < sf2_data_end; to++)
        *to = *from++;
    for (uint32_t *to = sf2_bss_begin; to < sf2_bss_end; to++)
        *to = 0;
    paint_stack();
    sf2_clock_start();
    __asm__ volatile("cpsie i");
    (void)main();
    sf2_stop();
}

static void on_fault(void)
{
    sf2_on_fault();
}

/* Nothing else is enabled. */
static void on_nothing(void)
{
}

/* The interrupts of the processor, and of the board up to that of the Ethernet MAC. */
#define VECTORS (16 + 13)
#define EMAC    (16 + 12)

/* The first entry is the stack, all others are functions. */
typedef union {
    uint32_t *stack;
    void (*function)(void);
} vector;

void sf2_on_emac(void);
__attribute__((weak)) void sf2_on_emac(void)
{
}

__attribute__((section(".vectors"), used)) static const vector vectors[VECTORS] = {
    { .stack = sf2_stack_top },         { .function = sf2_on_reset },
    { .function = on_fault }, /* NMI */
    { .function = on_fault }, /* hard fault, and those that are not told apart from it: */
    { .function = on_fault }, /* memory management */
    { .function = on_fault }, /* bus */
    { .function = on_fault }, /* usage */
    [11] = { .function = on_nothing },  [14] = { .function = on_nothing },
    [15] = { .function = sf2_on_tick }, [EMAC] = { .function = sf2_on_emac },
};
