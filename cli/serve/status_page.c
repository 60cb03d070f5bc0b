#include "cli/serve/status_page.h"

#include "cli/serve/markup.h"
#include "cli/serve/status_attention.h"
#include "cli/serve/status_devices.h"
#include "cli/serve/status_releases.h"
#include "cli/serve/time_text.h"

#include <stdbool.h>

/* Of the events, so many. */
#define EVENT_ROWS 30

static void write_head(const struct status_view *view, struct evbuffer *out)
{
    markup_raw(out,
               "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
               "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
               "<meta name=\"color-scheme\" content=\"light dark\">\n"
               "<meta name=\"robots\" content=\"noindex\">\n"
               "<meta http-equiv=\"refresh\" content=\"%d\">\n<title>%sUpdates</title>\n"
               "<link rel=\"stylesheet\" href=\"/status.css\">\n</head>\n",
               STATUS_REFRESH_SECONDS, status_attention_is_needed(view) ? "Needs attention: " : "");
}

static void write_header(const struct status_view *view, struct evbuffer *out)
{
    size_t devices = view->store->count(view->store->ctx);

    markup_raw(out, "<header>\n<h1>Updates</h1>\n<p><b>%zu</b> %s", devices,
               devices == 1 ? "device" : "devices");
    if (view->fleet)
        markup_raw(out, " <span class=\"dot\">·</span> <b>%zu</b> %s", view->fleet->release_count,
                   view->fleet->release_count == 1 ? "release" : "releases");
    markup_raw(out, " <span class=\"dot\">·</span> server started ");
    markup_time(out, view->started, view->now);
    markup_raw(out, "</p>\n</header>\n");
}

static void write_image(const struct served_image *image, struct evbuffer *out)
{
    markup_raw(out, "<section aria-labelledby=\"image\">\n<h2 id=\"image\">Image for all</h2>\n"
                    "<dl>\n<div><dt>File</dt><dd>");
    markup_text(out, image->path);
    markup_raw(out, "</dd></div>\n<div><dt>Kind</dt><dd>%s</dd></div>\n<div><dt>Size</dt><dd>",
               image->facts.kind == IMAGE_UNKNOWN ? "not known" : image_facts_label(&image->facts));
    markup_size(out, image->facts.size);
    markup_raw(out,
               "</dd></div>\n<div><dt>MD5</dt><dd class=\"digest\">%s</dd></div>\n</dl>\n"
               "</section>\n",
               image->md5_text);
}

static void write_happening(const struct recent_event *event, struct evbuffer *out)
{
    const char *before = decision_reason_text(event->reason);
    const char *name = "";

    switch (event->outcome) {
    case OFFER_NONE:
        break;
    case OFFER_MADE:
        before = "is offered";
        name = "underway";
        break;
    case OFFER_DELIVERED:
        before = "has all of";
        name = "underway";
        break;
    case OFFER_UPDATED:
        before = "was updated to";
        name = "updated";
        break;
    case OFFER_FAILED:
        before = "came back with another version than";
        name = "failed";
        break;
    case OFFER_HELD:
        before = "is held back from";
        name = "held";
        break;
    }
    markup_raw(out, "<span class=\"what %s\">%s", name, before);
    if (event->release[0] != '\0') {
        markup_raw(out, "%s<b>", event->outcome == OFFER_NONE ? ": " : " ");
        markup_text(out, event->release);
        markup_raw(out, "</b>");
    } else if (event->outcome != OFFER_NONE) {
        markup_raw(out, " the image");
    }
    markup_raw(out, "</span>");
}

static void write_event(const struct recent_event *event, int64_t now, struct evbuffer *out)
{
    char mac[MAC_TEXT_SIZE];

    markup_raw(out, "<li>");
    markup_time(out, event->when, now);
    markup_raw(out, " <span class=\"mac\">%s</span> ", mac_format(mac, &event->station));
    write_happening(event, out);
    if (event->version[0] != '\0') {
        markup_raw(out, " <small class=\"same\">reports ");
        markup_text(out, event->version);
        markup_raw(out, "</small>");
    }
    markup_raw(out, "</li>\n");
}

static void write_events(const struct status_view *view, struct evbuffer *out)
{
    const struct recent_event *event = recent_events_get(view->events, 0);

    markup_raw(out, "<section aria-labelledby=\"events\">\n<h2 id=\"events\">Last events</h2>\n");
    if (!event) {
        markup_raw(out, "<p class=\"empty\">Nothing has happened since the server was started."
                        "</p>\n</section>\n");
        return;
    }
    markup_raw(out, "<ol class=\"events\">\n");
    for (size_t n = 0; n < EVENT_ROWS && event; event = recent_events_get(view->events, ++n))
        write_event(event, view->now, out);
    markup_raw(out, "</ol>\n</section>\n");
}

void status_page_write(const struct status_view *view, struct evbuffer *out)
{
    char now[TIME_TEXT_SIZE];

    write_head(view, out);
    markup_raw(out, "<body>\n");
    write_header(view, out);
    markup_raw(out, "<main>\n");
    status_attention_write(view, out);
    if (view->image)
        write_image(view->image, out);
    if (view->fleet)
        status_releases_write(view, out);
    status_devices_write(view, out);
    write_events(view, out);
    markup_raw(out,
               "</main>\n<footer>espota-c %s, as of %s. The page renews itself every %d seconds; "
               "<a href=\"/status.json\">as JSON</a>.</footer>\n</body>\n</html>\n",
               ESPOTA_VERSION, time_text_iso(now, view->now), STATUS_REFRESH_SECONDS);
}
