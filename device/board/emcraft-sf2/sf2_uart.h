/*
 * The serial port, for lines that people and tests read: "word key=value ...". UART 0 of the board,
 * whose speed the emulator does not care about; hardware needs its divisor set. Its registers are
 * laid out as those of a 16550.
 */
#ifndef SF2_UART_H
#define SF2_UART_H

#include <stddef.h>
#include <stdint.h>

/* Write text as it is; waits for the port, but not for ever: characters get lost then. */
void sf2_uart_text(const char *text);

/* Write text of any bytes: what could end the line or a quotation becomes '?'. */
void sf2_uart_quoted(const char *text, size_t len);

/* Write a number in decimal. */
void sf2_uart_number(uint32_t number);

/* Write bytes as two hexadecimal digits each. */
void sf2_uart_hex(const uint8_t *bytes, size_t len);

#endif
