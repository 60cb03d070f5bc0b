#include "cli/push/actions.h"

void push_actions_add(struct push_actions *actions, enum push_action_kind kind,
                      enum push_event event)
{
    if (actions->count == PUSH_ACTIONS_MAX)
        return;
    actions->ring[(actions->first + actions->count) % PUSH_ACTIONS_MAX] =
        (struct push_action){ kind, event };
    actions->count++;
}

struct push_action push_actions_take(struct push_actions *actions)
{
    if (actions->count == 0)
        return (struct push_action){ .kind = PUSH_ACTION_NONE };
    struct push_action action = actions->ring[actions->first];
    actions->first = (actions->first + 1) % PUSH_ACTIONS_MAX;
    actions->count--;
    return action;
}
