#include "cli/serve/status_census.h"

#include "cli/serve/decision.h"

#include <stdlib.h>
#include <string.h>

/*
 * Comparisons of a device with a rule that one census may cost: devices wait meanwhile, for some
 * 20 ms at most. A device takes about as long as EXACT_COST of them by itself, and one more for
 * every pattern with a wildcard.
 */
#define COST_MAX   60000u
#define EXACT_COST 3u

struct status_census {
    const struct fleet *fleet;
    struct status_progress releases[]; /* as in the fleet */
};

/* Whether the device runs the release, by what it says, or by what it said after it was offered. */
static bool has_release(const struct device_record *record, const struct release *release)
{
    const struct update_request *request = &record->request;

    if ((request->sent & UPDATE_FIELD_VERSION) != 0 && strcmp(request->version, release->name) == 0)
        return true;
    if (!release->sketch)
        return false;
    if ((request->sent & UPDATE_FIELD_SKETCH_MD5) != 0 &&
        image_facts_match_md5(&release->sketch->facts, request->sketch_md5))
        return true;
    return (request->sent & UPDATE_FIELD_SKETCH_SHA256) != 0 &&
           image_facts_match_sha256(&release->sketch->facts, request->sketch_sha256);
}

/* Of the sketch, unless the release is one of a file system alone. */
static enum offer_outcome outcome_of(const struct device_record *record,
                                     const struct release *release)
{
    const struct device_offer *offer = release->sketch ? &record->sketch : &record->filesystem;

    return strcmp(offer->release, release->name) == 0 ? offer->outcome : OFFER_NONE;
}

/* Another kind of chip, or too small a flash: no asking again will change that. */
static bool cannot_take(const struct device_record *record)
{
    switch ((enum decision_reason)record->reason) {
    case REASON_OTHER_FAMILY:
    case REASON_NO_SPACE:
    case REASON_LARGER_FLASH:
    case REASON_NO_IMAGE:
        return true;
    default:
        return false;
    }
}

static void count(struct status_progress *progress, const struct device_record *record,
                  const struct release *release)
{
    enum offer_outcome outcome = outcome_of(record, release);

    progress->devices++;
    if (outcome == OFFER_UPDATED || has_release(record, release))
        progress->current++;
    else if (outcome == OFFER_FAILED)
        progress->failed++;
    else if (outcome == OFFER_HELD)
        progress->held++;
    else if (cannot_take(record))
        progress->unfit++;
    else if (outcome != OFFER_NONE)
        progress->underway++;
}

static bool visit(void *ctx, const struct device_record *record)
{
    struct status_census *census = ctx;
    const struct release *release = fleet_find(census->fleet, &record->request.station);

    if (release)
        count(&census->releases[release - census->fleet->releases], record, release);
    return true;
}

static bool takes_too_long(const struct fleet *fleet, const struct store *store)
{
    size_t per_device = EXACT_COST + fleet->rule_count - fleet->exact_count;

    return store->count(store->ctx) > COST_MAX / per_device;
}

struct status_census *status_census_take(const struct fleet *fleet, const struct store *store)
{
    struct status_census *census;

    if (takes_too_long(fleet, store))
        return NULL;
    census = calloc(1, sizeof *census + fleet->release_count * sizeof census->releases[0]);
    if (!census)
        return NULL;
    census->fleet = fleet;
    store->each(store->ctx, 0, visit, census);
    return census;
}

/* An offer has one outcome at most, but tallies may come from a database of somebody else's. */
static uint32_t part(uint32_t value, uint32_t *left)
{
    uint32_t taken = value < *left ? value : *left;

    *left -= taken;
    return taken;
}

static struct status_progress progress_of_tally(const struct release_tally *tally)
{
    struct status_progress progress = { .devices = tally->offered, .of_offered = true };
    uint32_t left = tally->offered;

    progress.current = part(tally->updated, &left);
    progress.failed = part(tally->failed, &left);
    progress.held = part(tally->held, &left);
    progress.underway = left;
    return progress;
}

struct status_progress status_census_progress(const struct status_census *census,
                                              const struct fleet *fleet, const struct store *store,
                                              const struct release *release)
{
    struct release_tally tally;

    if (census)
        return census->releases[release - fleet->releases];
    tally = store->tally(store->ctx, release->name);
    return progress_of_tally(&tally);
}

void status_census_free(struct status_census *census)
{
    free(census);
}
