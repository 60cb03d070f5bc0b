/*
 * The user, who has some images uploaded, one after the other, and tries again when that fails.
 */
#ifndef SIM_USER_H
#define SIM_USER_H

#include "sim_run.h"

/* Plan the first upload. */
void sim_user_init(struct sim_run *run);

/* An upload is over. */
void sim_user_on_finished(struct sim_run *run);

#endif
