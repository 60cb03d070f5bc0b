/*
 * How long flash is busy with 1 MiB, by the times that data sheets call typical: 16 blocks erased
 * and 4096 pages programmed take 4.04 s, the record and its mark 0.1 s.
 */
#define RIG_FLASH_SIZE (4u << 20)
#define RIG_IMAGE_SIZE (1u << 20)

#include "tests/unit/device/responder_rig.h"

#include <criterion/criterion.h>

#define WHOLE_US  4240000u
#define RECORD_US 200000u

static struct responder_rig rig;

/* Flash that was used before, so that all of it has to be erased. */
static void given_a_device(void)
{
    rig_init(&rig);
    memset(rig.cells + rig.layout.slot[0].offset, 0x5A,
           rig.layout.slot[0].size + rig.layout.slot[1].size);
}

/* Push the image; returns the time that flash takes for it. */
static uint64_t push(void)
{
    uint64_t before = rig.nor.busy_us;

    rig.sent = 0;
    rig.room = sizeof rig.stream - 1;
    rig_update(&rig);
    return rig.nor.busy_us - before;
}

static void restart(void)
{
    cr_assert_eq(rig_staged(&rig), RIG_IMAGE_SIZE);
    cr_assert(rig_restart(&rig));
}

Test(responder_speed, an_image_is_written_as_fast_as_flash_allows)
{
    given_a_device();
    uint64_t us = push();
    cr_assert_eq(rig.events[OTA_EVENT_UPDATED], 1);
    cr_assert_eq(rig.nor.counts.blocks, 16);
    cr_assert_leq(us, WHOLE_US, "%u us", (unsigned)us);
    restart();
    rig.image[5000] ^= 1;
    us = push();
    cr_assert_eq(rig.events[OTA_EVENT_UPDATED], 2);
    cr_assert_leq(us, WHOLE_US, "%u us", (unsigned)us);
}

Test(responder_speed, the_running_image_again)
{
    given_a_device();
    push();
    restart();
    uint64_t us = push();
    cr_assert_eq(rig.events[OTA_EVENT_UPDATED], 2);
    cr_assert_eq(us, 0);
}

Test(responder_speed, an_image_that_the_other_slot_still_holds)
{
    given_a_device();
    push();
    restart();
    rig.image[100] ^= 1;
    push();
    restart();
    rig.image[100] ^= 1;
    uint64_t us = push();
    cr_assert_eq(rig.events[OTA_EVENT_UPDATED], 3);
    cr_assert_leq(us, RECORD_US, "%u us", (unsigned)us);
    restart();
}

/* What was there is not written again; what is left takes its share, and a block begins anew. */
Test(responder_speed, an_image_that_was_broken_off)
{
    const uint32_t at = RIG_IMAGE_SIZE / 10 * 9;

    given_a_device();
    rig_invite(&rig, rig_peer(1, 5000));
    rig_connected(&rig);
    rig_stream(&rig, 0, at);
    ota_responder_on_closed(&rig.responder);
    uint64_t us = push();
    cr_assert_eq(rig.events[OTA_EVENT_UPDATED], 1);
    cr_assert_leq(us, WHOLE_US / 10 + 100000, "%u us", (unsigned)us);
    restart();
}
