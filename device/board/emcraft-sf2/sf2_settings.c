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
    if (value.len > 0)
        return;
    memcpy(out->address, address, sizeof address);
    out->has_address = true;
}

/* Of the wrong length, or no digits, it stays a password: one that nobody can prove. */
static void take_password(struct sf2_settings *out, const struct text_cursor *value, size_t digits)
{
    out->has_password = true;
    out->password.text[0] = '\0';
    if (value->len != digits || !hex_is_text(value->at, value->len))
        return;
    for (size_t i = 0; i < digits; i++)
        out->password.text[i] =
            value->at[i] >= 'A' && value->at[i] <= 'F' ? (char)(value->at[i] + 32) : value->at[i];
    out->password.text[digits] = '\0';
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
        out->dialect = is(&line, "md5") ? AUTH_MD5 : AUTH_PBKDF2;
    else if (text_take(&line, "password-md5="))
        take_password(out, &line, 2 * DIGEST_MD5_SIZE);
    else if (text_take(&line, "password-sha256="))
        take_password(out, &line, 2 * DIGEST_SHA256_SIZE);
}

static bool is_usable(const struct sf2_settings *settings)
{
    size_t digits = strlen(settings->password.text);

    if (!settings->has_password)
        return true;
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
        return sf2_settings_parse(out, text, sizeof text);
    (void)sf2_settings_parse(out, text, 0);
    return false;
}
