#include "sim_geometry.h"

#define AREAS 6

/* Most flashes are SPI NOR flashes, small enough here for many scenarios a second. */
static void choose_flash(struct ota_flash *flash, struct sim_random *random)
{
    static const uint16_t writes[] = { 1, 4, 4, 16, 256 };
    uint32_t kind = sim_random_below(random, 100);

    flash->write_size = writes[sim_random_below(random, sizeof writes / sizeof writes[0])];
    if (kind < 45)
        flash->erase_size = 256;
    else if (kind < 55)
        flash->erase_size = 1024;
    else if (kind < 97)
        flash->erase_size = 4096;
    else
        flash->erase_size = kind < 99 ? 768 : 65536;
    flash->block_size = flash->erase_size;
    if (sim_random_chance(random, 600))
        flash->block_size *= sim_random_range(random, 2, 16);
}

/* Units of a slot: few of them, but now and then many small ones. */
static uint32_t choose_units(uint32_t erase_size, struct sim_random *random)
{
    if (erase_size <= 1024)
        return sim_random_range(random, 1, sim_random_chance(random, 100) ? 48 : 20);
    return sim_random_range(random, 1, erase_size > 4096 ? 1 : 5);
}

static void choose_sizes(struct ota_layout *layout, const struct ota_flash *flash,
                         struct sim_random *random)
{
    uint32_t unit = flash->erase_size;
    uint32_t units = choose_units(unit, random);

    layout->handover = sim_random_chance(random, 500) ? OTA_SELECT : OTA_EXCHANGE;
    layout->bootloader.size = unit * sim_random_below(random, 3);
    layout->slot[0].size = unit * units;
    if (layout->handover == OTA_EXCHANGE) {
        uint32_t spare = sim_random_chance(random, 600) ? 1 : sim_random_range(random, 1, 4);
        layout->spare_size = unit * spare;
        layout->slot[1].size = unit * (units + spare + (sim_random_chance(random, 200) ? 1 : 0));
    } else {
        layout->slot[1].size =
            sim_random_chance(random, 800) ? unit * units : unit * choose_units(unit, random);
    }
    if (sim_random_chance(random, 600))
        layout->filesystem.size = unit * sim_random_range(random, 1, units < 4 ? units : 4);
    uint32_t record = (uint32_t)ota_layout_record_size(layout, flash);
    for (unsigned copy = 0; copy < 2; copy++)
        layout->record[copy].size = record + (sim_random_chance(random, 100) ? unit : 0);
}

/* Any order, with a gap here and there. */
static uint32_t place(struct ota_layout *layout, uint32_t unit, struct sim_random *random)
{
    struct ota_area *areas[AREAS] = {
        &layout->bootloader, &layout->record[0], &layout->record[1],
        &layout->slot[0],    &layout->slot[1],   &layout->filesystem,
    };
    uint32_t at = 0;

    if (sim_random_chance(random, 500)) {
        for (uint32_t i = AREAS - 1; i > 0; i--) {
            uint32_t j = sim_random_below(random, i + 1);
            struct ota_area *swapped = areas[i];
            areas[i] = areas[j];
            areas[j] = swapped;
        }
    }
    for (unsigned i = 0; i < AREAS; i++) {
        if (sim_random_chance(random, 80))
            at += unit;
        areas[i]->offset = at;
        at += areas[i]->size;
    }
    return at + (sim_random_chance(random, 200) ? unit : 0);
}

/* A buffer's size: an erase unit, or something odd that is still a multiple of the write unit. */
static uint32_t choose_buffer(const struct ota_flash *flash, uint32_t least,
                              struct sim_random *random)
{
    uint32_t unit = flash->write_size;
    uint32_t units = (least + unit - 1) / unit;

    if (sim_random_chance(random, 700))
        return 0;
    return unit * sim_random_range(random, units, units + 1024 / unit);
}

void sim_geometry_make(struct sim_board_spec *spec, struct sim_random *random)
{
    static const uint8_t trials[] = { 0, 0, 0, 1, 2, OTA_TRIAL_BOOTS_MAX };

    choose_flash(&spec->geometry, random);
    choose_sizes(&spec->layout, &spec->geometry, random);
    spec->geometry.size = place(&spec->layout, spec->geometry.erase_size, random);
    spec->buffer_size = choose_buffer(&spec->geometry, OTA_BUFFER_MIN, random);
    spec->boot_buffer_size = choose_buffer(&spec->geometry, 64, random);
    spec->trial_boots = trials[sim_random_below(random, sizeof trials)];
    spec->no_size_of_image = false;
}
