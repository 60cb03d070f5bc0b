/*
 * espota-device asks a web server for images: at every start, and every so often. It prints what
 * comes of it (device_events.h).
 */
#ifndef DEVICE_PULL_H
#define DEVICE_PULL_H

#include "device/port/posix/posix_pull.h"
#include "device_boot.h"
#include "device_options.h"
#include "ota/puller.h"
#include "ota/updater.h"

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

/* Sketches whose versions are remembered: the latest ones. */
#define DEVICE_VERSIONS 4

/* A sketch has its version compiled in; here somebody has to know it. */
struct device_version {
    uint8_t md5[DIGEST_MD5_SIZE]; /* the sketch's; zeros stand for there being none */
    char name[OTA_PULL_VERSION_SIZE];
};

/* The fields are its own. */
struct device_pull {
    const struct device_pull_options *options;
    const struct device_boot *boot;
    struct ota_updater *updater;
    struct posix_pull port;
    struct ota_puller puller;
    struct ota_puller_config config;
    struct ota_identity identity;
    uint8_t mac[DEVICE_MAC_SIZE];
    struct device_version versions[DEVICE_VERSIONS];
    unsigned version_count; /* that were ever put there: the next goes to this, modulo the places */
    bool has_started;       /* once, at least */
    bool is_over;           /* the puller has told so */
    bool is_due;            /* it is going to ask, at: */
    uint32_t due_ms;
    unsigned failures; /* questions in a row that came to no good end */
    unsigned tenth;    /* of the image, when progress was last printed */
};

/* What has happened. */
enum device_pull_outcome {
    DEVICE_PULL_NOTHING,     /* nothing that ends anything */
    DEVICE_PULL_UPDATED,     /* the new image counts: the device must restart */
    DEVICE_PULL_NOT_UPDATED, /* the server has nothing, or it failed */
};

/*
 * Get ready; once, when `boot` is initialised. Without a URL in the options everything here does
 * nothing. What is pointed to must outlive `pull`, which must not move. False when libota does not
 * take the configuration.
 */
bool device_pull_init(struct device_pull *pull, const struct device_options *options,
                      const struct device_boot *boot, struct ota_updater *updater);

/*
 * The device starts: forget what was going on, and ask. The bootloader has run, and the updater was
 * initialised. False as above.
 */
bool device_pull_start(struct device_pull *pull);

/* Give up what is going on, and forget the credentials. */
void device_pull_close(struct device_pull *pull);

/* As posix_pull_prepare(). */
uint32_t device_pull_prepare(struct device_pull *pull, struct pollfd fds[static POSIX_PULL_FDS]);

/* As posix_pull_serve(); asks when it is time. */
enum device_pull_outcome device_pull_serve(struct device_pull *pull,
                                           const struct pollfd fds[static POSIX_PULL_FDS]);

#endif
