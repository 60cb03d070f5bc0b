#include "cli/serve/status_attention.h"

#include "cli/serve/markup.h"

#include <inttypes.h>

struct status_attention status_attention_of(const struct status_view *view)
{
    struct status_attention attention = { 0 };
    struct store *store = view->store;

    for (size_t i = 0; view->fleet && i < view->fleet->release_count; i++) {
        const struct release *release = &view->fleet->releases[i];
        struct release_tally tally = store->tally(store->ctx, release->name);
        attention.stopped += release_is_stopped(release, &tally);
        attention.held += tally.held;
    }
    return attention;
}

bool status_attention_is_needed(const struct status_view *view)
{
    struct status_attention attention = status_attention_of(view);

    return view->problem || attention.stopped > 0 || attention.held > 0;
}

void status_attention_write(const struct status_view *view, struct evbuffer *out)
{
    struct status_attention attention = status_attention_of(view);

    if (!view->problem && attention.stopped == 0 && attention.held == 0)
        return;
    markup_raw(out, "<section class=\"problem\" aria-labelledby=\"problem\">\n"
                    "<h2 id=\"problem\">Needs attention</h2>\n");
    if (view->problem) {
        markup_raw(out, "<p>");
        markup_text(out, view->problem);
        markup_raw(out, "</p>\n");
    }
    if (attention.stopped > 0)
        markup_raw(out, "<p>%zu %s stopped: too many devices failed.</p>\n", attention.stopped,
                   attention.stopped == 1 ? "release is" : "releases are");
    if (attention.held > 0)
        markup_raw(out,
                   "<p>%" PRIu64 " %s held back: sent a release again and again, and never "
                   "came back with it.</p>\n",
                   attention.held, attention.held == 1 ? "device is" : "devices are");
    markup_raw(out, "</section>\n");
}
