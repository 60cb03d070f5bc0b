#include "ota/boot_state.h"

#include "ota/record_write.h"

#include <string.h>

/* What the record says, and whose turn it is. */
struct standing {
    struct ota_record record;
    bool tried;    /* pending is SKETCH, and that sketch runs */
    bool given_up; /* the same, and it is not wanted any more */
    bool writing;  /* the other slot's image is void */
};

static enum ota_error look(const struct ota_flash *flash, const struct ota_layout *layout,
                           struct standing *out)
{
    struct ota_record *record = &out->record;

    *out = (struct standing){ 0 };
    if (ota_layout_check(layout, flash) != OTA_LAYOUT_SOUND)
        return OTA_ERROR_FLASH_CONFIG;
    switch (ota_record_read(flash, layout, record)) {
    case OTA_RECORD_FOUND:
        break;
    case OTA_RECORD_EMPTY:
    case OTA_RECORD_DAMAGED:
        return OTA_ERROR_FLASH_CONFIG;
    case OTA_RECORD_UNREADABLE:
        return OTA_ERROR_READ;
    }
    if (!ota_record_get_mark(record, OTA_MARK_WRITING, &out->writing))
        return OTA_ERROR_READ;
    /* The bootloader marks a boot before it hands over. */
    if (record->pending == OTA_PENDING_SKETCH &&
        (!ota_record_get_mark(record, OTA_MARK_BOOT, &out->tried) ||
         !ota_record_get_mark(record, OTA_MARK_GIVEN_UP, &out->given_up)))
        return OTA_ERROR_READ;
    /* It has been gone back from, and that could not be recorded. */
    if (out->writing)
        out->tried = false;
    return OTA_OK;
}

static enum ota_boot_status status_of(const struct standing *now)
{
    if (now->record.pending == OTA_PENDING_NONE)
        return OTA_BOOT_CONFIRMED;
    return now->tried && !now->given_up ? OTA_BOOT_ON_TRIAL : OTA_BOOT_STAGED;
}

static bool has_previous(const struct standing *now)
{
    const struct ota_image *other = &now->record.slot[ota_record_other(&now->record)];

    switch ((enum ota_pending)now->record.pending) {
    case OTA_PENDING_NONE:
    case OTA_PENDING_ROLLBACK:
        return other->size > 0 && !now->writing;
    case OTA_PENDING_SKETCH:
        return now->tried && now->record.slot[now->record.active].size > 0;
    case OTA_PENDING_FILESYSTEM:
        break;
    }
    return false;
}

void ota_boot_state(const struct ota_flash *flash, const struct ota_layout *layout,
                    struct ota_boot_info *out)
{
    struct standing now;
    bool known = look(flash, layout, &now) == OTA_OK;
    unsigned runs = now.tried ? ota_record_other(&now.record) : now.record.active;

    *out = (struct ota_boot_info){ .status = OTA_BOOT_UNKNOWN, .offset = layout->slot[0].offset };
    if (!known)
        return;
    out->status = status_of(&now);
    out->slot = layout->handover == OTA_EXCHANGE ? 0 : runs;
    out->offset = layout->slot[out->slot].offset;
    out->image = now.record.slot[runs];
    out->has_previous = has_previous(&now);
}

static uint32_t round_up(uint32_t size, uint32_t unit)
{
    return size + (unit - size % unit) % unit;
}

/*
 * The exchange has written the old sketch to the start of slot 1, each unit in full, and left alone
 * what lies behind.
 */
static void swap_images(struct ota_record *record, uint32_t erase_size)
{
    struct ota_image old = record->slot[0];
    uint32_t written = round_up(old.size, erase_size);

    record->slot[0] = record->slot[1];
    record->slot[1] = old;
    if (record->clean[1] < written)
        record->clean[1] = written;
}

enum ota_error ota_boot_confirm(const struct ota_flash *flash, const struct ota_layout *layout)
{
    struct standing now;
    enum ota_error error = look(flash, layout, &now);

    if (error || status_of(&now) == OTA_BOOT_CONFIRMED)
        return error;
    if (status_of(&now) == OTA_BOOT_STAGED)
        return OTA_ERROR_BOOTSTRAP;
    if (layout->handover == OTA_SELECT)
        now.record.active = (uint8_t)ota_record_other(&now.record);
    else
        swap_images(&now.record, flash->erase_size);
    now.record.pending = OTA_PENDING_NONE;
    return ota_record_write(&now.record);
}

enum ota_error ota_boot_rollback(const struct ota_flash *flash, const struct ota_layout *layout)
{
    struct standing now;
    enum ota_error error = look(flash, layout, &now);

    if (error)
        return error;
    if (!now.tried && status_of(&now) == OTA_BOOT_STAGED)
        return OTA_ERROR_BOOTSTRAP;
    if (!has_previous(&now))
        return OTA_ERROR_NO_DATA;
    /* Also when it is set: a cut may have left it so that the next start does not see it. */
    if (now.tried)
        return ota_record_set_mark(&now.record, OTA_MARK_GIVEN_UP);
    now.record.pending = OTA_PENDING_ROLLBACK;
    return ota_record_write(&now.record);
}

/*
 * What did not get to stay has no size any more, and its digest is left: device/SPEC.md. So it is
 * with a file system that was moved, and with the exchange, where the running sketch was gone back
 * to.
 */
bool ota_boot_given_up(const struct ota_flash *flash, const struct ota_layout *layout,
                       uint8_t md5[DIGEST_MD5_SIZE])
{
    static const uint8_t nothing[DIGEST_MD5_SIZE];
    struct standing now;

    if (look(flash, layout, &now) != OTA_OK)
        return false;
    const struct ota_image *other = &now.record.slot[ota_record_other(&now.record)];
    if (other->size > 0 || memcmp(other->md5, nothing, sizeof nothing) == 0 ||
        memcmp(other->md5, now.record.filesystem.md5, sizeof nothing) == 0 ||
        memcmp(other->md5, now.record.slot[now.record.active].md5, sizeof nothing) == 0)
        return false;
    memcpy(md5, other->md5, sizeof nothing);
    return true;
}
