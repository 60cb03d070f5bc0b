/*
 * The application on the device: sketches that confirm themselves, or crash, or hang, or go back.
 */
#ifndef SIM_APP_H
#define SIM_APP_H

#include "sim_run.h"

void sim_app_init(struct sim_run *run);

/* The running sketch has its responder ready, and will show its habits. */
void sim_app_on_up(struct sim_run *run);

#endif
