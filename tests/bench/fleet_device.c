#include "tests/bench/fleet_device.h"

#include "device/port/nor/nor_flash.h"
#include "device/port/posix/posix_address.h"
#include "device/port/posix/posix_clock.h"
#include "device/port/posix/posix_net.h"
#include "device/port/posix/posix_random.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

/* Of the TCP stack on an ESP8266. */
#define SEGMENT 1460
#define WINDOW  (4 * SEGMENT)

#define FLASH_SIZE (4u << 20)
#define SECTOR     4096u
#define BLOCK      65536u

/* Turns of the responder between two looks at the sockets: reading back needs many, and no time. */
#define POLLS 16

struct fleet_device {
    struct nor_flash nor;
    struct ota_flash flash; /* `nor`, in real time */
    struct ota_layout layout;
    struct ota_updater_config updater_config;
    struct ota_updater updater;
    struct posix_net net;
    struct ota_net slow_net; /* `net`, with the small window */
    struct ota_random random;
    struct password_digest password;
    struct ota_responder_config config;
    struct ota_responder responder;
    pthread_t thread;
    atomic_bool updated;
    bool is_over;
    uint8_t md5[DIGEST_MD5_SIZE]; /* once `updated` */
    uint8_t buffer[SECTOR];
};

/* --- Flash ------------------------------------------------------------------------------------ */

/* The chip does nothing else while its flash works. */
static void wait_for_flash(uint64_t us)
{
    struct timespec left = { .tv_sec = (time_t)(us / 1000000),
                             .tv_nsec = (long)(us % 1000000) * 1000 };

    while (us > 0 && nanosleep(&left, &left) != 0 && errno == EINTR)
        ;
}

static bool flash_read(void *ctx, uint32_t offset, void *out, uint32_t len)
{
    struct nor_flash *nor = ctx;

    return nor->flash.read(nor->flash.ctx, offset, out, len);
}

static bool flash_write(void *ctx, uint32_t offset, const void *bytes, uint32_t len)
{
    struct nor_flash *nor = ctx;
    uint64_t before = nor->busy_us;
    bool done = nor->flash.write(nor->flash.ctx, offset, bytes, len);

    wait_for_flash(nor->busy_us - before);
    return done;
}

static bool flash_erase(void *ctx, uint32_t offset, uint32_t len)
{
    struct nor_flash *nor = ctx;
    uint64_t before = nor->busy_us;
    bool done = nor->flash.erase(nor->flash.ctx, offset, len);

    wait_for_flash(nor->busy_us - before);
    return done;
}

/* Zeros everywhere are what has to be erased first; the records alone are blank. */
static bool make_flash(struct fleet_device *device, bool erases_blocks)
{
    const struct ota_flash geometry = { .size = FLASH_SIZE,
                                        .erase_size = SECTOR,
                                        .block_size = erases_blocks ? BLOCK : SECTOR,
                                        .write_size = 4 };
    uint8_t *cells =
        mmap(NULL, FLASH_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (cells == MAP_FAILED || !ota_layout_arrange(&device->layout, &geometry, 0, BLOCK, 0))
        return false;
    for (int i = 0; i < 2; i++)
        memset(cells + device->layout.record[i].offset, 0xFF, device->layout.record[i].size);
    nor_flash_init(&device->nor, &geometry, cells, NULL, NULL);
    device->nor.timing = nor_timing_typical;
    device->flash = device->nor.flash;
    device->flash.ctx = &device->nor;
    device->flash.read = flash_read;
    device->flash.write = flash_write;
    device->flash.erase = flash_erase;
    return true;
}

/* --- Network ---------------------------------------------------------------------------------- */

/* As the port's own, but for the window, which must be small before the connection is asked for. */
static bool net_connect(void *ctx, const struct ota_address *to)
{
    struct posix_net *net = ctx;
    struct ota_address local = net->local;
    struct sockaddr_storage from, address;
    socklen_t len = posix_address_to_socket(to, &address);
    const int on = 1;
    const int segment = SEGMENT;
    const int window = WINDOW;

    local.port = 0;
    socklen_t from_len = posix_address_to_socket(&local, &from);
    net->tcp = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (net->tcp < 0)
        return false;
    setsockopt(net->tcp, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(net->tcp, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
    setsockopt(net->tcp, SOL_SOCKET, SO_RCVBUF, &window, sizeof window);
    setsockopt(net->tcp, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bind(net->tcp, (const struct sockaddr *)&from, from_len) == 0 &&
        (connect(net->tcp, (const struct sockaddr *)&address, len) == 0 || errno == EINPROGRESS))
        return true;
    net->net.close(net);
    return false;
}

static void on_event(void *ctx, const struct ota_event *event)
{
    struct fleet_device *device = ctx;

    if (event->kind == OTA_EVENT_UPDATED) {
        memcpy(device->md5, event->stored->md5, sizeof device->md5);
        atomic_store(&device->updated, true);
    }
    if (event->kind == OTA_EVENT_RESTART)
        device->is_over = true;
}

static bool make_responder(struct fleet_device *device, const struct fleet_device_options *options)
{
    struct ota_address local;

    if (!posix_address_parse(&local, options->address))
        return false;
    local.port = options->port;
    if (!posix_net_open(&device->net, &local))
        return false;
    device->slow_net = device->net.net;
    device->slow_net.connect = net_connect;
    device->random = posix_random();
    device->updater_config = (struct ota_updater_config){ .flash = &device->flash,
                                                          .layout = &device->layout,
                                                          .buffer = device->buffer,
                                                          .buffer_size = sizeof device->buffer,
                                                          .family = IMAGE_ESP8266 };
    device->config = (struct ota_responder_config){ .updater = &device->updater,
                                                    .net = &device->slow_net,
                                                    .random = &device->random,
                                                    .dialect = AUTH_MD5,
                                                    .on_event = on_event,
                                                    .event_ctx = device };
    if (options->password) {
        password_digest_make(&device->password, DIGEST_MD5, options->password,
                             strlen(options->password));
        device->config.password = &device->password;
    }
    ota_updater_init(&device->updater, &device->updater_config);
    return ota_responder_init(&device->responder, &device->config);
}

static void *run(void *argument)
{
    struct fleet_device *device = argument;

    /* Sleep as long as flash takes, not half a tenth of a millisecond longer each time. */
    prctl(PR_SET_TIMERSLACK, 1000);
    while (!device->is_over && posix_net_step(&device->net, &device->responder, NULL)) {
        for (int i = 0; i < POLLS && device->net.delay_ms == 0 && !device->is_over; i++)
            device->net.delay_ms = ota_responder_poll(&device->responder, posix_clock_now_ms());
    }
    return NULL;
}

struct fleet_device *fleet_device_start(const struct fleet_device_options *options)
{
    struct fleet_device *device = calloc(1, sizeof *device);

    if (device && make_flash(device, options->erases_blocks) && make_responder(device, options) &&
        pthread_create(&device->thread, NULL, run, device) == 0)
        return device;
    free(device);
    return NULL;
}

uint16_t fleet_device_port(const struct fleet_device *device)
{
    return device->net.local.port;
}

bool fleet_device_holds(struct fleet_device *device, const uint8_t md5[static 16])
{
    return atomic_load(&device->updated) && memcmp(device->md5, md5, sizeof device->md5) == 0;
}
