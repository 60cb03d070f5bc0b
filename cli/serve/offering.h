/*
 * What the server offers at this moment, an image for everybody or a catalogue, and keeping it up
 * to date with the files.
 */
#ifndef CLI_OFFERING_H
#define CLI_OFFERING_H

#include "cli/failure.h"
#include "cli/serve/fleet.h"

#include <stdbool.h>

struct offering {
    const char *image_path;     /* --image, or NULL */
    const char *catalog_path;   /* --catalog, or NULL */
    struct served_image *image; /* of image_path; may be replaced by offering_refresh() */
    struct fleet *fleet;        /* of catalog_path; likewise */
    struct file_stamp stamp;    /* of the catalogue, from before it was read */
    struct failure problem;     /* why the files cannot be used as they are now; text "": they can,
                                   or nobody has looked */
};

/* What offering_refresh() has found. */
enum offering_change {
    OFFERING_SAME,
    OFFERING_NEW,    /* the new one is offered */
    OFFERING_BROKEN, /* for a reason that was not told before: `problem`; the old one stays */
};

/* Load for the first time. False, with offering->problem filled in, when it cannot be used. */
bool offering_open(struct offering *offering, const char *image_path, const char *catalog_path);

/*
 * Look at the files; load anew what has changed (with `anyway`, also when nothing seems to have).
 * Of a broken one nothing is taken. Blocks for as long as reading takes.
 */
enum offering_change offering_refresh(struct offering *offering, bool anyway);

/* Release everything. */
void offering_close(struct offering *offering);

#endif
