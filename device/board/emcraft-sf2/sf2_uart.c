#include "sf2_uart.h"

#include "sf2_memory.h"

/* Registers, in bytes from SF2_UART. */
enum {
    HOLDING = 0,
    LINE_STATUS = 0x14,
};

#define READY 0x20u /* the holding register is empty */

/* A character takes 87 us at 115200 baud, some 12000 cycles. */
#define TRIES 100000u

static void put(char c)
{
    for (uint32_t tries = 0; tries < TRIES; tries++) {
        if (*sf2_word(SF2_UART + LINE_STATUS) & READY) {
            *sf2_word(SF2_UART + HOLDING) = (uint8_t)c;
            return;
        }
    }
}

void sf2_uart_text(const char *text)
{
    while (*text)
        put(*text++);
}

void sf2_uart_quoted(const char *text, size_t len)
{
    for (; len > 0 && *text; text++, len--)
        put(*text < ' ' || *text > '~' || *text == '"' ? '?' : *text);
}

void sf2_uart_number(uint32_t number)
{
    char digits[11];
    size_t at = sizeof digits - 1;

    digits[at] = '\0';
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    sf2_uart_text(digits + at);
}

void sf2_uart_hex(const uint8_t *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";

    for (; len > 0; bytes++, len--) {
        put(digits[*bytes >> 4]);
        put(digits[*bytes & 15]);
    }
}
