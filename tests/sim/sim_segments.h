/*
 * What travels on a connection: segments, acknowledgements, ends and resets; for sim_stream.c
 * alone.
 */
#ifndef SIM_SEGMENTS_H
#define SIM_SEGMENTS_H

#include "sim_stream.h"
#include "sim_world.h"

/* What the uploader's TCP keeps for its program, which takes it at once. */
#define SIM_UPLOADER_WINDOW 4096u

/* The window of an end when its program has taken everything. */
uint32_t sim_window(const struct sim_end *end);

/* Tell an end's program that something is new. */
void sim_end_wake(const struct sim_end *end);

/* Plan something that comes to an end. */
void sim_end_plan(struct sim_end *to, uint64_t delay, sim_action *action, uint64_t arg);

/* To begin such an action with; false: it does not arrive after all. */
bool sim_end_arrives(struct sim_end *end);

/*
 * How long something takes that is sent from this end now, `more` microseconds later than usual:
 * losses cost time, and order is kept.
 */
uint64_t sim_end_travel(struct sim_end *from, uint32_t more);

/* Tell the other end that there is no such connection. */
void sim_send_reset(struct sim_end *from);

/* Something has come to a machine that knows nothing of the connection, or has no power. */
void sim_end_forgotten(struct sim_end *end);

/* Tell the other end what has arrived here, and how far the window reaches. */
void sim_send_ack(struct sim_end *from);

/* Send what the other end's window lets through. */
void sim_pump(struct sim_end *end);

/* Choose whether something befalls the connection, and what and when. */
void sim_choose_incident(struct sim_stream *stream);

#endif
