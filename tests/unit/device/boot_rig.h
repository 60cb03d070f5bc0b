/*
 * A device that starts, for the tests of the bootloader: flash in memory, a layout, images, a
 * record as the updater leaves it, and the bootloader with a buffer.
 */
#ifndef BOOT_RIG_H
#define BOOT_RIG_H

#include "common/bytes.h"
#include "device/port/nor/nor_flash.h"
#include "ota/boot.h"
#include "ota/record_write.h"

#include <criterion/criterion.h>
#include <string.h>

#define RIG_FLASH_MAX  (1u << 20)
#define RIG_BUFFER_MAX 4096u
#define RIG_MAGIC      0x474D4921u

/* What the images are called. */
enum rig_name {
    RIG_OLD = 1,
    RIG_NEW,
    RIG_NEWER,
    RIG_FILES,
};

struct rig {
    struct nor_flash nor;
    struct ota_layout layout;
    struct ota_boot_config config;
    struct ota_boot boot; /* the last one */
    struct ota_record record;
    unsigned ticks;
    uint8_t buffer[RIG_BUFFER_MAX];
    uint8_t cells[RIG_FLASH_MAX];
    uint8_t unstable[RIG_FLASH_MAX];
    uint8_t torn[RIG_FLASH_MAX];
};

/* A geometry, and areas in units of `erase`. */
struct rig_shape {
    uint32_t erase, block, write;
    uint32_t slot, spare, filesystem; /* spare 0: OTA_SELECT */
};

static const struct rig_shape rig_select = { 256, 1024, 4, 8, 0, 4 };
static const struct rig_shape rig_exchange = { 256, 1024, 4, 8, 1, 4 };

/* --- Images ----------------------------------------------------------------------------------- */

/* The bytes of an image: a header that tells its size, where there is room for it, and noise. */
static inline uint8_t rig_byte(enum rig_name name, uint32_t size, uint32_t at)
{
    uint8_t header[8];
    uint32_t noise = (at + 1) * 2654435761u ^ (uint32_t)name * 40503u;

    bytes_put_u32(header, RIG_MAGIC);
    bytes_put_u32(header + 4, size);
    if (name != RIG_FILES && size >= sizeof header && at < sizeof header)
        return header[at];
    noise ^= noise >> 15;
    return (uint8_t)(noise * 2246822519u >> 24);
}

static inline struct ota_image rig_image(enum rig_name name, uint32_t size)
{
    struct ota_image image = { .size = size };
    struct digest digest;
    uint8_t bytes[256];

    digest_init(&digest, DIGEST_MD5);
    for (uint32_t done = 0, len = 0; done < size; done += len) {
        for (len = 0; len < sizeof bytes && done + len < size; len++)
            bytes[len] = rig_byte(name, size, done + len);
        digest_update(&digest, bytes, len);
    }
    digest_finish(&digest, image.md5);
    return image;
}

static inline uint32_t rig_image_size(void *ctx, const struct ota_flash *flash,
                                      const struct ota_area *area)
{
    uint8_t header[8];

    (void)ctx;
    if (!flash->read(flash->ctx, area->offset, header, sizeof header) ||
        bytes_u32(header) != RIG_MAGIC)
        return 0;
    return bytes_u32(header + 4);
}

/* Put an image there, as somebody with a programmer would. */
static inline struct ota_image rig_place(struct rig *rig, enum rig_name name, uint32_t at,
                                         uint32_t size)
{
    for (uint32_t i = 0; i < size; i++)
        rig->cells[at + i] = rig_byte(name, size, i);
    return rig_image(name, size);
}

/* True when it is there, and stays. */
static inline bool rig_holds(const struct rig *rig, enum rig_name name, uint32_t at, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++) {
        if (rig->cells[at + i] != rig_byte(name, size, i) || rig->unstable[at + i])
            return false;
    }
    return true;
}

/* --- The device ------------------------------------------------------------------------------- */

static inline void rig_tick(void *ctx)
{
    struct rig *rig = ctx;

    rig->ticks++;
}

static inline struct ota_area rig_area(uint32_t *at, uint32_t units, uint32_t erase)
{
    struct ota_area area = { *at, units * erase };

    *at += area.size;
    return area;
}

/* Areas one behind the other, slots and file system at blocks. Returns the end. */
static inline uint32_t rig_arrange(struct ota_layout *layout, const struct rig_shape *shape,
                                   const struct ota_flash *flash)
{
    uint32_t at = 0;

    *layout = (struct ota_layout){ .handover = shape->spare > 0 ? OTA_EXCHANGE : OTA_SELECT,
                                   .spare_size = shape->spare * shape->erase };
    layout->slot[0].size = shape->slot * shape->erase;
    uint32_t record = (uint32_t)ota_layout_record_size(layout, flash) / shape->erase;
    layout->bootloader = rig_area(&at, 1, shape->erase);
    layout->record[0] = rig_area(&at, record, shape->erase);
    layout->record[1] = rig_area(&at, record, shape->erase);
    at = (at + shape->block - 1) / shape->block * shape->block;
    layout->slot[0] = rig_area(&at, shape->slot, shape->erase);
    layout->slot[1] = rig_area(&at, shape->slot + shape->spare, shape->erase);
    layout->filesystem = rig_area(&at, shape->filesystem, shape->erase);
    return at;
}

/* A device with blank flash. Nothing may touch its bootloader, and what lies behind the areas. */
static inline void rig_init(struct rig *rig, const struct rig_shape *shape)
{
    struct ota_flash geometry = { .size = RIG_FLASH_MAX,
                                  .erase_size = shape->erase,
                                  .block_size = shape->block,
                                  .write_size = shape->write };
    uint32_t end;

    memset(rig, 0, offsetof(struct rig, cells));
    end = rig_arrange(&rig->layout, shape, &geometry);
    geometry.size = (end + shape->block) / shape->block * shape->block;
    cr_assert_leq(geometry.size, RIG_FLASH_MAX);
    memset(rig->cells, 0xFF, geometry.size);
    nor_flash_init(&rig->nor, &geometry, rig->cells, rig->unstable, rig->torn);
    nor_flash_protect(&rig->nor, rig->layout.bootloader.offset, shape->erase);
    nor_flash_protect(&rig->nor, end, geometry.size - end);
    cr_assert_eq(ota_layout_check(&rig->layout, &rig->nor.flash), OTA_LAYOUT_SOUND);
    rig->config = (struct ota_boot_config){ .flash = &rig->nor.flash,
                                            .layout = &rig->layout,
                                            .buffer = rig->buffer,
                                            .buffer_size = 1024,
                                            .image_size = rig_image_size,
                                            .tick = rig_tick,
                                            .ctx = rig };
}

/* These units can be neither erased nor programmed any more; with size 0, all can. */
static inline void rig_wear_out(struct rig *rig, uint32_t at, uint32_t size)
{
    rig->nor.worn_offset = at;
    rig->nor.worn_size = size;
}

static inline bool rig_boot(struct rig *rig)
{
    memset(rig->buffer, 0xA5, sizeof rig->buffer);
    memset(&rig->boot, 0x5A, sizeof rig->boot);
    bool runs = ota_boot(&rig->config, &rig->boot);
    cr_assert_eq(rig->nor.broken, NOR_RULES_KEPT, "%s at %u", nor_rule_text(rig->nor.broken),
                 rig->nor.broken_at);
    return runs;
}

static inline enum ota_record_state rig_read_record(struct rig *rig)
{
    return ota_record_read(&rig->nor.flash, &rig->layout, &rig->record);
}

/* Write rig->record, as a new one. */
static inline void rig_write_record(struct rig *rig)
{
    rig->record.flash = &rig->nor.flash;
    rig->record.layout = &rig->layout;
    cr_assert_eq(ota_record_write(&rig->record), OTA_OK);
}

static inline bool rig_mark(struct rig *rig, uint32_t mark)
{
    bool set;

    cr_assert_eq(rig_read_record(rig), OTA_RECORD_FOUND);
    cr_assert(ota_record_get_mark(&rig->record, mark, &set));
    return set;
}

/* An old sketch in slot 0 and on record, if it has a size. */
static inline void rig_begin(struct rig *rig, const struct rig_shape *shape, uint32_t old)
{
    rig_init(rig, shape);
    if (old > 0)
        rig->record.slot[0] = rig_place(rig, RIG_OLD, rig->layout.slot[0].offset, old);
    rig_write_record(rig);
}

/* The same, and a staged image. */
static inline void rig_stage(struct rig *rig, const struct rig_shape *shape, uint32_t old,
                             enum rig_name name, uint32_t size)
{
    rig_begin(rig, shape, old);
    rig->record.slot[1] = rig_place(rig, name, ota_layout_staging(&rig->layout, 1), size);
    rig->record.pending = name == RIG_FILES ? OTA_PENDING_FILESYSTEM : OTA_PENDING_SKETCH;
    rig_write_record(rig);
}

/* Start, and see to it that this image runs, is whole and at the right place. */
static inline void rig_runs(struct rig *rig, enum rig_name name, uint32_t size)
{
    unsigned slot = rig->boot.slot;
    struct ota_image image = rig_image(name, size);

    cr_assert_lt(slot, rig->layout.handover == OTA_EXCHANGE ? 1u : 2u);
    cr_assert_eq(rig->boot.offset, rig->layout.slot[slot].offset);
    cr_assert_eq(rig->boot.image.size, size);
    cr_assert_arr_eq(rig->boot.image.md5, image.md5, sizeof image.md5);
    cr_assert(rig_holds(rig, name, rig->boot.offset, size), "%d is not whole", (int)name);
}

static inline void rig_boots(struct rig *rig, enum rig_name name, uint32_t size,
                             enum ota_boot_event event)
{
    cr_assert(rig_boot(rig), "%s", ota_boot_fault_text(rig->boot.fault));
    rig_runs(rig, name, size);
    cr_assert_eq(rig->boot.event, event, "event %d", (int)rig->boot.event);
}

static inline enum ota_error rig_confirm(struct rig *rig)
{
    return ota_boot_confirm(&rig->nor.flash, &rig->layout);
}

static inline enum ota_error rig_rollback(struct rig *rig)
{
    return ota_boot_rollback(&rig->nor.flash, &rig->layout);
}

static inline struct ota_boot_info rig_state(struct rig *rig)
{
    struct ota_boot_info info;

    memset(&info, 0x5A, sizeof info);
    ota_boot_state(&rig->nor.flash, &rig->layout, &info);
    return info;
}

#endif
