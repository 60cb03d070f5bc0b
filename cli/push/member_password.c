#include "cli/push/member_password.h"

#include "cli/push/ask_password.h"

#include <stdlib.h>

void members_ask_password(struct rollout *rollout)
{
    struct rollout_job *job = rollout->job;
    struct password *password = calloc(1, sizeof *password);
    struct asked_names names = { .count = 0 };

    for (const struct member *member = rollout->members; member; member = member->next) {
        if (member->state == MEMBER_LOCKED)
            asked_names_add(&names, member->name);
    }
    const char *whose = asked_names_text(&names);
    report_clear(job->report);
    enum ask_outcome outcome;
    do {
        outcome = password ? ask_password(password, whose) : ASK_NOTHING;
    } while (outcome == ASK_STOPPED);
    if (outcome == ASK_ENTERED) {
        password_digest_and_wipe(password, job->password);
        job->has_password = true;
    }
    free(password);
    if (outcome == ASK_INTERRUPTED)
        return; /* the loop is about to hear of the signal, and ends them all */
    job->has_declined = outcome == ASK_NOTHING;
    for (struct member *member = rollout->members; member; member = member->next) {
        if (member->state != MEMBER_LOCKED)
            continue;
        if (!job->has_password) {
            member_end(member);
            continue;
        }
        member->state = MEMBER_WAITING;
        schedule_unlock(&rollout->schedule, &member->turn);
    }
    rollout_check_turns(rollout);
}
