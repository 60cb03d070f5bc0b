#include "device_pull.h"

#include "common/secret.h"
#include "device/port/posix/posix_clock.h"
#include "device/port/posix/posix_random.h"
#include "device_events.h"
#include "device_identity.h"

#include <stdio.h>
#include <string.h>

/* Redirects that are followed; who sends a device round in circles is not worth more. */
#define REDIRECTS 5

/* Who is not answered well asks twice as late each time, but not later than so for that. */
#define PAUSE_MAX_MS 30000u

/* ---- versions ---- */

/* The version of the sketch with this digest, or NULL. */
static const char *version_of(const struct device_pull *pull, const uint8_t md5[DIGEST_MD5_SIZE])
{
    unsigned count = pull->version_count < DEVICE_VERSIONS ? pull->version_count : DEVICE_VERSIONS;

    for (unsigned i = 0; i < count; i++) {
        const struct device_version *version = &pull->versions[i];
        if (memcmp(version->md5, md5, sizeof version->md5) == 0)
            return version->name[0] ? version->name : NULL;
    }
    return NULL;
}

/* It takes the place of the sketch's former version, or of the version unheard of for longest. */
static void remember_version(struct device_pull *pull, const uint8_t md5[DIGEST_MD5_SIZE],
                             const char *name)
{
    unsigned at = 0;

    while (at < DEVICE_VERSIONS && at < pull->version_count &&
           memcmp(pull->versions[at].md5, md5, DIGEST_MD5_SIZE) != 0)
        at++;
    if (at == DEVICE_VERSIONS || at == pull->version_count)
        at = pull->version_count++ % DEVICE_VERSIONS;
    memcpy(pull->versions[at].md5, md5, DIGEST_MD5_SIZE);
    (void)snprintf(pull->versions[at].name, sizeof pull->versions[at].name, "%s", name);
}

/* A version that the device will send to servers: without what would spoil a header. */
static bool is_version(const char *text)
{
    size_t len = strnlen(text, OTA_PULL_VERSION_SIZE);

    for (size_t i = 0; i < len; i++) {
        if (text[i] < ' ' || text[i] > '~')
            return false;
    }
    return len > 0 && len < OTA_PULL_VERSION_SIZE;
}

/* ---- asking ---- */

static void on_event(void *ctx, const struct ota_pull_event *event)
{
    struct device_pull *pull = ctx;

    if (event->kind == OTA_PULL_EVENT_DONE) {
        pull->is_over = true;
        device_events_pulled(event, &pull->puller, pull->updater);
        return;
    }
    if (event->kind == OTA_PULL_EVENT_OFFERED)
        pull->tenth = event->total > 0 ? (unsigned)((uint64_t)event->done * 10 / event->total) : 0;
    if (event->kind != OTA_PULL_EVENT_PROGRESS ||
        device_events_is_new_tenth(&pull->tenth, event->done, event->total))
        device_events_pull(event, ota_puller_url(&pull->puller));
}

/* Ask after so long. */
static void plan(struct device_pull *pull, uint32_t delay_ms)
{
    pull->is_due = true;
    pull->due_ms = posix_clock_now_ms() + delay_ms;
}

/*
 * Ask again, if ever. Devices that were all started at once, as after a power cut, would ask at
 * once for ever: each waits a bit longer, by chance.
 */
static void plan_next(struct device_pull *pull)
{
    const struct ota_random random = posix_random();
    uint32_t every_ms = pull->options->every_ms;
    uint32_t pause_ms = every_ms;
    uint32_t chance = 0;

    if (every_ms == 0)
        return;
    for (unsigned i = 0; i < pull->failures && pause_ms < PAUSE_MAX_MS; i++)
        pause_ms *= 2;
    if (pause_ms > PAUSE_MAX_MS && every_ms < PAUSE_MAX_MS)
        pause_ms = PAUSE_MAX_MS;
    (void)random.fill(random.ctx, &chance, sizeof chance);
    plan(pull, pause_ms + chance % (pause_ms / 8 + 1));
}

/* Milliseconds until it is time to ask. An upload has its own end, which is waited for. */
static uint32_t time_left(const struct device_pull *pull)
{
    uint32_t left = pull->due_ms - posix_clock_now_ms();

    if (!pull->is_due || ota_updater_is_running(pull->updater))
        return OTA_PULL_NEVER;
    return left <= INT32_MAX ? left : 0;
}

static void ask(struct device_pull *pull)
{
    pull->is_due = false;
    pull->is_over = false;
    posix_pull_start(&pull->port, &pull->puller, pull->options->url, OTA_SKETCH);
}

static enum device_pull_outcome finish_update(struct device_pull *pull)
{
    const struct ota_stored *stored = ota_updater_stored(pull->updater);
    const char *version = ota_puller_offered_version(&pull->puller);

    /* What the server calls it now is what counts, but one that says nothing takes nothing back. */
    if (is_version(version))
        remember_version(pull, stored->md5, version);
    return DEVICE_PULL_UPDATED;
}

static enum device_pull_outcome finish(struct device_pull *pull)
{
    enum ota_pull_result result = ota_puller_result(&pull->puller);

    pull->is_over = false;
    if (result == OTA_PULL_OK)
        return finish_update(pull);
    if (result == OTA_PULL_FAILED && ota_puller_error(&pull->puller) == OTA_ERROR_RUNNING) {
        /* As in the responder: to be the second one is no update. It asks when that is over. */
        plan(pull, 0);
        return DEVICE_PULL_NOTHING;
    }
    pull->failures = result == OTA_PULL_FAILED ? pull->failures + 1 : 0;
    plan_next(pull);
    return DEVICE_PULL_NOT_UPDATED;
}

/* ---- the device's life ---- */

bool device_pull_init(struct device_pull *pull, const struct device_options *options,
                      const struct device_boot *boot, struct ota_updater *updater)
{
    *pull = (struct device_pull){ .options = &options->pull, .boot = boot, .updater = updater };
    posix_pull_init(&pull->port);
    if (!pull->options->url)
        return true;
    if (pull->options->has_mac)
        memcpy(pull->mac, pull->options->mac, sizeof pull->mac);
    else
        device_identity_make_mac(pull->mac, options->flash_path);
    device_identity_fill(&pull->identity, boot, pull->mac);
    pull->config = (struct ota_puller_config){
        .updater = updater,
        .net = &pull->port.net,
        .identity = &pull->identity,
        .credentials = pull->options->has_credentials ? pull->options->credentials : NULL,
        .redirects = REDIRECTS,
        .retries = pull->options->retries,
        .on_event = on_event,
        .event_ctx = pull,
    };
    return ota_puller_init(&pull->puller, &pull->config);
}

bool device_pull_start(struct device_pull *pull)
{
    if (!pull->options->url)
        return true;
    posix_pull_close(&pull->port);
    device_identity_fill(&pull->identity, pull->boot, pull->mac);
    if (!pull->has_started && pull->options->version)
        remember_version(pull, pull->identity.sketch_md5, pull->options->version);
    pull->has_started = true;
    pull->identity.version = version_of(pull, pull->identity.sketch_md5);
    pull->is_over = false;
    pull->is_due = false;
    pull->failures = 0;
    plan(pull, 0);
    return ota_puller_init(&pull->puller, &pull->config);
}

void device_pull_close(struct device_pull *pull)
{
    posix_pull_close(&pull->port);
    secret_wipe(&pull->puller, sizeof pull->puller);
}

uint32_t device_pull_prepare(struct device_pull *pull, struct pollfd fds[static POSIX_PULL_FDS])
{
    uint32_t left = time_left(pull);
    uint32_t delay_ms;

    fds[0] = (struct pollfd){ .fd = -1 };
    if (!pull->options->url)
        return OTA_PULL_NEVER;
    delay_ms = posix_pull_prepare(&pull->port, fds);
    return left < delay_ms ? left : delay_ms;
}

enum device_pull_outcome device_pull_serve(struct device_pull *pull,
                                           const struct pollfd fds[static POSIX_PULL_FDS])
{
    if (!pull->options->url)
        return DEVICE_PULL_NOTHING;
    if (time_left(pull) == 0)
        ask(pull);
    posix_pull_serve(&pull->port, &pull->puller, fds);
    return pull->is_over ? finish(pull) : DEVICE_PULL_NOTHING;
}
