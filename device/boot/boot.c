#include "ota/boot.h"

#include "boot_exchange.h"
#include "boot_move.h"
#include "ota/record_write.h"

static bool is_usable(const struct ota_boot_config *config)
{
    return ota_layout_check(config->layout, config->flash) == OTA_LAYOUT_SOUND &&
           config->trial_boots <= OTA_TRIAL_BOOTS_MAX &&
           config->buffer_size % config->flash->write_size == 0;
}

static bool is_exchange(const struct boot_start *start)
{
    return start->record.layout->handover == OTA_EXCHANGE;
}

static void note(struct boot_start *start, enum ota_boot_fault fault)
{
    start->out->fault = fault;
}

/* Nothing runs, and this is why. */
static bool give_in(struct boot_start *start, enum ota_boot_fault fault)
{
    start->out->fault = fault;
    return false;
}

static bool set_mark(struct boot_start *start, uint32_t mark)
{
    return !ota_record_set_mark(&start->record, mark);
}

static bool count_marks(struct boot_start *start, uint32_t first, uint32_t max, uint32_t *count)
{
    return ota_record_count_marks(&start->record, first, max, count);
}

/*
 * What fails once is tried again; with the other copy if neither holds a record. If the record is
 * past writing, a mark keeps the next start from doing again what is done: it would wear slot 0
 * out, and overwrite what the sketch has written to its files. Before that mark is touched, another
 * one is firm: without it, it cannot be torn.
 */
static void write_record(struct boot_start *start, enum ota_boot_event event)
{
    struct ota_record *record = &start->record;

    if (ota_record_write(record)) {
        if (record->copies == 0)
            record->first ^= 1;
        if (ota_record_write(record)) {
            note(start, OTA_BOOT_FLASH);
            (void)set_mark(start, OTA_MARK_ENDING);
            (void)set_mark(start, OTA_MARK_DONE);
            return;
        }
    }
    start->out->event = event;
}

/* --- Running a sketch ------------------------------------------------------------------------- */

/* The size of what lies in a slot, 0 for nothing, as far as it can be told without a record. */
static uint32_t look_for_image(const struct boot_start *start, unsigned slot)
{
    const struct ota_area *area = &start->record.layout->slot[slot];
    uint32_t word = UINT32_MAX;
    uint32_t size = area->size;

    if (start->config->image_size)
        size = start->config->image_size(start->config->ctx, start->record.flash, area);
    else if (!start->record.flash->read(start->record.flash->ctx, area->offset, &word,
                                        sizeof word) ||
             word == UINT32_MAX)
        size = 0;
    return size <= area->size ? size : 0;
}

/* Run what lies in a slot: this image, or what is there when it is not on record. */
static bool run(struct boot_start *start, unsigned slot, const struct ota_image *image)
{
    struct ota_boot *out = start->out;

    if (image->size == 0 && look_for_image(start, slot) == 0)
        return give_in(start, OTA_BOOT_NO_IMAGE);
    out->slot = slot;
    out->offset = start->record.layout->slot[slot].offset;
    out->image = *image;
    return true;
}

static bool run_active(struct boot_start *start)
{
    unsigned slot = start->record.active;

    return run(start, slot, &start->record.slot[slot]);
}

/* Nothing is pending any more: the slot that is not active holds nothing that counts. */
static bool run_active_alone(struct boot_start *start, enum ota_boot_event event)
{
    start->record.pending = OTA_PENDING_NONE;
    start->new->size = 0;
    write_record(start, event);
    return run_active(start);
}

/* What was to be used cannot be: forget it. */
static bool refuse(struct boot_start *start, enum ota_boot_fault fault)
{
    note(start, fault);
    start->record.clean[start->other] = 0;
    return run_active_alone(start, OTA_BOOT_DROPPED);
}

/* --- Without a record ------------------------------------------------------------------------- */

static bool run_without_record(struct boot_start *start)
{
    note(start, OTA_BOOT_RECORD);
    if (!is_exchange(start) && look_for_image(start, 0) == 0)
        start->record.active = 1;
    return run_active(start);
}

static bool adopt(struct boot_start *start)
{
    struct ota_image *image = start->old;

    image->size = look_for_image(start, 0);
    if (!boot_digest(start, start->record.layout->slot[0].offset, image->size, image->md5))
        return give_in(start, OTA_BOOT_READ);
    if (image->size > 0)
        write_record(start, OTA_BOOT_ADOPTED);
    return run_active(start);
}

/* --- A new sketch ----------------------------------------------------------------------------- */

/* Run it on trial; `boots` have been counted before. */
static bool hand_over(struct boot_start *start, uint32_t boots, uint32_t limit)
{
    start->out->event = boots > 0 ? OTA_BOOT_TRYING_MORE : OTA_BOOT_TRYING;
    start->out->trial = true;
    start->out->boots_left = (uint8_t)(boots < limit ? limit - boots - 1 : 0);
    return run(start, is_exchange(start) ? 0 : start->other, start->new);
}

/* Put the old sketch where it can run. It runs even if it is not what the record says: as before.
 */
static bool restore(struct boot_start *start)
{
    if (!is_exchange(start))
        return true;
    start->record.clean[1] = 0;
    if (start->done > 0)
        return true;
    if (!boot_restore(start))
        return false;
    if (boot_check(start, start->record.layout->slot[0].offset, start->old))
        note(start, OTA_BOOT_IMAGE);
    return true;
}

/* `boots` have been counted; without any it has never run. */
static bool go_back(struct boot_start *start, uint32_t boots)
{
    /* While what is half restored would be taken for the sketch on trial, that one stays. */
    if (!set_mark(start, OTA_MARK_GIVEN_UP) && is_exchange(start) && boots > 0) {
        note(start, OTA_BOOT_FLASH);
        return hand_over(start, boots, 0);
    }
    if (!restore(start))
        return give_in(start, OTA_BOOT_FLASH);
    return run_active_alone(start, boots > 0 ? OTA_BOOT_GIVEN_UP : OTA_BOOT_DROPPED);
}

/* Count this boot, `boots` have been; and hand over. */
static bool run_new(struct boot_start *start, uint32_t boots, uint32_t limit)
{
    bool counted = false;

    /* The last one that was read may be torn: the application shall see the same as this start. */
    for (uint32_t i = 0; i <= boots; i++)
        counted = set_mark(start, OTA_MARK_BOOT + i);
    if (!counted) {
        note(start, OTA_BOOT_FLASH);
        if (start->old->size > 0)
            return go_back(start, boots);
    }
    return hand_over(start, boots, limit);
}

static bool try_new(struct boot_start *start)
{
    bool can_go_back = start->old->size > 0;
    uint32_t limit = start->config->trial_boots;
    uint32_t given_up;
    uint32_t boots;
    enum ota_boot_fault fault = OTA_BOOT_SOUND;

    if (limit == 0)
        limit = OTA_TRIAL_BOOTS;
    /* A trial that never ends has more boots than marks. */
    if (!count_marks(start, OTA_MARK_GIVEN_UP, 1, &given_up) ||
        !count_marks(start, OTA_MARK_BOOT, can_go_back ? limit : OTA_TRIAL_BOOTS_MAX - 1, &boots) ||
        !boot_count_steps(start, &start->steps))
        return give_in(start, OTA_BOOT_READ);
    if (!can_go_back)
        start->steps = 0;
    else if (given_up > 0 || start->done > 0 || boots == limit)
        return go_back(start, boots);
    if (boots == 0 && start->steps == 0)
        fault = boot_check(start, start->staged, start->new);
    if (fault)
        return refuse(start, fault);
    if (boots > 0 || !is_exchange(start) || boot_exchange(start))
        return run_new(start, boots, limit);
    if (!can_go_back)
        return give_in(start, OTA_BOOT_FLASH);
    note(start, OTA_BOOT_FLASH);
    return go_back(start, 0);
}

/* --- What else is pending --------------------------------------------------------------------- */

static bool move_filesystem(struct boot_start *start)
{
    struct ota_record *record = &start->record;

    if (start->done == 0) {
        enum ota_boot_fault fault = boot_check(start, start->staged, start->new);
        if (fault)
            return refuse(start, fault);
        if (!boot_move(start, record->layout->filesystem.offset, start->staged, start->new)) {
            /* Not tried again: no start would be any better, and all would be slow. */
            record->filesystem.size = 0;
            note(start, OTA_BOOT_FLASH);
            return run_active_alone(start, OTA_BOOT_DROPPED);
        }
    }
    record->filesystem = *start->new;
    return run_active_alone(start, OTA_BOOT_MOVED);
}

static bool roll_back(struct boot_start *start)
{
    const struct ota_area *slot = start->record.layout->slot;
    struct ota_record *record = &start->record;
    bool exchange = is_exchange(start);
    enum ota_boot_fault fault = boot_check(start, slot[start->other].offset, start->new);

    /* Whole again after a cut: what is copied does not change meanwhile. */
    if (!fault && exchange && !boot_move(start, slot[0].offset, slot[1].offset, start->new))
        fault = OTA_BOOT_FLASH;
    /* Slot 0 may be between the two, by now or since a start before; or hold the new one already.
     */
    if (fault && exchange && boot_check(start, slot[0].offset, start->old)) {
        if (boot_check(start, slot[0].offset, start->new))
            return give_in(start, fault);
        fault = OTA_BOOT_SOUND;
    }
    if (fault)
        return refuse(start, fault);
    if (exchange) {
        *start->old = *start->new;
        record->clean[1] = 0;
        return run_active_alone(start, OTA_BOOT_ROLLED_BACK);
    }
    record->active = (uint8_t)start->other;
    record->pending = OTA_PENDING_NONE;
    write_record(start, OTA_BOOT_ROLLED_BACK);
    return run_active(start);
}

static bool carry_out(struct boot_start *start)
{
    uint8_t pending = start->record.pending;
    uint32_t ending;

    /* Also when this fails, what remains of the record is firm. */
    if (start->record.copies != 3 && ota_record_repair(&start->record))
        note(start, OTA_BOOT_FLASH);
    if (pending == OTA_PENDING_NONE)
        return run_active(start);
    if (!count_marks(start, OTA_MARK_DONE, 1, &start->done) ||
        !count_marks(start, OTA_MARK_ENDING, 2, &ending))
        return give_in(start, OTA_BOOT_READ);
    /* Torn, it might turn up while what it tells of is done again: it counts no more. */
    if (start->done == 0 && ending > 0) {
        (void)set_mark(start, OTA_MARK_ENDING);
        (void)set_mark(start, OTA_MARK_VOID);
    }
    if (ending == 2)
        start->done = 0;
    if (pending == OTA_PENDING_SKETCH)
        return try_new(start);
    return pending == OTA_PENDING_FILESYSTEM ? move_filesystem(start) : roll_back(start);
}

bool ota_boot(const struct ota_boot_config *config, struct ota_boot *out)
{
    struct boot_start start;

    start.config = config;
    start.out = out;
    *out = (struct ota_boot){ 0 };
    if (!is_usable(config))
        return give_in(&start, OTA_BOOT_LAYOUT);
    enum ota_record_state state = ota_record_read(config->flash, config->layout, &start.record);
    start.old = &start.record.slot[start.record.active];
    start.other = ota_record_other(&start.record);
    start.new = &start.record.slot[start.other];
    start.staged = ota_layout_staging(config->layout, start.other);
    switch (state) {
    case OTA_RECORD_FOUND:
        return carry_out(&start);
    case OTA_RECORD_EMPTY:
        return adopt(&start);
    case OTA_RECORD_DAMAGED:
        return run_without_record(&start);
    case OTA_RECORD_UNREADABLE:
        break;
    }
    return give_in(&start, OTA_BOOT_READ);
}

const char *ota_boot_fault_text(enum ota_boot_fault fault)
{
    switch (fault) {
    case OTA_BOOT_SOUND:
        return "nothing is wrong";
    case OTA_BOOT_LAYOUT:
        return "the layout does not fit the flash, or the configuration is unusable";
    case OTA_BOOT_READ:
        return "flash failed to read";
    case OTA_BOOT_RECORD:
        return "both copies of the boot record are damaged";
    case OTA_BOOT_FLASH:
        return "flash failed to erase or to program";
    case OTA_BOOT_IMAGE:
        return "an image is not what the boot record says";
    case OTA_BOOT_NO_IMAGE:
        return "there is nothing that could run";
    }
    return "unknown fault";
}
