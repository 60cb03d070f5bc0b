#include "updater_steps.h"

#include "sketch_check.h"
#include "updater_erase.h"
#include "updater_place.h"

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
    /* What failed has left bytes in no known state, or the mark in one copy alone. */
    u->marked = false;
    if (error == OTA_ERROR_ERASE || error == OTA_ERROR_WRITE)
        u->clean = 0;
    ota_updater_tell_error(u, error);
    return error;
}

static void succeed(struct ota_updater *u)
{
    const struct ota_updater_events *events = &u->config->events;

    u->phase = OTA_UPDATER_IDLE;
    u->succeeded = true;
    if (events->end)
        events->end(events->ctx);
}

/* --- The buffer ------------------------------------------------------------------------------- */

/* Bytes of the buffer that go to flash: whole write units. */
static uint32_t padded(const struct ota_updater *u)
{
    uint32_t unit = u->config->flash->write_size;

    return (u->fill + unit - 1) / unit * unit;
}

static const struct ota_image *running_sketch(const struct ota_updater *u)
{
    return &u->record.slot[u->record.active];
}

/* Only what is announced with a digest can be told before all of it is there. */
static bool seems_to_be_running(const struct ota_updater *u)
{
    const struct ota_image *running = running_sketch(u);

    return u->target == OTA_SKETCH && u->has_expected && running->size == u->image.size &&
           memcmp(running->md5, u->expected_md5, sizeof running->md5) == 0;
}

/* Flash may hold the same, in whole erase units, where what it holds can be believed. */
static bool is_worth_comparing(const struct ota_updater *u)
{
    return u->config->buffer_size % u->config->flash->erase_size == 0 &&
           u->clean >= u->written + u->fill;
}

/* Flash does not hold what the buffer does: the next thing to do about that. */
static void write_buffer(struct ota_updater *u)
{
    u->differs = true;
    u->checked = 0;
    if (!u->marked && u->record.copies)
        u->phase = OTA_UPDATER_MARK;
    else if (u->erased < u->written + u->fill)
        u->phase = OTA_UPDATER_ERASE;
    else
        u->phase = OTA_UPDATER_PROGRAM;
}

static void dispose(struct ota_updater *u)
{
    if (u->unchanged)
        u->phase = OTA_UPDATER_TAKE;
    else if (is_worth_comparing(u))
        u->phase = OTA_UPDATER_COMPARE;
    else
        write_buffer(u);
}

void ota_updater_flush(struct ota_updater *u)
{
    memset(u->config->buffer + u->fill, 0xFF, padded(u) - u->fill);
    u->checked = 0;
    u->stained = false;
    if (u->written == 0 && seems_to_be_running(u))
        u->phase = OTA_UPDATER_EXAMINE;
    else
        dispose(u);
}

/* All of the buffer is where it belongs. */
static void take_buffer(struct ota_updater *u)
{
    const struct ota_updater_events *events = &u->config->events;

    digest_update(&u->digest, u->config->buffer, u->fill);
    u->written += u->fill;
    if (u->erased < u->written)
        u->erased = ota_updater_in_units(u, u->written);
    u->fill = 0;
    u->checked = 0;
    u->phase = OTA_UPDATER_FILL;
    if (events->progress)
        events->progress(events->ctx, u->written, u->image.size);
    if (u->finishing && u->written == u->image.size)
        ota_updater_conclude(u);
}

/* --- Steps ------------------------------------------------------------------------------------ */

/* The running sketch may have been damaged since: then it is written anew, to the other slot. */
static void step_examine(struct ota_updater *u)
{
    const struct ota_flash *flash = u->config->flash;
    const struct ota_image *running = running_sketch(u);
    uint8_t md5[DIGEST_MD5_SIZE];
    uint8_t piece[OTA_READ_PIECE];
    uint32_t left = running->size - u->checked;
    uint32_t n = left < sizeof piece ? left : (uint32_t)sizeof piece;

    if (!flash->read(flash->ctx, u->config->layout->slot[u->record.active].offset + u->checked,
                     piece, n)) {
        ota_updater_fail(u, OTA_ERROR_READ, NULL);
        return;
    }
    digest_update(&u->digest, piece, n);
    u->checked += n;
    if (u->checked < running->size)
        return;
    digest_finish(&u->digest, md5);
    digest_init(&u->digest, DIGEST_MD5);
    u->unchanged = memcmp(md5, running->md5, sizeof md5) == 0;
    u->checked = 0;
    dispose(u);
}

static void step_mark(struct ota_updater *u)
{
    enum ota_error error = ota_record_set_mark_step(&u->record, OTA_MARK_WRITING, &u->mark_step);

    if (error) {
        ota_updater_fail(u, error, NULL);
        return;
    }
    if (u->mark_step != OTA_MARK_IS_SET)
        return;
    u->mark_step = 0;
    u->marked = true;
    write_buffer(u);
}

static void step_erase(struct ota_updater *u)
{
    ota_updater_erase(u);
    if (u->phase == OTA_UPDATER_ERASE && u->erased >= u->written + u->fill)
        u->phase = OTA_UPDATER_PROGRAM;
}

static void step_program(struct ota_updater *u)
{
    const struct ota_flash *flash = u->config->flash;

    if (!flash->write(flash->ctx, u->image.offset + u->written, u->config->buffer, padded(u))) {
        ota_updater_fail(u, OTA_ERROR_WRITE, NULL);
        return;
    }
    u->checked = 0;
    u->phase = OTA_UPDATER_READ_BACK;
}

/* Compare a piece of the buffer with flash, before it is written or after. */
static void step_compare(struct ota_updater *u)
{
    const struct ota_flash *flash = u->config->flash;
    uint8_t piece[OTA_READ_PIECE];
    uint32_t left = padded(u) - u->checked;
    uint32_t n = left < sizeof piece ? left : (uint32_t)sizeof piece;

    if (!flash->read(flash->ctx, u->image.offset + u->written + u->checked, piece, n)) {
        ota_updater_fail(u, OTA_ERROR_READ, NULL);
        return;
    }
    if (memcmp(piece, u->config->buffer + u->checked, n) != 0) {
        if (u->phase == OTA_UPDATER_COMPARE)
            write_buffer(u);
        else
            ota_updater_fail(u, OTA_ERROR_WRITE, NULL);
        return;
    }
    u->checked += n;
    if (u->checked == padded(u))
        take_buffer(u);
}

static void begin_record(struct ota_updater *u)
{
    ota_updater_amend_record(u);
    ota_record_write_begin(&u->writer, &u->record);
    u->phase = OTA_UPDATER_RECORD;
}

void ota_updater_conclude(struct ota_updater *u)
{
    digest_finish(&u->digest, u->image.md5);
    if (u->has_expected && memcmp(u->image.md5, u->expected_md5, sizeof u->expected_md5) != 0) {
        ota_updater_fail(u, OTA_ERROR_MD5, NULL);
    } else if (u->unchanged) {
        u->image.offset = u->config->layout->slot[u->record.active].offset;
        if (memcmp(u->image.md5, running_sketch(u)->md5, sizeof u->image.md5) == 0)
            succeed(u);
        else
            ota_updater_fail(u, OTA_ERROR_MD5, NULL);
    } else if (u->target == OTA_SKETCH) {
        u->checked = 0;
        u->phase = OTA_UPDATER_SEGMENTS;
    } else {
        begin_record(u);
    }
}

static void step_segments(struct ota_updater *u)
{
    const char *text = NULL;
    bool done = false;
    enum ota_error error = ota_sketch_check_segments(u, &done, &text);

    if (error)
        ota_updater_fail(u, error, text);
    else if (done)
        begin_record(u);
}

static void step_record(struct ota_updater *u)
{
    bool done;
    enum ota_error error = ota_record_write_step(&u->record, &u->writer, &done);

    if (error)
        ota_updater_fail(u, error, NULL);
    else if (done)
        succeed(u);
}

/* Nothing else erases or programs flash for an image, and nothing else here writes the record. */
void ota_updater_step(struct ota_updater *u)
{
    switch (u->phase) {
    case OTA_UPDATER_IDLE:
        break;
    case OTA_UPDATER_FILL:
        if (ota_updater_may_erase_ahead(u))
            ota_updater_erase(u);
        break;
    case OTA_UPDATER_EXAMINE:
        step_examine(u);
        break;
    case OTA_UPDATER_TAKE:
        take_buffer(u);
        break;
    case OTA_UPDATER_COMPARE:
    case OTA_UPDATER_READ_BACK:
        step_compare(u);
        break;
    case OTA_UPDATER_MARK:
        step_mark(u);
        break;
    case OTA_UPDATER_ERASE:
        step_erase(u);
        break;
    case OTA_UPDATER_PROGRAM:
        step_program(u);
        break;
    case OTA_UPDATER_SEGMENTS:
        step_segments(u);
        break;
    case OTA_UPDATER_RECORD:
        step_record(u);
        break;
    }
}
