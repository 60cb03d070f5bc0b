/*
 * Words of HTTP: what its grammars (RFC 9110, RFC 3986) have in common.
 */
#ifndef OTA_PULLER_WORD_H
#define OTA_PULLER_WORD_H

#include "common/text.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether these are ASCII letters, digits, visible characters; never by locale. */
bool ota_puller_is_letter(char c);
bool ota_puller_is_digit(char c);
bool ota_puller_is_visible(char c);

/* True when `len` characters are the letters and signs of `word`, in whichever case. */
bool ota_puller_is_word(const char *text, size_t len, const char *word);

/* The same for two texts. */
bool ota_puller_is_same(const char *a, size_t a_len, const char *b, size_t b_len);

/* The text without spaces and tabs at its beginning and end. */
struct text_cursor ota_puller_trim(struct text_cursor text);

#endif
