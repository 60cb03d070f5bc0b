#include "device_boot.h"

#include "common/image.h"
#include "device_layout.h"

#include <stdio.h>
#include <string.h>

/* ---- what lies in flash ---- */

struct place {
    const struct ota_flash *flash;
    uint32_t offset;
};

static bool place_read(const void *ctx, uint64_t offset, void *out, size_t len)
{
    const struct place *place = ctx;

    return place->flash->read(place->flash->ctx, place->offset + (uint32_t)offset, out,
                              (uint32_t)len);
}

static void examine(struct image *out, const struct ota_flash *flash, uint32_t offset,
                    uint32_t size)
{
    struct place place = { flash, offset };
    struct image_source source = { .ctx = &place, .size = size, .read = place_read };

    image_examine(out, &source);
}

/* Where an image ends that has a whole slot for itself. */
static uint64_t end_of(const struct image *image)
{
    if (image->kind == IMAGE_ESP8266 && image->esp.sketch_length > 0)
        return image->esp.sketch_length;
    if (image->kind == IMAGE_ESP8266 && image->esp.has_sketch)
        return image->esp.sketch.end;
    return image->esp.end;
}

/* For a flash file that was put together by hand, or whose records are lost. */
static uint32_t image_size(void *ctx, const struct ota_flash *flash, const struct ota_area *area)
{
    const struct device_boot *boot = ctx;
    struct image image;

    examine(&image, flash, area->offset, area->size);
    if (image.kind != boot->family || image.fault != IMAGE_SOUND ||
        (image.kind == IMAGE_ESP32 && image.esp.chip_id != DEVICE_CHIP_ID))
        return 0;
    return (uint32_t)end_of(&image);
}

/* Anybody may have written the image: its texts must not end the quotes, or the line. */
static void make_printable(char *text)
{
    for (; *text; text++) {
        if (*text < ' ' || *text > '~' || *text == '"')
            *text = '?';
    }
}

/* The digest of everything that is read from a place. */
static void digest_place(uint8_t out[DIGEST_SHA256_SIZE], const struct place *place, uint32_t size)
{
    uint8_t piece[256];
    struct digest digest;

    digest_init(&digest, DIGEST_SHA256);
    for (uint32_t at = 0; at < size;) {
        uint32_t len = size - at < sizeof piece ? size - at : sizeof piece;
        if (!place_read(place, at, piece, len))
            return;
        digest_update(&digest, piece, len);
        at += len;
    }
    digest_finish(&digest, out);
}

static void find_sha256(struct device_boot *boot, const struct image *image)
{
    const struct ota_boot *found = &boot->found;
    const struct place place = { boot->flash, found->offset };
    bool is_appended = image->sha256 == IMAGE_CHECK_PASSED && image->esp.end >= DIGEST_SHA256_SIZE;

    if (image->kind != IMAGE_ESP32 || found->image.size == 0)
        return;
    if (!is_appended ||
        !place_read(&place, image->esp.end - DIGEST_SHA256_SIZE, boot->sha256, DIGEST_SHA256_SIZE))
        digest_place(boot->sha256, &place, found->image.size);
}

static void find_name(struct device_boot *boot)
{
    const struct ota_boot *found = &boot->found;
    struct image image;

    boot->name[0] = '\0';
    memset(boot->sha256, 0, sizeof boot->sha256);
    if (!boot->runs)
        return;
    /* What is not on record may reach to the end of the slot. */
    examine(&image, boot->flash, found->offset,
            found->image.size > 0 ? found->image.size : boot->layout.slot[found->slot].size);
    const struct image_app *app = &image.esp.app;
    if (image.kind == IMAGE_ESP32 && image.esp.has_app && app->project[0] != '\0')
        (void)snprintf(boot->name, sizeof boot->name, app->version[0] ? "%s %s" : "%s",
                       app->project, app->version);
    else
        (void)snprintf(boot->name, sizeof boot->name, "%s", image_kind_name(image.kind));
    make_printable(boot->name);
    find_sha256(boot, &image);
}

/* ---- starting ---- */

static void on_tick(void *ctx)
{
    const struct device_boot *boot = ctx;

    if (boot->tick)
        boot->tick(boot->tick_ctx);
}

bool device_boot_init(struct device_boot *boot, const struct device_options *options,
                      const struct ota_flash *flash, uint8_t *buffer, uint32_t size)
{
    *boot = (struct device_boot){ .flash = flash, .family = options->family };
    boot->config = (struct ota_boot_config){
        .flash = flash,
        .layout = &boot->layout,
        .buffer = buffer,
        .buffer_size = size,
        .image_size = image_size,
        .tick = on_tick,
        .ctx = boot,
    };
    return device_layout_arrange(&boot->layout, flash, options->handover);
}

void device_boot_run(struct device_boot *boot)
{
    struct ota_record record;

    boot->runs = ota_boot(&boot->config, &boot->found);
    find_name(boot);
    boot->record = ota_record_read(boot->flash, &boot->layout, &record);
    boot->filesystem = record.filesystem;
    boot->has_given_up = ota_boot_given_up(boot->flash, &boot->layout, boot->given_up);
}

enum ota_error device_boot_confirm(const struct device_boot *boot)
{
    return boot->found.trial ? ota_boot_confirm(boot->flash, &boot->layout) : OTA_OK;
}
