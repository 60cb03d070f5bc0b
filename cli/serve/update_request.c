#include "cli/serve/update_request.h"

#include "common/hex.h"
#include "common/text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Characters of the longest chip identity: the RP2040's is the serial number of its flash. */
#define CHIP_ID_MAX 32

struct family {
    enum image_kind kind;
    const char *agent;
    const char *prefix;
    unsigned required; /* of enum update_field */
};

#define REQUIRED_OF_ALL (UPDATE_FIELD_STA_MAC | UPDATE_FIELD_AP_MAC | UPDATE_FIELD_MODE)
#define REQUIRED_OF_ESP                                                     \
    (REQUIRED_OF_ALL | UPDATE_FIELD_FREE_SPACE | UPDATE_FIELD_SKETCH_SIZE | \
     UPDATE_FIELD_CHIP_SIZE | UPDATE_FIELD_SDK_VERSION)

static const struct family families[UPDATE_FAMILIES] = {
    { IMAGE_ESP8266, "ESP8266-http-Update", "x-ESP8266-",
      REQUIRED_OF_ESP | UPDATE_FIELD_CHIP_ID | UPDATE_FIELD_SKETCH_MD5 },
    { IMAGE_ESP32, "ESP32-http-Update", "x-ESP32-", REQUIRED_OF_ESP },
    { IMAGE_PICO, "Pico-HTTP-Update", "x-Pico-", REQUIRED_OF_ALL | UPDATE_FIELD_CHIP_ID },
};

/* A header's value, without the spaces around it. */
struct value {
    const char *at;
    size_t len;
};

/* --- Values ----------------------------------------------------------------------------------- */

/* Bytes, as the chips count them: none has more than 32 bits for it. */
static bool take_size(uint64_t *out, const struct value *value)
{
    struct text_cursor cursor = { value->at, value->len };

    return text_take_number(&cursor, UINT32_MAX, out) && cursor.len == 0;
}

static bool take_mac(struct mac *out, const struct value *value)
{
    char text[MAC_TEXT_SIZE];

    if (value->len != sizeof text - 1)
        return false;
    memcpy(text, value->at, value->len);
    text[value->len] = '\0';
    return mac_parse(out, text);
}

/* Devices go by it: all that have none would share one record, and be held back together. */
static bool is_address(const struct mac *mac)
{
    static const struct mac none = { { 0 } };

    return !(mac->bytes[0] & 1) && !mac_equal(mac, &none);
}

static bool take_text(char *out, size_t size, const struct value *value)
{
    if (value->len >= size)
        return false;
    memcpy(out, value->at, value->len);
    out[value->len] = '\0';
    return true;
}

static bool is_word(const struct value *value, const char *word)
{
    return value->len == strlen(word) && memcmp(value->at, word, value->len) == 0;
}

static bool take_mode(enum update_mode *out, const struct value *value)
{
    if (is_word(value, "sketch"))
        *out = UPDATE_SKETCH;
    /* Later cores of the ESP32 say which file system. */
    else if (is_word(value, "spiffs") || is_word(value, "littlefs") || is_word(value, "fatfs"))
        *out = UPDATE_FILESYSTEM;
    else if (is_word(value, "version"))
        *out = UPDATE_VERSION;
    else
        return false;
    return true;
}

/* A number on the ESP8266, a serial number on the RP2040. It is not kept: devices go by the MAC. */
static bool is_chip_id(enum image_kind family, const struct value *value)
{
    uint64_t number;

    if (family == IMAGE_ESP8266)
        return take_size(&number, value);
    return value->len > 0 && value->len <= CHIP_ID_MAX && hex_is_text(value->at, value->len);
}

static bool take_value(struct update_request *request, unsigned field, const struct value *value)
{
    switch (field) {
    case UPDATE_FIELD_CHIP_ID:
        return is_chip_id(request->family, value);
    case UPDATE_FIELD_STA_MAC:
        return take_mac(&request->station, value);
    case UPDATE_FIELD_AP_MAC:
        return take_mac(&request->access_point, value);
    case UPDATE_FIELD_FREE_SPACE:
        return take_size(&request->free_space, value);
    case UPDATE_FIELD_SKETCH_SIZE:
        return take_size(&request->sketch_size, value);
    case UPDATE_FIELD_SKETCH_MD5:
        return hex_decode(request->sketch_md5, sizeof request->sketch_md5, value->at, value->len);
    case UPDATE_FIELD_SKETCH_SHA256:
        return hex_decode(request->sketch_sha256, sizeof request->sketch_sha256, value->at,
                          value->len);
    case UPDATE_FIELD_CHIP_SIZE:
        return take_size(&request->chip_size, value);
    case UPDATE_FIELD_SDK_VERSION:
        return take_text(request->sdk_version, sizeof request->sdk_version, value);
    case UPDATE_FIELD_MODE:
        return take_mode(&request->mode, value);
    default:
        return take_text(request->version, sizeof request->version, value);
    }
}

/* --- Headers ---------------------------------------------------------------------------------- */

/* A name, and its length: most are told apart by that. */
#define NAME(text) text, sizeof(text) - 1

struct name {
    const char *text;
    size_t len;
};

/* By bit of enum update_field, as the ESP8266 writes them. */
static const struct name field_names[] = {
    { NAME("Chip-ID") },       { NAME("STA-MAC") },     { NAME("AP-MAC") },
    { NAME("free-space") },    { NAME("sketch-size") }, { NAME("sketch-md5") },
    { NAME("sketch-sha256") }, { NAME("chip-size") },   { NAME("sdk-version") },
    { NAME("mode") },          { NAME("version") },
};

#define FIELDS (sizeof field_names / sizeof *field_names)

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

static struct value value_of(const char *text)
{
    while (is_space(*text))
        text++;
    struct value value = { text, strlen(text) };
    while (value.len > 0 && is_space(value.at[value.len - 1]))
        value.len--;
    return value;
}

/* The family of a user agent, or UPDATE_FAMILIES. */
static size_t agent_family(const char *text)
{
    struct value value = value_of(text);
    size_t i = 0;

    while (i < UPDATE_FAMILIES && !is_word(&value, families[i].agent))
        i++;
    return i;
}

static void take_agent(struct update_parser *parser, const char *text)
{
    size_t family = agent_family(text);

    parser->family = family < UPDATE_FAMILIES ? families[family].kind : IMAGE_UNKNOWN;
    parser->agents += parser->agents < 2;
}

static void refuse(struct update_claim *claim, enum update_refusal refusal, unsigned field)
{
    if (claim->refusal != UPDATE_ACCEPTED)
        return;
    claim->refusal = refusal;
    claim->field = field;
}

/* Take what follows a family's prefix. */
static void take_field(struct update_claim *claim, const char *name, const char *text)
{
    struct value value = value_of(text);
    size_t len = strlen(name);
    size_t i = 0;

    while (i < FIELDS && (field_names[i].len != len || strcasecmp(name, field_names[i].text) != 0))
        i++;
    if (i == FIELDS)
        return;
    unsigned field = 1u << i;
    if (claim->request.sent & field) {
        refuse(claim, UPDATE_REPEATED, field);
        return;
    }
    if (!take_value(&claim->request, field, &value)) {
        refuse(claim, UPDATE_MALFORMED, field);
        return;
    }
    if (field == UPDATE_FIELD_STA_MAC && !is_address(&claim->request.station)) {
        refuse(claim, UPDATE_NO_ADDRESS, field);
        return;
    }
    claim->request.sent |= field;
}

void update_parser_init(struct update_parser *parser)
{
    memset(parser, 0, sizeof *parser);
    for (size_t i = 0; i < UPDATE_FAMILIES; i++)
        parser->claims[i].request.family = families[i].kind;
}

void update_parser_take(struct update_parser *parser, const char *name, const char *value)
{
    if (strcasecmp(name, "User-Agent") == 0) {
        take_agent(parser, value);
        return;
    }
    if (strncasecmp(name, "x-", 2) != 0)
        return;
    for (size_t i = 0; i < UPDATE_FAMILIES; i++) {
        size_t len = strlen(families[i].prefix);
        if (strncasecmp(name, families[i].prefix, len) == 0) {
            take_field(&parser->claims[i], name + len, value);
            return;
        }
    }
}

/* The first of these fields. */
static unsigned first_of(unsigned fields)
{
    return fields & (0u - fields);
}

enum update_refusal update_parser_end(struct update_parser *parser)
{
    size_t i = 0;

    while (i < UPDATE_FAMILIES && families[i].kind != parser->family)
        i++;
    if (i == UPDATE_FAMILIES) {
        parser->refusal = UPDATE_NO_UPDATER;
        return parser->refusal;
    }
    const struct update_claim *claim = &parser->claims[i];
    unsigned missing = families[i].required & ~claim->request.sent;

    parser->request = claim->request;
    if (parser->agents > 1) {
        parser->refusal = UPDATE_REPEATED;
    } else if (claim->refusal != UPDATE_ACCEPTED) {
        parser->refusal = claim->refusal;
        parser->field = claim->field;
    } else if (missing != 0) {
        parser->refusal = UPDATE_MISSING;
        parser->field = first_of(missing);
    }
    return parser->refusal;
}

/* --- Words ------------------------------------------------------------------------------------ */

/* The header that a refusal is about. */
static void header_name(const struct update_parser *parser, char *out, size_t size)
{
    size_t family = 0;
    size_t field = 0;

    while (family + 1 < UPDATE_FAMILIES && families[family].kind != parser->family)
        family++;
    while (field + 1 < FIELDS && parser->field != 1u << field)
        field++;
    if (parser->field == 0)
        snprintf(out, size, "User-Agent");
    else
        snprintf(out, size, "%s%s", families[family].prefix, field_names[field].text);
}

char *update_refusal_text(const struct update_parser *parser, char *out, size_t size)
{
    char name[64];

    header_name(parser, name, sizeof name);
    switch (parser->refusal) {
    case UPDATE_ACCEPTED:
        snprintf(out, size, "accepted");
        break;
    case UPDATE_NO_UPDATER:
        snprintf(out, size, "not an updater");
        break;
    case UPDATE_MISSING:
        snprintf(out, size, "%s is missing", name);
        break;
    case UPDATE_MALFORMED:
        snprintf(out, size, "%s is malformed", name);
        break;
    case UPDATE_REPEATED:
        snprintf(out, size, "%s is there twice", name);
        break;
    case UPDATE_NO_ADDRESS:
        snprintf(out, size, "%s is no device's address", name);
        break;
    }
    return out;
}

bool update_agent_is_updater(const char *user_agent)
{
    return agent_family(user_agent) < UPDATE_FAMILIES;
}
