#include "cli/discover/choose.h"

#include "cli/discover/finder.h"
#include "cli/discover/stock_ports.h"
#include "cli/display_width.h"
#include "cli/terminal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* How long devices are looked for. */
#define BROWSE_S 3

/* Columns of a list's names. */
#define NAME_COLUMNS 24

/* How often somebody may mistype. */
#define TRIES 3

bool choose_has_family(enum image_kind kind)
{
    return kind == IMAGE_ESP8266 || kind == IMAGE_ESP32 || kind == IMAGE_PICO;
}

bool choose_suits(const struct device *device, enum image_kind kind)
{
    char board[4 * 256];

    device_board(device, board, sizeof board);
    switch (kind) {
    case IMAGE_ESP8266:
        return address_port(&device->address) == PORT_ESP8266 ||
               strncasecmp(device->host, "esp8266", 7) == 0 || strcasestr(board, "esp8266");
    case IMAGE_ESP32:
        return address_port(&device->address) == PORT_ESP32 ||
               strncasecmp(device->host, "esp32", 5) == 0 || strcasestr(board, "esp32");
    case IMAGE_PICO:
        return address_port(&device->address) == PORT_PICO ||
               strncasecmp(device->host, "pico", 4) == 0 || strcasestr(board, "pico");
    default:
        return false;
    }
}

bool choose_read(const char *line, size_t count, bool *picked)
{
    static const char between[] = " \t\r\n,";
    bool any = false;

    memset(picked, 0, count * sizeof *picked);
    line += strspn(line, between);
    size_t len = strcspn(line, between);
    if (len == 3 && strncasecmp(line, "all", len) == 0 &&
        line[len + strspn(line + len, between)] == 0) {
        memset(picked, 1, count * sizeof *picked);
        return count > 0;
    }
    while (*line) {
        char *end;
        if (*line < '0' || *line > '9')
            return false;
        unsigned long number = strtoul(line, &end, 10);
        if (number < 1 || number > count || (*end && !strchr(between, *end)))
            return false;
        picked[number - 1] = true;
        any = true;
        line = end + strspn(end, between);
    }
    return any;
}

/* Those that suit first; within both groups the order stays. */
static void sort(const struct device **devices, size_t count, enum image_kind kind)
{
    size_t suiting = 0;

    for (size_t i = 0; i < count; i++) {
        const struct device *device = devices[i];
        if (!choose_suits(device, kind))
            continue;
        memmove(devices + suiting + 1, devices + suiting, (i - suiting) * sizeof *devices);
        devices[suiting++] = device;
    }
}

static void print_list(const struct device *const *devices, size_t count, bool numbered)
{
    for (size_t i = 0; i < count; i++) {
        char name[4 * DEVICE_NAME_MAX];
        char address[ADDRESS_TEXT_MAX];
        char board[4 * 256];
        device_board(devices[i], board, sizeof board);
        if (numbered)
            fprintf(stderr, "%3zu", i + 1);
        device_name_text(devices[i], name, sizeof name);
        int pad = NAME_COLUMNS - (int)display_width(name);
        fprintf(stderr, "  %s%*s %-21s %s%s\n", name, pad > 0 ? pad : 0, "",
                address_text(&devices[i]->address, address), board,
                device_auth(devices[i]) == DEVICE_AUTH_YES ? " (password)" : "");
    }
}

/* Ask until the answer can be understood. False when it never is, or there is none. */
static bool ask(size_t count, bool *picked)
{
    char line[1024];

    for (int i = 0; i < TRIES; i++) {
        if (count > 1)
            fprintf(stderr, "Which one (1 to %zu, several, or all)? ", count);
        else
            fputs("This one (1)? ", stderr);
        if (!fgets(line, sizeof line, stdin)) {
            fputc('\n', stderr);
            return false;
        }
        if (choose_read(line, count, picked))
            return true;
        fputs("Type its number, or numbers with blanks between them.\n", stderr);
    }
    return false;
}

/* Copies of the devices that were picked. */
static size_t take(const struct device *const *devices, size_t count, const bool *picked,
                   bool from_cache, struct located **chosen)
{
    size_t taken = 0;

    *chosen = calloc(count, sizeof **chosen);
    for (size_t i = 0; *chosen && i < count; i++) {
        if (!picked[i])
            continue;
        struct located *located = &(*chosen)[taken++];
        located->address = devices[i]->address;
        located->auth = device_auth(devices[i]);
        located->from_cache = from_cache;
        for (size_t k = 0; from_cache && k < count; k++)
            located->is_disputed =
                located->is_disputed ||
                (k != i && address_equal(&devices[k]->address, &devices[i]->address));
        memcpy(located->name, devices[i]->name, sizeof located->name);
    }
    return taken;
}

static size_t choose(const struct finder *finder, const struct device **devices, size_t count,
                     const struct choose_options *options, struct located **chosen,
                     struct failure *failure)
{
    bool *picked = calloc(count + 1, sizeof *picked);
    bool person = terminal_has_person();
    size_t taken = 0;

    failure_set(failure, EXIT_LOCAL_FAILURE, "%s", strerror(ENOMEM));
    if (picked && count == 0) {
        failure_set(failure, person ? EXIT_NOT_FOUND : EXIT_BAD_USAGE,
                    "no device given with -i, and none found by mDNS; espota-c discover says what "
                    "to check");
    } else if (picked) {
        sort(devices, count, options->kind);
        fprintf(stderr, person ? "" : "Devices found:\n");
        print_list(devices, count, person);
        failure_set(failure, EXIT_BAD_USAGE, "no device given: name it with -i");
        if (person && ask(count, picked))
            taken = take(devices, count, picked, finder_is_cached(finder), chosen);
    }
    free(picked);
    return taken;
}

static void on_device(void *ctx, enum finder_event event, const struct device *device)
{
    (void)ctx;
    (void)event;
    (void)device;
}

size_t choose_run(struct event_base *base, const struct choose_options *options,
                  struct located **chosen, struct failure *failure)
{
    const struct timeval browse = { .tv_sec = BROWSE_S };
    const struct finder_options finding = {
        .mode = options->mdns.mode,
        .interface = options->mdns.interface,
        .family = options->family,
        .insist = true,
        .log = options->log,
        .event = on_device,
        .ctx = options->log_ctx,
    };
    const struct device **devices = NULL;
    struct finder *finder = finder_open(base, &finding, failure);

    if (!finder) {
        if (!terminal_has_person())
            failure_set(failure, EXIT_BAD_USAGE, "no device given: name it with -i");
        return 0;
    }
    fprintf(stderr, "No device given; looking for some (%d s)\n", BROWSE_S);
    event_base_loopexit(base, &browse);
    event_base_dispatch(base);
    size_t count = finder_devices(finder, &devices);
    size_t taken = choose(finder, devices, count, options, chosen, failure);
    free(devices);
    finder_close(finder);
    return taken;
}
