#include "lwip_test_run.h"

#include "lwip_test_platform.h"

#include <argp.h>
#include <inttypes.h>
#include <lwip/init.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum run_exit {
    RUN_FINE = 0,
    RUN_BROKEN = 1,
    RUN_USAGE = 2,
    RUN_TROUBLE = 3, /* the system gave no process or memory */
};

struct run {
    const struct lwip_test_program *program;
    uint64_t first, last;
    uint32_t steps;
    enum lwip_test_ip ip;
    uint64_t *counts; /* shared with the processes */
};

/* Decimal digits alone; `*at` is moved behind them. */
static bool take_number(const char **at, uint64_t *out)
{
    const char *begin = *at;

    *out = 0;
    for (; **at >= '0' && **at <= '9'; (*at)++) {
        if (*out > UINT32_MAX)
            return false;
        *out = *out * 10 + (uint64_t)(**at - '0');
    }
    return *at != begin;
}

static void take_seeds(struct run *run, const char *arg, struct argp_state *state)
{
    const char *at = arg;

    if (!take_number(&at, &run->first) || *at++ != '-' || !take_number(&at, &run->last) ||
        *at != '\0' || run->first == 0 || run->last < run->first)
        argp_error(state, "--seeds takes two numbers from 1 on, as in 1-100, not '%s'", arg);
}

static void take_steps(struct run *run, const char *arg, struct argp_state *state)
{
    const char *at = arg;
    uint64_t steps = 0;

    if (!take_number(&at, &steps) || *at != '\0' || steps == 0 || steps > UINT32_MAX)
        argp_error(state, "--steps takes a number, not '%s'", arg);
    run->steps = (uint32_t)steps;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct run *run = state->input;

    switch (key) {
    case 's':
        take_seeds(run, arg, state);
        return 0;
    case 'n':
        take_steps(run, arg, state);
        return 0;
    case 'i':
        if (strcmp(arg, "4") != 0 && strcmp(arg, "6") != 0)
            argp_error(state, "--ip takes 4 or 6, not '%s'", arg);
        run->ip = *arg == '4' ? LWIP_TEST_IP_4 : LWIP_TEST_IP_6;
        return 0;
    case ARGP_KEY_END:
        if (run->first == 0)
            argp_error(state, "which seeds? --seeds FIRST-LAST");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void parse(struct run *run, int argc, char **argv)
{
    const struct argp_option options[] = {
        { "seeds", 's', "FIRST-LAST", 0, "Seeds to run, up to the first that breaks something", 0 },
        { "steps", 'n', "N", 0, run->program->steps_doc, 0 },
        { "ip", 'i', "4|6", 0, "Addresses; without it, both kinds", 0 },
        { 0 },
    };
    const struct argp argp = {
        options, parse_option, NULL, run->program->doc, NULL, NULL, NULL,
    };

    argp_err_exit_status = RUN_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, run);
}

/* In a process of its own; exit() lets the sanitizers look for leaks. */
static _Noreturn void run_here(const struct run *run, uint64_t seed)
{
    lwip_test_platform_init(seed);
    lwip_init();
    run->program->run(seed, run->steps, run->ip, run->counts);
    exit(RUN_FINE);
}

static enum run_exit run_seed(const struct run *run, uint64_t seed)
{
    int status = 0;
    pid_t child;

    (void)fflush(stdout);
    child = fork();
    if (child == 0)
        run_here(run, seed);
    if (child < 0 || waitpid(child, &status, 0) != child) {
        perror("fork");
        return RUN_TROUBLE;
    }
    if (status == 0)
        return RUN_FINE;
    /* Whatever had no time to say so. */
    if (!WIFEXITED(status) || WEXITSTATUS(status) != RUN_BROKEN)
        printf("seed %" PRIu64 ": the process ended with wait status %#x\n", seed,
               (unsigned)status);
    printf("seed %" PRIu64 " failed\n", seed);
    return RUN_BROKEN;
}

static enum run_exit run_seeds(const struct run *run)
{
    for (uint64_t seed = run->first; seed <= run->last; seed++) {
        enum run_exit status = run_seed(run, seed);
        if (status != RUN_FINE)
            return status;
    }
    printf("seeds %" PRIu64 "\n", run->last - run->first + 1);
    for (unsigned i = 0; run->program->names[i]; i++)
        printf("%s %" PRIu64 "\n", run->program->names[i], run->counts[i]);
    return RUN_FINE;
}

int lwip_test_run(const struct lwip_test_program *program, int argc, char **argv)
{
    struct run run = { .program = program, .steps = program->steps };
    size_t size = LWIP_TEST_COUNTS_MAX * sizeof *run.counts;
    enum run_exit status;

    parse(&run, argc, argv);
    void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        perror("mmap");
        return RUN_TROUBLE;
    }
    run.counts = shared;
    status = run_seeds(&run);
    munmap(shared, size);
    return (int)status;
}
