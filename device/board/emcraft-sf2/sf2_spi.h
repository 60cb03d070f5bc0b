/*
 * The SPI controller, as far as one flash chip needs it: 8-bit frames, the chip selected for as
 * long as a transaction takes (UG0331, chapter "Serial Peripheral Interface Controller").
 */
#ifndef SF2_SPI_H
#define SF2_SPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest transaction, in bytes: so many frames the controller counts. */
#define SF2_SPI_MAX 0xFFFFu

/*
 * Send `out_len` bytes, then receive `in_len`, in one transaction. Either may be 0, not both;
 * together they are at most SF2_SPI_MAX. False when the controller does not answer.
 */
bool sf2_spi_transfer(const uint8_t *out, size_t out_len, uint8_t *in, size_t in_len);

#endif
