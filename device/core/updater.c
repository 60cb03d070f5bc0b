#include "ota/updater.h"

#include "common/hex.h"
#include "common/text.h"
#include "sketch_check.h"
#include "updater_steps.h"

#include <string.h>

void ota_updater_init(struct ota_updater *updater, const struct ota_updater_config *config)
{
    *updater = (struct ota_updater){ .config = config };
}

static bool buffer_is_usable(const struct ota_updater_config *config)
{
    return config->buffer && config->buffer_size >= OTA_BUFFER_MIN &&
           config->buffer_size % config->flash->write_size == 0;
}

static bool is_same(const struct ota_stored *a, const struct ota_stored *b)
{
    return a->size == b->size && a->offset == b->offset &&
           memcmp(a->md5, b->md5, sizeof a->md5) == 0;
}

/*
 * Read the record. The sketch on it when the device started is the one that runs; a record that
 * names another one by now was written since, by an update that may even have been told as failed.
 */
static enum ota_error load_record(struct ota_updater *u, const char **text)
{
    const struct ota_updater_config *config = u->config;
    enum ota_record_state state = ota_record_read(config->flash, &u->record);

    if (state == OTA_RECORD_UNREADABLE)
        return OTA_ERROR_READ;
    if (state == OTA_RECORD_DAMAGED) {
        *text = "Flash config wrong: both records are damaged";
        return OTA_ERROR_FLASH_CONFIG;
    }
    if (!ota_layout_holds_sketch(&config->layout, config->flash, &u->record.sketch)) {
        *text = "Flash config wrong: the running sketch is outside its area";
        return OTA_ERROR_FLASH_CONFIG;
    }
    if (!u->running_known)
        u->running = u->record.sketch;
    u->running_known = true;
    return is_same(&u->running, &u->record.sketch) ? OTA_OK : OTA_ERROR_BOOTSTRAP;
}

/* Look into flash for a place; the reasons why there is none, in begin()'s order. */
static enum ota_error find_place(struct ota_updater *u, uint64_t size, const char **text)
{
    const struct ota_updater_config *config = u->config;
    enum ota_error error;
    bool fits;

    if (!ota_layout_fits(&config->layout, config->flash))
        return OTA_ERROR_FLASH_CONFIG;
    if (!buffer_is_usable(config))
        return OTA_ERROR_OOM;
    error = load_record(u, text);
    if (error)
        return error;
    if (u->target == OTA_FILESYSTEM)
        fits = ota_layout_place_filesystem(&config->layout, size, &u->offset);
    else
        fits =
            ota_layout_place_sketch(&config->layout, config->flash, &u->running, size, &u->offset);
    return fits ? OTA_OK : OTA_ERROR_SPACE;
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
                               .running = u->running,
                               .running_known = u->running_known };
    if (target != OTA_SKETCH && target != OTA_FILESYSTEM)
        error = OTA_ERROR_UNKNOWN_COMMAND;
    else if (size == 0)
        error = OTA_ERROR_SIZE;
    else
        error = find_place(u, size, &text);
    if (error)
        return ota_updater_fail(u, error, text);

    u->size = (uint32_t)size;
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
    uint32_t lacking = u->size - u->written - u->fill;
    uint32_t free_bytes = u->config->buffer_size - u->fill;

    if (u->phase != OTA_UPDATER_FILL)
        return 0;
    return lacking < free_bytes ? lacking : free_bytes;
}

/* `n` more bytes were put into the buffer. */
static void take(struct ota_updater *u, uint32_t n)
{
    u->fill += n;
    bool whole = u->written + u->fill == u->size;

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
    return updater->phase > OTA_UPDATER_FILL;
}

enum ota_error ota_updater_finish(struct ota_updater *updater, bool even_if_remaining)
{
    struct ota_updater *u = updater;
    uint32_t given = u->written + u->fill;

    if (!ota_updater_is_running(u))
        return u->error ? u->error : OTA_ERROR_NO_DATA;
    if (given == 0)
        return ota_updater_fail(u, OTA_ERROR_NO_DATA, NULL);
    if (given < u->size && !even_if_remaining)
        return ota_updater_fail(u, OTA_ERROR_STREAM, NULL);
    u->size = given;
    u->finishing = true;
    if (u->phase != OTA_UPDATER_FILL)
        return OTA_OK;
    if (u->written == u->size)
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
    if (len > u->size - u->written - u->fill) {
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

bool ota_updater_is_running(const struct ota_updater *updater)
{
    return updater->phase != OTA_UPDATER_IDLE;
}

bool ota_updater_is_complete(const struct ota_updater *updater)
{
    return ota_updater_is_running(updater) && updater->written + updater->fill == updater->size;
}

bool ota_updater_is_finished(const struct ota_updater *updater)
{
    return ota_updater_is_running(updater) && updater->written == updater->size;
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
    return updater->size;
}

const struct ota_stored *ota_updater_stored(const struct ota_updater *updater)
{
    return updater->target == OTA_FILESYSTEM ? &updater->record.filesystem
                                             : &updater->record.sketch;
}

enum ota_error ota_updater_error(const struct ota_updater *updater)
{
    return updater->error;
}

static void append_md5(char *out, size_t *used, const uint8_t md5[DIGEST_MD5_SIZE])
{
    char text[HEX_SIZE(DIGEST_MD5_SIZE)];

    hex_encode(text, md5, DIGEST_MD5_SIZE);
    text_append_string(out, OTA_ERROR_LINE_MAX, used, text);
}

size_t ota_updater_error_line(const struct ota_updater *updater, char *out, size_t size)
{
    const struct ota_updater_config *config = updater->config;
    char text[OTA_ERROR_LINE_MAX];
    size_t used = 0;

    text_append_string(text, sizeof text, &used,
                       updater->error_text ? updater->error_text : ota_error_text(updater->error));
    if (updater->error == OTA_ERROR_MD5) {
        text_append_string(text, sizeof text, &used, ": expected: ");
        append_md5(text, &used, updater->expected_md5);
        text_append_string(text, sizeof text, &used, ", calculated: ");
        append_md5(text, &used, ota_updater_stored(updater)->md5);
    } else if (updater->error == OTA_ERROR_NEW_FLASH_CONFIG) {
        text_append_string(text, sizeof text, &used, ", real size: ");
        text_append_number(text, sizeof text, &used, config->flash->size);
    } else if (updater->error == OTA_ERROR_FLASH_CONFIG && !updater->error_text) {
        text_append_string(text, sizeof text, &used, " real: ");
        text_append_number(text, sizeof text, &used, config->flash->size);
        text_append_string(text, sizeof text, &used, " IDE: ");
        text_append_number(text, sizeof text, &used,
                           ota_layout_size(&config->layout, config->flash));
    }
    return ota_error_line(updater->error, text, out, size);
}
