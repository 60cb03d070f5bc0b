#include "ota/record.h"

#include "record_bytes.h"

#include <stddef.h>
#include <string.h>

/* What a copy is; bits of a set. */
enum condition {
    COPY_UNREADABLE = 1,
    COPY_BLANK = 2,
    COPY_SCRAP = 4,  /* a write that was cut short, an erase that was, or damage */
    COPY_COUNTS = 8, /* the body is right, and the commit mark has been begun */
};

unsigned ota_record_other(const struct ota_record *record)
{
    return record->active == 0 ? 1 : 0;
}

/*
 * A commit mark that was begun must never be taken for blank: the copy would be erased, and were
 * that cut short at once, it might count later, with bits in its body that read differently each
 * time. Its body is stable until then: the commit mark came behind it.
 */
#define COMMIT_READS 16

static enum condition load_copy(struct ota_record *out, unsigned copy)
{
    uint8_t body[OTA_RECORD_SIZE];
    int zeros = 0;

    if (!ota_body_read(out, copy, body))
        return COPY_UNREADABLE;
    if (!ota_record_decode(out, body))
        return ota_record_is_blank(body) ? COPY_BLANK : COPY_SCRAP;
    for (unsigned i = 0; i < COMMIT_READS && zeros <= 0; i++)
        zeros = ota_mark_zeros(out, copy, OTA_MARK_COMMIT);
    if (zeros < 0)
        return COPY_UNREADABLE;
    return zeros > 0 ? COPY_COUNTS : COPY_SCRAP;
}

/* Sequence numbers wrap: the newer of two is ahead by less than half of their range. */
static bool is_newer(uint32_t a, uint32_t b)
{
    return a - b - 1 < 0x7FFFFFFFu;
}

/* A record may be whole and still be for another layout. */
static bool fits_layout(const struct ota_record *record)
{
    const struct ota_layout *layout = record->layout;

    for (unsigned i = 0; i < 2; i++) {
        uint32_t max = ota_layout_sketch_max(layout, i);
        if (i != record->active) {
            if (record->pending == OTA_PENDING_FILESYSTEM)
                max = ota_layout_filesystem_max(layout, i);
            if (record->pending != OTA_PENDING_NONE && record->slot[i].size == 0)
                return false;
        }
        if (record->slot[i].size > max || record->clean[i] > layout->slot[i].size)
            return false;
    }
    return record->filesystem.size <= layout->filesystem.size &&
           (layout->handover == OTA_SELECT || record->active == 0);
}

/* `out` gets the newest. */
static enum ota_record_state load(struct ota_record *out)
{
    struct ota_record copy = { .flash = out->flash, .layout = out->layout };
    unsigned seen = 0;
    unsigned copies = 0;

    for (unsigned i = 0; i < 2; i++) {
        enum condition condition = load_copy(&copy, i);
        seen |= condition;
        if (condition == COPY_SCRAP)
            out->first = (uint8_t)i;
        if (condition != COPY_COUNTS)
            continue;
        if (copies == 0 || is_newer(copy.sequence, out->sequence)) {
            memcpy(out, &copy, offsetof(struct ota_record, copies));
            copies = 0;
        }
        if (copy.sequence == out->sequence)
            copies |= 1u << i;
    }
    out->copies = (uint8_t)copies;
    if (copies == 0 && (seen & COPY_UNREADABLE))
        return OTA_RECORD_UNREADABLE;
    if (copies == 0)
        return seen & COPY_BLANK ? OTA_RECORD_EMPTY : OTA_RECORD_DAMAGED;
    out->first = copies == 1;
    return fits_layout(out) ? OTA_RECORD_FOUND : OTA_RECORD_DAMAGED;
}

enum ota_record_state ota_record_read(const struct ota_flash *flash,
                                      const struct ota_layout *layout, struct ota_record *out)
{
    enum ota_record_state state;

    memset(out, 0, sizeof *out);
    out->flash = flash;
    out->layout = layout;
    state = load(out);
    if (state != OTA_RECORD_FOUND) {
        memset(&out->active, 0, offsetof(struct ota_record, copies) - sizeof out->sequence);
        out->copies = 0;
    }
    return state;
}

/* --- Marks ------------------------------------------------------------------------------------ */

/* In the copy that has more of them; negative when none can be read. */
static int most_zeros(const struct ota_record *record, uint32_t mark)
{
    int most = record->copies == 0 ? 0 : -1;

    for (unsigned copy = 0; copy < 2; copy++) {
        int zeros = record->copies >> copy & 1 ? ota_mark_zeros(record, copy, mark) : -1;
        if (zeros > most)
            most = zeros;
    }
    return most;
}

bool ota_record_get_mark(const struct ota_record *record, uint32_t mark, bool *set)
{
    int zeros = most_zeros(record, mark);

    *set = zeros >= OTA_MARK_SET;
    return zeros >= 0;
}

bool ota_record_count_marks(const struct ota_record *record, uint32_t first, uint32_t max,
                            uint32_t *count)
{
    int zeros = OTA_MARK_SET;

    for (*count = 0; *count < max; (*count)++) {
        zeros = most_zeros(record, first + *count);
        if (zeros < OTA_MARK_SET)
            break;
    }
    return zeros >= 0;
}

/*
 * Steps of setting a mark: in each copy it is programmed and looked at. One that looks set although
 * it could not be programmed may look different the next time.
 */
#define STEP_LOOK    1u
#define STEP_COPY    2u
#define STEP_END     4u
#define STEP_WRITTEN 8u  /* in this copy */
#define STEP_FIRM    16u /* in a copy before */

enum ota_error ota_record_set_mark_step(const struct ota_record *record, uint32_t mark,
                                        uint8_t *step)
{
    unsigned copy = *step & STEP_COPY ? 1 : 0;
    unsigned next = *step;

    if (!(record->copies >> copy & 1)) {
        next += STEP_COPY;
    } else if (!(next & STEP_LOOK)) {
        next |= STEP_LOOK;
        if (!ota_record_program(record, copy, mark, NULL))
            next |= STEP_WRITTEN;
    } else {
        if ((next & STEP_WRITTEN) && ota_mark_zeros(record, copy, mark) >= OTA_MARK_SET)
            next |= STEP_FIRM;
        next = (next & ~(STEP_LOOK | STEP_WRITTEN)) + STEP_COPY;
    }
    *step = (uint8_t)next;
    if (!(next & STEP_END))
        return OTA_OK;
    if (!(next & STEP_FIRM))
        return OTA_ERROR_WRITE;
    *step = OTA_MARK_IS_SET;
    return OTA_OK;
}

enum ota_error ota_record_set_mark(const struct ota_record *record, uint32_t mark)
{
    enum ota_error error = OTA_ERROR_WRITE;

    for (unsigned copy = 0; copy < 2; copy++) {
        if ((record->copies >> copy & 1) && !ota_record_program(record, copy, mark, NULL) &&
            ota_mark_zeros(record, copy, mark) >= OTA_MARK_SET)
            error = OTA_OK;
    }
    return error;
}
