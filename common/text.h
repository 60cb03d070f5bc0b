/*
 * Small pieces of text handling for the grammars: a cursor over bytes that need not end with NUL,
 * and a writer that never overruns.
 */
#ifndef COMMON_TEXT_H
#define COMMON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is left to read. `at` may hold any bytes; nothing at or past `at + len` is touched. */
struct text_cursor {
    const char *at;
    size_t len;
};

/* Step over `word` (NUL-terminated) if the text begins with it. */
bool text_take(struct text_cursor *cursor, const char *word);

/*
 * Read a decimal number of at least one digit, at most `max`.
 * False, with the cursor unmoved, when there is no digit or the number is larger.
 */
bool text_take_number(struct text_cursor *cursor, uint64_t max, uint64_t *out);

/*
 * Read a word: everything up to the next space or the end. The word is not copied.
 * False when it would be empty.
 */
bool text_take_word(struct text_cursor *cursor, struct text_cursor *word);

/* The text without spaces, tabs, CR, LF and NUL at its end. */
struct text_cursor text_trim_end(struct text_cursor text);

/*
 * Append `len` bytes to `out` (capacity `size`, NUL included; text so far `*used`), cutting what
 * does not fit. `out` ends with NUL afterwards when `size` > 0.
 */
void text_append(char *out, size_t size, size_t *used, const char *bytes, size_t len);

/* Append a NUL-terminated string likewise. */
void text_append_string(char *out, size_t size, size_t *used, const char *string);

/* Append a decimal number likewise. */
void text_append_number(char *out, size_t size, size_t *used, uint64_t number);

/* Characters, without a final NUL, of the longest decimal number. */
#define TEXT_NUMBER_MAX 20

#endif
