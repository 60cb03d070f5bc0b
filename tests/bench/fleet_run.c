#include "tests/bench/fleet_run.h"

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
#define RUNS_MAX   9

#define UPLOAD_MS 300000

static struct temp folder;
static struct temp_path image;
static uint8_t image_md5[DIGEST_MD5_SIZE];

/* The end of everything; the folder goes, and the kernel ends the children. */
_Noreturn static void give_up(const char *what, const char *detail)
{
    fprintf(stderr, "bench-fleet: %s\n%s", what, detail);
    temp_remove(&folder);
    exit(1);
}

void fleet_prepare(void)
{
    struct built_image built = build_esp8266(IMAGE_SIZE, 1);
    struct digest md5;

    if (!temp_create(&folder)) {
        perror("bench-fleet");
        exit(1);
    }
    image = temp_path(&folder, "sketch.bin");
    if (!built.bytes || !file_write(image.text, built.bytes, built.size))
        give_up("cannot write an image", "");
    digest_init(&md5, DIGEST_MD5);
    digest_update(&md5, built.bytes, built.size);
    digest_finish(&md5, image_md5);
    built_image_free(&built);
}

void fleet_clean_up(void)
{
    temp_remove(&folder);
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

/* Seconds that a process could run and had no processor, so far; 0 where the kernel tells none. */
static double processor_wait(pid_t pid)
{
    char path[48], line[96] = "", *end = line;

    snprintf(path, sizeof path, "/proc/%d/schedstat", (int)pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    if (fgets(line, sizeof line, file))
        strtoull(line, &end, 10); /* what it ran */
    fclose(file);
    return (double)strtoull(end, NULL, 10) / 1e9;
}

/* Wait for the uploader's end. Returns how long it waited for a processor, as of shortly before. */
static double wait_for_end(struct process *uploader)
{
    int64_t deadline = deadline_after(UPLOAD_MS);
    double waited = 0;

    while (!process_ended(uploader, 20) && deadline_left(deadline) > 0)
        waited = processor_wait(uploader->pid);
    if (!process_wait(uploader, 0) || uploader->exit_code != 0)
        give_up("espota-c has failed", uploader->err.text);
    return waited;
}

static struct cost upload(struct fleet_options options)
{
    struct fleet fleet = start_fleet(&options);
    struct process uploader;
    struct cost cost = { 0 };
    int64_t start = deadline_now();

    start_espota(&uploader, &fleet, options.count, false);
    cost.waited = wait_for_end(&uploader);
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

struct cost fleet_upload(const struct fleet_options *options, int runs)
{
    struct cost costs[RUNS_MAX];

    for (int i = 0; i < runs; i++)
        costs[i] = upload(*options);
    qsort(costs, (size_t)runs, sizeof costs[0], by_seconds);
    return costs[runs / 2];
}

/* --- Verdicts --------------------------------------------------------------------------------- */

static unsigned index_of(const char *address)
{
    for (unsigned i = 0; i < FLEET_MAX; i++) {
        if (strcmp(fleet_address(i).text, address) == 0)
            return i;
    }
    return FLEET_MAX;
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
        if (index >= options->count || !is_right(kind, code)) {
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

struct verdicts fleet_upload_and_judge(struct fleet_options options)
{
    static char line[64 * KIB];
    struct fleet fleet = start_fleet(&options);
    struct process uploader;
    struct verdicts verdicts = { 0 };
    int64_t start = deadline_now();

    start_espota(&uploader, &fleet, options.count, true);
    while (process_read_line(&uploader, &uploader.out, line, sizeof line, UPLOAD_MS))
        take_line(&verdicts, &options, line, since(start));
    if (!process_wait(&uploader, UPLOAD_MS) || uploader.exit_code != (options.is_mixed ? 1 : 0))
        give_up("espota-c does not end as it should", uploader.err.text);
    process_free(&uploader);
    stop_fleet(&fleet, &options);
    return verdicts;
}

/* --- In lockstep ------------------------------------------------------------------------------ */

struct cost fleet_upload_in_lockstep(const char *program, const char *word)
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

double fleet_cpu_of(const char *const *argv)
{
    struct cost cost = { 0 };

    for (int i = 0; i < RUNS_MAX; i++) {
        struct process program;
        if (!process_start(&program, &(struct process_options){ .argv = argv }) ||
            !process_wait(&program, UPLOAD_MS) || program.exit_code != 0)
            give_up("this does not run:", argv[0]);
        add_usage(&cost, &program.usage, RUNS_MAX);
        process_free(&program);
    }
    return cost.cpu;
}
