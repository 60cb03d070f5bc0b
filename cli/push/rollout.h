/*
 * One image to all devices that the user named: each is looked for, updated as soon as it is found,
 * and waited for to be back if that is wanted. All of them at the same time, on one libevent base.
 */
#ifndef CLI_ROLLOUT_H
#define CLI_ROLLOUT_H

#include "cli/discover/locate.h"
#include "cli/image/image_file.h"
#include "cli/push/report.h"
#include "cli/push/upload_options.h"
#include "cli/push/wanted.h"

#include <event2/event.h>

struct rollout_job {
    const struct upload_options *options; /* whose image and password are known by now */
    const struct wanted_list *wanted;
    const struct located *chosen; /* devices that were found already, besides those */
    size_t chosen_count;
    size_t room; /* devices that may be under way at the same time: descriptors limit it */
    const struct image_file *image;
    struct push_password *password; /* wiped by the owner */
    bool has_password;
    bool has_declined; /* somebody was asked for it, and gave none */
    struct report *report;
};

struct rollout_result {
    int code;   /* exit code: the failures' if they agree, else 1 */
    int signal; /* that interrupted it, or 0 */
};

/*
 * A base for rollout_run(), on which a signal is heard between any two of many devices. NULL
 * without memory.
 */
struct event_base *rollout_base_new(void);

/*
 * Run to the end, on a base of rollout_base_new(). SIGINT, SIGTERM, and SIGHUP unless it is
 * ignored, abort what is not finished.
 */
struct rollout_result rollout_run(struct event_base *base, struct rollout_job *job);

#endif
