#include "tests/bench/fleet_host.h"

#include "tests/bench/fleet_device.h"
#include "tests/support/scripted_device.h"

#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Longer than any uploader waits. */
#define PATIENCE_MS 120000

static const struct device_step silent[] = { DEVICE_END };
static const struct device_step refusing[] = {
    DEVICE_INVITED,
    DEVICE_ANSWER("ERR: ERROR[4]: Not Enough Space"),
    DEVICE_END,
};
static const struct device_step stalling[] = {
    DEVICE_INVITED, DEVICE_ANSWER("OK"), DEVICE_CONNECT, DEVICE_READ(4096), DEVICE_HOLD, DEVICE_END,
};

struct fleet_address fleet_address(unsigned index)
{
    struct fleet_address address;

    snprintf(address.text, sizeof address.text, "127.1.%u.%u", (index / 250) % 250,
             index % 250 + 1);
    return address;
}

enum fleet_kind fleet_kind(const struct fleet_options *options, unsigned index)
{
    static const enum fleet_kind tenth[] = { FLEET_HEALTHY, FLEET_DEAD,   FLEET_HEALTHY,
                                             FLEET_REFUSES, FLEET_STALLS, FLEET_HEALTHY,
                                             FLEET_LOCKED,  FLEET_HEALTHY };

    return options->is_mixed && index % 10 < 8 ? tenth[index % 10] : FLEET_HEALTHY;
}

/* --- In the devices' process ------------------------------------------------------------------ */

static bool start_scripted(const struct device_step *script, unsigned index, uint16_t port)
{
    static struct fleet_address addresses[FLEET_MAX]; /* which outlive the devices */
    const struct device_options options = { .address = addresses[index].text,
                                            .port = port,
                                            .receive_buffer = 4096,
                                            .patience_ms = PATIENCE_MS };

    addresses[index] = fleet_address(index);
    /* It is stopped by the end of the process. */
    return scripted_device_start(script, &options) != NULL;
}

static bool start_one(const struct fleet_options *options, unsigned index, uint16_t port,
                      struct fleet_device **device)
{
    const struct fleet_address address = fleet_address(index);
    enum fleet_kind kind = fleet_kind(options, index);
    const char *password = options->is_mixed || options->has_password ? FLEET_PASSWORD : NULL;

    switch (kind) {
    case FLEET_DEAD:
        return index / 10 % 2 == 0 || start_scripted(silent, index, port);
    case FLEET_REFUSES:
        return start_scripted(refusing, index, port);
    case FLEET_STALLS:
        return start_scripted(stalling, index, port);
    case FLEET_LOCKED:
    case FLEET_HEALTHY:
        break;
    }
    *device = fleet_device_start(
        &(struct fleet_device_options){ .address = address.text,
                                        .port = port,
                                        .password = kind == FLEET_LOCKED ? "another" : password,
                                        .erases_blocks = options->erases_blocks });
    return *device != NULL;
}

/* The first, which is healthy, gets a port from the system; the others the same. */
static uint16_t start_all(const struct fleet_options *options,
                          struct fleet_device *devices[static FLEET_MAX])
{
    uint16_t port = 0;

    for (unsigned i = 0; i < options->count; i++) {
        if (!start_one(options, i, port, &devices[i])) {
            perror("bench-fleet: a device does not start");
            return 0;
        }
        if (i == 0)
            port = fleet_device_port(devices[i]);
    }
    return port;
}

static void be_fleet(const struct fleet_options *options, int channel)
{
    static struct fleet_device *devices[FLEET_MAX];
    unsigned updated = 0;
    char byte;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    uint16_t port = start_all(options, devices);
    /* Then live until the other end asks, or is gone. */
    if (write(channel, &port, sizeof port) == sizeof port && read(channel, &byte, 1) == 1) {
        for (unsigned i = 0; i < options->count; i++)
            updated += devices[i] && fleet_device_holds(devices[i], options->md5);
        if (write(channel, &updated, sizeof updated) < 0)
            _exit(1);
    }
    _exit(0);
}

/* --- In that of the measurement --------------------------------------------------------------- */

bool fleet_start(struct fleet *fleet, const struct fleet_options *options)
{
    int ends[2];

    fleet->port = 0;
    if (options->count > FLEET_MAX || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    fleet->pid = fork();
    if (fleet->pid == 0) {
        close(ends[0]);
        be_fleet(options, ends[1]);
    }
    close(ends[1]);
    fleet->channel = ends[0];
    if (fleet->pid > 0 &&
        read(fleet->channel, &fleet->port, sizeof fleet->port) == sizeof fleet->port &&
        fleet->port > 0)
        return true;
    fleet_stop(fleet);
    return false;
}

unsigned fleet_stop(struct fleet *fleet)
{
    unsigned updated = 0;
    struct rusage usage = { 0 };

    if (write(fleet->channel, "", 1) != 1 ||
        read(fleet->channel, &updated, sizeof updated) != sizeof updated)
        updated = 0;
    close(fleet->channel);
    if (fleet->pid > 0) {
        kill(fleet->pid, SIGKILL);
        wait4(fleet->pid, NULL, 0, &usage);
    }
    fleet->cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                 (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    return updated;
}
