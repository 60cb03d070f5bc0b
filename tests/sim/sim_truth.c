#include "sim_truth.h"

#include <string.h>

/* Beliefs while they are being replaced by those that follow from them. */
struct growth {
    unsigned count;
    struct sim_belief beliefs[SIM_BELIEFS_MAX];
};

static bool is_same(const struct sim_belief *a, const struct sim_belief *b)
{
    return a->confirmed == b->confirmed && a->other == b->other && a->filesystem == b->filesystem &&
           a->pending == b->pending && a->boots == b->boots && a->given_up == b->given_up &&
           a->running == b->running && a->trial == b->trial;
}

/* Without a doubt there is one belief; with several cuts in a row, a few. More are not kept. */
static void add(struct growth *growth, struct sim_belief belief)
{
    for (unsigned i = 0; i < growth->count; i++) {
        if (is_same(&growth->beliefs[i], &belief))
            return;
    }
    if (growth->count < SIM_BELIEFS_MAX)
        growth->beliefs[growth->count++] = belief;
}

static bool adopt(struct sim_truth *truth, const struct growth *growth)
{
    if (growth->count == 0)
        return false;
    memcpy(truth->beliefs, growth->beliefs, growth->count * sizeof growth->beliefs[0]);
    truth->count = growth->count;
    return true;
}

void sim_truth_init(struct sim_truth *truth, enum ota_handover handover, uint8_t trial_boots,
                    const struct sim_image *sketch, const struct sim_image *filesystem)
{
    truth->handover = handover;
    truth->trial_boots = trial_boots;
    truth->worn_slot = false;
    truth->worn_record = false;
    truth->count = 1;
    truth->beliefs[0] = (struct sim_belief){ .confirmed = sketch, .filesystem = filesystem };
}

static struct sim_belief without_other(struct sim_belief belief)
{
    belief.pending = OTA_PENDING_NONE;
    belief.other = NULL;
    belief.boots = 0;
    belief.given_up = SIM_NOT_GIVEN_UP;
    return belief;
}

void sim_truth_disturb(struct sim_truth *truth)
{
    struct growth growth = { .count = 0 };

    for (unsigned i = 0; i < truth->count; i++) {
        const struct sim_belief *belief = &truth->beliefs[i];
        add(&growth, *belief);
        if (belief->pending == OTA_PENDING_NONE)
            add(&growth, without_other(*belief));
    }
    (void)adopt(truth, &growth);
}

bool sim_truth_stage(struct sim_truth *truth, const struct sim_image *image, enum sim_extent extent)
{
    struct growth growth = { .count = 0 };

    if (extent == SIM_CUT_SHORT)
        sim_truth_disturb(truth);
    for (unsigned i = 0; i < truth->count; i++) {
        struct sim_belief belief = truth->beliefs[i];
        if (extent == SIM_CUT_SHORT)
            add(&growth, belief);
        if (belief.pending != OTA_PENDING_NONE)
            continue;
        belief = without_other(belief);
        belief.other = image;
        belief.pending = image->target == OTA_SKETCH ? OTA_PENDING_SKETCH : OTA_PENDING_FILESYSTEM;
        add(&growth, belief);
    }
    return adopt(truth, &growth);
}

bool sim_truth_unchanged(struct sim_truth *truth, const struct sim_image *image)
{
    struct growth growth = { .count = 0 };

    for (unsigned i = 0; i < truth->count; i++) {
        if (truth->beliefs[i].confirmed == image && truth->beliefs[i].pending == OTA_PENDING_NONE)
            add(&growth, truth->beliefs[i]);
    }
    return adopt(truth, &growth);
}

bool sim_truth_confirm(struct sim_truth *truth, enum sim_extent extent)
{
    struct growth growth = { .count = 0 };

    for (unsigned i = 0; i < truth->count; i++) {
        struct sim_belief belief = truth->beliefs[i];
        if (extent == SIM_CUT_SHORT || belief.pending == OTA_PENDING_NONE)
            add(&growth, belief);
        if (belief.pending != OTA_PENDING_SKETCH || belief.given_up == SIM_GIVEN_UP)
            continue;
        const struct sim_image *before = belief.confirmed;
        belief.confirmed = belief.other;
        belief.pending = OTA_PENDING_NONE;
        belief.other = before;
        belief.boots = 0;
        belief.given_up = SIM_NOT_GIVEN_UP;
        belief.trial = false;
        add(&growth, belief);
    }
    return adopt(truth, &growth);
}

bool sim_truth_roll_back(struct sim_truth *truth, enum sim_extent extent)
{
    struct growth growth = { .count = 0 };

    for (unsigned i = 0; i < truth->count; i++) {
        struct sim_belief belief = truth->beliefs[i];
        if (extent == SIM_CUT_SHORT)
            add(&growth, belief);
        if (belief.pending == OTA_PENDING_SKETCH)
            belief.given_up = extent == SIM_DONE ? SIM_GIVEN_UP : SIM_TORN;
        else if (belief.pending == OTA_PENDING_NONE && belief.other)
            belief.pending = OTA_PENDING_ROLLBACK;
        else
            continue;
        add(&growth, belief);
    }
    return adopt(truth, &growth);
}

bool sim_truth_no_way_back(struct sim_truth *truth)
{
    struct growth growth = { .count = 0 };

    for (unsigned i = 0; i < truth->count; i++) {
        const struct sim_belief *belief = &truth->beliefs[i];
        if (belief->pending == OTA_PENDING_NONE && !belief->other)
            add(&growth, *belief);
    }
    return adopt(truth, &growth);
}

bool sim_truth_waits(const struct sim_truth *truth)
{
    for (unsigned i = 0; i < truth->count; i++) {
        const struct sim_belief *belief = &truth->beliefs[i];
        if (belief->given_up || (belief->pending != OTA_PENDING_NONE && !belief->trial))
            return true;
    }
    return false;
}

/* --- Starts ----------------------------------------------------------------------------------- */

static void add_running(struct growth *growth, struct sim_belief belief,
                        const struct sim_image *running, bool trial)
{
    belief.running = running;
    belief.trial = trial;
    add(growth, belief);
}

/* The sketch before it runs. The one that was given up may still be there to go back to. */
static void add_going_back(struct growth *growth, const struct sim_truth *truth,
                           const struct sim_belief *belief)
{
    struct sim_belief after = without_other(*belief);
    struct sim_belief unrecorded = *belief;

    add_running(growth, after, belief->confirmed, false);
    after.other = belief->other;
    if (truth->handover == OTA_SELECT)
        add_running(growth, after, belief->confirmed, false);
    unrecorded.given_up = SIM_GIVEN_UP;
    if (truth->worn_record)
        add_running(growth, unrecorded, belief->confirmed, false);
}

static void add_rollback(struct growth *growth, const struct sim_truth *truth,
                         const struct sim_belief *belief)
{
    struct sim_belief after = without_other(*belief);

    after.confirmed = belief->other;
    add_running(growth, after, belief->other, false);
    after.other = belief->confirmed;
    if (truth->handover == OTA_SELECT)
        add_running(growth, after, belief->other, false);
    if (truth->worn_record)
        add_running(growth, *belief, belief->other, false);
}

static void add_move(struct growth *growth, const struct sim_truth *truth,
                     const struct sim_belief *belief)
{
    struct sim_belief after = without_other(*belief);
    struct sim_belief unrecorded = *belief;

    after.filesystem = belief->other;
    add_running(growth, after, belief->confirmed, false);
    unrecorded.filesystem = belief->other;
    if (truth->worn_record)
        add_running(growth, unrecorded, belief->confirmed, false);
}

static void add_trial(struct growth *growth, const struct sim_truth *truth,
                      const struct sim_belief *belief)
{
    struct sim_belief after = *belief;
    bool used_up = belief->boots >= truth->trial_boots;

    if (belief->given_up || used_up)
        add_going_back(growth, truth, belief);
    after.boots++;
    if (belief->given_up != SIM_GIVEN_UP && !used_up)
        add_running(growth, after, belief->other, true);
}

/* What a start that is completed makes of a belief. */
static void add_started(struct growth *growth, const struct sim_truth *truth,
                        const struct sim_belief *belief)
{
    if (belief->pending != OTA_PENDING_NONE && truth->worn_slot) {
        add_running(growth, *belief, belief->confirmed, false);
        add_running(growth, without_other(*belief), belief->confirmed, false);
    }
    switch (belief->pending) {
    case OTA_PENDING_NONE:
        add_running(growth, *belief, belief->confirmed, false);
        break;
    case OTA_PENDING_SKETCH:
        add_trial(growth, truth, belief);
        break;
    case OTA_PENDING_FILESYSTEM:
        add_move(growth, truth, belief);
        break;
    case OTA_PENDING_ROLLBACK:
        add_rollback(growth, truth, belief);
        break;
    }
}

void sim_truth_cut_start(struct sim_truth *truth)
{
    struct growth growth = { .count = 0 };

    for (unsigned i = 0; i < truth->count; i++) {
        add(&growth, truth->beliefs[i]);
        add_started(&growth, truth, &truth->beliefs[i]);
    }
    (void)adopt(truth, &growth);
}

bool sim_truth_start(struct sim_truth *truth, const struct sim_image *running, bool trial,
                     const struct sim_image *filesystem)
{
    struct growth all = { .count = 0 };
    struct growth growth = { .count = 0 };

    for (unsigned i = 0; i < truth->count; i++)
        add_started(&all, truth, &truth->beliefs[i]);
    for (unsigned i = 0; i < all.count; i++) {
        const struct sim_belief *belief = &all.beliefs[i];
        if (belief->running == running && belief->trial == trial &&
            belief->filesystem == filesystem)
            add(&growth, *belief);
    }
    return adopt(truth, &growth);
}
