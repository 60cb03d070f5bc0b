/*
 * A release: the images that devices are to have, under a name that they report as their version,
 * and how fast it is rolled out.
 */
#ifndef CLI_RELEASE_H
#define CLI_RELEASE_H

#include "cli/serve/mac.h"
#include "cli/serve/served_image.h"
#include "cli/serve/update_request.h"

#include <stdbool.h>
#include <stdint.h>

/* Shares are in millionths: 10% is 100000. */
#define RELEASE_WHOLE 1000000u

struct release {
    char name[UPDATE_VERSION_SIZE];
    unsigned line;                   /* of its section in the catalogue */
    enum image_kind family;          /* as said, else of the sketch; IMAGE_UNKNOWN: any (file
                                        system only, and nothing said) */
    struct served_image *sketch;     /* or NULL */
    struct served_image *filesystem; /* or NULL; at least one of them is there */
    uint32_t rollout;                /* share of devices that are offered it; RELEASE_WHOLE: all */
    bool has_stop;
    uint32_t stop_if_failing; /* share, of those that were offered it */
    int64_t after;            /* not before: seconds since the epoch; 0: at once */
};

/* The image for this mode (UPDATE_VERSION: the sketch), or NULL. */
struct served_image *release_image(const struct release *release, enum update_mode mode);

/*
 * Whether a device is among the share that is offered the release. Stable: the same for the same
 * device and release name on every server, and a larger share contains a smaller one. It is when
 * the first eight bytes, most significant first, of the SHA-256 of the name, a NUL and the MAC as
 * mac_format() writes it, modulo RELEASE_WHOLE, are less than the share.
 */
bool release_includes(const struct release *release, const struct mac *station);

/* How a release fares, in devices. */
struct release_tally {
    uint32_t offered; /* were answered with it at least once */
    uint32_t updated; /* of these: reported it afterwards */
    uint32_t failed;  /* of these: had it whole, and came back with another version */
    uint32_t held;    /* of these: are held back after too many attempts */
};

/*
 * True when its rollout has to stop: the devices that failed or are held back are at least one, and
 * at least the share stop_if_failing of those that were offered it. The held ones count because
 * they are those that failed most often.
 */
bool release_is_stopped(const struct release *release, const struct release_tally *tally);

#endif
