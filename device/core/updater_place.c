#include "updater_place.h"

#include <string.h>

static bool buffer_is_usable(const struct ota_updater_config *config)
{
    return config->buffer && config->buffer_size >= OTA_BUFFER_MIN &&
           config->buffer_size % config->flash->write_size == 0;
}

static bool has_mark(const struct ota_updater *u, uint32_t mark)
{
    bool set;

    return ota_record_get_mark(&u->record, mark, &set) && set;
}

/* While something is pending, either slot holds what may yet be needed. */
static enum ota_error check_pending(const struct ota_updater *u, const char **text)
{
    if (u->record.pending == OTA_PENDING_NONE)
        return OTA_OK;
    if (u->record.pending == OTA_PENDING_SKETCH && has_mark(u, OTA_MARK_BOOT) &&
        !has_mark(u, OTA_MARK_GIVEN_UP))
        *text = "The sketch is on trial: confirm it";
    return OTA_ERROR_BOOTSTRAP;
}

static enum ota_error load_record(struct ota_updater *u, const char **text)
{
    switch (ota_record_read(u->config->flash, u->config->layout, &u->record)) {
    case OTA_RECORD_FOUND:
        return check_pending(u, text);
    case OTA_RECORD_EMPTY:
        return OTA_OK;
    case OTA_RECORD_DAMAGED:
        *text = "both records are damaged";
        return OTA_ERROR_FLASH_CONFIG;
    case OTA_RECORD_UNREADABLE:
        break;
    }
    return OTA_ERROR_READ;
}

/* Bytes of the slot before the place where an image begins. */
static uint32_t gap(const struct ota_updater *u)
{
    return u->image.offset - u->config->layout->slot[ota_record_other(&u->record)].offset;
}

/*
 * An earlier start of the device that left the slot marked may have been cut short in it: nothing
 * there can be believed then. What this one has done to it, it has completed.
 */
static enum ota_error get_to_know_slot(struct ota_updater *u)
{
    const struct ota_flash *flash = u->config->flash;
    uint32_t clean = u->record.clean[ota_record_other(&u->record)];
    bool was_cut;

    if (u->known && u->sequence == u->record.sequence)
        return OTA_OK;
    if (!ota_record_get_mark(&u->record, OTA_MARK_WRITING, &was_cut))
        return OTA_ERROR_READ;
    u->clean = 0;
    if (!was_cut && clean > gap(u))
        u->clean = (clean - gap(u)) / flash->erase_size * flash->erase_size;
    u->sequence = u->record.sequence;
    u->marked = false;
    u->known = true;
    return OTA_OK;
}

enum ota_error ota_updater_find_place(struct ota_updater *u, uint64_t size, const char **text)
{
    const struct ota_updater_config *config = u->config;
    const struct ota_layout *layout = config->layout;
    enum ota_layout_fault fault = ota_layout_check(layout, config->flash);
    enum ota_error error;

    if (fault) {
        /* For this one stock has a text, with figures. */
        if (fault != OTA_LAYOUT_OUTSIDE)
            *text = "bad layout";
        return OTA_ERROR_FLASH_CONFIG;
    }
    if (!buffer_is_usable(config))
        return OTA_ERROR_OOM;
    error = load_record(u, text);
    if (error)
        return error;

    unsigned slot = ota_record_other(&u->record);
    u->image.offset = ota_layout_staging(layout, slot);
    error = get_to_know_slot(u);
    if (error)
        return error;
    if (size > (u->target == OTA_FILESYSTEM ? ota_layout_filesystem_max(layout, slot)
                                            : ota_layout_sketch_max(layout, slot)))
        return OTA_ERROR_SPACE;
    return OTA_OK;
}

void ota_updater_amend_record(struct ota_updater *u)
{
    struct ota_record *record = &u->record;
    unsigned slot = ota_record_other(record);

    record->slot[slot].size = u->image.size;
    memcpy(record->slot[slot].md5, u->image.md5, sizeof u->image.md5);
    record->pending = u->target == OTA_FILESYSTEM ? OTA_PENDING_FILESYSTEM : OTA_PENDING_SKETCH;
    /* Clean bytes are counted from the slot's start: those before the image were not touched. */
    if (record->clean[slot] >= gap(u))
        record->clean[slot] = gap(u) + u->clean;
}
