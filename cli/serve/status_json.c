#include "cli/serve/status_json.h"

#include "cli/printable.h"
#include "cli/serve/device_json.h"
#include "cli/serve/status_attention.h"
#include "cli/serve/status_census.h"
#include "cli/serve/time_text.h"

#include <event2/buffer.h>
#include <string.h>

static json_t *number(uint64_t value)
{
    return json_integer(value < INT64_MAX ? (json_int_t)value : INT64_MAX);
}

/* A text that may be anything. */
static json_t *foreign(const char *text)
{
    char safe[4 * PATH_MAX];

    return json_string(printable_bytes(safe, sizeof safe, text, strlen(text)));
}

/* The same, and null where there is none. */
static json_t *foreign_or_null(const char *text)
{
    return text[0] != '\0' ? foreign(text) : json_null();
}

static json_t *moment(int64_t when)
{
    char text[TIME_TEXT_SIZE];

    return json_string(time_text_iso(text, when));
}

/* RELEASE_WHOLE as 1.0. */
static json_t *share(uint32_t value)
{
    return json_real((double)value / RELEASE_WHOLE);
}

static json_t *image_object(const struct served_image *image)
{
    if (!image)
        return json_null();
    return json_pack("{s:o, s:o, s:s, s:s, s:s?}", "file", foreign(image->path), "size",
                     number(image->facts.size), "md5", image->md5_text, "kind",
                     image_kind_value(image->facts.kind), "chip", image->facts.chip);
}

static json_t *progress_object(const struct status_progress *progress)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "devices", number(progress->devices),
                     "updated", number(progress->current), "underway", number(progress->underway),
                     "failed", number(progress->failed), "held", number(progress->held), "unfit",
                     number(progress->unfit), "of_offered", progress->of_offered);
}

static json_t *release_object(const struct status_view *view, const struct status_census *census,
                              const struct release *release)
{
    struct release_tally tally = view->store->tally(view->store->ctx, release->name);
    struct status_progress progress =
        status_census_progress(census, view->fleet, view->store, release);
    bool any = release->family == IMAGE_UNKNOWN;

    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o}", "name",
                     foreign(release->name), "family",
                     any ? json_null() : json_string(image_kind_value(release->family)), "sketch",
                     image_object(release->sketch), "filesystem", image_object(release->filesystem),
                     "rollout", share(release->rollout), "after",
                     release->after != 0 ? moment(release->after) : json_null(), "stop_if_failing",
                     release->has_stop ? share(release->stop_if_failing) : json_null(), "stopped",
                     release_is_stopped(release, &tally), "offers",
                     json_pack("{s:o, s:o, s:o, s:o}", "offered", number(tally.offered), "updated",
                               number(tally.updated), "failed", number(tally.failed), "held",
                               number(tally.held)),
                     "progress", progress_object(&progress));
}

static json_t *releases_array(const struct status_view *view)
{
    json_t *array = json_array();
    struct status_census *census;

    if (!view->fleet)
        return array;
    census = status_census_take(view->fleet, view->store);
    for (size_t i = 0; i < view->fleet->release_count && i < view->device_limit; i++)
        json_array_append_new(array, release_object(view, census, &view->fleet->releases[i]));
    status_census_free(census);
    return array;
}

static bool append_device(void *ctx, const struct device_record *record)
{
    json_array_append_new(ctx, device_json(record));
    return true;
}

static json_t *devices_array(const struct status_view *view)
{
    json_t *array = json_array();

    if (array)
        view->store->each(view->store->ctx, view->device_limit, append_device, array);
    return array;
}

static json_t *event_object(const struct recent_event *event)
{
    char mac[MAC_TEXT_SIZE];

    return json_pack("{s:o, s:s, s:s, s:s, s:o, s:o}", "when", moment(event->when), "device",
                     mac_format(mac, &event->station), "reason",
                     decision_reason_name(event->reason), "outcome",
                     offer_outcome_name(event->outcome), "release", foreign_or_null(event->release),
                     "version", foreign_or_null(event->version));
}

static json_t *events_array(const struct recent_events *events)
{
    json_t *array = json_array();
    const struct recent_event *event;

    for (size_t n = 0; (event = recent_events_get(events, n)) != NULL; n++)
        json_array_append_new(array, event_object(event));
    return array;
}

static int append_text(const char *text, size_t len, void *ctx)
{
    return evbuffer_add(ctx, text, len);
}

void status_json_write(const struct status_view *view, struct evbuffer *out)
{
    struct store *store = view->store;
    struct status_attention attention = status_attention_of(view);
    json_t *object =
        json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "version",
                  ESPOTA_VERSION, "now", moment(view->now), "started", moment(view->started),
                  "problem", view->problem ? foreign(view->problem) : json_null(),
                  "stopped_releases", number(attention.stopped), "held_devices",
                  number(attention.held), "image", image_object(view->image), "release_count",
                  number(view->fleet ? view->fleet->release_count : 0), "releases",
                  releases_array(view), "device_count", number(store->count(store->ctx)), "devices",
                  devices_array(view), "events", events_array(view->events));

    if (!object || json_dump_callback(object, append_text, out, JSON_COMPACT) < 0)
        evbuffer_add(out, "{}", 2);
    evbuffer_add(out, "\n", 1);
    json_decref(object);
}
