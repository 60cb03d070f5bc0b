/*
 * The power, and what else happens to the hardware.
 */
#ifndef SIM_POWER_H
#define SIM_POWER_H

#include "sim_run.h"

void sim_power_init(struct sim_run *run);

/* Perhaps have the power cut at an operation of flash before long. */
void sim_power_threaten(struct sim_run *run);

/* An upload begins: perhaps have the power cut between operations, and let faults of flash begin.
 */
void sim_power_on_upload(struct sim_run *run);

/* An operation of flash is over. */
void sim_power_on_operation(struct sim_run *run, const struct sim_operation *operation);

/* The power has gone; it comes back some time later, and the device starts. */
void sim_power_on_lost(struct sim_run *run);

/* Reset the device: also what a watchdog does. */
void sim_power_reset(struct sim_run *run, const char *why);

/* No further trouble. */
void sim_power_calm(struct sim_run *run);

#endif
