#include "cli/serve/fleet_report.h"

#include "cli/serve/decision.h"
#include "cli/serve/store_sqlite.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* 2026-11-22T19:26:36Z */
#define NOW 1795375596

static struct store memory(void)
{
    struct store store;
    struct store_sqlite_note note;
    struct failure failure;

    cr_assert(store_sqlite_open(&store, &(struct store_sqlite_options){ .path = ":memory:" }, &note,
                                &failure));
    return store;
}

static struct device_record device(const char *mac, const char *version)
{
    struct device_record record = {
        .address = "192.168.1.40",
        .first_seen = NOW - 86400,
        .last_seen = NOW - 200,
        .requests = 17,
        .status = 304,
        .reason = REASON_SAME_VERSION,
    };

    record.request.family = IMAGE_ESP8266;
    record.request.sent = UPDATE_FIELD_STA_MAC | UPDATE_FIELD_VERSION | UPDATE_FIELD_FREE_SPACE |
                          UPDATE_FIELD_SKETCH_MD5;
    record.request.free_space = 1000;
    cr_assert(mac_parse(&record.request.station, mac));
    snprintf(record.request.version, sizeof record.request.version, "%s", version);
    return record;
}

static char *report(struct store *store, bool json)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    cr_assert(fleet_report_print(store, json, NOW, out));
    fclose(out);
    return text;
}

Test(fleet_report, without_devices_has_a_heading_alone)
{
    struct store store = memory();
    char *table = report(&store, false);
    char *json = report(&store, true);

    cr_assert_str_eq(table, "DEVICE  FAMILY  VERSION  OFFERED  OUTCOME  ATTEMPTS  LAST SEEN  "
                            "ADDRESS  LAST ANSWER\n");
    cr_assert_str_eq(json, "");
    free(table);
    free(json);
    store.close(store.ctx);
}

Test(fleet_report, is_a_table_sorted_by_mac_with_columns_as_wide_as_they_must_be)
{
    struct store store = memory();
    struct device_record second = device("18:FE:AA:AA:AA:BB", "DOOR-7");
    struct device_record first = device("18:FE:AA:AA:AA:AA", "");
    struct device_record third = device("18:FE:AA:AA:AA:CC", "X");

    snprintf(second.sketch.release, sizeof second.sketch.release, "DOOR-8");
    second.sketch.attempts = 2;
    second.sketch.outcome = OFFER_DELIVERED;
    second.sketch.when = 5;
    third.filesystem = second.sketch;
    third.filesystem.outcome = OFFER_FAILED;
    third.filesystem.attempts = 1;
    third.filesystem.when = 6;
    third.sketch = second.sketch;
    third.last_seen = NOW;
    third.status = 200;
    third.reason = REASON_OFFERED;
    store.put(store.ctx, &second);
    store.put(store.ctx, &third);
    store.put(store.ctx, &first);
    char *table = report(&store, false);
    cr_assert_str_eq(
        table, "DEVICE             FAMILY   VERSION  OFFERED         OUTCOME    ATTEMPTS  LAST SEEN"
               "  ADDRESS       LAST ANSWER\n"
               "18:FE:AA:AA:AA:AA  esp8266  -        -               -          -         3 min ago"
               "  192.168.1.40  304 same-version\n"
               "18:FE:AA:AA:AA:BB  esp8266  DOOR-7   DOOR-8          delivered  2         3 min ago"
               "  192.168.1.40  304 same-version\n"
               "18:FE:AA:AA:AA:CC  esp8266  X        DOOR-8 (files)  failed     1         just now "
               "  192.168.1.40  200 offered\n");
    free(table);
    store.close(store.ctx);
}

Test(fleet_report, json_has_every_field_and_null_for_what_was_not_sent)
{
    struct store store = memory();
    struct device_record record = device("18:FE:AA:AA:AA:AA", "DOOR-7");

    memset(record.request.sketch_md5, 0xAB, sizeof record.request.sketch_md5);
    snprintf(record.sketch.release, sizeof record.sketch.release, "DOOR-8");
    record.sketch.attempts = 2;
    record.sketch.outcome = OFFER_HELD;
    record.sketch.when = NOW;
    store.put(store.ctx, &record);
    char *json = report(&store, true);
    cr_assert_str_eq(
        json,
        "{\"device\":\"18:FE:AA:AA:AA:AA\",\"family\":\"esp8266\",\"version\":\"DOOR-7\","
        "\"sdk_version\":null,\"mode\":\"sketch\",\"access_point\":null,\"free_space\":1000,"
        "\"sketch_size\":null,\"chip_size\":null,"
        "\"sketch_md5\":\"abababababababababababababababab\",\"sketch_sha256\":null,"
        "\"address\":\"192.168.1.40\",\"first_seen\":\"2026-11-21T19:26:36Z\","
        "\"last_seen\":\"2026-11-22T19:23:16Z\",\"requests\":17,\"status\":304,"
        "\"reason\":\"same-version\",\"sketch\":{\"release\":\"DOOR-8\","
        "\"md5\":\"00000000000000000000000000000000\",\"attempts\":2,"
        "\"when\":\"2026-11-22T19:26:36Z\",\"outcome\":\"held-back\"},\"filesystem\":null}\n");
    free(json);
    store.close(store.ctx);
}

Test(fleet_report, whatever_a_device_says_it_is_printed_harmlessly)
{
    static const char *const hostile[] = {
        "\x1b[2J\x1b]0;owned\x07",
        "\xff\xfe\xc0\x80",
        "a\nb\r\tc",
        "\"},{\"",
        "\xe2\x80\xae"
        "rtl",
        "\xc2\x9b"
        "31m",
    };

    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        struct store store = memory();
        struct device_record record = device("18:FE:AA:AA:AA:AA", hostile[i]);
        json_error_t error;

        snprintf(record.request.sdk_version, sizeof record.request.sdk_version, "%s", hostile[i]);
        snprintf(record.address, sizeof record.address, "%s", hostile[i]);
        record.request.sent |= UPDATE_FIELD_SDK_VERSION;
        store.put(store.ctx, &record);
        char *table = report(&store, false);
        char *json = report(&store, true);
        unsigned lines = 0;
        for (const char *at = table; *at; at++) {
            lines += *at == '\n';
            cr_expect(*at == '\n' || (*at >= ' ' && *at <= '~'), "byte %02x", (unsigned char)*at);
        }
        cr_expect_eq(lines, 2);
        for (const char *at = json; *at; at++)
            cr_expect(*at == '\n' || (*at >= ' ' && *at <= '~'), "byte %02x", (unsigned char)*at);
        json_t *object = json_loads(json, 0, &error);
        cr_expect(json_is_string(json_object_get(object, "version")), "%s", json);
        cr_expect_eq(json_object_size(object), 19);
        json_decref(object);
        free(table);
        free(json);
        store.close(store.ctx);
    }
}

Test(fleet_report, says_so_when_it_cannot_be_written)
{
    struct store store = memory();
    FILE *full = fopen("/dev/full", "w");

    cr_assert_not_null(full);
    cr_assert_not(fleet_report_print(&store, false, NOW, full));
    fclose(full);
    store.close(store.ctx);
}
