#include "lwip_test_device.h"

#include "lwip_test_platform.h"
#include "lwip_test_window.h"
#include "ota/layout.h"

#include <lwip/tcp.h>

#define FACTORY_SIZE 5000
#define FACTORY_SEED 1

static void on_event(void *ctx, const struct ota_event *event)
{
    struct lwip_test_device *device = ctx;

    if (event->kind == OTA_EVENT_UPDATED) {
        device->updated = true;
        device->stored = *event->stored;
    } else if (event->kind == OTA_EVENT_RESTART) {
        device->wants_restart = true;
    } else if (event->kind == OTA_EVENT_FAILED) {
        device->failures++;
    }
}

/* The time that flash took since this was called last. */
static void pass_flash_time(struct lwip_test_device *device)
{
    uint32_t ms = (uint32_t)((device->board.nor.busy_us - device->flash_us) / 1000);

    device->flash_us += (uint64_t)ms * 1000;
    lwip_test_pass(ms);
}

static void start(struct lwip_test_device *device)
{
    lwip_test_require(sim_board_start(&device->board) != NULL, "the board does not start");
    lwip_test_require(sim_board_act(&device->board) == OTA_OK, "the sketch cannot be confirmed");
    lwip_test_require(ota_responder_init(&device->responder, &device->config),
                      "the responder does not start");
    pass_flash_time(device);
    device->updated = device->wants_restart = false;
    device->due = 0;
}

static void choose_flash(struct sim_board_spec *spec, struct sim_random *random)
{
    /* Small units; the board emcraft-sf2's; and pages that can be programmed whole only. */
    static const struct ota_flash flashes[] = {
        { .size = 0x80000, .erase_size = 4096, .block_size = 65536, .write_size = 4 },
        { .size = 0x100000, .erase_size = 65536, .block_size = 65536, .write_size = 1 },
        { .size = 0x40000, .erase_size = 4096, .block_size = 4096, .write_size = 256 },
    };
    const struct ota_flash *flash =
        &flashes[sim_random_below(random, sizeof flashes / sizeof flashes[0])];

    *spec = (struct sim_board_spec){ .geometry = *flash, .timing = &nor_timing_typical };
    lwip_test_require(
        ota_layout_arrange(&spec->layout, flash, flash->erase_size, flash->size / 8, 0),
        "the flash is too small");
}

void lwip_test_device_open(struct lwip_test_device *device, struct sim_random *random)
{
    struct sim_board_spec spec;

    *device = (struct lwip_test_device){ .updated = false };
    choose_flash(&spec, random);
    lwip_test_require(sim_sketch_make(&device->factory, FACTORY_SIZE, FACTORY_SEED) &&
                          sim_board_init(&device->board, &spec),
                      "memory ran out");
    sim_board_know(&device->board, &device->factory);
    sim_board_flash_by_wire(&device->board, &device->factory);
    lwip_test_require(lwip_net_open(&device->net, LWIP_TEST_DEVICE_PORT), "the port does not open");
    device->config = (struct ota_responder_config){
        .updater = &device->board.updater,
        .net = &device->net.net,
        .on_event = on_event,
        .event_ctx = device,
    };
    start(device);
    lwip_net_attach(&device->net, &device->responder);
}

void lwip_test_device_round(struct lwip_test_device *device, bool news)
{
    uint32_t delay;

    if (!news && lwip_test_elapsed() < device->due)
        return;
    delay = lwip_net_poll(&device->net, lwip_test_now());
    if (lwip_test_window_check(&device->net) > TCP_WND - TCP_MSS)
        device->full++;
    pass_flash_time(device);
    device->due = delay == OTA_NEVER ? UINT64_MAX : lwip_test_elapsed() + delay;
}

void lwip_test_device_restart(struct lwip_test_device *device)
{
    start(device);
}

void lwip_test_device_close(struct lwip_test_device *device)
{
    lwip_net_close(&device->net);
    sim_board_free(&device->board);
    sim_image_free(&device->factory);
}
