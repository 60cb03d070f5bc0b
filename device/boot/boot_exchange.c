#include "boot_exchange.h"

#include "ota/record_write.h"

/* Or make it firm. */
static bool set_step_mark(const struct boot_start *start, uint32_t step)
{
    return !ota_record_set_mark(&start->record, OTA_MARK_STEP + step);
}

bool boot_count_steps(const struct boot_start *start, uint32_t *steps)
{
    const struct ota_layout *layout = start->record.layout;

    return ota_record_count_marks(&start->record, OTA_MARK_STEP,
                                  2 * ota_layout_chunks(layout, layout->slot[0].size), steps);
}

/*
 * Write the record anew with its marks, first copy 0 from copy 1, then copy 1. Until the former
 * counts, as the newer one, nothing has changed. False when that is not to be had, because one of
 * the copies is worn: nothing may be done twice then.
 */
static bool renew_marks(struct boot_start *start)
{
    struct ota_record *record = &start->record;
    uint32_t found = 0;

    if (record->copies != 3)
        return false;
    record->copies = 2;
    if (!boot_count_steps(start, &found) || found < start->steps)
        return false;
    record->sequence++;
    if (ota_record_repair(record))
        return false;
    record->copies = 1;
    record->first = 1;
    /* One copy will do for now; the next start that finds only one goes back. */
    (void)ota_record_repair(record);
    /* A torn mark may have been read another way while it was copied. */
    return boot_count_steps(start, &start->steps);
}

/* Copy a piece; `left` bytes, this one included, have not been copied. */
static bool copy_piece(const struct boot_start *start, uint32_t to, uint32_t from, uint32_t left)
{
    uint32_t spare = start->record.layout->spare_size;

    return boot_copy(start, to, from, left < spare ? left : spare);
}

/* Do the steps that are not done: of each piece, save the old one, and put the new one there. */
static bool do_steps(struct boot_start *start)
{
    const struct ota_area *slot = start->record.layout->slot;
    const struct ota_image *image = start->record.slot;
    uint32_t spare = start->record.layout->spare_size;
    uint32_t step = 0;

    for (uint32_t at = 0; at < image[0].size || at < image[1].size; at += spare) {
        for (unsigned from = 0; from < 2; from++) {
            if (at >= image[from].size || step++ < start->steps)
                continue;
            if (!copy_piece(start, slot[1 - from].offset + at,
                            slot[from].offset + at + from * spare, image[from].size - at) ||
                !set_step_mark(start, start->steps))
                return false;
            start->steps++;
        }
    }
    return true;
}

bool boot_exchange(struct boot_start *start)
{
    if (start->steps > 0 && !set_step_mark(start, start->steps - 1))
        return false;
    /* Without an old sketch nothing is overwritten that is needed: all steps may be done again. */
    if (!renew_marks(start) && start->old->size > 0)
        return false;
    return do_steps(start) &&
           boot_check(start, start->record.layout->slot[0].offset, start->new) == OTA_BOOT_SOUND;
}

bool boot_restore(struct boot_start *start)
{
    const struct ota_area *slot = start->record.layout->slot;
    uint32_t step = 0;

    for (uint32_t at = 0; at < start->old->size && step < start->steps;
         at += start->record.layout->spare_size) {
        if (!copy_piece(start, slot[0].offset + at, slot[1].offset + at, start->old->size - at))
            return false;
        step += at < start->new->size ? 2 : 1;
    }
    return true;
}
