#include "ota/puller.h"

#include "puller_attempt.h"
#include "puller_transfer.h"
#include "puller_url.h"
#include "puller_verdict.h"

#include <string.h>

_Static_assert(sizeof(struct ota_puller) < 2560, "the puller stays below 2.5 KiB");

/* --- What the caller has configured ----------------------------------------------------------- */

static bool is_duration(uint32_t ms)
{
    return ms < 0x80000000u;
}

/* Shorter than `size`, and without what would end a line. */
static bool is_line(const char *text, size_t size)
{
    const char *end = memchr(text, '\0', size);

    if (!end)
        return false;
    for (; text < end; text++) {
        if ((unsigned char)*text < ' ' || *text == 0x7F)
            return false;
    }
    return true;
}

static bool is_ascii_line(const char *text, size_t size)
{
    if (!is_line(text, size))
        return false;
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text > 0x7F)
            return false;
    }
    return true;
}

static bool identity_is_sound(const struct ota_identity *identity)
{
    switch (identity->family) {
    case IMAGE_ESP8266:
    case IMAGE_ESP32:
        if (!identity->sdk_version || !is_ascii_line(identity->sdk_version, OTA_PULL_VERSION_SIZE))
            return false;
        break;
    case IMAGE_PICO:
        break;
    default:
        return false;
    }
    return !identity->version || is_ascii_line(identity->version, OTA_PULL_VERSION_SIZE);
}

static bool credentials_are_sound(const char *credentials)
{
    return !credentials ||
           (is_line(credentials, OTA_PULL_AUTH_SIZE) && strchr(credentials, ':') != NULL);
}

bool ota_puller_init(struct ota_puller *puller, const struct ota_puller_config *config)
{
    *puller = (struct ota_puller){ .config = config };
    return config->updater && config->net && config->identity &&
           identity_is_sound(config->identity) && credentials_are_sound(config->credentials) &&
           is_duration(config->connect_timeout_ms) && is_duration(config->header_timeout_ms) &&
           is_duration(config->receive_timeout_ms) && is_duration(config->limit_ms);
}

bool ota_puller_start(struct ota_puller *puller, const char *url, enum ota_target target,
                      uint32_t now_ms)
{
    const struct ota_puller_config *config = puller->config;
    struct text_cursor text = { url, strlen(url) };

    if (!ota_puller_is_idle(puller))
        return false;
    *puller =
        (struct ota_puller){ .config = config, .state = OTA_PULLER_PAUSING, .target = target };
    puller->deadline = now_ms;
    puller->limit = ota_puller_deadline(now_ms, config->limit_ms, OTA_PULL_LIMIT_MS);
    if (!ota_puller_url_parse(&puller->start, text))
        ota_puller_fail(puller, OTA_PULL_NOT_CONNECTED);
    else if (!identity_is_sound(config->identity))
        ota_puller_fail(puller, OTA_PULL_SEND_FAILED);
    else
        (void)ota_puller_can_begin(puller);
    puller->url = puller->start;
    return true;
}

/* --- What happens ----------------------------------------------------------------------------- */

/* Do what has become due; events and poll() both begin with it, so it matters not which is first.
 */
static void expire(struct ota_puller *p, uint32_t now_ms)
{
    /* A whole image is written to the end: that is bounded by itself. */
    if (p->state == OTA_PULLER_IDLE || p->state == OTA_PULLER_WRITING)
        return;
    if (ota_puller_time_left(p->limit, now_ms) == 0) {
        ota_puller_fail(p, OTA_PULL_TIMEOUT);
        return;
    }
    if (ota_puller_time_left(p->deadline, now_ms) > 0)
        return;
    switch (p->state) {
    case OTA_PULLER_CONNECTING:
        ota_puller_break(p, OTA_PULL_NOT_CONNECTED, now_ms);
        break;
    case OTA_PULLER_SENDING:
    case OTA_PULLER_HEADER:
        ota_puller_break(p, OTA_PULL_TIMEOUT, now_ms);
        break;
    case OTA_PULLER_BODY:
        /* A device whose flash is busy has no reason to expect bytes. */
        if (!p->flash_worked && !ota_updater_is_busy(p->config->updater))
            ota_puller_break(p, OTA_PULL_TIMEOUT, now_ms);
        break;
    case OTA_PULLER_PAUSING: /* poll() goes on */
    case OTA_PULLER_IDLE:
    case OTA_PULLER_WRITING:
        break;
    }
}

void ota_puller_on_connected(struct ota_puller *puller, uint32_t now_ms)
{
    expire(puller, now_ms);
    if (puller->state != OTA_PULLER_CONNECTING)
        return;
    puller->state = OTA_PULLER_SENDING;
    puller->deadline =
        ota_puller_deadline(now_ms, puller->config->header_timeout_ms, OTA_PULL_HEADER_TIMEOUT_MS);
    ota_puller_send(puller, now_ms);
}

size_t ota_puller_on_stream(struct ota_puller *puller, const void *bytes, size_t len,
                            uint32_t now_ms)
{
    const char *at = bytes;
    size_t used = 0;

    if (puller->state == OTA_PULLER_HEADER)
        used = ota_puller_take_header(puller, at, len, now_ms);
    if (puller->state == OTA_PULLER_BODY)
        return used + ota_puller_take_body(puller, at + used, len - used, now_ms);
    /* Nothing is taken before the request is out, and nothing kept when the connection is gone. */
    return puller->is_open ? used : len;
}

void ota_puller_on_sendable(struct ota_puller *puller, uint32_t now_ms)
{
    expire(puller, now_ms);
    if (puller->state == OTA_PULLER_SENDING)
        ota_puller_send(puller, now_ms);
}

void ota_puller_on_closed(struct ota_puller *puller, uint32_t now_ms)
{
    switch (puller->state) {
    case OTA_PULLER_CONNECTING:
        ota_puller_break(puller, OTA_PULL_NOT_CONNECTED, now_ms);
        break;
    case OTA_PULLER_SENDING:
        ota_puller_break(puller, OTA_PULL_SEND_FAILED, now_ms);
        break;
    case OTA_PULLER_HEADER:
    case OTA_PULLER_BODY:
        ota_puller_break(puller, OTA_PULL_CONNECTION_LOST, now_ms);
        break;
    case OTA_PULLER_IDLE:
    case OTA_PULLER_PAUSING:
    case OTA_PULLER_WRITING:
        break;
    }
}

/* --- Time ------------------------------------------------------------------------------------- */

static uint32_t sooner(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

uint32_t ota_puller_poll(struct ota_puller *puller, uint32_t now_ms)
{
    expire(puller, now_ms);
    if (puller->state == OTA_PULLER_PAUSING && ota_puller_time_left(puller->deadline, now_ms) == 0)
        ota_puller_ask(puller, now_ms);
    if (puller->holds && ota_puller_work(puller, now_ms))
        return 0;
    if (puller->state == OTA_PULLER_IDLE)
        return OTA_PULL_NEVER;
    if (puller->state == OTA_PULLER_WRITING)
        return 0;
    return sooner(ota_puller_time_left(puller->deadline, now_ms),
                  ota_puller_time_left(puller->limit, now_ms));
}

void ota_puller_abort(struct ota_puller *puller, int error)
{
    if (!ota_puller_is_idle(puller))
        ota_puller_fail(puller, error ? error : OTA_PULL_CONNECTION_LOST);
}

bool ota_puller_is_idle(const struct ota_puller *puller)
{
    return puller->state == OTA_PULLER_IDLE;
}

enum ota_pull_result ota_puller_result(const struct ota_puller *puller)
{
    return puller->result;
}

int ota_puller_error(const struct ota_puller *puller)
{
    return puller->error;
}

bool ota_puller_is_given_up(const struct ota_puller *puller)
{
    return puller->is_given_up;
}

const struct ota_pull_url *ota_puller_url(const struct ota_puller *puller)
{
    return &puller->url;
}

const char *ota_puller_offered_version(const struct ota_puller *puller)
{
    return puller->version;
}
