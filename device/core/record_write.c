#include "ota/record_write.h"

#include "record_bytes.h"

#include <stddef.h>
#include <string.h>

enum step {
    SETTLE,     /* make the copy firm that stays while the first one is written */
    ERASE,      /* a unit at a time */
    BODY,       /* program it */
    BODY_CHECK, /* read it back */
    MARKS,      /* repairing: copy them from the other copy */
    COMMIT,
    COMMIT_CHECK,
};

void ota_record_write_begin(struct ota_record_writer *writer, const struct ota_record *record)
{
    *writer = (struct ota_record_writer){ .step = SETTLE, .copy = record->first };
}

static enum ota_error settle(const struct ota_record *record,
                             const struct ota_record_writer *writer)
{
    unsigned kept = 1u - writer->copy;

    return record->copies >> kept & 1 ? ota_record_program(record, kept, OTA_MARK_COMMIT, NULL)
                                      : OTA_OK;
}

static enum ota_error erase_unit(struct ota_record *record, struct ota_record_writer *writer)
{
    const struct ota_flash *flash = record->flash;
    uint32_t at = record->layout->record[writer->copy].offset + writer->at;

    record->copies &= (uint8_t) ~(1u << writer->copy);
    if (!flash->erase(flash->ctx, at, flash->erase_size))
        return OTA_ERROR_ERASE;
    writer->at += flash->erase_size;
    if (writer->at < ota_layout_record_size(record->layout, flash))
        writer->step = ERASE;
    return OTA_OK;
}

/* Program the body; the next time look whether it is what was programmed. */
static enum ota_error do_body(const struct ota_record *record, struct ota_record_writer *writer)
{
    bool counts = writer->second || writer->repairing;
    uint8_t body[OTA_RECORD_SIZE];
    uint8_t found[OTA_RECORD_SIZE];

    ota_record_encode(body, record, counts ? record->sequence : record->sequence + 1);
    if (writer->step == BODY_CHECK) /* that is next */
        return ota_record_program(record, writer->copy, 0, body);
    if (!ota_body_read(record, writer->copy, found))
        return OTA_ERROR_READ;
    writer->at = OTA_MARK_COMMIT + 1;
    return memcmp(found, body, sizeof found) == 0 ? OTA_OK : OTA_ERROR_WRITE;
}

/* Marks are few before the steps of an exchange, and the steps are set in a row. */
static enum ota_error copy_mark(const struct ota_record *record, struct ota_record_writer *writer)
{
    const struct ota_layout *layout = record->layout;
    uint32_t end = OTA_MARK_STEP + 2 * ota_layout_chunks(layout, layout->slot[0].size);
    uint32_t mark = writer->at++;
    bool set = false;

    if (!writer->repairing || mark >= end)
        return OTA_OK;
    if (!ota_record_get_mark(record, mark, &set))
        return OTA_ERROR_READ;
    if (set || mark < OTA_MARK_STEP)
        writer->step = MARKS;
    return set ? ota_record_program(record, writer->copy, mark, NULL) : OTA_OK;
}

static enum ota_error check_commit(struct ota_record *record, struct ota_record_writer *writer,
                                   bool *done)
{
    int zeros = ota_mark_zeros(record, writer->copy, OTA_MARK_COMMIT);

    if (zeros < OTA_MARK_SET)
        return zeros < 0 ? OTA_ERROR_READ : OTA_ERROR_WRITE;
    record->copies |= (uint8_t)(1u << writer->copy);
    if (writer->second || writer->repairing) {
        record->first = 0;
        *done = true;
        return OTA_OK;
    }
    record->sequence++;
    record->copies = (uint8_t)(1u << writer->copy);
    record->first = 1 - writer->copy;
    *writer = (struct ota_record_writer){ .step = ERASE, .copy = record->first, .second = true };
    return OTA_OK;
}

/* Do the step and go to the next one, unless the step says otherwise. */
static enum ota_error operate(struct ota_record *record, struct ota_record_writer *writer,
                              bool *done)
{
    switch ((enum step)writer->step++) {
    case SETTLE:
        return settle(record, writer);
    case ERASE:
        return erase_unit(record, writer);
    case BODY:
    case BODY_CHECK:
        return do_body(record, writer);
    case MARKS:
        return copy_mark(record, writer);
    case COMMIT:
        return ota_record_program(record, writer->copy, OTA_MARK_COMMIT, NULL);
    case COMMIT_CHECK:
        return check_commit(record, writer, done);
    }
    return OTA_ERROR_WRITE;
}

enum ota_error ota_record_write_step(struct ota_record *record, struct ota_record_writer *writer,
                                     bool *done)
{
    enum ota_error error;

    *done = false;
    error = operate(record, writer, done);
    if (!error || !writer->second)
        return error;
    /* The record counts already: with one copy, as the next start will see and mend. */
    *done = true;
    return OTA_OK;
}

static enum ota_error run(struct ota_record *record, bool repairing)
{
    struct ota_record_writer writer;
    enum ota_error error = OTA_OK;
    bool done = false;

    ota_record_write_begin(&writer, record);
    writer.repairing = repairing;
    while (!error && !done)
        error = ota_record_write_step(record, &writer, &done);
    return error;
}

enum ota_error ota_record_write(struct ota_record *record)
{
    return run(record, false);
}

enum ota_error ota_record_repair(struct ota_record *record)
{
    return run(record, true);
}
