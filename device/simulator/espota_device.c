/*
 * espota-device: libota as a device of its own, on POSIX sockets and with flash in a file.
 */
#include "device/port/posix/posix_address.h"
#include "device/port/posix/posix_flash.h"
#include "device/port/posix/posix_net.h"
#include "device/port/posix/posix_random.h"
#include "device_events.h"
#include "device_options.h"
#include "ota/responder.h"
#include "ota/updater.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct device {
    struct device_options options;
    struct posix_flash flash;
    struct posix_net net;
    struct ota_random random;
    struct ota_updater_config updater_config;
    struct ota_responder_config responder_config;
    struct ota_updater updater;
    struct ota_responder responder;
    bool restart;   /* the responder wishes it */
    bool failed;    /* an update has failed */
    unsigned tenth; /* of the image, when progress was last printed */
    uint8_t buffer[DEVICE_ERASE_SIZE];
};

/* The larger erase unit that SPI flashes have. */
#define DEVICE_BLOCK_SIZE 65536u

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
    (void)number;
    stop = 1;
}

/* The signals that end the program are let in only while it waits, so none is ever missed. */
static void catch_signals(sigset_t *while_waiting)
{
    struct sigaction action = { .sa_handler = on_signal };
    sigset_t block;

    sigemptyset(&block);
    sigaddset(&block, SIGINT);
    sigaddset(&block, SIGTERM);
    sigprocmask(SIG_BLOCK, &block, while_waiting);
    sigdelset(while_waiting, SIGINT);
    sigdelset(while_waiting, SIGTERM);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* True for the first progress in each tenth of the image. */
static bool is_new_tenth(struct device *device, const struct ota_event *event)
{
    unsigned tenth = (unsigned)((uint64_t)event->done * 10 / event->total);
    bool is_new = tenth != device->tenth;

    device->tenth = tenth;
    return is_new;
}

static void on_event(void *ctx, const struct ota_event *event)
{
    struct device *device = ctx;

    if (event->kind == OTA_EVENT_CONNECTED)
        device->tenth = 0;
    if (event->kind != OTA_EVENT_PROGRESS || is_new_tenth(device, event))
        device_events_print(event);
    if (event->kind == OTA_EVENT_FAILED)
        device->failed = true;
    else if (event->kind == OTA_EVENT_RESTART)
        device->restart = true;
}

/* As the usual layout of 4 MiB boards: half for sketches, the rest for the file system. */
static struct ota_layout layout_of(uint32_t flash_size)
{
    uint32_t units = flash_size / DEVICE_ERASE_SIZE;
    uint32_t sketch_units = units / 2;

    return (struct ota_layout){ .sketch_size = sketch_units * DEVICE_ERASE_SIZE,
                                .filesystem_size = (units - sketch_units - 2) * DEVICE_ERASE_SIZE };
}

static void configure(struct device *device)
{
    const struct device_options *options = &device->options;

    device->random = posix_random();
    device->updater_config = (struct ota_updater_config){
        .flash = &device->flash.flash,
        .layout = layout_of(options->flash_size),
        .buffer = device->buffer,
        .buffer_size = sizeof device->buffer,
        .family = options->family,
    };
    device->responder_config = (struct ota_responder_config){
        .updater = &device->updater,
        .net = &device->net.net,
        .random = &device->random,
        .password = options->has_password ? &options->password : NULL,
        .dialect = options->dialect,
        .on_event = on_event,
        .event_ctx = device,
    };
}

/* What a start of the device does: forget everything and look into flash. */
static bool start(struct device *device, const char *word)
{
    device->restart = false;
    ota_updater_init(&device->updater, &device->updater_config);
    if (!ota_responder_init(&device->responder, &device->responder_config))
        return false;
    device_events_record(word, &device->flash.flash);
    device_events_listening(&device->net.local);
    return true;
}

static enum device_exit run(struct device *device)
{
    sigset_t while_waiting;

    catch_signals(&while_waiting);
    if (!start(device, "started")) {
        fprintf(stderr, "espota-device: the configuration contradicts itself\n");
        return DEVICE_FAILED;
    }
    while (!stop) {
        if (!posix_net_step(&device->net, &device->responder, &while_waiting)) {
            fprintf(stderr, "espota-device: waiting for the network: %s\n", strerror(errno));
            return DEVICE_FAILED;
        }
        if (device->restart) {
            if (!start(device, "restarted"))
                return DEVICE_FAILED;
            if (device->options.once)
                return DEVICE_DONE;
        }
        /* Not before the peer has been told why. */
        if (device->options.once && device->failed && ota_responder_is_idle(&device->responder))
            return DEVICE_FAILED;
    }
    /* The image may count already, and only the peer not have closed yet. */
    return !device->options.once || ota_updater_has_succeeded(&device->updater) ? DEVICE_DONE
                                                                                : DEVICE_FAILED;
}

static bool open_network(struct device *device)
{
    const struct ota_address *local = &device->options.bind;
    char address[POSIX_ADDRESS_MAX];

    if (posix_net_open(&device->net, local))
        return true;
    int error = errno;
    posix_address_format(local, address);
    fprintf(stderr, "espota-device: %s, UDP port %u: %s\n", address, (unsigned)local->port,
            strerror(error));
    return false;
}

static bool open_flash(struct device *device)
{
    const struct device_options *options = &device->options;
    const struct ota_flash geometry = {
        .size = options->flash_size,
        .erase_size = DEVICE_ERASE_SIZE,
        .block_size = DEVICE_BLOCK_SIZE,
        .write_size = 4,
    };
    /* SPI NOR flash of the W25Q32 class, by its data sheet. */
    static const struct posix_flash_timing typical = { .erase_us = 45000, .page_us = 400 };
    enum posix_flash_status status =
        posix_flash_open(&device->flash, options->flash_path, &geometry);

    if (status != POSIX_FLASH_OK) {
        fprintf(stderr, "espota-device: %s: %s\n", options->flash_path,
                posix_flash_status_text(status));
        return false;
    }
    if (options->typical_timing)
        device->flash.timing = typical;
    return true;
}

/*
 * A standard stream that is closed would leave its number to the flash file, or to a socket, and
 * what is printed would go there.
 */
static bool occupy_standard_streams(void)
{
    int fd;

    do {
        fd = open("/dev/null", O_RDWR);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

int main(int argc, char **argv)
{
    struct device device = { 0 };
    enum device_exit status = DEVICE_FAILED;

    if (!occupy_standard_streams())
        return DEVICE_FAILED;
    device_options_parse(&device.options, argc, argv);
    /* Whoever reads the events through a pipe gets each at once. */
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    if (!open_flash(&device))
        return DEVICE_FAILED;
    configure(&device);
    if (open_network(&device)) {
        status = run(&device);
        posix_net_close(&device.net);
    }
    posix_flash_close(&device.flash);
    return (int)status;
}
