/*
 * What a trace tells of the device: starts, events, and operations of flash in bundles.
 */
#ifndef SIM_STORY_H
#define SIM_STORY_H

#include "sim_run.h"

/* What the seed stands for. */
void sim_story_scenario(const struct sim_run *run);

/* An operation of flash is over; it is shown with others. */
void sim_story_operation(struct sim_run *run, const struct sim_operation *operation);

/* Show what was not shown yet. */
void sim_story_flash(struct sim_run *run);

/* The device has started. */
void sim_story_start(struct sim_run *run);

/* The responder tells something. */
void sim_story_event(struct sim_run *run, const struct ota_event *event);

/* What the simulator holds to be possible. */
void sim_story_beliefs(const struct sim_run *run);

#endif
