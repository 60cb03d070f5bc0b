/*
 * A single run of the proof: a case and the cuts it is driven with, and its name, by which it can
 * be repeated alone.
 */
#ifndef CUTS_RUN_H
#define CUTS_RUN_H

#include "tests/sim/cuts_case.h"

#include <stdbool.h>
#include <stdint.h>

/* What happens to a device: a cut, in one of nor_flash's ways, or a fault of its flash. */
enum cuts_kind {
    CUTS_ROT = NOR_CUT_KINDS, /* a copy of the record is damaged */
    CUTS_WEAR,                /* an area can be neither erased nor programmed any more */
    CUTS_KINDS,
};

struct cuts_event {
    unsigned kind; /* an enum nor_cut or an enum cuts_kind */
    /*
     * A cut: the operation in which it comes, counted from 1, from the beginning or the event
     * before. A fault: the calls of the library, counted likewise, after which it comes.
     */
    uint32_t at;
    /*
     * A cut: of torn bits; when it is odd, the start after it is followed by a reset; with 2 in it,
     * bits that are unstable then differ from start to start, else from read to read. A fault:
     * which one, below CUTS_ROTS or CUTS_WEARS.
     */
    uint32_t seed;
};

#define CUTS_ROTS  6 /* of either copy: a bit, the commit mark, everything */
#define CUTS_WEARS 7 /* of both records, of slots at start and end, of the file system */

#define CUTS_EVENTS_MAX 16

/* A case, and what happens to its device. */
struct cuts_run {
    struct cuts_case which;
    struct cuts_event events[CUTS_EVENTS_MAX];
    unsigned event_count;
};

/* "before", "half", "unstable" ... "rot", "wear" */
const char *cuts_kind_name(unsigned kind);

#define CUTS_RUN_NAME_MAX 512

/* "update:exchange:256/4:tiny:one@12:half:0@3:few:1" */
void cuts_run_name(const struct cuts_run *run, char out[CUTS_RUN_NAME_MAX]);

/* Read such a name. False when it is none. */
bool cuts_run_parse(struct cuts_run *out, const char *name);

#endif
