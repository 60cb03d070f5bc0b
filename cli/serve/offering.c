#include "cli/serve/offering.h"

#include <errno.h>
#include <string.h>

/* In the thread. */
static void work(void *ctx)
{
    struct offering *offering = ctx;

    offering->change = offering_loader_look(&offering->loader, offering->anyway, &offering->load);
}

static void replace(struct offering *offering)
{
    served_image_release(offering->image);
    fleet_free(offering->fleet);
    offering->image = offering->load.image;
    offering->fleet = offering->load.fleet;
    offering->load = (struct offering_load){ .image = NULL };
    offering->problem.text[0] = '\0';
}

/* What the look has found holds from now on. */
static enum offering_change settle(struct offering *offering)
{
    const struct failure *failure = &offering->load.failure;

    if (offering->change == OFFERING_NEW)
        replace(offering);
    if (offering->change != OFFERING_BROKEN)
        return offering->change;
    if (!offering->anyway && strcmp(failure->text, offering->problem.text) == 0)
        return OFFERING_SAME;
    offering->problem = *failure;
    return OFFERING_BROKEN;
}

/* On the loop, after work(). */
static void done(void *ctx)
{
    struct offering *offering = ctx;
    enum offering_change change = settle(offering);

    if (offering->again) {
        offering->again = false;
        offering_look(offering, true);
    }
    offering->source.looked(offering->source.ctx, change);
}

bool offering_open(struct offering *offering, struct event_base *base,
                   const struct offering_source *source)
{
    const struct background_work background = { work, done, offering };

    *offering = (struct offering){
        .source = *source,
        .loader = { .image_path = source->image_path, .catalog_path = source->catalog_path },
    };
    work(offering);
    if (settle(offering) != OFFERING_NEW)
        return false;
    offering->background = background_start(base, &background);
    return offering->background || failure_set(&offering->problem, EXIT_LOCAL_FAILURE,
                                               "cannot start a thread: %s", strerror(errno));
}

void offering_look(struct offering *offering, bool anyway)
{
    /* A call is not lost, but an ordinary look comes again soon. */
    if (background_is_busy(offering->background)) {
        offering->again = offering->again || anyway;
        return;
    }
    offering->anyway = anyway;
    background_call(offering->background);
}

void offering_close(struct offering *offering)
{
    image_pool_cancel(&offering->loader.pool);
    background_stop(offering->background);
    served_image_release(offering->load.image);
    fleet_free(offering->load.fleet);
    served_image_release(offering->image);
    fleet_free(offering->fleet);
    offering_loader_free(&offering->loader);
    *offering = (struct offering){ .image = NULL };
}
