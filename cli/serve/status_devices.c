#include "cli/serve/status_devices.h"

#include "cli/serve/decision.h"
#include "cli/serve/markup.h"

#include <inttypes.h>
#include <stdbool.h>

struct rows {
    const struct status_view *view;
    struct evbuffer *out;
};

/* As the style sheet and a reader call an outcome. */
struct outcome_words {
    const char *name;
    const char *label;
};

static struct outcome_words outcome_words(enum offer_outcome outcome)
{
    switch (outcome) {
    case OFFER_NONE:
        break;
    case OFFER_MADE:
        return (struct outcome_words){ "underway", "sending" };
    case OFFER_DELIVERED:
        return (struct outcome_words){ "underway", "delivered" };
    case OFFER_UPDATED:
        return (struct outcome_words){ "updated", "updated" };
    case OFFER_FAILED:
        return (struct outcome_words){ "failed", "failed" };
    case OFFER_HELD:
        return (struct outcome_words){ "held", "held back" };
    }
    return (struct outcome_words){ "", "none" };
}

static void write_offer(const char *what, const struct device_offer *offer, struct evbuffer *out)
{
    struct outcome_words words = outcome_words(offer->outcome);

    if (offer->outcome == OFFER_NONE)
        return;
    markup_raw(out, "<div>");
    /* An image for all has no release, and no name. */
    markup_text(out, offer->release[0] != '\0' ? offer->release : "the image");
    markup_raw(out, "%s <span class=\"mark %s\">%s</span>", what, words.name, words.label);
    if (offer->attempts > 1)
        markup_raw(out, " <small class=\"same short\">%" PRIu32 " attempts</small>",
                   offer->attempts);
    markup_raw(out, "</div>");
}

static void write_offers(const struct device_record *record, struct evbuffer *out)
{
    markup_raw(out, "<td data-label=\"Offered\">");
    if (record->sketch.outcome == OFFER_NONE && record->filesystem.outcome == OFFER_NONE)
        markup_raw(out, "<span class=\"none\">nothing yet</span>");
    write_offer("", &record->sketch, out);
    write_offer(" (file system)", &record->filesystem, out);
    markup_raw(out, "</td>\n");
}

static void write_identity(const struct device_record *record, struct evbuffer *out)
{
    const struct update_request *request = &record->request;
    char mac[MAC_TEXT_SIZE];

    markup_raw(out, "<tr><th scope=\"row\"><span class=\"mac\">%s</span><small>%s, ",
               mac_format(mac, &request->station), image_kind_name(request->family));
    markup_text(out, record->address);
    markup_raw(out, "</small></th>\n<td data-label=\"Version\"");
    if ((request->sent & UPDATE_FIELD_SDK_VERSION) != 0) {
        markup_raw(out, " title=\"SDK ");
        markup_text(out, request->sdk_version);
        markup_raw(out, "\"");
    }
    if ((request->sent & UPDATE_FIELD_VERSION) != 0) {
        markup_raw(out, ">");
        markup_text(out, request->version);
        markup_raw(out, "</td>\n");
    } else {
        markup_raw(out, "><span class=\"none\">not told</span></td>\n");
    }
}

static bool write_row(void *ctx, const struct device_record *record)
{
    struct rows *rows = ctx;
    struct evbuffer *out = rows->out;

    write_identity(record, out);
    write_offers(record, out);
    markup_raw(out,
               "<td data-label=\"Last answer\"><b class=\"status\">%" PRIu16 "</b> %s</td>\n"
               "<td data-label=\"Seen\" class=\"short\">",
               record->status, decision_reason_text((enum decision_reason)record->reason));
    markup_time(out, record->last_seen, rows->view->now);
    markup_raw(out, "</td>\n<td data-label=\"Free space\" class=\"short number\">");
    if ((record->request.sent & UPDATE_FIELD_FREE_SPACE) != 0)
        markup_size(out, record->request.free_space);
    else
        markup_raw(out, "<span class=\"none\">not told</span>");
    markup_raw(out, "</td></tr>\n");
    return true;
}

void status_devices_write(const struct status_view *view, struct evbuffer *out)
{
    struct store *store = view->store;
    struct rows rows = { .view = view, .out = out };
    size_t count = store->count(store->ctx);

    markup_raw(out, "<section aria-labelledby=\"devices\">\n<h2 id=\"devices\">Devices</h2>\n");
    if (count == 0) {
        markup_raw(out, "<p class=\"empty\">No device has asked yet.</p>\n</section>\n");
        return;
    }
    markup_raw(out, "<table class=\"devices\">\n<caption>");
    if (count > view->device_limit)
        markup_raw(out, "%zu of %zu, the one", view->device_limit, count);
    else
        markup_raw(out, "The one");
    markup_raw(out, " seen last first</caption>\n<thead><tr><th scope=\"col\">Device</th>"
                    "<th scope=\"col\">Version</th>"
                    "<th scope=\"col\">Offered</th><th scope=\"col\">Last answer</th>"
                    "<th scope=\"col\">Seen</th>"
                    "<th scope=\"col\" class=\"number\">Free space</th></tr></thead>\n<tbody>\n");
    store->each(store->ctx, view->device_limit, write_row, &rows);
    markup_raw(out, "</tbody>\n</table>\n</section>\n");
}
