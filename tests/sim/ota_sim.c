/*
 * ota-sim: whole updates, from the user's command to the sketch that runs, in one process and in
 * virtual time, with everything that can go wrong; each from a seed.
 */
#include "sim_run.h"

#include "cli/exit_code.h"

#include <argp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum sim_exit {
    SIM_KEPT = 0,
    SIM_BROKEN = 1, /* an invariant was */
    SIM_USAGE = 2,
    SIM_TROUBLE = 3, /* the simulator could not go on */
};

const char *argp_program_version = "ota-sim " ESPOTA_VERSION;

struct options {
    uint64_t first, last;
    bool has_seeds;
    bool trace;
    enum sim_sabotage_kind sabotage;
};

static const struct argp_option option_table[] = {
    { "seeds", 's', "FIRST-LAST", 0, "Seeds to run, up to the first that breaks something", 0 },
    { "seed", 'n', "N", 0, "One seed", 0 },
    { "trace", 't', NULL, 0, "Tell the story of a seed", 0 },
    { "sabotage", 'x', "NAME", 0,
      "Break the device: marker-before-data, one-record-copy or no-read-back", 0 },
    { 0 },
};

/* Decimal digits alone; `*at` is moved behind them. */
static bool take_number(const char **at, uint64_t *out)
{
    const char *begin = *at;

    *out = 0;
    for (; **at >= '0' && **at <= '9'; (*at)++) {
        if (*out > (UINT64_MAX - 9) / 10)
            return false;
        *out = *out * 10 + (uint64_t)(**at - '0');
    }
    return *at != begin;
}

static void take_seeds(struct options *options, const char *arg, bool range,
                       struct argp_state *state)
{
    const char *at = arg;
    bool good = take_number(&at, &options->first);

    if (good && range)
        good = *at++ == '-' && take_number(&at, &options->last);
    else
        options->last = options->first;
    if (options->has_seeds)
        argp_error(state, "seeds are given twice");
    if (!good || *at != '\0' || options->last < options->first)
        argp_error(state,
                   range ? "--seeds takes two numbers, as in 1-1000, not '%s'"
                         : "--seed takes a number, not '%s'",
                   arg);
    options->has_seeds = true;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case 's':
    case 'n':
        take_seeds(options, arg, key == 's', state);
        return 0;
    case 't':
        options->trace = true;
        return 0;
    case 'x':
        if (!sim_sabotage_find(arg, &options->sabotage))
            argp_error(state, "there is no sabotage '%s'", arg);
        return 0;
    case ARGP_KEY_END:
        if (!options->has_seeds)
            argp_error(state, "which seeds? --seeds FIRST-LAST or --seed N");
        if (options->trace && options->first != options->last)
            argp_error(state, "--trace is for one seed: --seed N");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void print_number(const char *what, uint64_t number)
{
    printf("  %-34s %12" PRIu64 "\n", what, number);
}

static void print_uploads(const struct sim_tally *tally)
{
    uint64_t all = tally->vanished;

    for (int code = 0; code < SIM_CODES; code++)
        all += tally->uploads[code];
    print_number("uploads", all);
    for (int code = 0; code < SIM_CODES; code++) {
        char name[40];
        snprintf(name, sizeof name, "  %d %s", code, exit_code_name((enum exit_code)code));
        if (tally->uploads[code] > 0)
            print_number(name, tally->uploads[code]);
    }
    print_number("  none: the uploader vanished", tally->vanished);
}

static void print_tally(const struct sim_tally *tally)
{
    print_number("seeds", tally->seeds);
    print_uploads(tally);
    print_number("called done by the device", tally->staged);
    print_number("  of these, running already", tally->unchanged);
    print_number("  of these, unknown to the user", tally->untold);
    print_number("power cuts", tally->cuts);
    print_number("  of these, in the bootloader", tally->start_cuts);
    print_number("starts", tally->starts);
    print_number("  adopting a sketch", tally->adopted);
    print_number("  beginning a trial", tally->trials);
    print_number("  giving a trial up", tally->given_up);
    print_number("  rolling back", tally->rolled_back);
    print_number("  moving a file system", tally->moved);
    print_number("sketches confirmed", tally->confirmed);
    print_number("boards worn out", tally->halted);
    print_number("datagrams", tally->datagrams);
    print_number("  of these, lost", tally->lost);
    print_number("connections", tally->connections);
    print_number("  of these, cut, stalled or reset", tally->incidents);
    print_number("erases and programs", tally->operations);
    print_number("events", tally->events);
    print_number("seconds, virtual", tally->seconds);
    printf("  %-34s %12" PRIx64 "\n", "digest of all outcomes", tally->digest >> 16);
}

static double seconds_since(const struct timespec *start)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - start->tv_sec) + (double)(now.tv_nsec - start->tv_nsec) / 1e9;
}

static enum sim_exit run_seeds(struct sim_run *run, const struct options *options,
                               struct sim_tally *tally)
{
    for (uint64_t seed = options->first;; seed++) {
        const char *broken = sim_run_seed(run, seed, options->sabotage, options->trace, tally);
        if (broken) {
            printf("seed %" PRIu64 ": %s\n", seed, broken);
            return SIM_BROKEN;
        }
        if (seed == options->last)
            return SIM_KEPT;
    }
}

int main(int argc, char **argv)
{
    static const struct argp argp = {
        option_table,
        parse_option,
        NULL,
        "Simulate uploads, devices, networks and power cuts from seeds.\v"
        "Exits with 0 when no invariant broke, 1 when one did, and 2 for a bad command line.",
        NULL,
        NULL,
        NULL,
    };
    struct options options = { .sabotage = SIM_NO_SABOTAGE };
    struct sim_tally tally = { .seeds = 0 };
    struct timespec start;

    argp_err_exit_status = SIM_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    clock_gettime(CLOCK_MONOTONIC, &start);
    struct sim_run *run = malloc(sizeof *run);
    if (!run) {
        fprintf(stderr, "ota-sim: memory ran out\n");
        return SIM_TROUBLE;
    }
    enum sim_exit status = run_seeds(run, &options, &tally);
    free(run);
    print_tally(&tally);
    fprintf(stderr, "%.1f s\n", seconds_since(&start));
    return (int)status;
}
