/*
 * Runs a test once per seed, each in a process of its own: lwIP is one per process and cannot be
 * begun anew, and a sanitizer that ends the process leaves a seed to name.
 */
#ifndef LWIP_TEST_RUN_H
#define LWIP_TEST_RUN_H

#include "lwip_test_wire.h"

#include <stdint.h>

#define LWIP_TEST_COUNTS_MAX 12

struct lwip_test_program {
    const char *doc;          /* for --help */
    uint32_t steps;           /* how long a seed takes; --steps asks for another number */
    const char *steps_doc;    /* what a step is */
    const char *const *names; /* of what is counted; ends with NULL, LWIP_TEST_COUNTS_MAX at most */

    /* The test: returns, or ends the process as lwip_test_require() does. Adds to `counts`. */
    void (*run)(uint64_t seed, uint32_t steps, enum lwip_test_ip ip, uint64_t *counts);
};

/*
 * main() of a program `--seeds A-B [--steps N] [--ip 4|6]`. Returns its exit code: 0 when every
 * seed was fine, 1 after the first that was not, 2 for a bad command line.
 */
int lwip_test_run(const struct lwip_test_program *program, int argc, char **argv);

#endif
