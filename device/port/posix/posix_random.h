/*
 * Randomness on POSIX systems: the kernel's generator.
 */
#ifndef POSIX_RANDOM_H
#define POSIX_RANDOM_H

#include "ota/random.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The source for struct ota_responder_config. */
struct ota_random posix_random(void);

#ifdef __cplusplus
}
#endif

#endif
