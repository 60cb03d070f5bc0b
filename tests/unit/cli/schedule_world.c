#include "tests/unit/cli/schedule_world.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define WISHES 8

struct schedule schedule;
static struct schedule_wish wishes[WISHES];
static struct turn turns[TURNS];
static char names[TURNS][8];
static size_t added;
uint64_t now;

void begin(struct schedule_limits limits, size_t wish_count)
{
    if (limits.jobs == 0)
        limits.jobs = TURNS;
    if (limits.room == 0)
        limits.room = TURNS;
    memset(wishes, 0, sizeof wishes);
    added = 0;
    now = 100000;
    schedule_init(&schedule, &limits, wishes, wish_count);
}

struct turn *find(size_t wish)
{
    struct turn *turn = &turns[added];

    *turn = (struct turn){ .name = names[added], .wish = wish };
    snprintf(names[added], sizeof names[added], "%zu.%zu", wish, added);
    added++;
    schedule_add(&schedule, turn);
    return turn;
}

struct turn *find_only(size_t wish)
{
    struct turn *turn = find(wish);

    schedule_wish_settled(&schedule, wish);
    return turn;
}

struct turn *next(void)
{
    return schedule_next(&schedule, now);
}

void expect_begins(const struct turn *expected)
{
    const struct turn *turn = next();

    cr_assert_eq(turn, expected, "%s begins, not %s", turn ? turn->name : "nothing",
                 expected ? expected->name : "nothing");
    if (turn)
        cr_assert_eq(turn->state, TURN_RUNNING);
}

void expect_skipped(const struct turn *expected)
{
    const struct turn *turn = schedule_next_skipped(&schedule);

    cr_assert_eq(turn, expected, "%s is skipped, not %s", turn ? turn->name : "nothing",
                 expected ? expected->name : "nothing");
    if (turn)
        cr_assert_eq(turn->state, TURN_OVER);
}
