/*
 * A fleet of devices in a process of its own, so that what they cost is not counted as the
 * uploader's. Each has an address of its own, and all have one port.
 */
#ifndef TESTS_BENCH_FLEET_HOST_H
#define TESTS_BENCH_FLEET_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The most devices, and the password of those that have one. */
#define FLEET_MAX      1000u
#define FLEET_PASSWORD "open sesame"

enum fleet_kind {
    FLEET_HEALTHY,
    FLEET_DEAD,    /* nobody is there, or nobody answers: every other one each */
    FLEET_REFUSES, /* says so when it is invited */
    FLEET_STALLS,  /* connects, and soon reads no more */
    FLEET_LOCKED,  /* has another password than FLEET_PASSWORD */
};

struct fleet_options {
    unsigned count;
    bool has_password;  /* FLEET_PASSWORD */
    bool is_mixed;      /* a tenth of each kind that is not healthy; the healthy have a password */
    bool erases_blocks; /* as in fleet_device.h */
    uint8_t md5[16];    /* of the image that is on its way */
};

struct fleet {
    pid_t pid;
    int channel;
    uint16_t port; /* UDP, of all of them */
    double cpu;    /* seconds that all devices took, once they are stopped */
};

/* The address of a device, as text. */
struct fleet_address {
    char text[16];
};

struct fleet_address fleet_address(unsigned index);

/* What a device is. */
enum fleet_kind fleet_kind(const struct fleet_options *options, unsigned index);

/* Start the process and all devices. False, with nothing left to stop, when that failed. */
bool fleet_start(struct fleet *fleet, const struct fleet_options *options);

/* Stop it. Returns how many devices hold the image. */
unsigned fleet_stop(struct fleet *fleet);

#endif
