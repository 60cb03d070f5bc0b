/*
 * Randomness for nonces: SHA-256 over a pool into which goes what an attacker does not know:
 *
 * - the settings, with their `seed=` line: unlike for each device, and secret if the line is;
 * - the cycle counter at unforeseeable instants: while the flash is asked for its status at the
 *   start, and whenever a frame arrives.
 *
 * So much for a board in an emulator, whose time is the host's. On hardware, jitter like this is
 * little, and nobody has measured it, so that nonces might come again after a restart: use the
 * chip's generator (on a SmartFusion2 the system controller's NRBG service, UG0450) and mix it in
 * by sf2_entropy_mix(), or leave passwords alone.
 */
#ifndef SF2_ENTROPY_H
#define SF2_ENTROPY_H

#include "ota/flash.h"
#include "ota/random.h"
#include "sf2_hooks.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Begin, with these bytes and some dozens of reads of the flash. Unless the bytes are secret, there
 * is no randomness that is good enough for nonces: the source fails then, and nobody logs in.
 */
void sf2_entropy_start(const struct ota_flash *flash, const void *bytes, size_t len, bool secret);

/* Mix bytes in, and the time. What goes in can only do good. */
void sf2_entropy_mix(const void *bytes, size_t len);

/* The source for the responder. */
struct ota_random sf2_entropy(void);

#endif
