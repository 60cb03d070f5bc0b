#include "sim_world.h"

#include <stddef.h>

void sim_world_init(struct sim_world *world)
{
    world->now = 0;
    world->planned = 0;
    world->happened = 0;
    world->count = 0;
    world->timer_count = 0;
    world->overflowed = false;
}

static bool is_before(const struct sim_event *a, const struct sim_event *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

void sim_world_plan(struct sim_world *world, uint64_t delay, sim_action *action, void *ctx,
                    uint64_t arg)
{
    struct sim_event event = { world->now + delay, world->planned++, action, ctx, arg };

    if (world->count == SIM_EVENTS_MAX) {
        world->overflowed = true;
        return;
    }
    unsigned at = world->count++;
    while (at > 0 && is_before(&event, &world->heap[(at - 1) / 2])) {
        world->heap[at] = world->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    world->heap[at] = event;
}

/* Take the root out: the last event sinks from there to its place. */
static struct sim_event take_first(struct sim_world *world)
{
    struct sim_event first = world->heap[0];
    const struct sim_event last = world->heap[--world->count];
    unsigned at = 0;

    for (;;) {
        unsigned child = 2 * at + 1;
        if (child >= world->count)
            break;
        if (child + 1 < world->count && is_before(&world->heap[child + 1], &world->heap[child]))
            child++;
        if (!is_before(&world->heap[child], &last))
            break;
        world->heap[at] = world->heap[child];
        at = child;
    }
    world->heap[at] = last;
    return first;
}

/* The timer that is due first; NULL: none is set. */
static struct sim_timer *first_timer(const struct sim_world *world)
{
    struct sim_timer *first = NULL;

    for (unsigned i = 0; i < world->timer_count; i++) {
        struct sim_timer *timer = world->timers[i];
        if (timer->set && (!first || timer->at < first->at ||
                           (timer->at == first->at && timer->order < first->order)))
            first = timer;
    }
    return first;
}

static bool is_timers_turn(const struct sim_world *world, const struct sim_timer *timer)
{
    const struct sim_event *event = &world->heap[0];

    if (!timer || world->count == 0)
        return timer != NULL;
    return timer->at != event->at ? timer->at < event->at : timer->order < event->order;
}

uint64_t sim_world_next(const struct sim_world *world)
{
    const struct sim_timer *timer = first_timer(world);

    if (is_timers_turn(world, timer))
        return timer->at;
    return world->count > 0 ? world->heap[0].at : UINT64_MAX;
}

bool sim_world_step(struct sim_world *world)
{
    struct sim_timer *timer = first_timer(world);

    if (is_timers_turn(world, timer)) {
        world->now = timer->at;
        world->happened++;
        timer->set = false;
        timer->action(timer->ctx);
        return true;
    }
    if (world->count == 0)
        return false;
    struct sim_event event = take_first(world);
    world->now = event.at;
    world->happened++;
    event.action(event.ctx, event.arg);
    return true;
}

uint64_t sim_world_ms(const struct sim_world *world)
{
    return world->now / SIM_MS;
}

void sim_timer_init(struct sim_timer *timer, struct sim_world *world, void (*action)(void *ctx),
                    void *ctx)
{
    *timer = (struct sim_timer){ .world = world, .action = action, .ctx = ctx };
    if (world->timer_count < SIM_TIMERS_MAX)
        world->timers[world->timer_count++] = timer;
    else
        world->overflowed = true;
}

void sim_timer_set(struct sim_timer *timer, uint64_t at)
{
    struct sim_world *world = timer->world;

    timer->at = at > world->now ? at : world->now;
    timer->order = world->planned++;
    timer->set = true;
}

void sim_timer_by(struct sim_timer *timer, uint64_t at)
{
    if (!timer->set || at < timer->at)
        sim_timer_set(timer, at);
}

void sim_timer_stop(struct sim_timer *timer)
{
    timer->set = false;
}
