/*
 * TXT records of services (RFC 6763, section 6), as they stand in DNS: strings of up to 255 bytes,
 * each behind a byte with its length. Anybody may have written them: nothing is assumed.
 */
#ifndef CLI_TXT_H
#define CLI_TXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a walk through a record is. Begin with the record's bytes and length. */
struct txt_cursor {
    const uint8_t *bytes;
    size_t len;
};

/* One string: "key=value", or "key" alone. None of them ends with a NUL. */
struct txt_pair {
    const uint8_t *key;
    size_t key_len; /* more than 0 */
    const uint8_t *value;
    size_t value_len;
    bool has_value; /* there was a "=" */
};

/*
 * Take the next pair. Strings that are empty, or have no key before their "=", are passed over (RFC
 * 6763, section 6.4); a string that is cut short ends the walk. False when there is none left.
 */
bool txt_next(struct txt_cursor *cursor, struct txt_pair *out);

/* The first pair with this key, compared without regard to case. False when there is none. */
bool txt_find(const uint8_t *bytes, size_t len, const char *key, struct txt_pair *out);

/* True when the pair is `key` with exactly this value, both compared without regard to case. */
bool txt_says(const struct txt_pair *pair, const char *value);

#endif
