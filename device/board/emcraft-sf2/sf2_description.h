/*
 * Which sketch this is.
 */
#ifndef SF2_DESCRIPTION_H
#define SF2_DESCRIPTION_H

#include <stdbool.h>
#include <stdint.h>

/* The version that it was built as; constant. */
const char *sf2_version(void);

/* Whether it confirms itself; one that does not, for tests, is given up after some starts. */
bool sf2_confirms(void);

#endif
