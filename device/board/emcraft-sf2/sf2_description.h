/*
 * Which sketch this is, and how it behaves: those of tests misbehave.
 */
#ifndef SF2_DESCRIPTION_H
#define SF2_DESCRIPTION_H

#include <stdbool.h>
#include <stdint.h>

/* The version that it was built as; constant. */
const char *sf2_version(void);

/* Milliseconds from its start that it has to confirm itself while it is on trial, before a reset.
 */
uint32_t sf2_trial_ms(void);

/* Whether it confirms itself; one that does not is given up after some starts. */
bool sf2_confirms(void);

/* Called once the trial's time runs: hangs or faults, in sketches that are built for that. */
void sf2_misbehave(void);

#endif
