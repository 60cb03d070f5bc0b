/*
 * A schedule, and devices that are found for it: what its tests share. To be linked with one test
 * program.
 */
#ifndef TESTS_SCHEDULE_WORLD_H
#define TESTS_SCHEDULE_WORLD_H

#include "cli/push/schedule.h"

#include <stddef.h>
#include <stdint.h>

/* Devices at most. */
#define TURNS 16

extern struct schedule schedule;
extern uint64_t now;

/* Begin anew, with so many wishes; jobs and room are as many as there are devices if they are 0. */
void begin(struct schedule_limits limits, size_t wish_count);

/* A device is found; its name is "wish.number". */
struct turn *find(size_t wish);

/* A wish that brings one device, and no more. */
struct turn *find_only(size_t wish);

/* The one that begins, or NULL. */
struct turn *next(void);

/* Exactly this one is next; NULL: none is. */
void expect_begins(const struct turn *expected);
void expect_skipped(const struct turn *expected);

#define nothing_begins()  expect_begins(NULL)
#define nothing_skipped() expect_skipped(NULL)
#define succeed(turn)     schedule_over(&schedule, turn, false)
#define fail(turn)        schedule_over(&schedule, turn, true)

#endif
