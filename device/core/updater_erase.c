#include "updater_erase.h"

#include "updater_steps.h"

uint32_t ota_updater_in_units(const struct ota_updater *u, uint32_t size)
{
    uint32_t unit = u->config->flash->erase_size;

    return (size + unit - 1) / unit * unit;
}

/* Bytes to be erased next: a block where one begins and the image goes on to its end. */
static uint32_t extent(const struct ota_updater *u)
{
    const struct ota_flash *flash = u->config->flash;
    uint32_t left = ota_updater_in_units(u, u->image.size) - u->erased;

    if ((u->image.offset + u->erased) % flash->block_size == 0 && left >= flash->block_size)
        return flash->block_size;
    return flash->erase_size;
}

static void is_ready(struct ota_updater *u, uint32_t len)
{
    u->erased += len;
    if (u->clean < u->erased)
        u->clean = u->erased;
    u->stained = false;
    u->checked = 0;
}

/* Read a piece of what is to be erased next. */
static void look(struct ota_updater *u, uint32_t len)
{
    const struct ota_flash *flash = u->config->flash;
    uint8_t piece[OTA_READ_PIECE];
    uint32_t left = len - u->checked;
    uint32_t n = left < sizeof piece ? left : (uint32_t)sizeof piece;

    if (!flash->read(flash->ctx, u->image.offset + u->erased + u->checked, piece, n)) {
        ota_updater_fail(u, OTA_ERROR_READ, NULL);
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (piece[i] != 0xFF) {
            u->stained = true;
            return;
        }
    }
    u->checked += n;
    if (u->checked == len)
        is_ready(u, len);
}

void ota_updater_erase(struct ota_updater *u)
{
    const struct ota_flash *flash = u->config->flash;
    uint32_t len = extent(u);

    if (!u->stained && u->clean >= u->erased + len)
        look(u, len);
    else if (flash->erase(flash->ctx, u->image.offset + u->erased, len))
        is_ready(u, len);
    else
        ota_updater_fail(u, OTA_ERROR_ERASE, NULL);
}

/*
 * A same image erases nothing: this begins when some of it was not the same. What is ahead is
 * always behind `written`, so that nothing is erased that was found to be the same.
 */
bool ota_updater_may_erase_ahead(const struct ota_updater *u)
{
    uint64_t limit = (uint64_t)u->written + u->fill + u->config->flash->block_size;

    return u->phase == OTA_UPDATER_FILL && u->differs && u->erased < u->image.size &&
           u->erased + (uint64_t)extent(u) <= limit;
}
