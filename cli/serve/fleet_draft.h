/*
 * A catalogue being put together, section by section and key by key.
 */
#ifndef CLI_FLEET_DRAFT_H
#define CLI_FLEET_DRAFT_H

#include "cli/serve/fleet.h"
#include "cli/serve/fleet_complaint.h"

#include <stdbool.h>
#include <stddef.h>

/* Most releases that a catalogue may have. */
#define FLEET_RELEASES_MAX 10000

/* A file that a release names. */
struct draft_path {
    char *text; /* as written; NULL: none */
    unsigned line;
};

struct draft_paths {
    struct draft_path sketch;
    struct draft_path filesystem;
};

/* The release that a rule names; it may come later in the file. */
struct draft_wish {
    char *release; /* NULL: not said yet */
    unsigned line;
};

enum draft_section {
    DRAFT_NOWHERE, /* before the first section */
    DRAFT_RELEASE,
    DRAFT_DEVICE,
    DRAFT_DEFAULT,
};

struct fleet_draft {
    struct fleet_source source;
    struct fleet *fleet;
    bool taken;                /* the fleet is the caller's */
    struct draft_paths *paths; /* by release */
    size_t release_room;
    struct draft_wish *wishes; /* by rule */
    size_t rule_room;
    struct draft_wish fallback;
    enum draft_section section; /* the one that keys belong to */
    unsigned line;              /* its line */
    unsigned default_line;      /* of [default]; 0: there is none yet */
    unsigned seen;              /* keys of the section, one bit each */
};

/* Begin; `source` stays the caller's. False, with the failure filled in, without memory. */
bool fleet_draft_begin(struct fleet_draft *draft, const struct fleet_source *source);

/* As fleet_ini_handler wants them, `ctx` a draft. */
bool fleet_draft_section(void *ctx, unsigned line, const char *title);
bool fleet_draft_key(void *ctx, unsigned line, const char *key, const char *value);

/*
 * The end of the file, whose last line is `line`: everything is there, once, and every release
 * that is named, too; draft->fleet is sorted then, and whole but for its images.
 */
bool fleet_draft_end(struct fleet_draft *draft, unsigned line);

/* The fleet, which is the caller's from now on. */
struct fleet *fleet_draft_take(struct fleet_draft *draft);

/* Release what belongs to the draft, the fleet with it unless it was taken. */
void fleet_draft_free(struct fleet_draft *draft);

#endif
