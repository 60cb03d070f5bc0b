/*
 * The least that takes updates: no password, no name, and it lets every sketch stay.
 *
 *     minimal-device flash.bin 8266
 *     espota-c -i 127.0.0.1 -p 8266 -f sketch.bin
 */
#include "device/port/posix/posix_flash.h"
#include "device/port/posix/posix_net.h"
#include "ota/boot.h"
#include "ota/responder.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static const struct ota_flash geometry = {
    .size = 1 << 22, .erase_size = 4096, .block_size = 65536, .write_size = 4
};
static struct posix_flash flash;
static struct ota_layout layout;
static struct posix_net net;
static struct ota_updater updater;
static uint8_t buffer[4096];
static bool restart;

static void on_event(void *ctx, const struct ota_event *event)
{
    (void)ctx;
    if (event->kind == OTA_EVENT_UPDATED)
        printf("updated offset=%u\n", (unsigned)event->stored->offset);
    else if (event->kind == OTA_EVENT_FAILED)
        printf("failed: %s\n", event->text);
    else if (event->kind == OTA_EVENT_RESTART)
        restart = true;
}

/* What the bootloader does, and then the application that finds itself to work. */
static void boot(void)
{
    const struct ota_boot_config config = {
        .flash = &flash.flash, .layout = &layout, .buffer = buffer, .buffer_size = sizeof buffer
    };
    struct ota_boot found;

    if (ota_boot(&config, &found) && ota_boot_confirm(&flash.flash, &layout) == OTA_OK)
        printf("runs the sketch in slot %u\n", (unsigned)found.slot);
    else
        printf("%s\n", ota_boot_fault_text(found.fault));
}

/* From a start to a restart. */
static bool run(void)
{
    const struct ota_updater_config updater_config = { .flash = &flash.flash,
                                                       .layout = &layout,
                                                       .buffer = buffer,
                                                       .buffer_size = sizeof buffer,
                                                       .family = IMAGE_ESP8266 };
    const struct ota_responder_config config = { .updater = &updater,
                                                 .net = &net.net,
                                                 .on_event = on_event };
    struct ota_responder responder;
    sigset_t mask;

    restart = false;
    boot();
    ota_updater_init(&updater, &updater_config);
    sigprocmask(SIG_BLOCK, NULL, &mask);
    if (!ota_responder_init(&responder, &config))
        return false;
    printf("listening port=%u\n", (unsigned)net.local.port);
    while (!restart) {
        if (!posix_net_step(&net, &responder, &mask))
            return false;
    }
    net.net.close(net.net.ctx);
    return true;
}

int main(int argc, char **argv)
{
    struct ota_address local = { .length = 4, .bytes = { 127, 0, 0, 1 } };

    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    if (argc != 3) {
        fprintf(stderr, "Usage: minimal-device FLASH-FILE PORT\n");
        return 2;
    }
    local.port = (uint16_t)strtoul(argv[2], NULL, 10);
    if (posix_flash_open(&flash, argv[1], &geometry) != POSIX_FLASH_OK ||
        !ota_layout_arrange(&layout, &flash.flash, 0, 0, 0) || !posix_net_open(&net, &local)) {
        perror("minimal-device");
        return 1;
    }
    while (run())
        continue;
    return 1;
}
