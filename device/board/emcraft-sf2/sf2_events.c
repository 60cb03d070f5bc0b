#include "sf2_events.h"

#include "common/invitation.h"
#include "sf2_clock.h"
#include "sf2_description.h"
#include "sf2_uart.h"

/* At 115200 baud a line takes 10 ms, in which nothing else is done. */
#define PAUSE_MS 100

/* Anybody can cause such a line: some are left out. */
static bool is_too_soon(void)
{
    static uint32_t last;
    static bool any;
    uint32_t now = sf2_clock_ms();

    if (any && now - last < PAUSE_MS)
        return true;
    any = true;
    last = now;
    return false;
}

void sf2_events_start(const struct ota_boot_info *info)
{
    sf2_uart_text("start version=");
    sf2_uart_text(sf2_version());
    sf2_uart_text(info->status == OTA_BOOT_ON_TRIAL ? " trial=yes\n" : " trial=no\n");
}

void sf2_events_address(const struct ota_address *address)
{
    if (address->length != 4) {
        sf2_uart_text("[");
        for (unsigned i = 0; i < address->length; i += 2) {
            sf2_uart_text(i > 0 ? ":" : "");
            sf2_uart_hex(address->bytes + i, 2);
        }
        sf2_uart_text("]");
        return;
    }
    for (unsigned i = 0; i < address->length; i++) {
        sf2_uart_text(i > 0 ? "." : "");
        sf2_uart_number(address->bytes[i]);
    }
}

static void print_peer(const char *word, const struct ota_address *peer)
{
    sf2_uart_text(word);
    sf2_events_address(peer);
    sf2_uart_text(":");
    sf2_uart_number(peer->port);
}

static void print_error(const char *word, const struct ota_event *event)
{
    sf2_uart_text(word);
    sf2_uart_number((uint32_t)event->error);
    sf2_uart_text(" text=\"");
    sf2_uart_quoted(event->text, OTA_ERROR_LINE_MAX);
    sf2_uart_text("\"\n");
}

static void print_invited(const struct ota_event *event)
{
    const struct invitation *invitation = event->invitation;

    print_peer("invited from=", event->peer);
    sf2_uart_text(" command=");
    sf2_uart_number(invitation->command);
    sf2_uart_text(" port=");
    sf2_uart_number(invitation->port);
    sf2_uart_text(" size=");
    sf2_uart_number(invitation->size > UINT32_MAX ? UINT32_MAX : (uint32_t)invitation->size);
    sf2_uart_text(" md5=");
    sf2_uart_hex(invitation->md5, sizeof invitation->md5);
    sf2_uart_text("\n");
}

static void print_updated(const struct ota_event *event)
{
    sf2_uart_text("updated target=");
    sf2_uart_text(event->invitation->command == OTA_FILESYSTEM ? "filesystem" : "sketch");
    sf2_uart_text(" size=");
    sf2_uart_number(event->stored->size);
    sf2_uart_text(" md5=");
    sf2_uart_hex(event->stored->md5, sizeof event->stored->md5);
    sf2_uart_text("\n");
}

void sf2_events_print(const struct ota_event *event)
{
    switch (event->kind) {
    case OTA_EVENT_INVITED:
        if (!is_too_soon())
            print_invited(event);
        break;
    case OTA_EVENT_AUTHENTICATED:
        print_peer("authenticated from=", event->peer);
        sf2_uart_text("\n");
        break;
    case OTA_EVENT_REFUSED:
        if (is_too_soon())
            break;
        print_peer("refused from=", event->peer);
        print_error(" error=", event);
        break;
    case OTA_EVENT_CONNECTED:
        print_peer("connected to=", event->peer);
        sf2_uart_text("\n");
        break;
    case OTA_EVENT_PROGRESS: /* ten lines a second would be too many for the port */
        break;
    case OTA_EVENT_UPDATED:
        print_updated(event);
        break;
    case OTA_EVENT_FAILED:
        print_error("failed error=", event);
        break;
    case OTA_EVENT_RESTART:
        sf2_uart_text("restart\n");
        break;
    }
}
