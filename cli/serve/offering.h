/*
 * What the server offers at this moment, an image for everybody or a catalogue, and keeping it up
 * to date with the files. Reading and digesting them, which may take long, is done in a thread.
 */
#ifndef CLI_OFFERING_H
#define CLI_OFFERING_H

#include "cli/serve/background.h"
#include "cli/serve/offering_loader.h"

#include <stdbool.h>

/* Where from, and who is told. */
struct offering_source {
    const char *image_path;   /* --image, or NULL */
    const char *catalog_path; /* --catalog, or NULL */
    /*
     * On the loop, when a look has ended: OFFERING_NEW when the new one is offered; OFFERING_BROKEN
     * when the files cannot be used for a reason that was not told before, in offering->problem, or
     * it was asked `anyway`: the old one stays.
     */
    void (*looked)(void *ctx, enum offering_change change);
    void *ctx;
};

struct offering {
    struct served_image *image; /* with --image; may be replaced whenever the loop runs */
    struct fleet *fleet;        /* with --catalog; likewise */
    struct failure problem;     /* why the files cannot be used as they are now; text "": they can,
                                   or nobody has looked */
    struct offering_source source;
    struct background *background;
    bool again; /* a look was asked for while one was under way */

    /* The thread's while that is at work. */
    struct offering_loader loader;
    bool anyway;
    enum offering_change change;
    struct offering_load load;
};

/*
 * Take the files for the first time, and wait for that. The offering must not move afterwards.
 * False, with offering->problem filled in, when they cannot be used; offering_close() is due in any
 * case.
 */
bool offering_open(struct offering *offering, struct event_base *base,
                   const struct offering_source *source);

/*
 * Begin to look at the files; take anew what has changed (with `anyway`, also when nothing seems to
 * have). Of a broken one nothing is taken.
 */
void offering_look(struct offering *offering, bool anyway);

/* Release everything; waits for an image that is being read. */
void offering_close(struct offering *offering);

#endif
