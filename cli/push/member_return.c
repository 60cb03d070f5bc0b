#include "cli/push/member_return.h"

#include "cli/clock.h"
#include "cli/push/report_return.h"

#include <string.h>

/* A locator this young still counts as one without a cache. */
#define FRESH_MS 2000u

/* Between two uploads to a device that is there, and does not answer. */
#define AGAIN_S 2

/* --- A silent device -------------------------------------------------------------------------- */

static void on_found_afresh(struct member *member, const struct located *located)
{
    struct push_upload *upload = &member->upload;
    struct address address = located->address;
    char text[ADDRESS_TEXT_MAX];

    if (member->port > 0)
        address_set_port(&address, member->port);
    else if (address_port(&address) == 0)
        address_set_port(&address, address_port(&upload->device));
    bool moved = !address_equal(&address, &upload->device);
    bool was_asked = member->told;
    upload->presence = PUSH_PRESENT;
    if (!moved && was_asked && clock_ms() >= member->wait_end) {
        member_end(member);
        return;
    }
    if (moved) {
        twins_remove(&member->rollout->twins, member);
        upload->device = address;
        twins_add(&member->rollout->twins, member);
        report_note(member->rollout->job->report, upload->name, "It is at %s now",
                    address_text(&address, text));
    }
    member->from_cache = false;
    if (moved || !was_asked) {
        member_upload(member);
        return;
    }
    /* It is there, and does not answer yet: not without a pause, or it would be flooded. */
    member->again = true;
    event_add(member->step, &(const struct timeval){ .tv_sec = AGAIN_S });
}

static void on_located(void *ctx, enum locate_event event, const struct located *located,
                       const struct failure *failure)
{
    struct member *member = ctx;

    (void)failure;
    member->afresh = NULL;
    if (event == LOCATE_FOUND) {
        on_found_afresh(member, located);
        return;
    }
    member->upload.presence = PUSH_ABSENT;
    member_end(member);
}

/* A locator within this process whose cache is empty, or nearly so. */
static struct locator *fresh_locator(struct rollout *rollout)
{
    struct locator_options options = rollout->locator_options;
    uint64_t now = clock_ms();

    if (rollout->fresh &&
        (now - rollout->fresh_since < FRESH_MS || !locator_is_idle(rollout->fresh)))
        return rollout->fresh;
    locator_free(rollout->fresh);
    options.mdns.mode = MDNS_EMBEDDED;
    rollout->fresh = locator_new(rollout->base, &options);
    rollout->fresh_since = now;
    return rollout->fresh;
}

bool member_can_be_looked_for(const struct member *member)
{
    enum mdns_mode mode = member->rollout->job->options->mdns.mode;

    return mode != MDNS_DAEMON && (member->instance[0] || member->from_cache);
}

bool member_look_afresh(struct member *member)
{
    struct rollout *rollout = member->rollout;
    uint64_t now = clock_ms();
    bool waits = now < member->wait_end;
    const struct locate_limits limits = { .wait_ms =
                                              waits ? (uint32_t)(member->wait_end - now) : 0 };

    if (!member_can_be_looked_for(member) || (!member->from_cache && !waits))
        return false;
    struct locator *locator = fresh_locator(rollout);
    if (locator && member->instance[0])
        member->afresh = locate_instance(locator, member->instance, &limits, on_located, member);
    else if (locator) /* a host, by the name in .local that the user gave */
        member->afresh = locate_start(locator, member->host, &limits, on_located, member);
    if (!member->afresh)
        return false;
    member->state = MEMBER_SILENT;
    report_step(rollout->job->report, member->name,
                "no answer: it may have been known from the past, and is looked for afresh");
    return true;
}

/* --- An updated device ------------------------------------------------------------------------ */

static void on_online(void *ctx, const struct online_device *now)
{
    struct member *member = ctx;
    struct rollout *rollout = member->rollout;
    struct report *report = rollout->job->report;

    if (now) {
        bool renamed = member->instance[0] && strcmp(member->instance, now->name) != 0;
        report_online(report, &member->upload, clock_ms() - member->upload.finished_ms,
                      renamed ? now->name : NULL);
    } else {
        report_not_online(report, &member->upload, rollout->job->options->online_ms);
        rollout_note_code(rollout, EXIT_NOT_ONLINE);
    }
    member_close(member, !now);
}

void member_await_return(struct member *member)
{
    struct rollout *rollout = member->rollout;
    struct online_device device = {
        .address = member->upload.device,
        .has_fixed_port = member->port > 0,
    };

    memcpy(device.name, member->instance, sizeof device.name);
    member->state = MEMBER_LEAVING;
    report_updated(rollout->job->report, &member->upload);
    if (!online_start(rollout->online, &device, rollout->job->options->online_ms, on_online,
                      member))
        on_online(member, NULL);
}
