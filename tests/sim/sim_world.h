/*
 * Virtual time, and what is to happen in it. Nothing ever waits: time jumps from event to event.
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#define SIM_MS 1000u /* microseconds */
#define SIM_S  (1000u * SIM_MS)

/* What happens when an event is due; `ctx` and `arg` are those it was planned with. */
typedef void sim_action(void *ctx, uint64_t arg);

struct sim_event {
    uint64_t at;    /* microseconds */
    uint64_t order; /* of planning: events of one instant happen in that order */
    sim_action *action;
    void *ctx;
    uint64_t arg;
};

/* More than the parts of a simulation ever plan at once. */
#define SIM_EVENTS_MAX 2048
#define SIM_TIMERS_MAX 4

/*
 * Something that is due once, at a time that may be changed. It is part of its owner; the fields
 * are the world's.
 */
struct sim_timer {
    struct sim_world *world;
    void (*action)(void *ctx);
    void *ctx;
    uint64_t at; /* microseconds; meaningless while not `set` */
    uint64_t order;
    bool set;
};

struct sim_world {
    uint64_t now; /* microseconds since the simulation began */
    uint64_t planned;
    uint64_t happened;
    bool overflowed; /* an event found no room: a fault of the simulator */
    unsigned timer_count;
    struct sim_timer *timers[SIM_TIMERS_MAX];
    unsigned count;
    struct sim_event heap[SIM_EVENTS_MAX];
};

void sim_world_init(struct sim_world *world);

/* Plan an event, `delay` microseconds from now. It cannot be called off. */
void sim_world_plan(struct sim_world *world, uint64_t delay, sim_action *action, void *ctx,
                    uint64_t arg);

/* When the next event is due; UINT64_MAX: there is none. */
uint64_t sim_world_next(const struct sim_world *world);

/* Let the next event happen, at its time. False when there is none. */
bool sim_world_step(struct sim_world *world);

/* Milliseconds since the simulation began. */
uint64_t sim_world_ms(const struct sim_world *world);

/* Make a timer that is not set. It stays where it is for as long as the world. */
void sim_timer_init(struct sim_timer *timer, struct sim_world *world, void (*action)(void *ctx),
                    void *ctx);

/* Have it go off at `at`, or at once if that is past; forget when it was to go off before. */
void sim_timer_set(struct sim_timer *timer, uint64_t at);

/* Have it go off at `at`, unless it is to go off earlier. */
void sim_timer_by(struct sim_timer *timer, uint64_t at);

void sim_timer_stop(struct sim_timer *timer);

#endif
