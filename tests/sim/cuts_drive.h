/*
 * Driving a board through a scenario, one call of the library at a time, whatever happens to its
 * power: after every start the driver looks what runs, and goes on from there. On the way it
 * demands of every step what must always hold.
 */
#ifndef CUTS_DRIVE_H
#define CUTS_DRIVE_H

#include "tests/sim/cuts_case.h"

#include <stdbool.h>
#include <stdint.h>

/* Where a drive is, apart from what is in flash: what a person beside the device would know. */
struct cuts_drive {
    const char *wrong; /* what was violated; NULL: nothing */
    bool over;         /* all goals are reached, and stay reached */
    unsigned goal;     /* index of the next one */
    unsigned end_starts;
    unsigned calls; /* since the last cut */
    unsigned cuts;
    bool worn;       /* some of the flash is: goals may be missed, but a sketch runs */
    unsigned resets; /* for nothing, after the next start */
    unsigned resets_after_cut;
    bool steady_after_cut; /* unstable bits are steady (sim_board.h) */
    bool needs_start;      /* the power went, or a reset is due */

    /* The sketch that runs, by what the library has said and done. */
    const struct sim_image *from;    /* confirmed when the last update or rollback began */
    const struct sim_image *to;      /* what that was to; the same when nothing is under way */
    const struct sim_image *settled; /* of the two, the one that has to run at the next start;
                                        NULL: as it may be */
    bool on_trial;                   /* unless the trial of it has ended */
    bool leaving;        /* a rollback was asked for on trial, and may have come through */
    unsigned attempts;   /* starts, also those cut short, since the update began */
    unsigned trial_runs; /* starts of these in which the sketch did run on trial */
    bool files_promised; /* a file system is staged */
    bool changed_mind;   /* updates are to the third sketch from now on */
};

/* The longest that a drive may take, in calls. */
#define CUTS_CALLS_MAX 60

void cuts_drive_init(struct cuts_drive *drive);

/*
 * Make the next call: a start, or what the application does in pursuit of the goal. False when
 * there is none: the drive is over, or something is wrong.
 */
bool cuts_drive_step(struct cuts_drive *drive, struct cuts_bench *bench);

/* To the end. True when nothing is wrong. */
bool cuts_drive_finish(struct cuts_drive *drive, struct cuts_bench *bench);

#endif
