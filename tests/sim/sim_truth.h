/*
 * What must be true of a device, known by other means than asking it: from what it said, what its
 * application did, and where the power was cut.
 *
 * Where a cut leaves open whether something had come to count already, there are several beliefs;
 * the next start of the device decides. When it does what none of them allows, something is wrong.
 */
#ifndef SIM_TRUTH_H
#define SIM_TRUTH_H

#include "ota/layout.h"
#include "ota/record.h"
#include "tests/sim/sim_image.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether a trial was given up. The mark that says so may be torn, and read differently each time,
 * until it is set again or the record is written anew.
 */
enum sim_given_up {
    SIM_NOT_GIVEN_UP,
    SIM_TORN,
    SIM_GIVEN_UP
};

/* One possibility. Images are NULL where there is none. */
struct sim_belief {
    const struct sim_image *confirmed;
    const struct sim_image *other;      /* pending, or to go back to */
    const struct sim_image *filesystem; /* in its area */
    const struct sim_image *running;    /* since the last start; on trial or not */
    bool trial;
    enum ota_pending pending;
    uint8_t boots; /* of the trial */
    enum sim_given_up given_up;
};

#define SIM_BELIEFS_MAX 64

struct sim_truth {
    enum ota_handover handover;
    uint8_t trial_boots;
    bool worn_slot;   /* what the bootloader copies to: it may fail to hand over */
    bool worn_record; /* it may fail to record what it has done, and do it again and again */
    unsigned count;
    struct sim_belief beliefs[SIM_BELIEFS_MAX];
};

/* How far something got. */
enum sim_extent {
    SIM_DONE,
    SIM_CUT_SHORT, /* the power went: it counts, or not */
};

/* A device that runs this sketch, with this file system or NULL. */
void sim_truth_init(struct sim_truth *truth, enum ota_handover handover, uint8_t trial_boots,
                    const struct sim_image *sketch, const struct sim_image *filesystem);

/* An update failed, or was cut short: what lay in the other slot may be lost. */
void sim_truth_disturb(struct sim_truth *truth);

/* All of these are false when no belief allows it. */

/* The device said that it has staged this image; or the power went while it recorded that. */
bool sim_truth_stage(struct sim_truth *truth, const struct sim_image *image,
                     enum sim_extent extent);

/* The device said that this image is the sketch that runs already. */
bool sim_truth_unchanged(struct sim_truth *truth, const struct sim_image *image);

/* The running sketch has confirmed itself. */
bool sim_truth_confirm(struct sim_truth *truth, enum sim_extent extent);

/* It has asked for the one before it. */
bool sim_truth_roll_back(struct sim_truth *truth, enum sim_extent extent);

/* It was told that there is none. */
bool sim_truth_no_way_back(struct sim_truth *truth);

/* It was told that the bootloader has something to do already. */
bool sim_truth_waits(const struct sim_truth *truth);

/* The power went during a start. */
void sim_truth_cut_start(struct sim_truth *truth);

/* A start is complete: this sketch runs, on trial or not, and the file system is this one. */
bool sim_truth_start(struct sim_truth *truth, const struct sim_image *running, bool trial,
                     const struct sim_image *filesystem);

#endif
