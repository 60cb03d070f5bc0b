#include "cli/push/report_return.h"

#include "cli/printable.h"
#include "cli/push/explain.h"
#include "cli/push/report_json.h"

#include <stdio.h>
#include <string.h>

void report_same(struct report *report, const char *name, const char *as)
{
    char safe[2][4 * 256];

    report_sought_no_more(report, name);
    if (strcmp(name, as) == 0)
        return; /* found in two ways, by name and by a pattern for instance */
    report_note(report, NULL, "espota-c: %s is the same device as %s: it is updated once",
                printable(safe[0], sizeof safe[0], name), printable(safe[1], sizeof safe[1], as));
    if (report->json)
        report_json_same(name, as);
}

void report_found(struct report *report, const struct push_upload *upload,
                  const struct located *located)
{
    static const char *const passwords[] = {
        [DEVICE_AUTH_UNKNOWN] = "which does not say whether it wants a password",
        [DEVICE_AUTH_NO] = "without password",
        [DEVICE_AUTH_YES] = "with password",
    };
    char address[ADDRESS_TEXT_MAX];
    char name[4 * DEVICE_NAME_MAX];
    char text[sizeof address + sizeof name + 128];

    if (report->json)
        report_json_found(upload, located);
    snprintf(text, sizeof text, "\"%s\" found at %s, %s%s",
             printable(name, sizeof name, located->name), address_text(&upload->device, address),
             passwords[located->auth], located->from_cache ? ", as the daemon knows it" : "");
    report_step(report, upload->name, text);
}

/* The result's object of an upload that succeeded. */
static void tell_result(const struct report *report, const struct push_upload *upload)
{
    struct explanation explanation;

    if (!report->json)
        return;
    explain_upload(&explanation, upload, image_file_kind(report->image));
    report_json_result(upload, &explanation);
}

void report_online(struct report *report, struct push_upload *upload, uint64_t ms, const char *name)
{
    char now[4 * DEVICE_NAME_MAX] = "";
    char sentence[sizeof now + 128];
    char since[64] = "";

    if (report_has_view(report))
        snprintf(since, sizeof since, "updated in %.1f s, ",
                 (double)(upload->finished_ms - upload->started_ms) / 1000.0);
    snprintf(sentence, sizeof sentence, "%sback online after %.1f s%s%s%s", since,
             (double)ms / 1000.0, name ? ", called \"" : "",
             name ? printable(now, sizeof now, name) : "", name ? "\" now" : "");
    report_result(report, upload, EXIT_UPDATED, sentence, "");
    if (report->json)
        report_json_online(upload, ms, name);
    tell_result(report, upload);
}

void report_not_online(struct report *report, struct push_upload *upload, uint32_t ms)
{
    static const char hint[] = "It has verified the image, so do not simply upload it again: look "
                               "at its serial output, and whether the new sketch joins this "
                               "network and handles OTA.";
    char sentence[128];

    snprintf(sentence, sizeof sentence, "updated, but not back online within %g s", ms / 1000.0);
    report_result(report, upload, EXIT_NOT_ONLINE, sentence, hint);
    if (report->json)
        report_json_not_online(upload, sentence, hint);
}

void report_left(struct report *report, struct push_upload *upload)
{
    static const char sentence[] = "interrupted while it was waited for: it was updated";
    struct fleet_row *row = report_row(report, upload);
    char device[4 * 256];

    if (row)
        fleet_view_end(row, EXIT_UPDATED, sentence);
    else
        report_say(report, NULL, "espota-c: %s: %s", printable(device, sizeof device, upload->name),
                   sentence);
    report_keep(report, upload->name, EXIT_UPDATED, sentence, "", upload);
    tell_result(report, upload);
}
