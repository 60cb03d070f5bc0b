/*
 * Hexadecimal text, as nonces, digests and proofs travel.
 */
#ifndef COMMON_HEX_H
#define COMMON_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Characters, with the final NUL, that `bytes` bytes take as hexadecimal text. */
#define HEX_SIZE(bytes) (2 * (bytes) + 1)

/* Write `len` bytes as lower-case digits. `out` has HEX_SIZE(len) characters and ends with NUL. */
void hex_encode(char *out, const uint8_t *in, size_t len);

/*
 * Read exactly 2 * `len` digits of either case into `out`.
 * False, with `out` in no particular state, when `text_len` differs or a character is no digit.
 */
bool hex_decode(uint8_t *out, size_t len, const char *text, size_t text_len);

/* True when every one of the `len` characters is a hexadecimal digit of either case. */
bool hex_is_text(const char *text, size_t len);

#ifdef __cplusplus
}
#endif

#endif
