/*
 * One device of a rollout, from being found to being back; for rollout.c and member*.c alone.
 *
 *     found -> uploading -> (looked for afresh -> uploading) -> returning -> over
 *       `-> without password -> uploading
 */
#ifndef CLI_MEMBER_H
#define CLI_MEMBER_H

#include "cli/discover/locate.h"
#include "cli/discover/target.h"
#include "cli/push/loop.h"
#include "cli/push/online.h"
#include "cli/push/rollout.h"

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
    struct rollout_wish *wishes; /* as many as there are -i */
    struct member *members;
    size_t open;             /* wishes and members that are not over */
    size_t without_password; /* members among them that wait for one */
    struct event *idle;
    uint64_t wait_end; /* until when devices are waited for (--wait); 0: they are not */
};

enum member_state {
    MEMBER_UPLOADING,
    MEMBER_SILENT,  /* it did not answer; it is looked for afresh */
    MEMBER_LOCKED,  /* it wants a password, and somebody can be asked for it */
    MEMBER_LEAVING, /* updated, and waited for to be back */
    MEMBER_OVER,
};

struct member {
    struct push_upload upload;
    struct member *next;
    struct rollout *rollout;
    enum member_state state;
    char *name;                     /* what it is called to people and programs */
    char instance[DEVICE_NAME_MAX]; /* as in struct located */
    bool from_cache;
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

/* Have the loop see whether all that is left waits for a password, or nothing is left. */
void rollout_check_end(struct rollout *rollout);

/* A device was found: it is updated, unless it is one already. `name` is copied. */
void member_add(struct rollout *rollout, const char *name, const struct located *located);

/* An upload has ended; `ctx` is the rollout. */
void member_on_finished(void *ctx, struct push_upload *upload);

/* Begin its upload, or begin it anew. */
void member_upload(struct member *member);

/* It is over, as its session says. */
void member_end(struct member *member);

/* Ask for the password of those who want one, and go on with them. */
void members_ask_password(struct rollout *rollout);

/* End all that are not over, because of a signal. */
void members_interrupt(struct rollout *rollout);

void members_free(struct rollout *rollout);

#endif
