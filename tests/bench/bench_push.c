/*
 * bench-push: what an upload costs, and what the way it is done gains.
 *
 * Uploads to espota-device through a relay that delays and bounds the window, by espota-c and by an
 * uploader in lockstep as the stock one is; then start-up and memory. Figures alone: nothing here
 * passes or fails, apart from uploads that do not succeed.
 */
#include "tests/bench/lockstep.h"
#include "tests/bench/relay.h"
#include "tests/support/deadline.h"
#include "tests/support/image_builder.h"
#include "tests/support/loopback.h"
#include "tests/support/memory.h"
#include "tests/support/process.h"
#include "tests/support/temp.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KIB    1024u
#define MIB    (KIB * KIB)
#define WINDOW 5840 /* of the TCP stack on an ESP8266: four segments */

#define START_RUNS 101
#define RUNS_MAX   9

#define UPLOAD_MS 300000

struct port_text {
    char text[8];
};

/* What an upload took. */
struct cost {
    double seconds; /* from the process's start to its end */
    double cpu;     /* of these, at work */
    long peak_kib;  /* most memory in use */
};

static struct temp folder;

/* The end of everything, after a message; the folder goes, and the kernel ends the children. */
static void give_up(const char *what, const char *detail)
{
    fprintf(stderr, "bench-push: %s\n%s", what, detail);
    temp_remove(&folder);
    exit(1);
}

static struct port_text port_text(uint16_t port)
{
    struct port_text text;

    snprintf(text.text, sizeof text.text, "%u", port);
    return text;
}

static void make_image(const char *path, size_t size)
{
    struct built_image image = build_esp8266(size, 1);

    if (!image.bytes || !file_write(path, image.bytes, image.size))
        give_up("cannot write an image", "");
    built_image_free(&image);
}

/* A fresh device that takes one update; returns its port. */
static uint16_t start_device(struct process *device, const char *flash_size)
{
    struct temp_path flash = temp_path(&folder, "flash.bin");
    const char *argv[] = { BENCH_DEVICE, "--flash", flash.text,  "--flash-size",
                           flash_size,   "--bind",  "127.0.0.1", "--port",
                           "0",          "--once",  "--no-mdns", NULL };
    char line[128];

    remove(flash.text);
    if (!process_start(device, &(struct process_options){ .argv = argv }))
        give_up("cannot start " BENCH_DEVICE, "");
    while (process_read_line(device, &device->out, line, sizeof line, 10000)) {
        const char *port = strstr(line, " port=");
        if (port)
            return (uint16_t)strtoul(port + 6, NULL, 10);
    }
    give_up("the device does not listen", device->err.text);
    return 0;
}

static void stop_device(struct process *device)
{
    if (!process_wait(device, 10000) || device->exit_code != 0)
        give_up("the device was not updated", device->out.text);
    process_free(device);
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static struct cost upload(uint16_t port, const char *image)
{
    struct port_text to = port_text(port);
    const char *argv[] = { BENCH_UPLOADER, "-i", "127.0.0.1", "-p", to.text, "-f", image, NULL };
    struct process uploader;
    struct cost cost = { 0 };
    int64_t start = deadline_now();
    int64_t limit = deadline_after(UPLOAD_MS);

    if (!process_start(&uploader, &(struct process_options){ .argv = argv }))
        give_up("cannot start " BENCH_UPLOADER, "");
    while (!process_ended(&uploader, 5) && deadline_left(limit) > 0) {
        long kib = memory_peak(uploader.pid);
        if (kib > cost.peak_kib)
            cost.peak_kib = kib;
    }
    cost.seconds = (double)(deadline_now() - start) / 1e9;
    if (uploader.exit_code != 0)
        give_up("the upload failed", uploader.err.text);
    cost.cpu = seconds(uploader.usage.ru_utime) + seconds(uploader.usage.ru_stime);
    process_free(&uploader);
    return cost;
}

static struct cost upload_in_lockstep(uint16_t port, const char *image)
{
    int64_t start = deadline_now();

    if (!lockstep_upload("127.0.0.1", port, image))
        give_up("the upload in lockstep failed", "");
    return (struct cost){ .seconds = (double)(deadline_now() - start) / 1e9 };
}

static int by_value(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;

    return (*x > *y) - (*x < *y);
}

static int by_seconds(const void *a, const void *b)
{
    const struct cost *x = a;
    const struct cost *y = b;

    return by_value(&x->seconds, &y->seconds);
}

/* Milliseconds from fork() to the first datagram. */
static double start_up(const char *image)
{
    int fd = loopback_bind("127.0.0.1", 0, SOCK_DGRAM);
    struct port_text to = port_text(loopback_port(fd));
    const char *argv[] = { BENCH_UPLOADER, "-i", "127.0.0.1", "-p", to.text, "-f", image, NULL };
    struct process uploader;
    int64_t start = deadline_now();

    if (!process_start(&uploader, &(struct process_options){ .argv = argv }))
        give_up("cannot start " BENCH_UPLOADER, "");
    if (loopback_wait(fd, POLLIN, -1, deadline_after(10000)) == 0)
        give_up("no invitation came", "");
    double ms = (double)(deadline_now() - start) / 1e6;
    process_free(&uploader);
    loopback_close(&fd);
    return ms;
}

/* Milliseconds from fork() to the end of a program that does nothing. */
static double start_nothing(const char *unused)
{
    const char *argv[] = { "/bin/true", NULL };
    struct process nothing;
    int64_t start = deadline_now();

    (void)unused;
    if (!process_start(&nothing, &(struct process_options){ .argv = argv }) ||
        !process_wait(&nothing, 10000))
        give_up("cannot start /bin/true", "");
    double ms = (double)(deadline_now() - start) / 1e6;
    process_free(&nothing);
    return ms;
}

static double median(double (*measure)(const char *image), const char *image)
{
    double ms[START_RUNS];

    for (int i = 0; i < START_RUNS; i++)
        ms[i] = measure(image);
    qsort(ms, START_RUNS, sizeof ms[0], by_value);
    return ms[START_RUNS / 2];
}

static void measure_start_up(const char *image)
{
    printf("start to first datagram, image of 512 KiB: %.2f ms (median of %d);"
           " start to end of /bin/true: %.2f ms\n",
           median(start_up, image), START_RUNS, median(start_nothing, image));
    fflush(stdout);
}

/* The image one way through a link with this round trip, and the device's word that it has it. */
static struct cost upload_through_relay(unsigned rtt_ms, const char *image, bool lockstep)
{
    struct process device;
    struct relay_options options = {
        .device_port = start_device(&device, "4M"),
        .rtt_us = rtt_ms * 1000,
        .window = WINDOW,
    };
    struct relay *relay = relay_start(&options);

    if (!relay)
        give_up("cannot start the relay", "");
    struct cost cost =
        lockstep ? upload_in_lockstep(relay_port(relay), image) : upload(relay_port(relay), image);
    stop_device(&device);
    relay_stop(relay);
    return cost;
}

/* The run whose time is the median. */
static struct cost typical(unsigned runs, unsigned rtt_ms, const char *image, bool lockstep)
{
    struct cost costs[RUNS_MAX];

    for (unsigned i = 0; i < runs; i++)
        costs[i] = upload_through_relay(rtt_ms, image, lockstep);
    qsort(costs, runs, sizeof costs[0], by_seconds);
    return costs[runs / 2];
}

/* One line of the table. */
static void compare(unsigned runs, unsigned rtt_ms, const char *image, size_t size)
{
    double allowed = (double)size / WINDOW * rtt_ms / 1000;
    struct cost ours = typical(runs, rtt_ms, image, false);
    struct cost lockstep = typical(runs, rtt_ms, image, true);

    printf("%5u ms %10.3f s %10.3f s ", rtt_ms, allowed, ours.seconds);
    if (rtt_ms > 0)
        printf("%9.1f %%", 100 * allowed / ours.seconds);
    else
        printf("%11s", "-");
    printf(" %10.3f s %9.1fx %9.1f ms\n", lockstep.seconds, lockstep.seconds / ours.seconds,
           1000 * ours.cpu);
    fflush(stdout);
}

static void measure_memory(const char *image)
{
    struct process device;
    struct cost cost = upload(start_device(&device, "64M"), image);

    stop_device(&device);
    printf("upload of 16 MiB without delay: %.3f s, %.1f ms of CPU time, %.1f MiB of memory\n",
           cost.seconds, 1000 * cost.cpu, (double)cost.peak_kib / KIB);
}

int main(void)
{
    static const struct {
        unsigned rtt_ms, runs;
    } links[] = { { 0, RUNS_MAX }, { 10, 3 }, { 50, 1 } };

    if (!temp_create(&folder)) {
        perror("bench-push");
        return 1;
    }
    struct temp_path image = temp_path(&folder, "sketch.bin");
    make_image(image.text, 512 * KIB);
    measure_start_up(image.text);
    make_image(image.text, 16 * MIB);
    measure_memory(image.text);
    make_image(image.text, MIB);
    printf("\n1 MiB through a window of %d bytes:\n%8s %12s %12s %11s %12s %10s %12s\n", WINDOW,
           "delay", "allowed", "espota-c", "of allowed", "lockstep", "ratio", "CPU time");
    fflush(stdout);
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
        compare(links[i].runs, links[i].rtt_ms, image.text, MIB);
    temp_remove(&folder);
    return 0;
}
