/*
 * A device of a fleet: libota over the POSIX port, in a thread of its own, with flash that takes
 * the time that data sheets call typical, and with the TCP window of a small chip.
 *
 * It takes one update. It lives until its process ends.
 */
#ifndef TESTS_BENCH_FLEET_DEVICE_H
#define TESTS_BENCH_FLEET_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

struct fleet_device_options {
    const char *address;  /* IPv4, of this machine */
    uint16_t port;        /* 0: the system chooses */
    const char *password; /* NULL: none; else it outlives the device */
    bool erases_blocks;   /* 64 KiB at a time, where it can, instead of 4 KiB */
};

struct fleet_device;

/* Start it, its slots full of an older sketch. NULL with errno when it could not be started. */
struct fleet_device *fleet_device_start(const struct fleet_device_options *options);

/* Its UDP port. */
uint16_t fleet_device_port(const struct fleet_device *device);

/* True when an image with this MD5 has been read back from its flash, and counts. */
bool fleet_device_holds(struct fleet_device *device, const uint8_t md5[static 16]);

#endif
