/*
 * Handling of secrets: comparing them without telling where they differ, and forgetting them.
 */
#ifndef COMMON_SECRET_H
#define COMMON_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/* Compare `len` bytes in a time that depends on `len` alone. */
bool secret_equal(const void *a, const void *b, size_t len);

/* Overwrite `len` bytes with zeros, also where the compiler sees that nobody reads them again. */
void secret_wipe(void *secret, size_t len);

#endif
