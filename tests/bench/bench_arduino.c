/*
 * bench-arduino UPLOADER MODE NAME DEVICE [ARGUMENT...]: runs `UPLOADER arduino-discovery
 * --mdns=MODE` as the Arduino IDE does, then a device, which calls itself NAME, and ends that.
 * Prints milliseconds from the device's word that it has announced itself to the event "add", and
 * from its order to end, upon which it says goodbye, to "remove". An event that is there before the
 * device's word counts as 0.
 *
 * tests/bench/discover runs it, in a network of its own.
 */
#include "tests/support/process.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PATIENCE_MS 30000

static double now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static bool start(struct process *process, const char *const *argv)
{
    if (process_start(process, &(struct process_options){ .argv = argv }))
        return true;
    perror(argv[0]);
    return false;
}

static bool await(struct process *process, const char *text)
{
    if (process_expect(process, &process->out, text, PATIENCE_MS))
        return true;
    fprintf(stderr, "bench-arduino: no \"%s\" in:\n%s%s", text, process->out.text,
            process->err.text);
    return false;
}

static bool start_sync(struct process *arduino)
{
    static const char commands[] = "HELLO 1 \"bench\"\nSTART_SYNC\n";

    return process_write(arduino, commands, sizeof commands - 1, PATIENCE_MS) &&
           await(arduino, "\"start_sync\"");
}

/* Until an event tells of the device; others may be about. */
static bool await_event(struct process *arduino, const char *event, const char *name)
{
    char line[8192];
    char label[128];

    snprintf(label, sizeof label, "\"label\":\"%s at ", name);
    while (process_read_line(arduino, &arduino->out, line, sizeof line, PATIENCE_MS)) {
        if (strstr(line, event) && strstr(line, label))
            return true;
    }
    fprintf(stderr, "bench-arduino: no %s of %s in:\n%s%s", event, name, arduino->out.text,
            arduino->err.text);
    return false;
}

static bool measure(struct process *arduino, struct process *device, const char *name)
{
    if (!await(device, "announced "))
        return false;
    double announced = now_ms();
    if (!await_event(arduino, "\"add\"", name))
        return false;
    double added = now_ms();
    /* Announcements are repeated: not while they are. */
    if (process_ended(device, 3000)) {
        fprintf(stderr, "bench-arduino: the device ends: %s", device->err.text);
        return false;
    }
    double told = now_ms();
    process_signal(device, SIGTERM);
    if (!await_event(arduino, "\"remove\"", name))
        return false;
    printf("%.0f %.0f\n", added - announced, now_ms() - told);
    return true;
}

int main(int argc, char **argv)
{
    struct process arduino;
    struct process device;
    char mode[32];
    bool done = false;

    if (argc < 5) {
        fputs("usage: bench-arduino UPLOADER MODE NAME DEVICE [ARGUMENT...]\n", stderr);
        return EXIT_FAILURE;
    }
    snprintf(mode, sizeof mode, "--mdns=%s", argv[2]);
    if (!start(&arduino, (const char *const[]){ argv[1], "arduino-discovery", mode, NULL }))
        return EXIT_FAILURE;
    if (start_sync(&arduino) && start(&device, (const char *const *)argv + 4)) {
        done = measure(&arduino, &device, argv[3]);
        process_free(&device);
    }
    process_free(&arduino);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
