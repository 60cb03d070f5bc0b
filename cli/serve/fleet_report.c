#include "cli/serve/fleet_report.h"

#include "cli/display_width.h"
#include "cli/printable.h"
#include "cli/serve/decision.h"
#include "cli/serve/device_json.h"
#include "cli/serve/time_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Between two columns. */
#define GAP 2

/* The columns from left to right. */
enum column {
    COLUMN_DEVICE,
    COLUMN_FAMILY,
    COLUMN_VERSION,
    COLUMN_OFFERED,
    COLUMN_OUTCOME,
    COLUMN_ATTEMPTS,
    COLUMN_LAST_SEEN,
    COLUMN_ADDRESS,
    COLUMN_LAST_ANSWER,
    COLUMNS,
};

static const char *const heading[COLUMNS] = {
    [COLUMN_DEVICE] = "DEVICE",           [COLUMN_FAMILY] = "FAMILY",
    [COLUMN_VERSION] = "VERSION",         [COLUMN_OFFERED] = "OFFERED",
    [COLUMN_OUTCOME] = "OUTCOME",         [COLUMN_ATTEMPTS] = "ATTEMPTS",
    [COLUMN_LAST_SEEN] = "LAST SEEN",     [COLUMN_ADDRESS] = "ADDRESS",
    [COLUMN_LAST_ANSWER] = "LAST ANSWER",
};

/* A device's texts, safe to print. */
struct row {
    char device[MAC_TEXT_SIZE];
    char version[4 * UPDATE_VERSION_SIZE];
    char offered[4 * UPDATE_VERSION_SIZE + 16];
    char attempts[16];
    char last_seen[TIME_TEXT_SIZE];
    char address[4 * sizeof((struct device_record *)NULL)->address];
    char last_answer[64];
    const char *texts[COLUMNS];
};

/* All devices, copied: the store may not be asked while it is visited. */
struct devices {
    struct device_record *records;
    size_t count;
    size_t room;
    bool failed;
};

static bool take(void *ctx, const struct device_record *record)
{
    struct devices *devices = ctx;

    if (devices->count == devices->room) {
        size_t room = devices->room ? 2 * devices->room : 64;
        void *grown = reallocarray(devices->records, room, sizeof *devices->records);
        if (!grown) {
            devices->failed = true;
            return false;
        }
        devices->records = grown;
        devices->room = room;
    }
    devices->records[devices->count++] = *record;
    return true;
}

static int compare(const void *a, const void *b)
{
    const struct device_record *first = a;
    const struct device_record *second = b;

    return memcmp(first->request.station.bytes, second->request.station.bytes,
                  sizeof first->request.station.bytes);
}

static const char *or_dash(const char *text)
{
    return text[0] != '\0' ? text : "-";
}

/* Of two offers the later one; that of the file system is marked. */
static void fill_offer(struct row *row, const struct device_record *record)
{
    const struct device_offer *sketch = &record->sketch;
    const struct device_offer *filesystem = &record->filesystem;
    bool of_filesystem = filesystem->release[0] != '\0' &&
                         (sketch->release[0] == '\0' || filesystem->when > sketch->when);
    const struct device_offer *offer = of_filesystem ? filesystem : sketch;
    bool is_there = offer->release[0] != '\0';
    char release[4 * UPDATE_VERSION_SIZE];

    printable_bytes(release, sizeof release, offer->release, strlen(offer->release));
    snprintf(row->offered, sizeof row->offered, "%s%s", release, of_filesystem ? " (files)" : "");
    snprintf(row->attempts, sizeof row->attempts, is_there ? "%" PRIu32 : "-", offer->attempts);
    row->texts[COLUMN_OUTCOME] = is_there ? offer_outcome_name(offer->outcome) : "-";
}

static void fill(struct row *row, const struct device_record *record, int64_t now)
{
    const struct update_request *request = &record->request;

    mac_format(row->device, &request->station);
    printable_bytes(row->version, sizeof row->version, request->version, strlen(request->version));
    printable_bytes(row->address, sizeof row->address, record->address, strlen(record->address));
    time_text_ago(row->last_seen, record->last_seen, now);
    snprintf(row->last_answer, sizeof row->last_answer, "%" PRIu16 " %s", record->status,
             decision_reason_name((enum decision_reason)record->reason));
    fill_offer(row, record);
    row->texts[COLUMN_DEVICE] = row->device;
    row->texts[COLUMN_FAMILY] = image_kind_value(request->family);
    row->texts[COLUMN_VERSION] = or_dash(row->version);
    row->texts[COLUMN_OFFERED] = or_dash(row->offered);
    row->texts[COLUMN_ATTEMPTS] = row->attempts;
    row->texts[COLUMN_LAST_SEEN] = row->last_seen;
    row->texts[COLUMN_ADDRESS] = or_dash(row->address);
    row->texts[COLUMN_LAST_ANSWER] = row->last_answer;
}

static void widen(size_t widths[COLUMNS], const char *const texts[COLUMNS])
{
    for (size_t i = 0; i < COLUMNS; i++) {
        size_t width = display_width(texts[i]);
        if (widths[i] < width)
            widths[i] = width;
    }
}

static void print_texts(FILE *out, const char *const texts[COLUMNS], const size_t widths[COLUMNS])
{
    for (size_t i = 0; i + 1 < COLUMNS; i++) {
        size_t room = widths[i] - display_width(texts[i]) + GAP;
        fprintf(out, "%s%*s", texts[i], (int)room, "");
    }
    fprintf(out, "%s\n", texts[COLUMNS - 1]);
}

static void print_table(const struct devices *devices, int64_t now, FILE *out)
{
    size_t widths[COLUMNS] = { 0 };
    struct row row;

    widen(widths, heading);
    for (size_t i = 0; i < devices->count; i++) {
        fill(&row, &devices->records[i], now);
        widen(widths, row.texts);
    }
    print_texts(out, heading, widths);
    for (size_t i = 0; i < devices->count; i++) {
        fill(&row, &devices->records[i], now);
        print_texts(out, row.texts, widths);
    }
}

static bool print_json(const struct devices *devices, FILE *out)
{
    for (size_t i = 0; i < devices->count; i++) {
        json_t *object = device_json(&devices->records[i]);
        bool ok = object && json_dumpf(object, out, JSON_COMPACT | JSON_PRESERVE_ORDER) == 0;
        json_decref(object);
        if (!ok)
            return false;
        fputc('\n', out);
    }
    return true;
}

bool fleet_report_print(struct store *store, bool json, int64_t now, FILE *out)
{
    struct devices devices = { 0 };

    store->each(store->ctx, 0, take, &devices);
    bool ok = !devices.failed;
    if (ok && devices.count > 0)
        qsort(devices.records, devices.count, sizeof *devices.records, compare);
    if (ok && json)
        ok = print_json(&devices, out);
    else if (ok)
        print_table(&devices, now, out);
    free(devices.records);
    return fflush(out) == 0 && !ferror(out) && ok;
}
