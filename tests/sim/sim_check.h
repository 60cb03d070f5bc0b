/*
 * The invariants: what must hold after every event and every start, whatever the seed.
 */
#ifndef SIM_CHECK_H
#define SIM_CHECK_H

#include "sim_run.h"

/* Of several broken invariants the first is kept; `what` is constant. */
void sim_check_broken(struct sim_run *run, const char *what);

/* The device has started, or was cut short in that. */
void sim_check_start(struct sim_run *run);

/* The power has gone while the sketch ran. */
void sim_check_power_lost(struct sim_run *run);

/* The responder tells something. */
void sim_check_event(struct sim_run *run, const struct ota_event *event);

/* The user is told how an upload has ended. */
void sim_check_told(struct sim_run *run, enum push_reason reason);

/* The sketch has confirmed itself, or asked for the one before it, with this outcome. */
void sim_check_confirmed(struct sim_run *run, enum ota_error error);
void sim_check_rolled_back(struct sim_run *run, enum ota_error error);

/* What must hold at any time. */
void sim_check_always(struct sim_run *run);

/* All is over: nothing may be under way any more. */
void sim_check_end(struct sim_run *run);

#endif
