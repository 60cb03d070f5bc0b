#include "updater_steps.h"

#include <string.h>

void ota_updater_tell_error(const struct ota_updater *u, enum ota_error error)
{
    const struct ota_updater_events *events = &u->config->events;

    if (events->error)
        events->error(events->ctx, error);
}

enum ota_error ota_updater_fail(struct ota_updater *u, enum ota_error error, const char *text)
{
    u->phase = OTA_UPDATER_IDLE;
    u->error = error;
    u->error_text = text;
    ota_updater_tell_error(u, error);
    return error;
}

static struct ota_stored *stored_of(struct ota_updater *u)
{
    return u->target == OTA_FILESYSTEM ? &u->record.filesystem : &u->record.sketch;
}

void ota_updater_flush(struct ota_updater *u)
{
    u->phase = u->erased < u->written + u->fill ? OTA_UPDATER_ERASE : OTA_UPDATER_PROGRAM;
}

static void step_erase(struct ota_updater *u)
{
    const struct ota_flash *flash = u->config->flash;

    if (!flash->erase(flash->ctx, u->offset + u->erased, flash->erase_size)) {
        ota_updater_fail(u, OTA_ERROR_ERASE, NULL);
        return;
    }
    u->erased += flash->erase_size;
    ota_updater_flush(u);
}

static void step_program(struct ota_updater *u)
{
    const struct ota_flash *flash = u->config->flash;
    uint8_t *buffer = u->config->buffer;
    uint32_t pages = (u->fill + flash->write_size - 1) / flash->write_size;
    uint32_t len = pages * flash->write_size;

    memset(buffer + u->fill, 0xFF, len - u->fill);
    if (!flash->write(flash->ctx, u->offset + u->written, buffer, len)) {
        ota_updater_fail(u, OTA_ERROR_WRITE, NULL);
        return;
    }
    u->checked = 0;
    u->phase = OTA_UPDATER_READ_BACK;
}

void ota_updater_conclude(struct ota_updater *u)
{
    struct ota_stored *stored = stored_of(u);

    stored->offset = u->offset;
    stored->size = u->size;
    digest_finish(&u->digest, stored->md5);
    if (u->has_expected && memcmp(stored->md5, u->expected_md5, sizeof stored->md5) != 0) {
        ota_updater_fail(u, OTA_ERROR_MD5, NULL);
        return;
    }
    u->record_step = OTA_RECORD_ERASE;
    u->phase = OTA_UPDATER_RECORD;
}

static void end_of_buffer(struct ota_updater *u)
{
    const struct ota_updater_events *events = &u->config->events;

    u->written += u->fill;
    u->fill = 0;
    u->phase = OTA_UPDATER_FILL;
    if (events->progress)
        events->progress(events->ctx, u->written, u->size);
    if (u->finishing && u->written == u->size)
        ota_updater_conclude(u);
}

static void step_read_back(struct ota_updater *u)
{
    const struct ota_flash *flash = u->config->flash;
    uint8_t piece[OTA_READ_PIECE];
    uint32_t left = u->fill - u->checked;
    uint32_t len = left < sizeof piece ? left : (uint32_t)sizeof piece;

    if (!flash->read(flash->ctx, u->offset + u->written + u->checked, piece, len)) {
        ota_updater_fail(u, OTA_ERROR_READ, NULL);
        return;
    }
    if (memcmp(piece, u->config->buffer + u->checked, len) != 0) {
        ota_updater_fail(u, OTA_ERROR_WRITE, NULL);
        return;
    }
    digest_update(&u->digest, piece, len);
    u->checked += len;
    if (u->checked == u->fill)
        end_of_buffer(u);
}

static void step_record(struct ota_updater *u)
{
    const struct ota_updater_events *events = &u->config->events;
    enum ota_error error = ota_record_write_step(u->config->flash, &u->record, &u->record_step);

    if (error) {
        ota_updater_fail(u, error, NULL);
        return;
    }
    if (u->record_step != OTA_RECORD_WRITTEN)
        return;
    u->phase = OTA_UPDATER_IDLE;
    u->succeeded = true;
    if (events->end)
        events->end(events->ctx);
}

/* Nothing else erases or programs flash for an image, and nothing else writes the record. */
void ota_updater_step(struct ota_updater *u)
{
    switch (u->phase) {
    case OTA_UPDATER_IDLE:
    case OTA_UPDATER_FILL:
        break;
    case OTA_UPDATER_ERASE:
        step_erase(u);
        break;
    case OTA_UPDATER_PROGRAM:
        step_program(u);
        break;
    case OTA_UPDATER_READ_BACK:
        step_read_back(u);
        break;
    case OTA_UPDATER_RECORD:
        step_record(u);
        break;
    }
}
