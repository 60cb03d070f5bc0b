/*
 * espota-device: libota as a device of its own, on POSIX sockets and with flash in a file.
 */
#include "common/secret.h"
#include "device/port/posix/posix_address.h"
#include "device/port/posix/posix_flash.h"
#include "device/port/posix/posix_net.h"
#include "device/port/posix/posix_random.h"
#include "device_announce.h"
#include "device_boot.h"
#include "device_events.h"
#include "device_options.h"
#include "device_pull.h"
#include "ota/responder.h"
#include "ota/updater.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct device {
    struct device_options options;
    struct posix_flash flash;
    struct posix_net net;
    struct device_boot boot;
    struct ota_random random;
    struct ota_updater_config updater_config;
    struct ota_responder_config responder_config;
    struct ota_updater updater;
    struct ota_responder responder;
    struct device_announce_config announce_config;
    struct device_announce announce;
    struct device_pull pull;
    bool restart;   /* the responder wishes it, or the puller */
    bool failed;    /* an update has failed, or there was none to be had */
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

static void on_event(void *ctx, const struct ota_event *event)
{
    struct device *device = ctx;

    if (event->kind == OTA_EVENT_CONNECTED)
        device->tenth = 0;
    if (event->kind != OTA_EVENT_PROGRESS ||
        device_events_is_new_tenth(&device->tenth, event->done, event->total))
        device_events_print(event, &device->updater);
    if (event->kind == OTA_EVENT_FAILED)
        device->failed = true;
    else if (event->kind == OTA_EVENT_RESTART)
        device->restart = true;
}

/* Without mDNS the device is as good as before for whoever knows its address. */
static void on_mdns(void *ctx, const struct device_announce_event *event)
{
    (void)ctx;
    device_events_mdns(event);
    if (event->kind == DEVICE_UNANNOUNCED)
        fprintf(stderr, "espota-device: warning: it cannot be found by its name: mDNS: %s\n",
                event->text);
}

/* The program's exit status when a signal ends it. */
static enum device_exit status_by_signal(const struct device *device)
{
    /* The image may count already, and only the peer not have closed yet. */
    return !device->options.once || ota_updater_has_succeeded(&device->updater) ? DEVICE_DONE
                                                                                : DEVICE_FAILED;
}

/*
 * Moving images takes its time where flash is as slow as silicon; who wants the program to end
 * does not wait for that. To the flash it is a power cut, which the next start makes good.
 */
static void on_tick(void *ctx)
{
    const struct device *device = ctx;
    sigset_t pending;

    if (sigpending(&pending) == 0 &&
        (sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1))
        exit((int)status_by_signal(device));
}

static bool configure(struct device *device)
{
    const struct device_options *options = &device->options;

    if (!device_boot_init(&device->boot, options, &device->flash.flash, device->buffer,
                          sizeof device->buffer))
        return false;
    device->boot.tick = on_tick;
    device->boot.tick_ctx = device;
    device->random = posix_random();
    device->updater_config = (struct ota_updater_config){
        .flash = &device->flash.flash,
        .layout = &device->boot.layout,
        .buffer = device->buffer,
        .buffer_size = sizeof device->buffer,
        .family = options->family,
        .chip_id = DEVICE_CHIP_ID,
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
    return device_pull_init(&device->pull, options, &device->boot, &device->updater);
}

/* What to do when nothing is known any more of what the flash holds. */
static void advise(const struct device_boot *boot)
{
    fprintf(stderr, "    Updates are refused. A file of an older version, or of another --boot, "
                    "looks like\n    that, too. To begin anew, remove it.");
    if (boot->runs && boot->found.slot == 0)
        fprintf(stderr,
                " To keep its first sketch, fill the first\n    %" PRIu32 " bytes with 0xFF.",
                boot->layout.record[1].offset + boot->layout.record[1].size);
    fprintf(stderr, "\n");
}

/* What is wrong with the flash; that there is no sketch yet is nothing wrong. */
static void complain(const struct device *device)
{
    const struct device_boot *boot = &device->boot;
    bool is_damaged = boot->record == OTA_RECORD_DAMAGED;
    enum ota_boot_fault fault = is_damaged ? OTA_BOOT_RECORD : boot->found.fault;

    if (fault == OTA_BOOT_SOUND || fault == OTA_BOOT_NO_IMAGE)
        return;
    fprintf(stderr, "espota-device: %s: %s\n", device->options.flash_path,
            ota_boot_fault_text(fault));
    if (is_damaged)
        advise(boot);
}

/* What an application does that has found itself to work. */
static void confirm(struct device *device)
{
    enum ota_error error = device_boot_confirm(&device->boot);

    if (error)
        fprintf(stderr, "espota-device: %s: the sketch cannot be confirmed: %s\n",
                device->options.flash_path, ota_error_text(error));
    else if (device->options.boot && device->boot.found.trial)
        device_events_confirmed(&device->boot);
}

/* A start of the device: everything is forgotten, and the bootloader looks into flash. */
static bool start(struct device *device, const char *word)
{
    const struct device_options *options = &device->options;

    device->restart = false;
    device_boot_run(&device->boot);
    complain(device);
    if (options->boot)
        device_events_boot(&device->boot);
    ota_updater_init(&device->updater, &device->updater_config);
    /* One may be left of what was going on beside the update. */
    device->net.net.close(device->net.net.ctx);
    if (!ota_responder_init(&device->responder, &device->responder_config))
        return false;
    device_events_images(word, &device->boot);
    device_events_listening(&device->net.local);
    if (!options->never_confirm)
        confirm(device);
    return device_pull_start(&device->pull);
}

static void begin_to_announce(struct device *device)
{
    const struct device_options *options = &device->options;

    device->announce_config = (struct device_announce_config){
        .mdns = options->mdns,
        .name = options->name,
        .board = options->board,
        .has_password = options->has_password,
        .local = device->net.local,
        .on_event = on_mdns,
    };
    device_announce_init(&device->announce, &device->announce_config);
    device_announce_start(&device->announce);
}

/* After an update: who looks for the device sees it go, and come back. */
static bool restart(struct device *device)
{
    device_announce_stop(&device->announce);
    if (!start(device, "restarted"))
        return false;
    if (!device->options.once)
        device_announce_start(&device->announce);
    return true;
}

static void pull(struct device *device, const struct pollfd *fds)
{
    switch (device_pull_serve(&device->pull, fds)) {
    case DEVICE_PULL_NOTHING:
        break;
    case DEVICE_PULL_UPDATED:
        device->restart = true;
        break;
    case DEVICE_PULL_NOT_UPDATED:
        device->failed = true;
        break;
    }
}

/* Wait until something arrives, is due, or ends the program, and deal with it. */
static bool step(struct device *device, const sigset_t *while_waiting)
{
    struct pollfd fds[POSIX_NET_FDS + POSIX_PULL_FDS];
    uint32_t delay = posix_net_prepare(&device->net, fds);
    uint32_t pull_delay = device_pull_prepare(&device->pull, fds + POSIX_NET_FDS);

    delay = pull_delay < delay ? pull_delay : delay;
    if (!device_announce_wait(&device->announce, fds, sizeof fds / sizeof *fds, delay,
                              while_waiting)) {
        fprintf(stderr, "espota-device: waiting for the network: %s\n", strerror(errno));
        return false;
    }
    posix_net_serve(&device->net, &device->responder, fds);
    /* The restart that the responder wishes ends all else. */
    if (!device->restart)
        pull(device, fds + POSIX_NET_FDS);
    return true;
}

static enum device_exit serve(struct device *device, const sigset_t *while_waiting)
{
    while (!stop) {
        if (!step(device, while_waiting))
            return DEVICE_FAILED;
        if (device->restart) {
            if (!restart(device))
                return DEVICE_FAILED;
            if (device->options.once)
                return DEVICE_DONE;
        }
        /* Not before the peer has been told why. */
        if (device->options.once && device->failed && ota_responder_is_idle(&device->responder))
            return DEVICE_FAILED;
    }
    return status_by_signal(device);
}

static enum device_exit run(struct device *device)
{
    enum device_exit status;
    sigset_t while_waiting;

    catch_signals(&while_waiting);
    if (!start(device, "started")) {
        fprintf(stderr, "espota-device: the configuration contradicts itself\n");
        device_pull_close(&device->pull);
        return DEVICE_FAILED;
    }
    begin_to_announce(device);
    status = serve(device, &while_waiting);
    device_announce_stop(&device->announce);
    device_pull_close(&device->pull);
    return status;
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
    enum posix_flash_status status =
        posix_flash_open(&device->flash, options->flash_path, &geometry);

    if (status != POSIX_FLASH_OK) {
        fprintf(stderr, "espota-device: %s: %s\n", options->flash_path,
                posix_flash_status_text(status));
        return false;
    }
    if (options->typical_timing)
        device->flash.nor.timing = nor_timing_typical;
    return true;
}

/*
 * A standard stream that is closed would leave its number to the flash file, or to a socket, and
 * what is printed would go there.
 */
static bool occupy_standard_streams(void)
{
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++) {
        /* An empty container has no /dev/null, and does not need one while all are open. */
        if (fcntl(stream, F_GETFD) < 0 && open("/dev/null", O_RDWR) != stream)
            return false;
    }
    return true;
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
    if (!configure(&device))
        fprintf(stderr, "espota-device: the flash is too small\n");
    else if (open_network(&device)) {
        status = run(&device);
        posix_net_close(&device.net);
    }
    posix_flash_close(&device.flash);
    secret_wipe(&device.options, sizeof device.options);
    return (int)status;
}
