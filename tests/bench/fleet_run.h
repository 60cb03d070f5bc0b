/*
 * One upload to a fleet, measured: by espota-c in one command, or by one process in lockstep for
 * each device. What must not happen ends the program, after a message.
 */
#ifndef TESTS_BENCH_FLEET_RUN_H
#define TESTS_BENCH_FLEET_RUN_H

#include "tests/bench/fleet_host.h"

/* Uploaders in lockstep that run at once: CPU time per device is all that is asked of them. */
#define LOCKSTEP_DEVICES 100u

/* What an uploader, or many, took. */
struct cost {
    double seconds;
    double cpu;     /* seconds per device, in user mode and in the kernel */
    double user;    /* of that, in user mode */
    double waited;  /* seconds that espota-c could run and had no processor, about */
    double devices; /* seconds of CPU time of all devices together */
    long peak_kib;
};

/* What espota-c said of the devices. */
struct verdicts {
    unsigned results;
    unsigned wrong;      /* results that are not what the device's kind must have */
    double last_healthy; /* seconds from the start to the last result of a healthy device */
    double slowest;      /* seconds that the slowest healthy device took, as its result says */
};

/* Make the image, in a folder that fleet_clean_up() removes. */
void fleet_prepare(void);
void fleet_clean_up(void);

/* Of so many uploads (odd, 9 at most) to all devices by espota-c, the one of the median time. */
struct cost fleet_upload(const struct fleet_options *options, int runs);

/* The same once, and every result is looked at. */
struct verdicts fleet_upload_and_judge(struct fleet_options options);

/* One process for each device: `program` with `word` (or NULL), address, port and file. */
struct cost fleet_upload_in_lockstep(const char *program, const char *word);

/* Seconds of CPU time, the mean of some runs, of a program that has nothing to do with devices. */
double fleet_cpu_of(const char *const *argv);

#endif
