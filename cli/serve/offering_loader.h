/*
 * Taking what is offered from its files: only when they have changed, and whole or not at all. It
 * takes as long as reading and digesting them does.
 */
#ifndef CLI_OFFERING_LOADER_H
#define CLI_OFFERING_LOADER_H

#include "cli/failure.h"
#include "cli/serve/fleet.h"
#include "cli/serve/image_pool.h"

#include <stdbool.h>

/* After so many looks at files that are no good as they are, they are tried again all the same. */
#define OFFERING_PATIENCE 60

/* What a look has found. */
enum offering_change {
    OFFERING_SAME,   /* nothing has changed since the last look */
    OFFERING_NEW,    /* a new one is there */
    OFFERING_BROKEN, /* it cannot be used */
};

/* One of them, with OFFERING_NEW. */
struct offering_load {
    struct served_image *image;
    struct fleet *fleet;
    struct failure failure; /* with OFFERING_BROKEN: why */
};

/* The caller's. Begin with the first two alone. */
struct offering_loader {
    const char *image_path;   /* --image, or NULL */
    const char *catalog_path; /* --catalog, or NULL */
    struct image_pool pool;
    struct file_stamp stamp; /* of the catalogue, from before it was read */
    bool looked;
    bool failed;    /* the last time that the files were read */
    unsigned since; /* looks after that */
};

/*
 * Look at the files, and take them if one has changed, come or gone since they were read, whether
 * that went well or not; with `anyway` in any case. Images that have not changed are not read
 * again, nor are those that were found to be good beside one that was not.
 */
enum offering_change offering_loader_look(struct offering_loader *loader, bool anyway,
                                          struct offering_load *out);

/* Release everything; what was handed out stays. */
void offering_loader_free(struct offering_loader *loader);

#endif
