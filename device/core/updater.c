#include "ota/updater.h"

#include "common/hex.h"
#include "common/text.h"
#include "sketch_check.h"
#include "updater_erase.h"
#include "updater_place.h"
#include "updater_steps.h"

#include <string.h>

void ota_updater_init(struct ota_updater *updater, const struct ota_updater_config *config)
{
    *updater = (struct ota_updater){ .config = config };
}

enum ota_error ota_updater_begin(struct ota_updater *updater, uint64_t size, enum ota_target target)
{
    struct ota_updater *u = updater;
    const struct ota_updater_events *events = &u->config->events;
    const char *text = NULL;
    enum ota_error error = OTA_OK;

    if (ota_updater_is_running(u)) {
        ota_updater_tell_error(u, OTA_ERROR_RUNNING);
        return OTA_ERROR_RUNNING;
    }
    *u = (struct ota_updater){ .config = u->config,
                               .target = target,
                               .known = u->known,
                               .marked = u->marked,
                               .sequence = u->sequence,
                               .clean = u->clean };
    if (target != OTA_SKETCH && target != OTA_FILESYSTEM)
        error = OTA_ERROR_UNKNOWN_COMMAND;
    else if (size == 0)
        error = OTA_ERROR_SIZE;
    else
        error = ota_updater_find_place(u, size, &text);
    if (error)
        return ota_updater_fail(u, error, text);

    u->image.size = (uint32_t)size;
    u->phase = OTA_UPDATER_FILL;
    digest_init(&u->digest, DIGEST_MD5);
    if (events->start)
        events->start(events->ctx);
    return OTA_OK;
}

void ota_updater_expect_md5(struct ota_updater *updater, const uint8_t md5[DIGEST_MD5_SIZE])
{
    if (!ota_updater_is_running(updater))
        return;
    memcpy(updater->expected_md5, md5, DIGEST_MD5_SIZE);
    updater->has_expected = true;
}

static bool check_header(struct ota_updater *u)
{
    const char *text = NULL;
    enum ota_error error;

    u->header_checked = true;
    if (u->target != OTA_SKETCH)
        return true;
    error = ota_sketch_check(u->config, u->config->buffer, u->fill, &text);
    if (error)
        ota_updater_fail(u, error, text);
    return !error;
}

/* Room in the buffer for bytes that the image still lacks. */
static uint32_t room(const struct ota_updater *u)
{
    uint32_t lacking = u->image.size - u->written - u->fill;
    uint32_t free_bytes = u->config->buffer_size - u->fill;

    if (u->phase != OTA_UPDATER_FILL)
        return 0;
    return lacking < free_bytes ? lacking : free_bytes;
}

/* `n` more bytes were put into the buffer. */
static void take(struct ota_updater *u, uint32_t n)
{
    u->fill += n;
    bool whole = u->written + u->fill == u->image.size;

    if (!u->header_checked && (whole || u->fill >= IMAGE_HEADER_SIZE) && !check_header(u))
        return;
    if (u->fill > 0 && (whole || u->fill == u->config->buffer_size))
        ota_updater_flush(u);
}

size_t ota_updater_offer(struct ota_updater *updater, const void *bytes, size_t len)
{
    uint32_t n = room(updater);

    if (len < n)
        n = (uint32_t)len;
    if (n == 0)
        return 0;
    memcpy(updater->config->buffer + updater->fill, bytes, n);
    take(updater, n);
    return n;
}

bool ota_updater_poll(struct ota_updater *updater)
{
    ota_updater_step(updater);
    return ota_updater_is_busy(updater);
}

enum ota_error ota_updater_finish(struct ota_updater *updater, bool even_if_remaining)
{
    struct ota_updater *u = updater;
    uint32_t given = u->written + u->fill;

    if (!ota_updater_is_running(u))
        return u->error ? u->error : OTA_ERROR_NO_DATA;
    if (given == 0)
        return ota_updater_fail(u, OTA_ERROR_NO_DATA, NULL);
    if (given < u->image.size && !even_if_remaining)
        return ota_updater_fail(u, OTA_ERROR_STREAM, NULL);
    u->image.size = given;
    u->finishing = true;
    /* It may be a smaller piece now that is erased next. */
    if (u->phase == OTA_UPDATER_ERASE)
        u->checked = 0;
    if (u->phase != OTA_UPDATER_FILL)
        return OTA_OK;
    if (u->written == u->image.size)
        ota_updater_conclude(u);
    else
        take(u, 0);
    return u->error;
}

void ota_updater_abort(struct ota_updater *updater, enum ota_error error)
{
    if (!ota_updater_is_running(updater))
        return;
    if (error) {
        ota_updater_fail(updater, error, NULL);
        return;
    }
    updater->phase = OTA_UPDATER_IDLE;
    updater->error_text = "Aborted";
}

size_t ota_updater_write(struct ota_updater *updater, const void *bytes, size_t len)
{
    struct ota_updater *u = updater;
    const uint8_t *at = bytes;
    size_t left = len;

    if (!ota_updater_is_running(u))
        return 0;
    if (len > u->image.size - u->written - u->fill) {
        ota_updater_fail(u, OTA_ERROR_SPACE, NULL);
        return 0;
    }
    while (left > 0 && ota_updater_is_running(u)) {
        size_t n = ota_updater_offer(u, at, left);
        at += n;
        left -= n;
        while (ota_updater_poll(u))
            ;
    }
    return ota_updater_is_running(u) ? len : 0;
}

/* Bytes for the buffer from a stream, 0 when the update has failed: the stream ran dry. */
static uint32_t read_stream(struct ota_updater *u, const struct ota_stream *stream,
                            const struct ota_clock *clock, uint32_t timeout_ms)
{
    uint32_t start = clock->now_ms(clock->ctx);
    uint32_t wanted = room(u);

    for (;;) {
        int32_t n = stream->read(stream->ctx, u->config->buffer + u->fill, wanted);
        if (n > 0)
            return (uint32_t)n < wanted ? (uint32_t)n : wanted;
        if (n < 0 || (uint32_t)(clock->now_ms(clock->ctx) - start) >= timeout_ms) {
            ota_updater_fail(u, OTA_ERROR_STREAM, NULL);
            return 0;
        }
        if (clock->wait)
            clock->wait(clock->ctx);
    }
}

uint32_t ota_updater_write_stream(struct ota_updater *updater, const struct ota_stream *stream,
                                  const struct ota_clock *clock, uint32_t timeout_ms)
{
    uint32_t total = 0;

    if (timeout_ms == 0)
        timeout_ms = OTA_STREAM_TIMEOUT_MS;
    while (ota_updater_poll(updater))
        ;
    while (room(updater) > 0) {
        uint32_t n = read_stream(updater, stream, clock, timeout_ms);
        if (n == 0)
            break;
        total += n;
        take(updater, n);
        while (ota_updater_poll(updater))
            ;
    }
    return total;
}

enum ota_error ota_updater_end(struct ota_updater *updater, bool even_if_remaining)
{
    enum ota_error error = ota_updater_finish(updater, even_if_remaining);

    while (!error && ota_updater_poll(updater))
        ;
    return error ? error : updater->error;
}

bool ota_updater_is_busy(const struct ota_updater *updater)
{
    return updater->phase > OTA_UPDATER_FILL || ota_updater_may_erase_ahead(updater);
}

bool ota_updater_is_running(const struct ota_updater *updater)
{
    return updater->phase != OTA_UPDATER_IDLE;
}

bool ota_updater_is_complete(const struct ota_updater *updater)
{
    return ota_updater_is_running(updater) &&
           updater->written + updater->fill == updater->image.size;
}

bool ota_updater_is_finished(const struct ota_updater *updater)
{
    return ota_updater_is_running(updater) && updater->written == updater->image.size;
}

bool ota_updater_has_succeeded(const struct ota_updater *updater)
{
    return updater->succeeded;
}

uint32_t ota_updater_progress(const struct ota_updater *updater)
{
    return updater->written;
}

uint32_t ota_updater_size(const struct ota_updater *updater)
{
    return updater->image.size;
}

bool ota_updater_is_unchanged(const struct ota_updater *updater)
{
    return updater->unchanged;
}

const struct ota_stored *ota_updater_stored(const struct ota_updater *updater)
{
    return &updater->image;
}

enum ota_error ota_updater_error(const struct ota_updater *updater)
{
    return updater->error;
}

/* An error line that grows. */
struct line {
    char *out;
    size_t size;
    size_t used;
};

static void append(struct line *line, const char *text)
{
    text_append_string(line->out, line->size, &line->used, text);
}

static void append_number(struct line *line, const char *label, uint64_t number)
{
    append(line, label);
    text_append_number(line->out, line->size, &line->used, number);
}

static void append_md5(struct line *line, const char *label, const uint8_t md5[DIGEST_MD5_SIZE])
{
    char text[HEX_SIZE(DIGEST_MD5_SIZE)];

    hex_encode(text, md5, DIGEST_MD5_SIZE);
    append(line, label);
    append(line, text);
}

/* What follows the stock texts: figures, or a clause. */
static void append_detail(const struct ota_updater *u, struct line *line)
{
    switch (u->error) {
    case OTA_ERROR_MD5:
        append_md5(line, ": expected: ", u->expected_md5);
        append_md5(line, ", calculated: ", u->image.md5);
        break;
    case OTA_ERROR_NEW_FLASH_CONFIG:
        append_number(line, ", real size: ", u->config->flash->size);
        break;
    case OTA_ERROR_FLASH_CONFIG:
        if (u->error_text) {
            append(line, ": ");
            append(line, u->error_text);
            break;
        }
        append_number(line, " real: ", u->config->flash->size);
        append_number(line, " IDE: ", ota_layout_size(u->config->layout));
        break;
    default:
        break;
    }
}

size_t ota_updater_error_line(const struct ota_updater *updater, char *out, size_t size)
{
    struct line line = { out, size, 0 };
    bool is_detail = updater->error == OTA_ERROR_FLASH_CONFIG;

    line.used = ota_error_line(updater->error, is_detail ? NULL : updater->error_text, out, size);
    append_detail(updater, &line);
    return line.used;
}
