/*
 * bench-fleet: what it costs to update many devices at once, and whether those that go wrong delay
 * those that do not.
 *
 * Devices are libota's, in a process of their own, with an address each and flash that takes its
 * time; espota-c is measured, and against it one uploader in lockstep for each device, as people
 * run the stock one: in C, and in Python. Exits with 1 when a target is missed.
 */
#include "tests/bench/fleet_host.h"
#include "tests/bench/lockstep.h"
#include "tests/support/deadline.h"
#include "tests/support/image_builder.h"
#include "tests/support/process.h"
#include "tests/support/temp.h"

#include "common/digest.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define KIB        1024u
#define IMAGE_SIZE (256 * KIB)
#define DEVICES    500u
#define ALONE_RUNS 5

/* Uploaders in lockstep that run at once: CPU time per device is all that is asked of them. */
#define LOCKSTEP_DEVICES 100u

#define UPLOAD_MS 300000

/* What is demanded. */
#define RATIO_MAX  1.2
#define MEMORY_MAX 64.0 /* MiB */
#define CPU_MIN    20.0
#define DELAY_MAX  1.1 /* of the last healthy device, by those that are not */

/* What an uploader, or many, took. */
struct cost {
    double seconds;
    double cpu;     /* seconds per device, in user mode and in the kernel */
    double user;    /* of that, in user mode */
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

static struct temp folder;
static struct temp_path image;
static uint8_t image_md5[DIGEST_MD5_SIZE];
static bool all_met = true;

/* The end of everything, after a message; the folder goes, and the kernel ends the children. */
static void give_up(const char *what, const char *detail)
{
    fprintf(stderr, "bench-fleet: %s\n%s", what, detail);
    temp_remove(&folder);
    exit(1);
}

static void make_image(void)
{
    struct built_image built = build_esp8266(IMAGE_SIZE, 1);
    struct digest md5;

    image = temp_path(&folder, "sketch.bin");
    if (!built.bytes || !file_write(image.text, built.bytes, built.size))
        give_up("cannot write an image", "");
    digest_init(&md5, DIGEST_MD5);
    digest_update(&md5, built.bytes, built.size);
    digest_finish(&md5, image_md5);
    built_image_free(&built);
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static double since(int64_t start)
{
    return (double)(deadline_now() - start) / 1e9;
}

static struct fleet start_fleet(struct fleet_options *options)
{
    struct fleet fleet;

    memcpy(options->md5, image_md5, sizeof options->md5);
    if (!fleet_start(&fleet, options))
        give_up("cannot start the devices", "");
    return fleet;
}

/* All healthy devices hold the image, and no others do. */
static void stop_fleet(struct fleet *fleet, const struct fleet_options *options)
{
    unsigned healthy = 0;
    char text[80];

    for (unsigned i = 0; i < options->count; i++)
        healthy += fleet_kind(options, i) == FLEET_HEALTHY;
    unsigned updated = fleet_stop(fleet);
    snprintf(text, sizeof text, "%u devices hold the image and not %u\n", updated, healthy);
    if (updated != healthy)
        give_up("not what it should be:", text);
}

static void add_usage(struct cost *cost, const struct rusage *usage, unsigned devices)
{
    cost->user += seconds(usage->ru_utime) / devices;
    cost->cpu += (seconds(usage->ru_utime) + seconds(usage->ru_stime)) / devices;
    if (usage->ru_maxrss > cost->peak_kib)
        cost->peak_kib = usage->ru_maxrss;
}

/* --- espota-c --------------------------------------------------------------------------------- */

/* To all devices in one run. */
static void start_espota(struct process *uploader, const struct fleet *fleet, unsigned count,
                         bool json)
{
    static const char *argv[2 * FLEET_MAX + 32];
    static struct fleet_address addresses[FLEET_MAX];
    const char *environment[] = { "ESPOTA_AUTH=" FLEET_PASSWORD, NULL };
    char port[8];
    size_t used = 0;

    snprintf(port, sizeof port, "%u", fleet->port);
    const char *fixed[] = { BENCH_UPLOADER,    "-f", image.text, "-p",  port, "--retries", "0",
                            "--stall-timeout", "10", "--jobs",   "1000" };
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        argv[used++] = fixed[i];
    if (json)
        argv[used++] = "--json";
    for (unsigned i = 0; i < count; i++) {
        addresses[i] = fleet_address(i);
        argv[used++] = "-i";
        argv[used++] = addresses[i].text;
    }
    argv[used] = NULL;
    if (!process_start(uploader,
                       &(struct process_options){ .argv = argv, .environment = environment }))
        give_up("cannot start " BENCH_UPLOADER, "");
}

static struct cost upload(struct fleet_options options)
{
    struct fleet fleet = start_fleet(&options);
    struct process uploader;
    struct cost cost = { 0 };
    int64_t start = deadline_now();

    start_espota(&uploader, &fleet, options.count, false);
    if (!process_wait(&uploader, UPLOAD_MS) || uploader.exit_code != 0)
        give_up("espota-c has failed", uploader.err.text);
    cost.seconds = since(start);
    add_usage(&cost, &uploader.usage, options.count);
    process_free(&uploader);
    stop_fleet(&fleet, &options);
    cost.devices = fleet.cpu;
    return cost;
}

static int by_seconds(const void *a, const void *b)
{
    const struct cost *x = a;
    const struct cost *y = b;

    return (x->seconds > y->seconds) - (x->seconds < y->seconds);
}

/* The run whose time is the median. */
static struct cost upload_alone(bool erases_blocks)
{
    struct cost costs[ALONE_RUNS];

    for (int i = 0; i < ALONE_RUNS; i++)
        costs[i] = upload((struct fleet_options){ .count = 1, .erases_blocks = erases_blocks });
    qsort(costs, ALONE_RUNS, sizeof costs[0], by_seconds);
    return costs[ALONE_RUNS / 2];
}

/* --- Verdicts --------------------------------------------------------------------------------- */

static unsigned index_of(const char *address)
{
    for (unsigned i = 0; i < DEVICES; i++) {
        if (strcmp(fleet_address(i).text, address) == 0)
            return i;
    }
    return DEVICES;
}

/* The exit codes that espota-c-upload(1) has for them. */
static bool is_right(enum fleet_kind kind, int code)
{
    static const int codes[] = { [FLEET_HEALTHY] = 0,
                                 [FLEET_DEAD] = 5,
                                 [FLEET_REFUSES] = 8,
                                 [FLEET_STALLS] = 9,
                                 [FLEET_LOCKED] = 6 };

    return code == codes[kind];
}

static void take_line(struct verdicts *verdicts, const struct fleet_options *options,
                      const char *line, double now)
{
    json_t *object = json_loads(line, 0, NULL);
    const char *event = json_string_value(json_object_get(object, "event"));
    const char *device = json_string_value(json_object_get(object, "device"));

    if (event && device && strcmp(event, "result") == 0) {
        unsigned index = index_of(device);
        enum fleet_kind kind = fleet_kind(options, index);
        int code = (int)json_integer_value(json_object_get(object, "code"));
        double took = json_number_value(json_object_get(object, "seconds"));

        verdicts->results++;
        if (index == DEVICES || !is_right(kind, code)) {
            verdicts->wrong++;
            fprintf(stderr, "bench-fleet: not right: %s\n", line);
        }
        if (kind == FLEET_HEALTHY && took > verdicts->slowest)
            verdicts->slowest = took;
        if (kind == FLEET_HEALTHY)
            verdicts->last_healthy = now;
    }
    json_decref(object);
}

static struct verdicts upload_and_judge(struct fleet_options options)
{
    static char line[64 * KIB];
    struct fleet fleet = start_fleet(&options);
    struct process uploader;
    struct verdicts verdicts = { 0 };
    int64_t start = deadline_now();

    start_espota(&uploader, &fleet, options.count, true);
    while (process_read_line(&uploader, &uploader.out, line, sizeof line, UPLOAD_MS))
        take_line(&verdicts, &options, line, since(start));
    process_free(&uploader);
    stop_fleet(&fleet, &options);
    return verdicts;
}

/* --- In lockstep ------------------------------------------------------------------------------ */

/* One process for each device: `program` with `word` (or NULL), address, port and file. */
static struct cost upload_in_lockstep(const char *program, const char *word)
{
    static struct process uploaders[LOCKSTEP_DEVICES];
    struct fleet_options options = { .count = LOCKSTEP_DEVICES };
    struct fleet fleet = start_fleet(&options);
    struct cost cost = { 0 };
    int64_t start = deadline_now();
    char port[8];

    snprintf(port, sizeof port, "%u", fleet.port);
    for (unsigned i = 0; i < LOCKSTEP_DEVICES; i++) {
        const struct fleet_address address = fleet_address(i);
        const char *argv[6] = { program };
        size_t used = 1;
        if (word)
            argv[used++] = word;
        argv[used++] = address.text;
        argv[used++] = port;
        argv[used++] = image.text;
        if (!process_start(&uploaders[i], &(struct process_options){ .argv = argv }))
            give_up("cannot start an uploader in lockstep", "");
    }
    for (unsigned i = 0; i < LOCKSTEP_DEVICES; i++) {
        if (!process_wait(&uploaders[i], UPLOAD_MS) || uploaders[i].exit_code != 0)
            give_up("an upload in lockstep failed", uploaders[i].err.text);
        add_usage(&cost, &uploaders[i].usage, LOCKSTEP_DEVICES);
        process_free(&uploaders[i]);
    }
    cost.seconds = since(start);
    stop_fleet(&fleet, &options);
    cost.devices = fleet.cpu;
    return cost;
}

/* --- The figures ------------------------------------------------------------------------------ */

static const char *judge(bool met)
{
    all_met = all_met && met;
    return met ? "met" : "MISSED";
}

static struct cost measure_fleet(bool erases_blocks)
{
    struct cost alone = upload_alone(erases_blocks);
    struct cost fleet =
        upload((struct fleet_options){ .count = DEVICES, .erases_blocks = erases_blocks });
    struct verdicts told = upload_and_judge(
        (struct fleet_options){ .count = DEVICES, .erases_blocks = erases_blocks });
    double ratio = fleet.seconds / alone.seconds;
    double mib = (double)fleet.peak_kib / KIB;
    double busy = fleet.devices / (double)sysconf(_SC_NPROCESSORS_ONLN);

    printf("\n%u devices of 256 KiB each; flash is erased by %s\n", DEVICES,
           erases_blocks ? "64 KiB" : "4 KiB, as stock devices do");
    printf("  one device alone       %8.3f s\n", alone.seconds);
    printf("  slowest of the fleet   %8.3f s\n", told.slowest);
    printf("  the fleet              %8.3f s    %.2f times one alone   target %.1f: %s\n",
           fleet.seconds, ratio, RATIO_MAX,
           busy > alone.seconds ? "not judged" : judge(ratio <= RATIO_MAX));
    if (busy > alone.seconds)
        printf("    (the devices themselves keep all processors busy for %.3f s)\n", busy);
    printf("  memory                 %8.1f MiB  target %.0f: %s\n", mib, MEMORY_MAX,
           judge(mib < MEMORY_MAX));
    printf("  CPU time per device    %8.3f ms   of that in user mode %.3f ms\n", 1000 * fleet.cpu,
           1000 * fleet.user);
    fflush(stdout);
    return fleet;
}

static double compare(const char *what, const struct cost *lockstep, const struct cost *fleet)
{
    double ratio = lockstep->cpu / fleet->cpu;

    printf("  %-30s %8.3f ms  %6.1f times ours", what, 1000 * lockstep->cpu, ratio);
    return ratio;
}

/* The demand is about the stock uploader, which is Python; the other shows what is its share. */
static void measure_lockstep(const char *self, const struct cost *fleet)
{
    struct cost in_c = upload_in_lockstep(self, "lockstep");
    struct cost in_python = upload_in_lockstep("python3", BENCH_LOCKSTEP);

    printf("\nCPU time per device of one lockstep process for each\n");
    double ratio = compare("in Python, as the stock one is", &in_python, fleet);
    printf("  target %.0f: %s\n", CPU_MIN, judge(ratio >= CPU_MIN));
    compare("the same in C", &in_c, fleet);
    printf("\n");
    fflush(stdout);
}

static void measure_mixed(void)
{
    struct verdicts healthy = upload_and_judge((struct fleet_options){ .count = DEVICES });
    struct verdicts mixed =
        upload_and_judge((struct fleet_options){ .count = DEVICES, .is_mixed = true });
    double ratio = mixed.last_healthy / healthy.last_healthy;

    printf("\n%u devices: a tenth dead, a tenth refuse, a tenth stall, a tenth with another "
           "password\n",
           DEVICES);
    printf("  last of a healthy fleet     %8.3f s\n", healthy.last_healthy);
    printf("  last healthy one of this    %8.3f s    %.2f times   target %.1f: %s\n",
           mixed.last_healthy, ratio, DELAY_MAX, judge(ratio <= DELAY_MAX));
    printf("  wrong verdicts              %4u of %u      target 0: %s\n",
           mixed.wrong + healthy.wrong, mixed.results + healthy.results,
           judge(mixed.wrong + healthy.wrong == 0 && mixed.results == DEVICES &&
                 healthy.results == DEVICES));
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
    if (!temp_create(&folder)) {
        perror("bench-fleet");
        return 1;
    }
    make_image();
    struct cost fleet = measure_fleet(false);
    measure_fleet(true);
    measure_lockstep(argv[0], &fleet);
    measure_mixed();
    temp_remove(&folder);
    return all_met ? 0 : 1;
}
