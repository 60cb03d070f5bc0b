/*
 * Whose turn it is: which devices of a rollout begin, and which are not tried at all.
 *
 * Devices come from wishes, what the user named with one -i each, and begin in the order of the
 * wishes, then in the order in which they were found. Pure: told what happens and when, asked what
 * is to be done.
 *
 *     WAITING -> RUNNING -> OVER
 *        ^ `-> LOCKED `-> OVER (skipped)
 *
 * Times are milliseconds of one monotonic clock.
 */
#ifndef CLI_SCHEDULE_H
#define CLI_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From when on a device without a sign of life counts as silent. */
#define SCHEDULE_SILENT_MS 2000u

struct schedule_limits {
    size_t jobs;       /* devices at the same time, at least 1 */
    bool silent_aside; /* those that are silent do not count; */
    size_t room;       /* as many as this may be under way together with them */
    size_t canaries;   /* all others wait until so many, the first ones, have succeeded; 0: none */
    bool fail_fast;    /* after the first failure nothing begins */
};

enum turn_state {
    TURN_WAITING,
    TURN_RUNNING,
    TURN_LOCKED, /* it cannot go on, and holds no job, until it is unlocked */
    TURN_OVER,
};

/* One device's; it stays where it is while the schedule is used. */
struct turn {
    /* The owner's, before schedule_add(). */
    const char *name; /* outlives the schedule */
    size_t wish;      /* which one it came from */

    /* For everybody to read. */
    enum turn_state state;
    bool is_canary;

    /* The schedule's own. */
    bool is_silent;
    uint64_t life;
    uint64_t heard; /* when it last changed */
    struct turn *before;
    struct turn *behind;
};

struct turn_list {
    struct turn *first;
    struct turn *last;
    size_t count;
};

/* What one -i named. */
struct schedule_wish {
    bool is_settled;    /* no device will come from it any more */
    const char *failed; /* what of it could not even begin, NULL: nothing; outlives the schedule */
};

enum schedule_stop {
    SCHEDULE_GOES_ON,
    SCHEDULE_FAILED, /* with fail_fast, something has */
    SCHEDULE_CANARY_FAILED,
};

struct schedule {
    struct schedule_limits limits;
    struct schedule_wish *wishes;
    size_t wish_count;

    /* For everybody to read. */
    enum schedule_stop stop;
    const char *blame; /* whose failure stopped it */
    struct turn_list waiting;
    struct turn_list running;
    struct turn_list locked;

    /* Its own. */
    size_t settled; /* the wishes before this one are */
    size_t chosen;  /* canaries that are known */
    size_t proven;  /* canaries that have succeeded */
    size_t silent;  /* of those that run */
};

/* Begin. `wishes`, all zero, stay where they are; so do their names. */
void schedule_init(struct schedule *schedule, const struct schedule_limits *limits,
                   struct schedule_wish *wishes, size_t wish_count);

/* A device was found: it waits for its turn. */
void schedule_add(struct schedule *schedule, struct turn *turn);

/* A device was found by another wish as well: its place is by that which was named first. */
void schedule_join(struct schedule *schedule, struct turn *turn, size_t wish);

/* Something of a wish failed before it could have a turn; `name` is to blame. */
void schedule_wish_failed(struct schedule *schedule, size_t wish, const char *name);

/* A wish brings no more devices. */
void schedule_wish_settled(struct schedule *schedule, size_t wish);

/* A device that begins now, and runs from here on; NULL when none may. */
struct turn *schedule_next(struct schedule *schedule, uint64_t now);

/* A device that is not tried, and over with that; NULL when there is none (left). */
struct turn *schedule_next_skipped(struct schedule *schedule);

/*
 * What a running device shows of itself: any number that changes whenever it does something. To be
 * told often where silent ones do not count.
 */
void schedule_heed(struct schedule *schedule, struct turn *turn, uint64_t life, uint64_t now);

/* One that runs has to stop for want of something; one that is locked waits for its turn again. */
void schedule_lock(struct schedule *schedule, struct turn *turn);
void schedule_unlock(struct schedule *schedule, struct turn *turn);

/* One that runs or is locked has ended. */
void schedule_over(struct schedule *schedule, struct turn *turn, bool failed);

/* True when all that keeps others from beginning is the number of jobs. */
bool schedule_is_full(const struct schedule *schedule);

#endif
