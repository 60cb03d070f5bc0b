#include "cli/push/schedule.h"

/* --- Lists ------------------------------------------------------------------------------------ */

static void take_out(struct turn_list *list, struct turn *turn)
{
    if (turn->before)
        turn->before->behind = turn->behind;
    else
        list->first = turn->behind;
    if (turn->behind)
        turn->behind->before = turn->before;
    else
        list->last = turn->before;
    list->count--;
}

static void put_behind(struct turn_list *list, struct turn *before, struct turn *turn)
{
    turn->before = before;
    turn->behind = before ? before->behind : list->first;
    if (turn->before)
        turn->before->behind = turn;
    else
        list->first = turn;
    if (turn->behind)
        turn->behind->before = turn;
    else
        list->last = turn;
    list->count++;
}

static struct turn_list *list_of(struct schedule *schedule, const struct turn *turn)
{
    switch (turn->state) {
    case TURN_WAITING:
        return &schedule->waiting;
    case TURN_RUNNING:
        return &schedule->running;
    case TURN_LOCKED:
        return &schedule->locked;
    default:
        return NULL;
    }
}

static void leave(struct schedule *schedule, struct turn *turn)
{
    struct turn_list *list = list_of(schedule, turn);

    if (!list)
        return;
    take_out(list, turn);
    schedule->silent -= turn->is_silent;
    turn->is_silent = false;
}

/* True when `a` is before `b`, which was found later. Canaries were chosen in that order. */
static bool is_first(const struct turn *a, const struct turn *b)
{
    return a->is_canary != b->is_canary ? a->is_canary : a->wish <= b->wish;
}

static void wait_in_order(struct schedule *schedule, struct turn *turn)
{
    struct turn *before = schedule->waiting.last;

    while (before && !is_first(before, turn))
        before = before->before;
    turn->state = TURN_WAITING;
    put_behind(&schedule->waiting, before, turn);
}

/* --- Canaries and failures -------------------------------------------------------------------- */

static void stop(struct schedule *schedule, enum schedule_stop why, const char *blame)
{
    if (schedule->stop != SCHEDULE_GOES_ON)
        return;
    schedule->stop = why;
    schedule->blame = blame;
}

static bool wants_canaries(const struct schedule *schedule)
{
    return schedule->chosen < schedule->limits.canaries;
}

/*
 * Choose those whose place among the first is certain: whatever stands before them on the command
 * line has been found, or could not be.
 */
static void choose_canaries(struct schedule *schedule)
{
    struct turn *turn = schedule->waiting.first;

    while (wants_canaries(schedule)) {
        for (; turn && turn->wish <= schedule->settled && wants_canaries(schedule);
             turn = turn->behind) {
            schedule->chosen += !turn->is_canary;
            turn->is_canary = true;
        }
        if (schedule->settled == schedule->wish_count || !wants_canaries(schedule))
            break;
        const struct schedule_wish *wish = &schedule->wishes[schedule->settled];
        if (wish->failed)
            stop(schedule, SCHEDULE_CANARY_FAILED, wish->failed);
        if (!wish->is_settled)
            break;
        schedule->settled++;
    }
}

/* --- What happens ----------------------------------------------------------------------------- */

void schedule_init(struct schedule *schedule, const struct schedule_limits *limits,
                   struct schedule_wish *wishes, size_t wish_count)
{
    *schedule = (struct schedule){ .limits = *limits, .wishes = wishes, .wish_count = wish_count };
}

void schedule_add(struct schedule *schedule, struct turn *turn)
{
    turn->is_canary = false;
    turn->is_silent = false;
    wait_in_order(schedule, turn);
    choose_canaries(schedule);
}

void schedule_join(struct schedule *schedule, struct turn *turn, size_t wish)
{
    if (wish >= turn->wish)
        return;
    turn->wish = wish;
    if (turn->state != TURN_WAITING)
        return;
    leave(schedule, turn);
    wait_in_order(schedule, turn);
    choose_canaries(schedule);
}

void schedule_wish_failed(struct schedule *schedule, size_t wish, const char *name)
{
    if (!schedule->wishes[wish].failed)
        schedule->wishes[wish].failed = name;
    choose_canaries(schedule);
    if (schedule->limits.fail_fast)
        stop(schedule, SCHEDULE_FAILED, name);
}

void schedule_wish_settled(struct schedule *schedule, size_t wish)
{
    schedule->wishes[wish].is_settled = true;
    choose_canaries(schedule);
}

void schedule_heed(struct schedule *schedule, struct turn *turn, uint64_t life, uint64_t now)
{
    bool was_silent = turn->is_silent;

    if (turn->state != TURN_RUNNING)
        return;
    if (life != turn->life) {
        turn->life = life;
        turn->heard = now;
    }
    turn->is_silent = now - turn->heard >= SCHEDULE_SILENT_MS;
    schedule->silent = schedule->silent - was_silent + turn->is_silent;
}

void schedule_lock(struct schedule *schedule, struct turn *turn)
{
    leave(schedule, turn);
    turn->state = TURN_LOCKED;
    put_behind(&schedule->locked, schedule->locked.last, turn);
}

void schedule_unlock(struct schedule *schedule, struct turn *turn)
{
    leave(schedule, turn);
    wait_in_order(schedule, turn);
}

void schedule_over(struct schedule *schedule, struct turn *turn, bool failed)
{
    leave(schedule, turn);
    turn->state = TURN_OVER;
    if (failed && turn->is_canary)
        stop(schedule, SCHEDULE_CANARY_FAILED, turn->name);
    if (failed && schedule->limits.fail_fast)
        stop(schedule, SCHEDULE_FAILED, turn->name);
    schedule->proven += turn->is_canary && !failed;
}

/* --- What is to be done ----------------------------------------------------------------------- */

bool schedule_is_full(const struct schedule *schedule)
{
    const struct schedule_limits *limits = &schedule->limits;
    size_t aside = limits->silent_aside ? schedule->silent : 0;

    return schedule->running.count - aside >= limits->jobs ||
           schedule->running.count >= limits->room;
}

struct turn *schedule_next(struct schedule *schedule, uint64_t now)
{
    struct turn *turn = schedule->waiting.first;

    if (!turn || schedule->stop != SCHEDULE_GOES_ON || schedule_is_full(schedule))
        return NULL;
    if (!turn->is_canary && schedule->proven < schedule->limits.canaries)
        return NULL;
    leave(schedule, turn);
    turn->state = TURN_RUNNING;
    turn->heard = now;
    put_behind(&schedule->running, schedule->running.last, turn);
    return turn;
}

struct turn *schedule_next_skipped(struct schedule *schedule)
{
    struct turn *turn = schedule->waiting.first ? schedule->waiting.first : schedule->locked.first;

    if (!turn || schedule->stop == SCHEDULE_GOES_ON)
        return NULL;
    leave(schedule, turn);
    turn->state = TURN_OVER;
    return turn;
}
