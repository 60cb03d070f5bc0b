/*
 * Where things are on the board emcraft-sf2: a SmartFusion2 (Cortex-M3) with 64 MiB of DDR memory
 * and 16 MiB of SPI NOR flash. Addresses as in Microsemi's UG0331, and as QEMU 7.2 has them. The
 * emulator's DDR memory needs no set-up; hardware's does, at the start of the bootloader.
 */
#ifndef SF2_MEMORY_H
#define SF2_MEMORY_H

#include <stdint.h>

#define SF2_CLOCK_HZ 142000000u

#define SF2_DDR      0xA0000000u
#define SF2_DDR_SIZE 0x04000000u

#define SF2_ESRAM      0x20000000u
#define SF2_ESRAM_SIZE 0x00010000u

/* Where the bootloader looks at a sketch before it loads it; no sketch's own memory reaches here.
 */
#define SF2_STAGING 0xA2000000u

/* Sketches are loaded into this part of the DDR memory; what follows it is theirs as well. */
#define SF2_SKETCH      0xA0010000u
#define SF2_SKETCH_SIZE 0x00400000u

#define SF2_UART 0x40000000u
#define SF2_SPI  0x40001000u
#define SF2_EMAC 0x40041000u

/* The processor's own: ARMv7-M Architecture Reference Manual, chapter B3. */
#define SF2_SYSTICK 0xE000E010u
#define SF2_NVIC    0xE000E100u
#define SF2_VTOR    0xE000ED08u
#define SF2_AIRCR   0xE000ED0Cu
#define SF2_MPU     0xE000ED94u

/* A register, or a word of memory that others change. */
static inline volatile uint32_t *sf2_word(uint32_t address)
{
    return (volatile uint32_t *)(uintptr_t)address;
}

#endif
