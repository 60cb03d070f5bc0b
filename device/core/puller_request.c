#include "puller_request.h"

#include "common/secret.h"
#include "common/text.h"
#include "puller_url.h"

#include <string.h>

/* A text of which only a window is kept. */
struct window {
    char *out;
    size_t size;
    size_t used;
    size_t skip; /* characters that are still before it */
};

static void add_bytes(struct window *w, const char *text, size_t len)
{
    size_t skipped = len < w->skip ? len : w->skip;
    size_t room = w->size - w->used;

    w->skip -= skipped;
    text += skipped;
    len -= skipped;
    if (len > room)
        len = room;
    memcpy(w->out + w->used, text, len);
    w->used += len;
}

static void add(struct window *w, const char *text)
{
    add_bytes(w, text, strlen(text));
}

static void add_number(struct window *w, uint64_t number)
{
    char digits[TEXT_NUMBER_MAX + 1];
    size_t len = 0;

    text_append_number(digits, sizeof digits, &len, number);
    add_bytes(w, digits, len);
}

static void add_byte_digits(struct window *w, uint8_t byte, const char *alphabet)
{
    char digits[2] = { alphabet[byte >> 4], alphabet[byte & 15] };

    add_bytes(w, digits, sizeof digits);
}

static const char lower_digits[] = "0123456789abcdef";
static const char upper_digits[] = "0123456789ABCDEF";

static void add_digest(struct window *w, const uint8_t *digest, size_t len, const char *alphabet)
{
    for (size_t i = 0; i < len; i++)
        add_byte_digits(w, digest[i], alphabet);
}

static void add_mac(struct window *w, const uint8_t mac[6])
{
    for (size_t i = 0; i < 6; i++) {
        if (i > 0)
            add(w, ":");
        add_byte_digits(w, mac[i], upper_digits);
    }
}

static void add_base64(struct window *w, const char *text)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t left = strlen(text); left > 0;) {
        size_t n = left < 3 ? left : 3;
        uint8_t in[3] = { 0 };
        char out[4] = { '=', '=', '=', '=' };

        memcpy(in, text, n);
        out[0] = alphabet[in[0] >> 2];
        out[1] = alphabet[(in[0] & 3) << 4 | in[1] >> 4];
        if (n > 1)
            out[2] = alphabet[(in[1] & 15) << 2 | in[2] >> 6];
        if (n > 2)
            out[3] = alphabet[in[2] & 63];
        add_bytes(w, out, sizeof out);
        secret_wipe(in, sizeof in);
        secret_wipe(out, sizeof out);
        text += n;
        left -= n;
    }
}

/* --- Who asks --------------------------------------------------------------------------------- */

/* A stock client, by what it calls itself and its headers. */
struct client {
    const char *agent;
    const char *prefix;
    const char *mode;
    const char *version;
};

static const struct client *client_of(enum image_kind family)
{
    static const struct client esp8266 = { "ESP8266-http-Update", "x-ESP8266-", "mode", "version" };
    static const struct client esp32 = { "ESP32-http-Update", "x-ESP32-", "mode", "version" };
    static const struct client pico = { "Pico-HTTP-Update", "x-Pico-", "Mode", "Version" };

    if (family == IMAGE_PICO)
        return &pico;
    return family == IMAGE_ESP32 ? &esp32 : &esp8266;
}

/* A header begins; its value follows, then end_line(). */
static void begin_field(struct window *w, const struct client *client, const char *name)
{
    add(w, client->prefix);
    add(w, name);
    add(w, ": ");
}

static void end_line(struct window *w)
{
    add(w, "\r\n");
}

static void add_text_field(struct window *w, const struct client *client, const char *name,
                           const char *text)
{
    begin_field(w, client, name);
    add(w, text);
    end_line(w);
}

static void add_number_field(struct window *w, const struct client *client, const char *name,
                             uint64_t number)
{
    begin_field(w, client, name);
    add_number(w, number);
    end_line(w);
}

static void add_mac_field(struct window *w, const struct client *client, const char *name,
                          const uint8_t mac[6])
{
    begin_field(w, client, name);
    add_mac(w, mac);
    end_line(w);
}

/* The number of the RP2040's flash chip. */
static void add_serial_number(struct window *w, const struct client *client, uint64_t number)
{
    begin_field(w, client, "Chip-ID");
    for (unsigned shift = 64; shift > 0; shift -= 8)
        add_byte_digits(w, (uint8_t)(number >> (shift - 8)), upper_digits);
    end_line(w);
}

/* What the ESP families tell of themselves, and the RP2040 does not. */
static void add_sketch(struct window *w, const struct client *client,
                       const struct ota_identity *identity)
{
    add_number_field(w, client, "free-space", identity->free_space);
    add_number_field(w, client, "sketch-size", identity->sketch_size);
    begin_field(w, client, "sketch-md5");
    add_digest(w, identity->sketch_md5, sizeof identity->sketch_md5, lower_digits);
    end_line(w);
    if (identity->family == IMAGE_ESP32) {
        begin_field(w, client, "sketch-sha256");
        add_digest(w, identity->sketch_sha256, sizeof identity->sketch_sha256, upper_digits);
        end_line(w);
    }
    add_number_field(w, client, "chip-size", identity->chip_size);
    add_text_field(w, client, "sdk-version", identity->sdk_version);
}

static void add_identity(struct window *w, const struct client *client,
                         const struct ota_identity *identity, enum ota_target target)
{
    if (identity->family == IMAGE_ESP32)
        add(w, "Cache-Control: no-cache\r\n");
    else if (identity->family == IMAGE_PICO)
        add_serial_number(w, client, identity->chip_id);
    else
        add_number_field(w, client, "Chip-ID", identity->chip_id);
    add_mac_field(w, client, "STA-MAC", identity->station);
    add_mac_field(w, client, "AP-MAC", identity->access_point);
    if (identity->family != IMAGE_PICO)
        add_sketch(w, client, identity);
    add_text_field(w, client, client->mode, target == OTA_FILESYSTEM ? "spiffs" : "sketch");
    if (identity->version && identity->version[0] != '\0')
        add_text_field(w, client, client->version, identity->version);
}

/* --- What for --------------------------------------------------------------------------------- */

static void add_host(struct window *w, const struct ota_pull_url *url)
{
    add(w, "Host: ");
    if (url->is_literal)
        add(w, "[");
    add(w, url->text);
    if (url->is_literal)
        add(w, "]");
    if (url->port != ota_puller_url_standard_port(url->tls)) {
        add(w, ":");
        add_number(w, url->port);
    }
    end_line(w);
}

static void add_range(struct window *w, const struct ota_puller_request *request)
{
    add(w, "Range: bytes=");
    add_number(w, request->from);
    add(w, "-\r\n");
    if (request->etag[0] == '\0')
        return;
    add(w, "If-Range: ");
    add(w, request->etag);
    end_line(w);
}

size_t ota_puller_request_text(const struct ota_puller_request *request, size_t skip, char *out,
                               size_t size)
{
    const struct client *client = client_of(request->identity->family);
    struct window w = { .out = out, .size = size, .skip = skip };

    add(&w, "GET ");
    add(&w, request->url->text + request->url->path);
    add(&w, " HTTP/1.0\r\n");
    add_host(&w, request->url);
    add(&w, "User-Agent: ");
    add(&w, client->agent);
    end_line(&w);
    add(&w, "Connection: close\r\n");
    if (request->credentials) {
        add(&w, "Authorization: Basic ");
        add_base64(&w, request->credentials);
        end_line(&w);
    }
    add_identity(&w, client, request->identity, request->target);
    if (request->from > 0)
        add_range(&w, request);
    end_line(&w);
    return w.used;
}
