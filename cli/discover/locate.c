#include "cli/discover/locate.h"

#include "cli/clock.h"
#include "cli/discover/locate_dns.h"
#include "cli/discover/locate_host.h"
#include "cli/discover/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * How long a name of the system's waits for a device that may have the same name: one that has just
 * answered somebody else does not answer within a second.
 */
#define PRECEDENCE_MS 1500u

/* A glob looks for other devices this long in all, and this long behind the first it found. */
#define GLOB_MS      3000u
#define GLOB_TAIL_MS 1000u

/*
 * After this time a name in .local may be that of a host that announces no service. Not earlier: a
 * device that has just answered somebody else does not repeat that within a second.
 */
#define HOST_MS 2500u

/* Between two looks at the limits. */
#define TURN_MS 50

struct locate {
    struct locate *next;
    struct locate *before;
    struct locator *locator;
    const char *text;
    bool is_instance;
    enum target_kind kind;
    struct address address;      /* TARGET_ADDRESS */
    char local[DEVICE_HOST_MAX]; /* TARGET_LOCAL: the text as hosts have it */
    struct locate_limits limits;
    locate_fn *fn;
    void *ctx;
    struct event *turn;
    uint64_t started;
    uint64_t mdns_started; /* 0: not yet */
    struct locate_dns dns;
    struct locate_host *host;
    uint64_t matched; /* a glob: when the first was found; 0: none was */
};

/* --- The end of a search ---------------------------------------------------------------------- */

static void release(struct locate *locate)
{
    struct locator *locator = locate->locator;

    if (locate->before)
        locate->before->next = locate->next;
    else
        locator->list = locate->next;
    if (locate->next)
        locate->next->before = locate->before;
    else
        locator->last = locate->before;
    locate_dns_cancel(&locate->dns);
    locate_host_free(locate->host);
    if (locate->turn)
        event_free(locate->turn);
    locator_tidy(locator);
    free(locate);
}

static void found(struct locate *locate, const struct located *located)
{
    locate->fn(locate->ctx, LOCATE_FOUND, located, NULL);
    release(locate);
}

static void found_address(struct locate *locate, const struct address *address)
{
    const struct located located = { .address = *address };

    found(locate, &located);
}

static void failed(struct locate *locate)
{
    const struct locator *locator = locate->locator;
    bool off = locator->options.mdns.mode == MDNS_OFF;
    bool asked = locate->mdns_started > 0;
    const char *dns = locate->dns.why;
    struct failure failure;

    failure_set(&failure, EXIT_NOT_FOUND, "no device %s \"%s\"%s%s%s%s",
                locate->kind == TARGET_GLOB ? "matches" : "called", locate->text,
                dns[0] ? ": name service: " : "", dns, dns[0] ? "; " : ": ",
                off               ? "mDNS is off"
                : !asked          ? "mDNS was not asked"
                : locator->finder ? "nothing of that name answers by mDNS"
                                  : locator->failure.text);
    locate->fn(locate->ctx, LOCATE_FAILED, NULL, &failure);
    release(locate);
}

/* --- mDNS ------------------------------------------------------------------------------------- */

static bool is_wanted(const struct locate *locate, const struct device *device)
{
    if (locate->mdns_started == 0)
        return false;
    if (locate->is_instance)
        return strcmp(device->name, locate->text) == 0;
    if (locate->kind == TARGET_LOCAL)
        return device_is_called(device, locate->local);
    if (locate->kind != TARGET_GLOB)
        return device_is_called(device, locate->text);
    return (device_is_called(device, locate->text) || device_matches(device, locate->text)) &&
           (!locate->limits.suits || locate->limits.suits(locate->ctx, device));
}

static bool uses_daemon(const struct locate *locate)
{
    const struct finder *finder = locate->locator->finder;

    return finder && finder_is_cached(finder);
}

/* One of them has gone without a word, and the other has its address now. */
static bool is_disputed(const struct locate *locate, const struct device *device)
{
    const struct device **devices = NULL;
    size_t count = finder_devices(locate->locator->finder, &devices);
    bool disputed = false;

    for (size_t i = 0; i < count; i++)
        disputed = disputed || (strcmp(devices[i]->name, device->name) != 0 &&
                                address_equal(&devices[i]->address, &device->address));
    free(devices);
    return disputed;
}

/* It is the answer, or one of a glob's. False when the search is over with that, and released. */
static bool found_device(struct locate *locate, const struct device *device)
{
    struct located located = {
        .address = device->address,
        .auth = device_auth(device),
        .from_cache = uses_daemon(locate),
    };

    located.is_disputed = located.from_cache && is_disputed(locate, device);

    memcpy(located.name, device->name, sizeof located.name);
    if (locate->kind != TARGET_GLOB || locate->is_instance) {
        found(locate, &located);
        return false;
    }
    if (locate->matched == 0)
        locate->matched = clock_ms();
    locate->fn(locate->ctx, LOCATE_FOUND, &located, NULL);
    return true;
}

void locate_heard(struct locator *locator, enum finder_event event, const struct device *device)
{
    struct locate *next;

    for (struct locate *locate = locator->list; locate; locate = next) {
        next = locate->next;
        /* A glob that was told of a device is not told again when it has changed. */
        bool is_news = event == FINDER_ADDED || (event == FINDER_CHANGED && !locate->matched);
        if (is_news && is_wanted(locate, device))
            found_device(locate, device);
    }
}

/* Begin to ask by mDNS; what was found for others may be the answer. False when it was. */
static bool ask_mdns(struct locate *locate, uint64_t now)
{
    const struct device **devices = NULL;
    bool goes_on = true;

    locate->mdns_started = now;
    locator_open_finder(locate->locator);
    size_t count = locate->locator->finder ? finder_devices(locate->locator->finder, &devices) : 0;
    for (size_t i = 0; i < count && goes_on; i++) {
        if (is_wanted(locate, devices[i]))
            goes_on = found_device(locate, devices[i]);
    }
    free(devices);
    return goes_on;
}

static void on_host(void *ctx, const struct address *address)
{
    struct locate *locate = ctx;
    const struct located located = { .address = *address, .from_cache = uses_daemon(locate) };

    found(locate, &located);
}

static void ask_host(struct locate *locate, uint64_t now)
{
    const struct locator *locator = locate->locator;
    if (locate->kind == TARGET_LOCAL && !locate->host && locator->finder &&
        now - locate->started >= HOST_MS)
        locate->host =
            locate_host_start(locator->base, locate->text, &locator->options, on_host, locate);
}

/* True while an answer by mDNS may still come. */
static bool mdns_may_answer(const struct locate *locate, uint64_t now)
{
    uint64_t usual = locate->limits.mdns_ms > 0 ? locate->limits.mdns_ms : LOCATE_MDNS_MS;

    return locate->locator->finder && locate->mdns_started > 0 &&
           (now - locate->mdns_started < usual || now - locate->started < locate->limits.wait_ms);
}

/* --- The system's resolver -------------------------------------------------------------------- */

static bool uses_dns(const struct locate *locate)
{
    return !locate->is_instance && (locate->kind == TARGET_BARE || locate->kind == TARGET_DOTTED ||
                                    locate->kind == TARGET_SYSTEM);
}

static void ask_dns(struct locate *locate, uint64_t now)
{
    const struct locator *locator = locate->locator;

    if (uses_dns(locate))
        locate_dns_ask(&locate->dns, locator->base, locate->text, locator->options.family,
                       locate->limits.wait_ms > 0, now);
}

/* True while the system's resolver may still answer. */
static bool dns_may_answer(struct locate *locate, uint64_t now)
{
    const struct locate_limits *limits = &locate->limits;
    uint64_t passed = now - locate->started;

    if (!uses_dns(locate))
        return false;
    if (passed >= limits->dns_ms && passed >= limits->wait_ms)
        locate_dns_give_up(&locate->dns);
    return locate->dns.state == LOCATE_DNS_ASKED || passed < limits->wait_ms;
}

/* --- The search ------------------------------------------------------------------------------- */

static bool uses_mdns(const struct locate *locate)
{
    if (locate->is_instance)
        return true;
    if (locate->kind == TARGET_DOTTED)
        return locate->dns.state == LOCATE_DNS_FAILED;
    return locate->kind != TARGET_ADDRESS && locate->kind != TARGET_SYSTEM;
}

/* A pattern that has matched is not looked for any longer. */
static bool is_glob_over(const struct locate *locate, uint64_t now, bool mdns_open)
{
    bool settled = now - locate->started >= GLOB_MS && now - locate->matched >= GLOB_TAIL_MS;

    return locate->matched > 0 && (settled || !mdns_open);
}

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
    static const struct timeval turn = { .tv_usec = TURN_MS * 1000 };
    struct locate *locate = arg;
    uint64_t now = clock_ms();

    (void)fd;
    (void)what;
    if (locate->kind == TARGET_ADDRESS && !locate->is_instance) {
        found_address(locate, &locate->address);
        return;
    }
    if (!event_pending(locate->turn, EV_TIMEOUT, NULL) && event_add(locate->turn, &turn) != 0) {
        failed(locate);
        return;
    }
    if (locate->mdns_started == 0 && uses_mdns(locate) && !ask_mdns(locate, now))
        return;
    ask_dns(locate, now);
    ask_host(locate, now);
    bool mdns_open = mdns_may_answer(locate, now);
    bool first = locate->kind == TARGET_BARE && mdns_open;
    if (locate->dns.state == LOCATE_DNS_FOUND &&
        (!first || now - locate->started >= PRECEDENCE_MS)) {
        found_address(locate, &locate->dns.address);
    } else if (is_glob_over(locate, now, mdns_open)) {
        locate->fn(locate->ctx, LOCATE_DONE, NULL, NULL);
        release(locate);
    } else if (!mdns_open && !dns_may_answer(locate, now) &&
               (locate->dns.state != LOCATE_DNS_FAILED || locate->mdns_started > 0 ||
                !uses_mdns(locate))) {
        failed(locate);
    }
}

static struct locate *start(struct locator *locator, const struct locate *setting)
{
    struct locate *locate = malloc(sizeof *locate);

    if (!locate)
        return NULL;
    *locate = *setting;
    locate->locator = locator;
    locate->started = clock_ms();
    locate->before = locator->last;
    if (locator->last)
        locator->last->next = locate;
    else
        locator->list = locate;
    locator->last = locate;
    locate->turn = event_new(locator->base, -1, EV_PERSIST, on_turn, locate);
    if (!locate->turn) {
        release(locate);
        return NULL;
    }
    /* Without a time yet, so that many of them have their first turns in the order of their start.
     */
    event_active(locate->turn, EV_TIMEOUT, 0);
    return locate;
}

struct locate *locate_start(struct locator *locator, const char *text,
                            const struct locate_limits *limits, locate_fn *fn, void *ctx)
{
    struct locate setting = { .text = text, .limits = *limits, .fn = fn, .ctx = ctx };

    setting.kind = target_kind(text, &setting.address);
    if (setting.kind == TARGET_LOCAL)
        snprintf(setting.local, sizeof setting.local, "%.*s", (int)target_name_length(text), text);
    return start(locator, &setting);
}

struct locate *locate_instance(struct locator *locator, const char *name,
                               const struct locate_limits *limits, locate_fn *fn, void *ctx)
{
    const struct locate setting = {
        .text = name, .is_instance = true, .limits = *limits, .fn = fn, .ctx = ctx
    };

    return start(locator, &setting);
}

void locate_cancel(struct locate *locate)
{
    if (locate)
        release(locate);
}

void locate_cancel_all(struct locator *locator)
{
    struct locate *next;

    for (struct locate *locate = locator->list; locate; locate = next) {
        next = locate->next;
        release(locate);
    }
}
