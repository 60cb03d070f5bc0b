/*
 * bench-fleet: what it costs to update many devices at once, and whether those that go wrong delay
 * those that do not.
 *
 * Devices are libota's, in a process of their own, with an address each and flash that takes its
 * time; espota-c is measured, and against it one uploader in lockstep for each device, as people
 * run the stock one: in C, and in Python. Exits with 1 when a target is missed.
 */
#include "tests/bench/fleet_run.h"
#include "tests/bench/lockstep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define DEVICES    500u
#define ALONE_RUNS 5
#define FLEET_RUNS 3

/* What is demanded. */
#define RATIO_MAX  1.2
#define MEMORY_MAX 64.0 /* MiB */
#define CPU_MIN    20.0
#define DELAY_MAX  1.1 /* of the last healthy device, by those that are not */

static bool all_met = true;

static const char *judge(bool met)
{
    all_met = all_met && met;
    return met ? "met" : "MISSED";
}

/*
 * The fleet cannot be faster than one alone, nor, as it shares this machine's processors, than
 * these can be the devices: the longer of both is what it is held to.
 */
static void print_times(const struct cost *alone, const struct cost *fleet, double slowest)
{
    double busy = fleet->devices / (double)sysconf(_SC_NPROCESSORS_ONLN);
    double least = busy > alone->seconds ? busy : alone->seconds;

    printf("  one device alone       %8.3f s    median of %d\n", alone->seconds, ALONE_RUNS);
    printf("  slowest of the fleet   %8.3f s\n", slowest);
    printf("  the fleet              %8.3f s    median of %d: %.2f times one alone\n",
           fleet->seconds, FLEET_RUNS, fleet->seconds / alone->seconds);
    printf("    target %.1f times the longer of one alone and the devices' processors: %s\n",
           RATIO_MAX, judge(fleet->seconds <= RATIO_MAX * least));
    printf("    its devices kept     %8.3f s    all processors busy\n", busy);
    printf("    espota-c ran for     %8.3f s    and waited for a processor for %.3f s\n",
           fleet->cpu * DEVICES, fleet->waited);
}

static struct cost measure_fleet(bool erases_blocks)
{
    const struct fleet_options one = { .count = 1, .erases_blocks = erases_blocks };
    const struct fleet_options all = { .count = DEVICES, .erases_blocks = erases_blocks };
    struct cost alone = fleet_upload(&one, ALONE_RUNS);
    struct cost fleet = fleet_upload(&all, FLEET_RUNS);
    struct verdicts told = fleet_upload_and_judge(all);
    double mib = (double)fleet.peak_kib / 1024;

    printf("\n%u devices of 256 KiB each; flash is erased by %s\n", DEVICES,
           erases_blocks ? "64 KiB" : "4 KiB, as stock devices do");
    print_times(&alone, &fleet, told.slowest);
    printf("  memory                 %8.1f MiB  target %.0f: %s\n", mib, MEMORY_MAX,
           judge(mib < MEMORY_MAX));
    printf("  CPU time per device    %8.3f ms   of that in user mode %.3f ms\n", 1000 * fleet.cpu,
           1000 * fleet.user);
    fflush(stdout);
    return fleet;
}

/*
 * The demand is about the stock uploader, which is Python; the others show what of that is the
 * interpreter's start, and what is lockstep's share.
 */
static void measure_lockstep(const char *self, const struct cost *fleet)
{
    static const char *const start[] = { "python3", "-c", "import hashlib, socket, sys", NULL };
    double in_python = fleet_upload_in_lockstep("python3", BENCH_LOCKSTEP).cpu;
    double in_c = fleet_upload_in_lockstep(self, "lockstep").cpu;
    double started = fleet_cpu_of(start);

    printf("\nCPU time per device of one lockstep process for each\n");
    printf("  in Python, as the stock one is %8.3f ms  %6.1f times ours   target %.0f: %s\n",
           1000 * in_python, in_python / fleet->cpu, CPU_MIN,
           judge(in_python / fleet->cpu >= CPU_MIN));
    printf("  of that Python's start         %8.3f ms; the rest is %.1f times ours\n",
           1000 * started, (in_python - started) / fleet->cpu);
    printf("  the same in C                  %8.3f ms  %6.1f times ours\n", 1000 * in_c,
           in_c / fleet->cpu);
    fflush(stdout);
}

/* Against as many healthy ones, which do as much as those in the mix. */
static void measure_mixed(void)
{
    const struct fleet_options mix = { .count = DEVICES, .is_mixed = true };
    struct fleet_options same = { .has_password = true };

    for (unsigned i = 0; i < DEVICES; i++)
        same.count += fleet_kind(&mix, i) == FLEET_HEALTHY;
    struct verdicts healthy = fleet_upload_and_judge(same);
    struct verdicts mixed = fleet_upload_and_judge(mix);
    double ratio = mixed.last_healthy / healthy.last_healthy;

    printf("\n%u devices: a tenth dead, a tenth refuse, a tenth stall, a tenth with another "
           "password\n",
           DEVICES);
    printf("  last of %u healthy alone   %8.3f s\n", same.count, healthy.last_healthy);
    printf("  last healthy one of these   %8.3f s    %.2f times   target %.1f: %s\n",
           mixed.last_healthy, ratio, DELAY_MAX, judge(ratio <= DELAY_MAX));
    printf("  wrong verdicts              %4u of %u      target 0: %s\n",
           mixed.wrong + healthy.wrong, mixed.results + healthy.results,
           judge(mixed.wrong + healthy.wrong == 0 && mixed.results == mix.count &&
                 healthy.results == same.count));
}

/* Sockets of all devices, pipes of all uploaders. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "lockstep") == 0)
        return lockstep_upload(argv[2], (uint16_t)strtoul(argv[3], NULL, 10), argv[4]) ? 0 : 1;
    raise_descriptor_limit();
    fleet_prepare();
    struct cost fleet = measure_fleet(false);
    measure_fleet(true);
    measure_lockstep(argv[0], &fleet);
    measure_mixed();
    fleet_clean_up();
    return all_met ? 0 : 1;
}
