#include "cli/push/wish.h"

#include "cli/discover/choose.h"
#include "cli/discover/target.h"
#include "cli/printable.h"
#include "cli/push/member_found.h"
#include "cli/push/passed_over.h"

#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rollout_wish {
    struct rollout *rollout;
    const struct wanted *wanted;
    bool is_glob;
    size_t matched;
    void *names; /* of a pattern: the devices that it has matched */
    struct passed_over passed;
    struct locate *locate;
};

static size_t index_of(const struct rollout_wish *wish)
{
    return (size_t)(wish - wish->rollout->wishes);
}

static void settle(struct rollout_wish *wish)
{
    schedule_wish_settled(&wish->rollout->schedule, index_of(wish));
}

static void fail(struct rollout_wish *wish, const struct failure *failure, const char *hint)
{
    struct rollout *rollout = wish->rollout;

    report_failure(rollout->job->report, wish->wanted->name, failure, hint);
    rollout_note_code(rollout, failure->code);
    schedule_wish_failed(&rollout->schedule, index_of(wish), wish->wanted->name);
}

/* --- Patterns --------------------------------------------------------------------------------- */

/* Whether a device that a pattern found is one to update. */
static bool suits(void *ctx, const struct device *device)
{
    struct rollout_wish *wish = ctx;
    const struct upload_options *options = wish->rollout->job->options;
    enum image_kind kind = image_file_kind(wish->rollout->job->image);
    char board[4 * 256];
    char glob[256];
    char why[sizeof board + sizeof glob + 32];

    if (options->board && !device_board_matches(device, options->board)) {
        device_board(device, board, sizeof board);
        snprintf(why, sizeof why, "its board is %s, not '%s'", board[0] ? board : "not known",
                 printable(glob, sizeof glob, options->board));
    } else if (wish->wanted->is_all && !options->force && choose_has_family(kind) &&
               !choose_suits(device, kind)) {
        snprintf(why, sizeof why, "it is not known to be for images for the %s",
                 image_kind_name(kind));
    } else {
        return true;
    }
    passed_over_add(&wish->passed, device, why);
    return false;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* One that was updated meanwhile has said goodbye, and is found again. False at the first time. */
static bool has_matched(struct rollout_wish *wish, const char *name)
{
    if (tfind(name, &wish->names, compare_names))
        return true;
    char *copy = strdup(name);
    if (copy && !tsearch(copy, &wish->names, compare_names))
        free(copy);
    return false;
}

static void end_search(struct rollout_wish *wish)
{
    struct report *report = wish->rollout->job->report;

    if (wish->is_glob)
        report_search_ended(report);
    passed_over_tell(&wish->passed, report);
    if (wish->wanted->is_all && wish->matched > 0)
        report_note(report, NULL, "%zu of %zu devices found by mDNS are to be updated",
                    wish->matched, wish->matched + wish->passed.count);
}

/* --- The search ------------------------------------------------------------------------------- */

static void fail_search(struct rollout_wish *wish, const struct failure *failure)
{
    const char *hint = "";
    struct failure none;
    size_t passed = wish->passed.count;

    if (passed > 0) {
        failure_set(&none, failure->code,
                    "no device to update: %zu %s found by mDNS, and passed over", passed,
                    passed == 1 ? "was" : "were");
        failure = &none;
    }
    if (failure->code == EXIT_NOT_FOUND)
        hint = wish->wanted->is_all || passed > 0
                   ? "espota-c discover shows what is there, and what it announces."
                   : "Check the name (espota-c discover shows what is there), or give its address "
                     "with -i.";
    fail(wish, failure, hint);
}

static void on_located(void *ctx, enum locate_event event, const struct located *located,
                       const struct failure *failure)
{
    struct rollout_wish *wish = ctx;

    if (event == LOCATE_FOUND && wish->is_glob && has_matched(wish, located->name))
        return;
    if (event == LOCATE_FOUND) {
        wish->matched++;
        member_add(wish->rollout, wish->is_glob ? located->name : wish->wanted->name, located,
                   wish->wanted, index_of(wish));
        if (wish->is_glob)
            return;
    } else {
        end_search(wish);
    }
    if (event == LOCATE_FAILED)
        fail_search(wish, failure);
    wish->locate = NULL;
    settle(wish);
    rollout_close_one(wish->rollout);
}

static void start(struct rollout_wish *wish)
{
    struct rollout *rollout = wish->rollout;
    const struct upload_options *options = rollout->job->options;
    const struct locate_limits limits = {
        .dns_ms = options->timeout_ms,
        .wait_ms = options->wait_ms,
        .suits = suits,
    };
    struct address address;
    struct failure failure;

    wish->is_glob = target_kind(wish->wanted->text, &address) == TARGET_GLOB;
    wish->locate = locate_start(rollout->locator, wish->wanted->text, &limits, on_located, wish);
    if (wish->locate) {
        rollout->open++;
        if (wish->is_glob)
            report_search_begun(rollout->job->report);
        else
            report_sought(rollout->job->report, wish->wanted->name);
        return;
    }
    failure_set(&failure, EXIT_LOCAL_FAILURE, "%s: %s", wish->wanted->name, strerror(ENOMEM));
    fail(wish, &failure, "");
    settle(wish);
}

bool wishes_start(struct rollout *rollout)
{
    const struct wanted_list *wanted = rollout->job->wanted;

    rollout->wishes = calloc(wanted->count + 1, sizeof *rollout->wishes);
    if (!rollout->wishes)
        return false;
    for (size_t i = 0; i < wanted->count; i++) {
        rollout->wishes[i].rollout = rollout;
        rollout->wishes[i].wanted = &wanted->list[i];
        start(&rollout->wishes[i]);
    }
    return true;
}

/* --- The end ---------------------------------------------------------------------------------- */

/* Stop looking. False when it had ended. */
static bool cancel(struct rollout_wish *wish)
{
    if (!wish->locate)
        return false;
    locate_cancel(wish->locate);
    wish->locate = NULL;
    end_search(wish);
    settle(wish);
    rollout_close_one(wish->rollout);
    return true;
}

void wishes_interrupt(struct rollout *rollout)
{
    for (size_t i = 0; i < rollout->job->wanted->count; i++) {
        struct rollout_wish *wish = &rollout->wishes[i];
        struct failure failure;
        if (!cancel(wish) || wish->matched > 0)
            continue; /* the devices speak for themselves */
        failure_set(&failure, EXIT_LOCAL_FAILURE,
                    "%s: interrupted before it was asked: nothing has changed on it",
                    wish->wanted->name);
        fail(wish, &failure, "");
    }
}

void wishes_skip(struct rollout *rollout)
{
    for (size_t i = 0; i < rollout->job->wanted->count; i++) {
        struct rollout_wish *wish = &rollout->wishes[i];
        if (cancel(wish) && wish->matched == 0)
            rollout_skip(rollout, wish->wanted->name);
    }
}

void wishes_free(struct rollout *rollout)
{
    for (size_t i = 0; rollout->wishes && i < rollout->job->wanted->count; i++) {
        passed_over_free(&rollout->wishes[i].passed);
        tdestroy(rollout->wishes[i].names, free);
    }
    free(rollout->wishes);
}
