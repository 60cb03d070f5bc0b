/*
 * One scenario, from its seed to its end.
 */
#ifndef SIM_RUN_H
#define SIM_RUN_H

#include "sim_sabotage.h"
#include "sim_scenario.h"
#include "sim_truth.h"
#include "sim_uploader.h"

#define SIM_CODES 12 /* exit codes of an upload, 0 to 11 */

/* What came of it, and of others before it. */
struct sim_tally {
    uint64_t seeds;
    uint64_t uploads[SIM_CODES]; /* by exit code */
    uint64_t vanished;           /* uploads whose user's machine went */
    uint64_t staged;             /* "updated", as the device said it */
    uint64_t unchanged;          /* the same, and it was what ran already */
    uint64_t untold;             /* the same, and the user was not told of success */
    uint64_t cuts;               /* of power */
    uint64_t start_cuts;         /* of these, while the bootloader worked */
    uint64_t starts;
    uint64_t trials, confirmed, given_up, rolled_back, moved, adopted;
    uint64_t halted; /* boards whose flash was too worn to run anything */
    uint64_t datagrams, lost, connections, incidents;
    uint64_t operations; /* of flash: erases and programs */
    uint64_t events;
    uint64_t seconds; /* virtual */
    uint64_t digest;  /* of everything that came of it */
};

/* What the application is about to do to the record. */
enum sim_act {
    SIM_ACT_NONE,
    SIM_ACT_CONFIRM,
    SIM_ACT_ROLL_BACK
};

/* The latest update that the device called done. */
struct sim_update {
    const struct sim_image *image;
    uint16_t port;  /* of the upload */
    unsigned cuts;  /* of the device's starts since: each may have cost a boot of the trial */
    bool started;   /* it has completed one, and */
    bool in_effect; /* had it in its place then */
    bool told;      /* the user was told of success */
};

/* Operations of flash that a trace has not shown yet. */
struct sim_bundle {
    const char *where;
    unsigned erases, programs;
};

struct sim_run {
    struct sim_world world;
    struct sim_trace trace;
    struct sim_scenario scenario;
    struct sim_net net;
    struct sim_board board;
    struct sim_device device;
    struct sim_uploader uploader;
    struct sim_truth truth;
    struct sim_sabotage sabotage;
    struct sim_bundle bundle;
    struct sim_tally *tally;
    const char *broken; /* the invariant that was, or NULL */
    bool over;

    /* The user: sim_user.c. */
    unsigned plan;
    unsigned repeats;
    bool satisfied;      /* or not, but has given up */
    uint64_t idle_since; /* when the last upload was over */

    /* The application: sim_app.c. */
    struct sim_random app_random;
    enum sim_act act;
    bool confirmed;     /* since the start */
    uint32_t regretted; /* a bit for each image that has asked for the one before it */
    unsigned last_starts;

    /* The power: sim_power.c. */
    struct sim_random power_random;
    unsigned cuts_left;
    enum ota_updater_phase cut_phase; /* of the updater, when an operation was cut short */
    bool record_torn;                 /* it was the record that was being worked on */
    bool hardware_armed;

    /* What was seen: sim_check.c. */
    struct sim_update update;
    bool recorded; /* flash has had a record */
};

/* Run a scenario. What came of it is added to `tally`. Returns what was broken, or NULL. */
const char *sim_run_seed(struct sim_run *run, uint64_t seed, enum sim_sabotage_kind sabotage,
                         bool trace, struct sim_tally *tally);

/* Add a number to the tally's digest. */
void sim_tally_note(struct sim_tally *tally, uint64_t number);

#endif
