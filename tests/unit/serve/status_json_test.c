#include "cli/serve/status_json.h"

#include "tests/unit/serve/status_rig.h"

#include <jansson.h>

static struct status_rig *rig;
static char *text;
static json_t *object;

static void arrive(void)
{
    rig = rig_new();
}

static void leave(void)
{
    json_decref(object);
    free(text);
    free(rig);
}

TestSuite(status_json, .init = arrive, .fini = leave);

/* Strict: jansson takes valid UTF-8 alone, one object, and nothing after it but white space. */
static void write_json(void)
{
    json_error_t error;

    json_decref(object);
    free(text);
    text = rig_text(&rig->view, status_json_write);
    object = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    cr_assert_not_null(object, "%s in:\n%s", error.text, text);
    cr_assert_eq(text[strlen(text) - 1], '\n');
}

static const char *string_of(const json_t *from, const char *key)
{
    const char *value = json_string_value(json_object_get(from, key));

    cr_assert_not_null(value, "no text \"%s\" in:\n%s", key, text);
    return value;
}

static int64_t number_of(const json_t *from, const char *key)
{
    const json_t *value = json_object_get(from, key);

    cr_assert(json_is_integer(value), "no number \"%s\" in:\n%s", key, text);
    return json_integer_value(value);
}

static json_t *first_of(const char *key)
{
    json_t *item = json_array_get(json_object_get(object, key), 0);

    cr_assert_not_null(item, "nothing in \"%s\" in:\n%s", key, text);
    return item;
}

Test(status_json, of_an_empty_server_has_all_its_keys)
{
    write_json();
    cr_expect_str_eq(string_of(object, "version"), ESPOTA_VERSION);
    cr_expect_str_eq(string_of(object, "now"), "2026-11-22T19:26:36Z");
    cr_expect_str_eq(string_of(object, "started"), "2026-11-19T19:26:36Z");
    cr_expect(json_is_null(json_object_get(object, "problem")));
    cr_expect_eq(number_of(object, "stopped_releases"), 0);
    cr_expect_eq(number_of(object, "held_devices"), 0);
    cr_expect(json_is_null(json_object_get(object, "image")));
    cr_expect_eq(number_of(object, "device_count"), 0);
    cr_expect_eq(json_array_size(json_object_get(object, "devices")), 0u);
    cr_expect_eq(json_array_size(json_object_get(object, "events")), 0u);
    cr_expect_eq(number_of(object, "release_count"), RIG_RELEASES);
    cr_expect_eq(json_array_size(json_object_get(object, "releases")), (size_t)RIG_RELEASES);
}

Test(status_json, a_release_has_its_terms_and_how_far_it_has_come)
{
    rig_add(rig, "24:00:00:00:00:01", "GARDEN-2.1.0");
    rig_offer(rig_add(rig, "24:00:00:00:00:02", "GARDEN-2"), "GARDEN-2.1.0", OFFER_FAILED, 2);
    rig_add(rig, "24:00:00:00:00:03", "GARDEN-2");
    write_json();
    json_t *release = json_array_get(json_object_get(object, "releases"), 1);
    json_t *offers = json_object_get(release, "offers");
    json_t *progress = json_object_get(release, "progress");

    cr_expect_str_eq(string_of(release, "name"), "GARDEN-2.1.0");
    cr_expect_str_eq(string_of(release, "family"), "esp32");
    cr_expect_str_eq(string_of(json_object_get(release, "sketch"), "file"),
                     "/srv/firmware/image.bin");
    cr_expect_str_eq(string_of(json_object_get(release, "sketch"), "chip"), "ESP8266");
    cr_expect_eq(number_of(object, "stopped_releases"), 1);
    cr_expect(json_is_null(json_object_get(release, "filesystem")));
    cr_expect_float_eq(json_real_value(json_object_get(release, "rollout")), 0.1, 1e-9);
    cr_expect_float_eq(json_real_value(json_object_get(release, "stop_if_failing")), 0.05, 1e-9);
    cr_expect(json_is_null(json_object_get(release, "after")));
    cr_expect(json_is_true(json_object_get(release, "stopped")));
    cr_expect_eq(number_of(offers, "offered"), 1);
    cr_expect_eq(number_of(offers, "failed"), 1);
    cr_expect_eq(number_of(progress, "devices"), 3);
    cr_expect_eq(number_of(progress, "updated"), 1);
    cr_expect_eq(number_of(progress, "failed"), 1);
    cr_expect(json_is_false(json_object_get(progress, "of_offered")));
}

Test(status_json, a_release_that_waits_says_until_when_and_one_for_any_family_has_none)
{
    write_json();
    json_t *releases = json_object_get(object, "releases");

    cr_expect_str_eq(string_of(json_array_get(releases, 3), "after"), "2026-12-01T19:26:36Z");
    cr_expect(json_is_null(json_object_get(json_array_get(releases, 4), "family")));
    cr_expect(json_is_null(json_object_get(json_array_get(releases, 4), "sketch")));
}

Test(status_json, a_device_has_what_it_said_and_what_came_of_its_offer)
{
    struct device_record *record = rig_add(rig, "18:FE:AA:AA:AA:AA", "DOOR-7");

    rig_offer(record, "DOOR-8-g20c1f7aa", OFFER_HELD, 3);
    write_json();
    json_t *device = first_of("devices");
    json_t *sketch = json_object_get(device, "sketch");

    cr_expect_str_eq(string_of(device, "device"), "18:FE:AA:AA:AA:AA");
    cr_expect_str_eq(string_of(device, "family"), "esp8266");
    cr_expect_str_eq(string_of(device, "version"), "DOOR-7");
    cr_expect_str_eq(string_of(device, "sdk_version"), "2.2.2-dev(38a443e)");
    cr_expect_str_eq(string_of(device, "address"), "192.168.1.40");
    cr_expect_str_eq(string_of(device, "last_seen"), "2026-11-22T19:23:16Z");
    cr_expect_str_eq(string_of(device, "reason"), decision_reason_name(REASON_HELD_BACK));
    cr_expect_eq(number_of(device, "status"), 304);
    cr_expect_eq(number_of(device, "requests"), 17);
    cr_expect_eq(number_of(device, "free_space"), 0x2E0000);
    cr_expect(json_is_null(json_object_get(device, "sketch_size")), "it was not sent");
    cr_expect_str_eq(string_of(sketch, "release"), "DOOR-8-g20c1f7aa");
    cr_expect_str_eq(string_of(sketch, "outcome"), offer_outcome_name(OFFER_HELD));
    cr_expect_eq(number_of(sketch, "attempts"), 3);
    cr_expect_eq(number_of(object, "held_devices"), 1);
    cr_expect(json_is_null(json_object_get(device, "filesystem")));
}

Test(status_json, numbers_larger_than_json_can_tell_are_the_largest_there_is)
{
    struct device_record *record = rig_add(rig, "18:FE:AA:AA:AA:AA", "DOOR-7");

    record->request.free_space = UINT64_MAX;
    record->last_seen = INT64_MIN;
    write_json();
    cr_expect_eq(number_of(first_of("devices"), "free_space"), INT64_MAX);
    cr_expect(json_is_null(json_object_get(first_of("devices"), "last_seen")));
}

/* A reader in Python or a shell must get text, whatever a device thinks of. */
Test(status_json, every_byte_of_a_device_comes_as_printable_text)
{
    for (int byte = 1; byte < 256; byte++) {
        char version[4] = { 'a', (char)byte, 'b', '\0' };
        struct recent_event event = { .when = RIG_NOW, .outcome = OFFER_FAILED };
        rig->device_count = 0;
        struct device_record *record = rig_add(rig, "18:FE:AA:AA:AA:AA", version);
        rig_offer(record, version, OFFER_MADE, 1);
        snprintf(record->request.sdk_version, sizeof record->request.sdk_version, "%s", version);
        snprintf(record->address, sizeof record->address, "%s", version);
        snprintf(event.version, sizeof event.version, "%s", version);
        recent_events_add(&rig->events, &event);
        rig->view.problem = version;
        write_json();
        const char *at = string_of(first_of("devices"), "version");
        for (; *at; at++)
            cr_assert(*at >= 0x20 && *at != 0x7f, "byte %d", byte);
    }
}

Test(status_json, hostile_texts_stay_inside_their_strings)
{
    static const struct {
        const char *sent;
        const char *told;
    } table[] = {
        { "\",\"x\":\"", "\",\"x\":\"" },
        { "</script><b>", "</script><b>" },
        { "back\\slash", "back\\\\slash" },
        { "\xff\xfe", "\\xff\\xfe" },
        { "\xc0\x80", "\\xc0\\x80" },
        { "\xed\xa0\x80", "\\xed\\xa0\\x80" },
        { "DOOR\xe2\x80\xaeROOD", "DOOR\\xe2\\x80\\xaeROOD" },
        { "\x1b[2J", "\\x1b[2J" },
        { "T\xc3\xbcr", "T\xc3\xbcr" },
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        rig->device_count = 0;
        rig_add(rig, "18:FE:AA:AA:AA:AA", table[i].sent);
        write_json();
        cr_expect_str_eq(string_of(first_of("devices"), "version"), table[i].told);
    }
}

Test(status_json, no_more_devices_are_told_than_allowed)
{
    rig_add(rig, "18:FE:AA:AA:AA:01", "DOOR-7");
    rig_add(rig, "18:FE:AA:AA:AA:02", "DOOR-7");
    rig->view.device_limit = 1;
    write_json();
    cr_expect_eq(number_of(object, "device_count"), 2);
    cr_expect_eq(json_array_size(json_object_get(object, "devices")), 1u);
    cr_expect_eq(number_of(object, "release_count"), RIG_RELEASES);
    cr_expect_eq(json_array_size(json_object_get(object, "releases")), 1u);
}

Test(status_json, an_event_has_its_device_and_what_happened)
{
    struct recent_event event = {
        .when = RIG_NOW, .reason = REASON_OFFERED, .outcome = OFFER_FAILED, .release = "LAMP-3"
    };

    cr_assert(mac_parse(&event.station, "5C:00:00:00:00:01"));
    recent_events_add(&rig->events, &event);
    write_json();
    cr_expect_str_eq(string_of(first_of("events"), "when"), "2026-11-22T19:26:36Z");
    cr_expect_str_eq(string_of(first_of("events"), "device"), "5C:00:00:00:00:01");
    cr_expect_str_eq(string_of(first_of("events"), "outcome"), offer_outcome_name(OFFER_FAILED));
    cr_expect_str_eq(string_of(first_of("events"), "release"), "LAMP-3");
    cr_expect(json_is_null(json_object_get(first_of("events"), "version")));
}

Test(status_json, a_server_with_one_image_for_all_tells_of_it)
{
    rig->view.fleet = NULL;
    rig->view.image = &rig->image;
    rig->view.problem = "the image was replaced";
    rig->image.facts.chip = NULL;
    write_json();
    cr_expect(json_is_null(json_object_get(json_object_get(object, "image"), "chip")));
    cr_expect_str_eq(string_of(json_object_get(object, "image"), "md5"),
                     "0123456789abcdef0123456789abcdef");
    cr_expect_eq(number_of(json_object_get(object, "image"), "size"), 412336);
    cr_expect_str_eq(string_of(object, "problem"), "the image was replaced");
    cr_expect_eq(json_array_size(json_object_get(object, "releases")), 0u);
}
