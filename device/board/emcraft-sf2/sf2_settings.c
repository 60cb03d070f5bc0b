#include "sf2_settings.h"

#include "common/hex.h"
#include "common/text.h"
#include "sf2_layout.h"

#include <string.h>

static bool is(const struct text_cursor *text, const char *word)
{
    return text->len == strlen(word) && memcmp(text->at, word, text->len) == 0;
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

static void take_name(struct sf2_settings *out, const struct text_cursor *value)
{
    if (value->len == 0 || value->len >= sizeof out->name)
        return;
    for (size_t i = 0; i < value->len; i++) {
        if (!is_name(value->at[i]))
            return;
    }
    memcpy(out->name, value->at, value->len);
    out->name[value->len] = '\0';
}

static void take_port(struct sf2_settings *out, struct text_cursor value)
{
    uint64_t port;

    if (text_take_number(&value, UINT16_MAX, &port) && value.len == 0 && port > 0)
        out->port = (uint16_t)port;
}

/* "10.0.2.15" */
static void take_address(struct sf2_settings *out, struct text_cursor value)
{
    uint8_t address[4];

    for (unsigned i = 0; i < sizeof address; i++) {
        uint64_t number;
        if ((i > 0 && !text_take(&value, ".")) || !text_take_number(&value, UINT8_MAX, &number))
            return;
        address[i] = (uint8_t)number;
    }
    /* Of a host: neither 0.x nor 127.x, and below the groups. */
    if (value.len > 0 || address[0] == 0 || address[0] == 127 || address[0] >= 224)
        return;
    memcpy(out->address, address, sizeof address);
    out->has_address = true;
}

/* Of the wrong length, or no digits, it stays a password: one that nobody can prove. */
static void take_password(struct sf2_settings *out, const struct text_cursor *value, size_t digits)
{
    uint8_t bytes[DIGEST_SHA256_SIZE];

    out->has_password = true;
    out->password.text[0] = '\0';
    /* A proof is computed of the lower-case text. */
    if (hex_decode(bytes, digits / 2, value->at, value->len))
        hex_encode(out->password.text, bytes, digits / 2);
}

static void take_dialect(struct sf2_settings *out, const struct text_cursor *value)
{
    out->dialect = is(value, "md5") ? AUTH_MD5 : AUTH_PBKDF2;
    if (!is(value, "md5") && !is(value, "sha256"))
        out->is_locked = true;
}

/* An address of one device, not of a group. */
static void take_mac(struct sf2_settings *out, const struct text_cursor *value)
{
    uint8_t mac[6];

    if (!hex_decode(mac, sizeof mac, value->at, value->len) || (mac[0] & 1))
        return;
    memcpy(out->mac, mac, sizeof mac);
    out->has_mac = true;
}

static void take_line(struct sf2_settings *out, struct text_cursor line)
{
    line = text_trim_end(line);
    if (text_take(&line, "name="))
        take_name(out, &line);
    else if (text_take(&line, "port="))
        take_port(out, line);
    else if (text_take(&line, "address="))
        take_address(out, line);
    else if (text_take(&line, "auth="))
        take_dialect(out, &line);
    else if (text_take(&line, "mac="))
        take_mac(out, &line);
    else if (text_take(&line, "seed="))
        out->has_seed = line.len > 0;
    else if (text_take(&line, "password-md5="))
        take_password(out, &line, 2 * DIGEST_MD5_SIZE);
    else if (text_take(&line, "password-sha256="))
        take_password(out, &line, 2 * DIGEST_SHA256_SIZE);
    else if (text_take(&line, "password") || text_take(&line, "auth"))
        out->is_locked = true;
}

static bool is_usable(const struct sf2_settings *settings)
{
    size_t digits = strlen(settings->password.text);

    if (settings->is_locked || !settings->has_password)
        return !settings->is_locked;
    return digits > 0 && (settings->dialect == AUTH_PBKDF2 || digits == 2 * DIGEST_MD5_SIZE);
}

bool sf2_settings_parse(struct sf2_settings *out, const char *text, size_t len)
{
    struct digest digest;
    size_t end = 0;

    *out = (struct sf2_settings){ .name = "sf2", .port = 8266, .dialect = AUTH_PBKDF2 };
    while (end < len && text[end] != '\0' && (uint8_t)text[end] != 0xFF)
        end++;
    digest_init(&digest, DIGEST_SHA256);
    digest_update(&digest, text, end);
    digest_finish(&digest, out->seed);
    for (size_t at = 0; at < end; at++) {
        size_t begin = at;
        while (at < end && text[at] != '\n')
            at++;
        take_line(out, (struct text_cursor){ text + begin, at - begin });
    }
    return is_usable(out);
}

bool sf2_settings_read(struct sf2_settings *out, const struct ota_flash *flash)
{
    char text[SF2_SETTINGS_MAX];

    if (flash->read(flash->ctx, SF2_SETTINGS_AT, text, sizeof text))
        return sf2_settings_parse(out, text, sizeof text) &&
               (memchr(text, 0xFF, sizeof text) || memchr(text, '\0', sizeof text));
    (void)sf2_settings_parse(out, text, 0);
    return false;
}
