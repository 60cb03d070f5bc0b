/*
 * One device of a rollout, from being found to being back; for rollout.c, wish.c and member*.c
 * alone.
 *
 *     found -> waiting for its turn -> uploading -> returning -> over
 *                  ^                    |  ^ `-> looked for afresh
 *                  |                    |  `-----------'
 *                  `- without password -'
 */
#ifndef CLI_MEMBER_H
#define CLI_MEMBER_H

#include "cli/discover/locate.h"
#include "cli/discover/target.h"
#include "cli/push/loop.h"
#include "cli/push/online.h"
#include "cli/push/rollout.h"
#include "cli/push/schedule.h"
#include "cli/push/twins.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rollout_wish;

/* A rollout under way. */
struct rollout {
    struct event_base *base;
    struct rollout_job *job;
    struct rollout_result result;
    struct locator_options locator_options;
    struct online_options online_options;
    struct push_loop_options loop_options;
    struct locator *locator;
    struct locator *fresh; /* one whose cache was empty at `fresh_since` */
    uint64_t fresh_since;
    struct online *online;
    struct push_loop *loop;
    struct rollout_wish *wishes; /* as many as are wanted */
    struct schedule schedule;
    struct schedule_wish *schedule_wishes;
    struct member *members; /* as they were found */
    struct member *last;
    struct member *untold; /* the first of those that may have to be told to wait */
    struct twins twins;
    bool has_stopped;    /* what was looked for has been given up */
    size_t open;         /* wishes and members that are not over */
    struct event *turns; /* what follows from what happened, once that is over */
    struct event *pulse; /* looks for silent devices while others wait for their turn */
    uint64_t wait_end;   /* until when devices are waited for (--wait); 0: they are not */
    uint64_t usual_end;  /* what is looked for after that is not there */
};

enum member_state {
    MEMBER_WAITING, /* for its turn */
    MEMBER_UPLOADING,
    MEMBER_SILENT,  /* it did not answer; it is looked for afresh */
    MEMBER_LOCKED,  /* it wants a password, and somebody can be asked for it */
    MEMBER_LEAVING, /* updated, and waited for to be back */
    MEMBER_OVER,
};

struct member {
    struct push_upload upload;
    struct turn turn;
    struct member *next;
    struct rollout *rollout;
    enum member_state state;
    char *name;                           /* what it is called to people and programs */
    char instance[DEVICE_NAME_MAX];       /* as in struct located */
    const char *host;                     /* what it was looked for by */
    const struct push_password *password; /* its own; NULL: the rollout's */
    uint16_t port;                        /* that it was given; 0: none */
    size_t password_wish;                 /* which wish gave it; SIZE_MAX: none of them */
    size_t port_wish;
    bool says_locked; /* it announces that it wants a password */
    bool is_disputed; /* as in struct located */
    bool from_cache;
    uint64_t found_ms;
    bool had_to_wait;      /* for its turn */
    bool told;             /* that its upload begins */
    struct locate *afresh; /* while it is MEMBER_SILENT */
    uint64_t wait_end;     /* until when it is waited for (--wait); 0: it is not */
    bool again;            /* the next step is to begin its upload anew */
    struct event *step;    /* what follows an upload's end happens in the loop, not in its call */
};

/* An exit code for the whole: the failures' if they agree, else 1. */
void rollout_note_code(struct rollout *rollout, enum exit_code code);

/* A wish or a member is over. */
void rollout_close_one(struct rollout *rollout);

/* Have the loop see who begins, whether all that is left wants a password, or nothing is left. */
void rollout_check_turns(struct rollout *rollout);

/* What is called `name` is not tried, for what stopped the schedule. */
void rollout_skip(struct rollout *rollout, const char *name);

/* A member that is called `name`, which is copied, and nothing else yet. NULL without memory. */
struct member *member_new(struct rollout *rollout, const char *name);

/* It is its turn. */
void member_begin(struct member *member);

/* It is over without having been tried, or asked for a password. */
void member_skip(struct member *member);

/* Whose turn it is. */
struct member *member_of_turn(struct turn *turn);

/* Any number that changes whenever its device does something. */
uint64_t member_life(const struct member *member);

/* It is over, with `failed` or not: others may begin. */
void member_close(struct member *member, bool failed);

/* An upload has ended; `ctx` is the rollout. */
void member_on_finished(void *ctx, struct push_upload *upload);

/* Begin its upload, or begin it anew. */
void member_upload(struct member *member);

/* It is over, as its session says. */
void member_end(struct member *member);

/* End all that are not over, because of a signal. */
void members_interrupt(struct rollout *rollout);

void members_free(struct rollout *rollout);

#endif
