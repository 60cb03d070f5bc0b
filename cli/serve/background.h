/*
 * Work that the event loop must not wait for, in a thread of its own: one piece at a time.
 */
#ifndef CLI_BACKGROUND_H
#define CLI_BACKGROUND_H

#include <stdbool.h>

struct event_base;

struct background_work {
    void (*work)(void *ctx); /* in the thread */
    void (*done)(void *ctx); /* afterwards, on the loop */
    void *ctx;
};

struct background;

/* Start the thread; it waits. NULL with errno when there cannot be one. */
struct background *background_start(struct event_base *base, const struct background_work *work);

/* True from a call until done() is called. */
bool background_is_busy(const struct background *background);

/* Have the work done, once. Not while it is busy. */
void background_call(struct background *background);

/* Wait for what is under way, and end; done() is not called any more. NULL is allowed. */
void background_stop(struct background *background);

#endif
