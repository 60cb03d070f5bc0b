#include "cli/serve/device_row.h"

#include "cli/printable.h"
#include "cli/serve/decision.h"
#include "common/hex.h"
#include "common/text.h"

#include <string.h>

/* What a member of the record is, and how a column holds it. */
enum column_kind {
    COLUMN_MAC,     /* struct mac: text */
    COLUMN_TEXT,    /* char[]: text with escapes */
    COLUMN_DIGEST,  /* uint8_t[]: hexadecimal text, "" for zeros: it was not sent */
    COLUMN_FAMILY,  /* enum image_kind: its name */
    COLUMN_MODE,    /* enum update_mode: its name */
    COLUMN_OUTCOME, /* enum offer_outcome */
    COLUMN_U16,
    COLUMN_U32,
    COLUMN_U64,
    COLUMN_TIME, /* int64_t, not negative */
};

struct column {
    const char *name;
    enum column_kind kind;
    size_t offset; /* of the member in the record */
    size_t size;   /* of it */
};

#define COLUMN(name, kind, member)                          \
    {                                                       \
        name, kind, offsetof(struct device_record, member), \
            sizeof((struct device_record *)NULL)->member    \
    }

static const struct column columns[] = {
    COLUMN("mac", COLUMN_MAC, request.station),
    COLUMN("version", COLUMN_TEXT, request.version),
    COLUMN("family", COLUMN_FAMILY, request.family),
    COLUMN("address", COLUMN_TEXT, address),
    COLUMN("first_seen", COLUMN_TIME, first_seen),
    COLUMN("last_seen", COLUMN_TIME, last_seen),
    COLUMN("requests", COLUMN_U64, requests),
    COLUMN("status", COLUMN_U16, status),
    COLUMN("reason", COLUMN_U16, reason),
    COLUMN("mode", COLUMN_MODE, request.mode),
    COLUMN("sdk", COLUMN_TEXT, request.sdk_version),
    COLUMN("free_space", COLUMN_U64, request.free_space),
    COLUMN("sketch_size", COLUMN_U64, request.sketch_size),
    COLUMN("chip_size", COLUMN_U64, request.chip_size),
    COLUMN("sketch_md5", COLUMN_DIGEST, request.sketch_md5),
    COLUMN("sketch_sha256", COLUMN_DIGEST, request.sketch_sha256),
    COLUMN("ap_mac", COLUMN_MAC, request.access_point),
    COLUMN("sent", COLUMN_U32, request.sent),
    COLUMN("offer_release", COLUMN_TEXT, sketch.release),
    COLUMN("offer_md5", COLUMN_DIGEST, sketch.md5),
    COLUMN("offer_attempts", COLUMN_U32, sketch.attempts),
    COLUMN("offer_when", COLUMN_TIME, sketch.when),
    COLUMN("offer_outcome", COLUMN_OUTCOME, sketch.outcome),
    COLUMN("fs_offer_release", COLUMN_TEXT, filesystem.release),
    COLUMN("fs_offer_md5", COLUMN_DIGEST, filesystem.md5),
    COLUMN("fs_offer_attempts", COLUMN_U32, filesystem.attempts),
    COLUMN("fs_offer_when", COLUMN_TIME, filesystem.when),
    COLUMN("fs_offer_outcome", COLUMN_OUTCOME, filesystem.outcome),
};

#define COLUMNS (sizeof columns / sizeof *columns)

/* The longest member that is a text, or a digest in digits, with every byte escaped. */
#define TEXT_SIZE (4 * UPDATE_VERSION_SIZE)
_Static_assert(TEXT_SIZE > HEX_SIZE(DIGEST_SHA256_SIZE), "digests fit");
_Static_assert(UPDATE_SDK_SIZE <= UPDATE_VERSION_SIZE, "all texts fit");

static const char *const mode_names[] = {
    [UPDATE_SKETCH] = "sketch",
    [UPDATE_FILESYSTEM] = "filesystem",
    [UPDATE_VERSION] = "version",
};

static bool is_text(enum column_kind kind)
{
    return kind <= COLUMN_MODE;
}

char *device_row_create_sql(char out[static DEVICE_ROW_SQL_SIZE])
{
    size_t used = 0;

    text_append_string(out, DEVICE_ROW_SQL_SIZE, &used, "CREATE TABLE device (");
    for (size_t i = 0; i < COLUMNS; i++) {
        text_append_string(out, DEVICE_ROW_SQL_SIZE, &used, i > 0 ? ", " : "");
        text_append_string(out, DEVICE_ROW_SQL_SIZE, &used, columns[i].name);
        text_append_string(out, DEVICE_ROW_SQL_SIZE, &used,
                           is_text(columns[i].kind) ? " TEXT NOT NULL" : " INTEGER NOT NULL");
        text_append_string(out, DEVICE_ROW_SQL_SIZE, &used, i == 0 ? " PRIMARY KEY" : "");
    }
    text_append_string(out, DEVICE_ROW_SQL_SIZE, &used, ") STRICT, WITHOUT ROWID");
    return out;
}

char *device_row_insert_sql(char out[static DEVICE_ROW_SQL_SIZE])
{
    size_t used = 0;

    text_append_string(out, DEVICE_ROW_SQL_SIZE, &used, "INSERT OR REPLACE INTO device VALUES (?");
    for (size_t i = 1; i < COLUMNS; i++)
        text_append_string(out, DEVICE_ROW_SQL_SIZE, &used, ", ?");
    text_append_string(out, DEVICE_ROW_SQL_SIZE, &used, ")");
    return out;
}

char *device_row_select_sql(char out[static DEVICE_ROW_SQL_SIZE])
{
    size_t used = 0;

    text_append_string(out, DEVICE_ROW_SQL_SIZE, &used, "SELECT ");
    for (size_t i = 0; i < COLUMNS; i++) {
        text_append_string(out, DEVICE_ROW_SQL_SIZE, &used, i > 0 ? ", " : "");
        text_append_string(out, DEVICE_ROW_SQL_SIZE, &used, columns[i].name);
    }
    text_append_string(out, DEVICE_ROW_SQL_SIZE, &used,
                       " FROM device NOT INDEXED ORDER BY last_seen DESC");
    return out;
}

static int bind_number(sqlite3_stmt *statement, int position, const struct column *column,
                       const void *member)
{
    uint64_t number = 0;

    if (column->kind == COLUMN_U16)
        number = *(const uint16_t *)member;
    else if (column->kind == COLUMN_U32)
        number = *(const uint32_t *)member;
    else if (column->kind == COLUMN_OUTCOME)
        number = *(const enum offer_outcome *)member;
    else if (column->kind == COLUMN_U64)
        number = *(const uint64_t *)member;
    else if (*(const int64_t *)member > 0)
        number = (uint64_t) * (const int64_t *)member;
    return sqlite3_bind_int64(statement, position,
                              number <= INT64_MAX ? (sqlite3_int64)number : INT64_MAX);
}

static bool is_zero(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != 0)
            return false;
    }
    return true;
}

static int bind_text(sqlite3_stmt *statement, int position, const struct column *column,
                     const void *member)
{
    char out[TEXT_SIZE];
    const char *text = out;

    if (column->kind == COLUMN_MAC)
        mac_format(out, member);
    else if (column->kind == COLUMN_DIGEST && is_zero(member, column->size))
        text = "";
    else if (column->kind == COLUMN_DIGEST)
        hex_encode(out, member, column->size);
    else if (column->kind == COLUMN_FAMILY)
        text = image_kind_value(*(const enum image_kind *)member);
    else if (column->kind == COLUMN_MODE)
        text = mode_names[*(const enum update_mode *)member];
    else
        printable_bytes(out, sizeof out, member, strlen(member));
    return sqlite3_bind_text(statement, position, text, -1,
                             text == out ? SQLITE_TRANSIENT : SQLITE_STATIC);
}

int device_row_bind(sqlite3_stmt *statement, const struct device_record *record)
{
    int error = SQLITE_OK;

    for (size_t i = 0; i < COLUMNS && !error; i++) {
        const void *member = (const char *)record + columns[i].offset;
        int position = (int)i + 1;
        error = is_text(columns[i].kind) ? bind_text(statement, position, &columns[i], member)
                                         : bind_number(statement, position, &columns[i], member);
    }
    return error;
}

static bool read_number(sqlite3_stmt *statement, int position, const struct column *column,
                        void *member)
{
    if (sqlite3_column_type(statement, position) != SQLITE_INTEGER)
        return false;
    sqlite3_int64 number = sqlite3_column_int64(statement, position);
    if (number < 0)
        return false;
    switch ((unsigned)column->kind) {
    case COLUMN_U16:
        *(uint16_t *)member = (uint16_t)number;
        return number <= UINT16_MAX;
    case COLUMN_U32:
        *(uint32_t *)member = (uint32_t)number;
        return number <= UINT32_MAX;
    case COLUMN_OUTCOME:
        if (number > OFFER_HELD)
            return false;
        *(enum offer_outcome *)member = (enum offer_outcome)number;
        return true;
    case COLUMN_U64:
        *(uint64_t *)member = (uint64_t)number;
        return true;
    default:
        *(int64_t *)member = number;
        return true;
    }
}

/* Undo printable_bytes(). False when the text is not of its making, or too long. */
static bool unescape(char *out, size_t size, const char *text, size_t len)
{
    size_t used = 0;

    for (size_t i = 0; i < len; used++) {
        char byte = text[i++];
        if (used + 1 >= size || byte == '\0')
            return false;
        if (byte == '\\') {
            if (i < len && text[i] == '\\')
                i++;
            else if (len - i >= 3 && text[i] == 'x' &&
                     hex_decode((uint8_t *)&byte, 1, text + i + 1, 2) && byte != '\0')
                i += 3;
            else
                return false;
        }
        out[used] = byte;
    }
    out[used] = '\0';
    return true;
}

static bool read_family(enum image_kind *out, const char *text)
{
    static const enum image_kind families[] = { IMAGE_ESP8266, IMAGE_ESP32, IMAGE_PICO,
                                                IMAGE_UNKNOWN };

    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        *out = families[i];
        if (strcmp(image_kind_value(*out), text) == 0)
            return true;
    }
    return false;
}

static bool read_mode(enum update_mode *out, const char *text)
{
    for (size_t i = 0; i < sizeof mode_names / sizeof *mode_names; i++) {
        *out = (enum update_mode)i;
        if (strcmp(mode_names[i], text) == 0)
            return true;
    }
    return false;
}

static bool read_text(sqlite3_stmt *statement, int position, const struct column *column,
                      void *member)
{
    if (sqlite3_column_type(statement, position) != SQLITE_TEXT)
        return false;
    const char *text = (const char *)sqlite3_column_text(statement, position);
    size_t len = (size_t)sqlite3_column_bytes(statement, position);
    if (!text)
        return false;
    switch ((unsigned)column->kind) {
    case COLUMN_MAC:
        return mac_parse(member, text);
    case COLUMN_DIGEST:
        return len == 0 || hex_decode(member, column->size, text, len);
    case COLUMN_FAMILY:
        return read_family(member, text);
    case COLUMN_MODE:
        return read_mode(member, text);
    default:
        return unescape(member, column->size, text, len);
    }
}

bool device_row_read(sqlite3_stmt *statement, struct device_record *out)
{
    *out = (struct device_record){ 0 };
    for (size_t i = 0; i < COLUMNS; i++) {
        void *member = (char *)out + columns[i].offset;
        if (!(is_text(columns[i].kind) ? read_text(statement, (int)i, &columns[i], member)
                                       : read_number(statement, (int)i, &columns[i], member)))
            return false;
    }
    return out->reason <= REASON_REFUSED;
}
