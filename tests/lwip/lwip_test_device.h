/*
 * A whole device on lwIP: the responder, the updater, slow NOR flash, and a bootloader. It blocks
 * while flash works, as a device does: frames wait meanwhile.
 */
#ifndef LWIP_TEST_DEVICE_H
#define LWIP_TEST_DEVICE_H

#include "device/port/lwip/lwip_net.h"
#include "ota/responder.h"
#include "tests/sim/sim_board.h"
#include "tests/sim/sim_image.h"
#include "tests/sim/sim_random.h"

#include <stdbool.h>
#include <stdint.h>

#define LWIP_TEST_DEVICE_PORT 8266

struct lwip_test_device {
    struct sim_board board;
    struct lwip_net net;
    struct ota_responder_config config;
    struct ota_responder responder;
    struct sim_image factory; /* what it runs at first */
    uint64_t flash_us;        /* time that flash took, and that has passed */
    uint64_t due;             /* when to poll again, of lwip_test_elapsed(); UINT64_MAX: never */

    /* For the test to read. */
    struct ota_stored stored; /* the image of the last update that counted */
    bool updated;             /* since it started */
    bool wants_restart;       /* the update is over, for the peer too */
    uint64_t full;            /* polls after which the peer had no window left */
    uint64_t failures;        /* updates that failed */
};

/* Make a device, of a flash that `random` chooses, and start it. It must not move. */
void lwip_test_device_open(struct lwip_test_device *device, struct sim_random *random);

/* One round of its main loop; `news`: lwIP has had frames or timers since the last one. */
void lwip_test_device_round(struct lwip_test_device *device, bool news);

/* After a restart was wanted: the bootloader, then the sketch, which confirms itself. */
void lwip_test_device_restart(struct lwip_test_device *device);

void lwip_test_device_close(struct lwip_test_device *device);

#endif
