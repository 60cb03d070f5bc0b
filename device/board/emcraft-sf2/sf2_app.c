/*
 * The application: announces itself, answers the responder, tells its version on the serial port,
 * and confirms itself once its network is up.
 */
#include "device/port/lwip/lwip_mdns.h"
#include "device/port/lwip/lwip_net.h"
#include "sf2_clock.h"
#include "sf2_description.h"
#include "sf2_entropy.h"
#include "sf2_events.h"
#include "sf2_layout.h"
#include "sf2_net.h"
#include "sf2_nor.h"
#include "sf2_settings.h"
#include "sf2_start.h"
#include "sf2_uart.h"

#include "ota/boot_state.h"
#include "ota/responder.h"

#define VERSION_MS 1000
#define STATS_MS   10000
#define CONFIRM_MS 100
#define LINGER_MS  8000 /* TCP repeats a verdict that got lost after some seconds only */

/* All there is, in one place; the buffer is an erase unit. */
static struct {
    struct ota_flash flash;
    struct sf2_settings settings;
    struct ota_random random;
    struct lwip_net net;
    struct lwip_announcement announcement;
    struct ota_updater updater;
    struct ota_updater_config updater_config;
    struct ota_responder responder;
    struct ota_responder_config config;
    bool serves;   /* the responder is there */
    bool on_trial; /* and not confirmed yet */
    bool restarts;
    struct ota_address address; /* as last told of */
    uint32_t version_at;        /* when the next line is due */
    uint32_t stats_at;
    uint32_t confirm_at;
    uint8_t buffer[SF2_NOR_SECTOR];
} app;

/* Nothing may write to memory that the bootloader fills. */
_Noreturn static void restart(void)
{
    sf2_net_stop();
    sf2_reset();
}

/* On trial it is given up after some starts. A confirmed sketch starts again and again: a reset may
 * cure what has come over it, and there is nobody who could say that another one would do better.
 */
_Noreturn void sf2_on_fault(void)
{
    sf2_uart_text("fault\n");
    restart();
}

static void on_event(void *ctx, const struct ota_event *event)
{
    (void)ctx;
    sf2_events_print(event);
    if (event->kind == OTA_EVENT_RESTART)
        app.restarts = true;
}

/* --- Starting --------------------------------------------------------------------------------- */

static void start_updater(void)
{
    app.updater_config = (struct ota_updater_config){
        .flash = &app.flash,
        .layout = &sf2_layout,
        .buffer = app.buffer,
        .buffer_size = sizeof app.buffer,
        .family = IMAGE_ESP32,
        .chip_id = SF2_CHIP_ID,
    };
    ota_updater_init(&app.updater, &app.updater_config);
}

static bool start_responder(void)
{
    const struct sf2_settings *settings = &app.settings;

    if (!lwip_net_open(&app.net, settings->port))
        return false;
    app.random = sf2_entropy();
    app.config = (struct ota_responder_config){
        .updater = &app.updater,
        .net = &app.net.net,
        .random = &app.random,
        .password = settings->has_password ? &settings->password : NULL,
        .dialect = settings->dialect,
        .linger_ms = LINGER_MS,
        .on_event = on_event,
    };
    if (!ota_responder_init(&app.responder, &app.config)) {
        lwip_net_close(&app.net);
        return false;
    }
    lwip_net_attach(&app.net, &app.responder);
    return true;
}

static void announce(void)
{
    app.announcement = (struct lwip_announcement){
        .name = app.settings.name,
        .board = "emcraft-sf2",
        .port = app.settings.port,
        .auth = app.settings.has_password,
    };
    if (!lwip_mdns_announce(sf2_net_netif(), &app.announcement))
        sf2_uart_text("mdns: no memory\n");
}

/* Whatever goes wrong with a sketch on trial: its time ends. */
static void start(void)
{
    struct ota_boot_info info;

    sf2_clock_reset_at(sf2_trial_ms());
    if (!sf2_nor_open(&app.flash)) {
        sf2_uart_text("halt the flash does not answer\n");
        for (;;)
            sf2_wait();
    }
    bool usable = sf2_settings_read(&app.settings, &app.flash);
    sf2_entropy_start(&app.flash, app.settings.seed, sizeof app.settings.seed,
                      app.settings.has_seed);
    ota_boot_state(&app.flash, &sf2_layout, &info);
    app.on_trial = info.status == OTA_BOOT_ON_TRIAL;
    if (!app.on_trial)
        sf2_clock_reset_at(0);
    sf2_events_start(&info);
    sf2_misbehave();
    if (!sf2_net_start(&app.settings))
        sf2_uart_text("lwip: no memory\n");
    start_updater();
    app.serves = usable && start_responder();
    if (app.serves)
        announce();
    if (!app.serves)
        sf2_uart_text("locked: the settings are unusable, nobody can update this device\n");
    if (app.settings.has_password && !app.settings.has_seed)
        sf2_uart_text("locked: a password needs a seed in the settings\n");
}

/* --- Running ---------------------------------------------------------------------------------- */

/*
 * Good enough to stay: it can be updated again, by a network from which something was heard. Until
 * then the clock runs against it.
 */
static void confirm(void)
{
    enum ota_error error;

    if (!sf2_confirms() || !app.serves || !sf2_net_is_up() || !sf2_net_is_heard())
        return;
    error = ota_boot_confirm(&app.flash, &sf2_layout);
    if (error) {
        sf2_uart_text("unconfirmed error=");
        sf2_uart_number((uint32_t)error);
        sf2_uart_text("\n");
        return;
    }
    app.on_trial = false;
    sf2_clock_reset_at(0);
    sf2_uart_text("confirmed\n");
}

/* There is an address, or another one. */
static void on_up(void)
{
    sf2_uart_text("up address=");
    sf2_events_address(&app.address);
    sf2_uart_text(" name=");
    sf2_uart_text(app.settings.name);
    sf2_uart_text(" port=");
    sf2_uart_number(app.settings.port);
    sf2_uart_text("\n");
}

static void watch_address(void)
{
    struct ota_address address;

    sf2_net_address(&address);
    if (ota_address_same_host(&address, &app.address) || !sf2_net_is_up())
        return;
    app.address = address;
    on_up();
}

static void print_used(const char *word, uint32_t used, uint32_t size)
{
    sf2_uart_text(word);
    sf2_uart_number(used);
    sf2_uart_text("/");
    sf2_uart_number(size);
}

static void print_stats(void)
{
    struct sf2_net_usage usage;

    sf2_net_usage(&usage);
    print_used("stats heap=", usage.heap_used, usage.heap_size);
    print_used(" pbuf=", usage.pbufs_used, usage.pbufs);
    print_used(" stack=", sf2_stack_used(), sf2_stack_size());
    sf2_uart_text(" refusals=");
    sf2_uart_number(usage.refusals);
    sf2_uart_text(" dropped=");
    sf2_uart_number(usage.frames_dropped);
    sf2_uart_text(" overflows=");
    sf2_uart_number(usage.overflows);
    sf2_uart_text("\n");
}

static bool is_due(uint32_t *at, uint32_t now, uint32_t every)
{
    if ((int32_t)(now - *at) < 0)
        return false;
    *at = now + every;
    return true;
}

static void tell(uint32_t now)
{
    if (is_due(&app.version_at, now, VERSION_MS)) {
        sf2_uart_text("version ");
        sf2_uart_text(sf2_version());
        sf2_uart_text("\n");
    }
    if (is_due(&app.stats_at, now, STATS_MS))
        print_stats();
    if (app.on_trial && is_due(&app.confirm_at, now, CONFIRM_MS))
        confirm();
}

/* Until the clock's next tick, or a frame: one that comes before WFI must not be slept through. */
static void wait_for_news(void)
{
    __asm__ volatile("cpsid i");
    if (sf2_net_sleep_ms() > 0)
        sf2_wait();
    __asm__ volatile("cpsie i");
}

int main(void)
{
    start();
    while (!app.restarts) {
        uint32_t wait = 1;
        uint32_t now = sf2_clock_ms();
        sf2_net_poll();
        watch_address();
        if (app.serves)
            wait = lwip_net_poll(&app.net, now);
        tell(now);
        if (wait > 0)
            wait_for_news();
    }
    restart();
}
