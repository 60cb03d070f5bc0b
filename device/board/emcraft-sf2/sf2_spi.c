#include "sf2_spi.h"

#include "sf2_memory.h"

/* Registers, in bytes from SF2_SPI. */
enum {
    CONTROL = 0x00,
    FRAME_SIZE = 0x04,
    STATUS = 0x08,
    RECEIVE = 0x10,
    TRANSMIT = 0x14,
    CLOCK_RATE = 0x18,
    SELECT = 0x1C,
};

/* CONTROL */
#define ENABLE      (1u << 0)
#define MASTER      (1u << 1)
#define FRAME_COUNT 8 /* bits 8 to 23 */
#define HOLD_SELECT (1u << 26)
#define BIG_FIFO    (1u << 29)

#define FIFO_DEPTH 32u /* frames of 8 bits, with BIG_FIFO */

/* STATUS */
#define RECEIVE_EMPTY (1u << 6)

/* A frame takes 8 bits at a few megahertz: some hundred cycles. */
#define TRIES 100000u

/* Exchange a byte. False when none came back. */
static bool exchange(uint8_t out, uint8_t *in)
{
    *sf2_word(SF2_SPI + TRANSMIT) = out;
    for (uint32_t tries = 0; tries < TRIES; tries++) {
        if (!(*sf2_word(SF2_SPI + STATUS) & RECEIVE_EMPTY)) {
            *in = (uint8_t)*sf2_word(SF2_SPI + RECEIVE);
            return true;
        }
    }
    return false;
}

/* What a transfer that was given up has left would be taken for the next one's. */
static void forget_received(void)
{
    for (unsigned i = 0; i < FIFO_DEPTH && !(*sf2_word(SF2_SPI + STATUS) & RECEIVE_EMPTY); i++)
        (void)*sf2_word(SF2_SPI + RECEIVE);
}

bool sf2_spi_transfer(const uint8_t *out, size_t out_len, uint8_t *in, size_t in_len)
{
    uint32_t control =
        MASTER | HOLD_SELECT | BIG_FIFO | (uint32_t)(out_len + in_len) << FRAME_COUNT;
    bool done = true;
    uint8_t ignored;

    *sf2_word(SF2_SPI + CONTROL) = control;
    *sf2_word(SF2_SPI + FRAME_SIZE) = 8;
    *sf2_word(SF2_SPI + CLOCK_RATE) = 7;
    *sf2_word(SF2_SPI + SELECT) = 1;
    forget_received();
    *sf2_word(SF2_SPI + CONTROL) = control | ENABLE;
    for (size_t i = 0; i < out_len && done; i++)
        done = exchange(out[i], &ignored);
    for (size_t i = 0; i < in_len && done; i++)
        done = exchange(0xFF, &in[i]);
    *sf2_word(SF2_SPI + CONTROL) = control;
    return done;
}
