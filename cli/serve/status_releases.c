#include "cli/serve/status_releases.h"

#include "cli/serve/markup.h"
#include "cli/serve/status_census.h"

#include <inttypes.h>
#include <stdbool.h>

/* One part of a bar. */
struct part {
    const char *name; /* class in the style sheet */
    const char *label;
    uint32_t count;
};

enum {
    PART_CURRENT,
    PART_UNDERWAY,
    PART_FAILED,
    PART_HELD,
    PART_UNFIT,
    PART_REST,
    PART_COUNT
};

static void list_parts(struct part parts[static PART_COUNT], const struct status_progress *progress)
{
    uint32_t done = progress->current + progress->underway + progress->failed + progress->held +
                    progress->unfit;

    parts[PART_CURRENT] = (struct part){ "updated", "updated", progress->current };
    parts[PART_UNDERWAY] = (struct part){ "underway", "under way", progress->underway };
    parts[PART_FAILED] = (struct part){ "failed", "failed", progress->failed };
    parts[PART_HELD] = (struct part){ "held", "held back", progress->held };
    parts[PART_UNFIT] = (struct part){ "unfit", "cannot take it", progress->unfit };
    parts[PART_REST] = (struct part){ "rest", "to come", progress->devices - done };
}

/*
 * A drawing, because a width in a style attribute is what the page's own policy forbids. Its
 * numbers stand below it as text, in the same order: a reader who does not see it misses nothing.
 */
static void write_bar(const struct status_progress *progress, const struct part *parts,
                      uint32_t share, struct evbuffer *out)
{
    uint32_t before = 0;

    markup_raw(out, "<svg class=\"bar\" aria-hidden=\"true\">");
    for (unsigned i = 0; i < PART_REST; i++) {
        if (parts[i].count == 0)
            continue;
        double x = 100.0 * before / progress->devices;
        double width = 100.0 * parts[i].count / progress->devices;
        markup_raw(out, "<rect class=\"%s\" x=\"%.3f%%\" width=\"%.3f%%\" height=\"100%%\"/>",
                   parts[i].name, x, width);
        if (i == PART_FAILED) /* told from the others without colours, too */
            markup_raw(out,
                       "<rect fill=\"url(#hatch)\" x=\"%.3f%%\" width=\"%.3f%%\" "
                       "height=\"100%%\"/>",
                       x, width);
        before += parts[i].count;
    }
    if (share < RELEASE_WHOLE && !progress->of_offered)
        markup_raw(out, "<line class=\"share\" x1=\"%.4f%%\" x2=\"%.4f%%\" y1=\"0\" y2=\"100%%\"/>",
                   share / 1e4, share / 1e4);
    markup_raw(out, "</svg>");
}

static void write_progress(const struct status_progress *progress, const struct release *release,
                           struct evbuffer *out)
{
    struct part parts[PART_COUNT];

    markup_raw(out, "<td class=\"progress\" data-label=\"Rollout\">");
    if (progress->devices == 0) {
        markup_raw(out, "<span class=\"none\">%s</span></td>\n",
                   progress->of_offered ? "offered to no device yet"
                                        : "no device that has asked is to have it");
        return;
    }
    list_parts(parts, progress);
    write_bar(progress, parts, release->rollout, out);
    markup_raw(out, "<ul class=\"parts\">");
    for (unsigned i = 0; i < PART_COUNT; i++) {
        if (parts[i].count > 0 || i == PART_CURRENT)
            markup_raw(out, "<li class=\"%s\"><b>%" PRIu32 "</b> %s</li>", parts[i].name,
                       parts[i].count, parts[i].label);
    }
    markup_raw(out, "<li class=\"of\">of %" PRIu32 "%s</li></ul></td>\n", progress->devices,
               progress->of_offered ? " offered" : "");
}

static void write_state(const struct status_view *view, const struct release *release,
                        struct evbuffer *out)
{
    struct release_tally tally = view->store->tally(view->store->ctx, release->name);

    markup_raw(out, "<td data-label=\"State\">");
    if (release_is_stopped(release, &tally)) {
        markup_raw(out,
                   "<span class=\"mark failed\">stopped</span> %" PRIu64 " of %" PRIu32 " failed",
                   (uint64_t)tally.failed + tally.held, tally.offered);
    } else if (release->after > view->now) {
        markup_raw(out, "<span class=\"mark\">waiting</span> begins ");
        markup_time(out, release->after, view->now);
    } else if (release->rollout < RELEASE_WHOLE) {
        markup_raw(out, "<span class=\"mark underway\">rolling out</span> to ");
        markup_share(out, release->rollout);
        markup_raw(out, " of devices");
    } else {
        markup_raw(out, "<span class=\"mark updated\">open</span> to every device");
    }
    if (release->has_stop) {
        markup_raw(out, "<small>stops when ");
        markup_share(out, release->stop_if_failing);
        markup_raw(out, " fail</small>");
    }
    markup_raw(out, "</td>");
}

static void write_image(const char *what, const struct served_image *image, struct evbuffer *out)
{
    if (!image)
        return;
    markup_raw(out, "<small title=\"");
    markup_text(out, image->path);
    markup_raw(out, "\">%s, ", what);
    markup_size(out, image->facts.size);
    markup_raw(out, "</small>");
}

/*
 * What the sketch is built for, as far as that fits to what the catalogue says: devices are told
 * apart by their family alone.
 */
static const char *chip_of(const struct release *release)
{
    if (release->family == IMAGE_UNKNOWN)
        return "any";
    if (release->sketch && release->sketch->facts.kind == release->family)
        return image_facts_label(&release->sketch->facts);
    return image_kind_name(release->family);
}

static void write_row(const struct status_view *view, const struct status_census *census,
                      const struct release *release, struct evbuffer *out)
{
    struct status_progress progress =
        status_census_progress(census, view->fleet, view->store, release);

    markup_raw(out, "<tr><th scope=\"row\">");
    markup_text(out, release->name);
    write_image("sketch", release->sketch, out);
    write_image("file system", release->filesystem, out);
    markup_raw(out, "</th>\n<td data-label=\"Chip\">%s</td>\n", chip_of(release));
    write_progress(&progress, release, out);
    write_state(view, release, out);
    markup_raw(out, "</tr>\n");
}

void status_releases_write(const struct status_view *view, struct evbuffer *out)
{
    size_t count = view->fleet->release_count;
    size_t shown = count < view->device_limit ? count : view->device_limit;
    struct status_census *census = status_census_take(view->fleet, view->store);

    markup_raw(out, "<section aria-labelledby=\"releases\">\n<h2 id=\"releases\">Releases</h2>\n"
                    "<svg class=\"definitions\" aria-hidden=\"true\"><defs><pattern id=\"hatch\" "
                    "width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\" "
                    "patternTransform=\"rotate(45)\"><rect class=\"hatch\" width=\"2\" "
                    "height=\"5\"/></pattern></defs></svg>\n<table>\n<caption>");
    if (shown < count)
        markup_raw(out, "The first %zu of %zu, in the order of the catalogue. ", shown, count);
    markup_raw(out, "%s</caption>\n",
               census ? "Of the devices that the catalogue means to have each"
                      : "Of the devices that each was offered to");
    markup_raw(out, "<thead><tr><th scope=\"col\">Release</th><th scope=\"col\">Chip</th>"
                    "<th scope=\"col\">Rollout</th><th scope=\"col\">State</th></tr></thead>\n"
                    "<tbody>\n");
    for (size_t i = 0; i < shown; i++)
        write_row(view, census, &view->fleet->releases[i], out);
    markup_raw(out, "</tbody>\n</table>\n</section>\n");
    status_census_free(census);
}
