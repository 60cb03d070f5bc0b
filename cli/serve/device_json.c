#include "cli/serve/device_json.h"

#include "cli/printable.h"
#include "cli/serve/decision.h"
#include "cli/serve/time_text.h"
#include "common/hex.h"

#include <string.h>

static json_t *text_json(const char *text)
{
    char out[4 * UPDATE_VERSION_SIZE];

    return json_string(printable_bytes(out, sizeof out, text, strlen(text)));
}

static json_t *digest_json(const uint8_t *digest, size_t len)
{
    char out[HEX_SIZE(DIGEST_MAX_SIZE)];

    hex_encode(out, digest, len);
    return json_string(out);
}

static json_t *mac_json(const struct mac *mac)
{
    char out[MAC_TEXT_SIZE];

    return json_string(mac_format(out, mac));
}

static json_t *number_json(uint64_t number)
{
    return json_integer(number <= INT64_MAX ? (json_int_t)number : INT64_MAX);
}

static json_t *time_json(int64_t when)
{
    char out[TIME_TEXT_SIZE];

    return when > 0 ? json_string(time_text_iso(out, when)) : json_null();
}

static json_t *offer_json(const struct device_offer *offer)
{
    if (offer->release[0] == '\0')
        return json_null();
    json_t *object = json_object();
    json_object_set_new(object, "release", text_json(offer->release));
    json_object_set_new(object, "md5", digest_json(offer->md5, sizeof offer->md5));
    json_object_set_new(object, "attempts", json_integer(offer->attempts));
    json_object_set_new(object, "when", time_json(offer->when));
    json_object_set_new(object, "outcome", json_string(offer_outcome_name(offer->outcome)));
    return object;
}

static const char *mode_name(enum update_mode mode)
{
    static const char *const names[] = {
        [UPDATE_SKETCH] = "sketch",
        [UPDATE_FILESYSTEM] = "filesystem",
        [UPDATE_VERSION] = "version",
    };

    return (size_t)mode < sizeof names / sizeof *names ? names[mode] : "unknown";
}

/* Set a member to `value`, or to null when the device did not send it. */
static void set_sent(json_t *object, const char *name, const struct update_request *request,
                     unsigned field, json_t *value)
{
    if (request->sent & field) {
        json_object_set_new(object, name, value);
        return;
    }
    json_decref(value);
    json_object_set_new(object, name, json_null());
}

static void set_request(json_t *object, const struct update_request *request)
{
    json_object_set_new(object, "device", mac_json(&request->station));
    json_object_set_new(object, "family", json_string(image_kind_value(request->family)));
    set_sent(object, "version", request, UPDATE_FIELD_VERSION, text_json(request->version));
    set_sent(object, "sdk_version", request, UPDATE_FIELD_SDK_VERSION,
             text_json(request->sdk_version));
    json_object_set_new(object, "mode", json_string(mode_name(request->mode)));
    set_sent(object, "access_point", request, UPDATE_FIELD_AP_MAC,
             mac_json(&request->access_point));
    set_sent(object, "free_space", request, UPDATE_FIELD_FREE_SPACE,
             number_json(request->free_space));
    set_sent(object, "sketch_size", request, UPDATE_FIELD_SKETCH_SIZE,
             number_json(request->sketch_size));
    set_sent(object, "chip_size", request, UPDATE_FIELD_CHIP_SIZE, number_json(request->chip_size));
    set_sent(object, "sketch_md5", request, UPDATE_FIELD_SKETCH_MD5,
             digest_json(request->sketch_md5, sizeof request->sketch_md5));
    set_sent(object, "sketch_sha256", request, UPDATE_FIELD_SKETCH_SHA256,
             digest_json(request->sketch_sha256, sizeof request->sketch_sha256));
}

json_t *device_json(const struct device_record *record)
{
    json_t *object = json_object();

    if (!object)
        return NULL;
    set_request(object, &record->request);
    json_object_set_new(object, "address", text_json(record->address));
    json_object_set_new(object, "first_seen", time_json(record->first_seen));
    json_object_set_new(object, "last_seen", time_json(record->last_seen));
    json_object_set_new(object, "requests", number_json(record->requests));
    json_object_set_new(object, "status", json_integer(record->status));
    json_object_set_new(object, "reason",
                        json_string(decision_reason_name((enum decision_reason)record->reason)));
    json_object_set_new(object, "sketch", offer_json(&record->sketch));
    json_object_set_new(object, "filesystem", offer_json(&record->filesystem));
    return object;
}
