#include "sim_sabotage.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
    [SIM_NO_SABOTAGE] = "none",
    [SIM_MARKER_BEFORE_DATA] = "marker-before-data",
    [SIM_ONE_RECORD_COPY] = "one-record-copy",
    [SIM_NO_READ_BACK] = "no-read-back",
    [SIM_NOT_FIRM] = "not-firm",
};

bool sim_sabotage_find(const char *name, enum sim_sabotage_kind *out)
{
    for (unsigned i = SIM_NO_SABOTAGE + 1; i < SIM_SABOTAGES; i++) {
        if (strcmp(name, names[i]) == 0) {
            *out = (enum sim_sabotage_kind)i;
            return true;
        }
    }
    return false;
}

const char *sim_sabotage_name(enum sim_sabotage_kind kind)
{
    return names[kind];
}

static bool lies_in(const struct ota_area *area, uint32_t offset)
{
    return offset >= area->offset && offset - area->offset < area->size;
}

static bool is_slot(const struct sim_sabotage *sabotage, uint32_t offset)
{
    const struct ota_layout *layout = &sabotage->board->layout;

    return lies_in(&layout->slot[0], offset) || lies_in(&layout->slot[1], offset);
}

/* An update is at work on the slot; with the record it is honest. */
static bool is_writing(const struct sim_sabotage *sabotage)
{
    const struct ota_updater *updater = &sabotage->board->updater;

    return ota_updater_is_running(updater) && updater->phase != OTA_UPDATER_RECORD;
}

static bool hold(struct sim_sabotage *sabotage, uint32_t offset, uint32_t len, bool is_erase)
{
    if (sabotage->held_count == SIM_HELD_MAX)
        return false;
    sabotage->held[sabotage->held_count++] = (struct sim_held){ offset, len, is_erase };
    return true;
}

/* Where an operation goes. */
static uint32_t divert(const struct sim_sabotage *sabotage, uint32_t offset)
{
    const struct ota_area *record = sabotage->board->layout.record;

    if (sabotage->kind == SIM_ONE_RECORD_COPY && lies_in(&record[1], offset))
        return offset - record[1].offset + record[0].offset;
    return offset;
}

static bool read_flash(void *ctx, uint32_t offset, void *out, uint32_t len)
{
    struct sim_sabotage *sabotage = ctx;
    const struct ota_flash *port = &sabotage->board->port;
    bool pretends = sabotage->kind == SIM_MARKER_BEFORE_DATA || sabotage->kind == SIM_NO_READ_BACK;

    if (!port->read(port->ctx, divert(sabotage, offset), out, len))
        return false;
    if (pretends && is_slot(sabotage, offset) && ota_updater_is_running(&sabotage->board->updater))
        memcpy(out, sabotage->meant + offset, len);
    return true;
}

static bool is_torn(const struct sim_sabotage *sabotage, uint32_t offset)
{
    const struct nor_flash *nor = &sabotage->board->nor;

    return !nor->off && nor->torn[offset / nor->flash.write_size] != 0;
}

static bool write_flash(void *ctx, uint32_t offset, const void *bytes, uint32_t len)
{
    struct sim_sabotage *sabotage = ctx;
    const struct ota_flash *port = &sabotage->board->port;

    memcpy(sabotage->meant + offset, bytes, len);
    if (sabotage->kind == SIM_NOT_FIRM && is_torn(sabotage, offset))
        return true;
    if (sabotage->kind == SIM_MARKER_BEFORE_DATA && is_slot(sabotage, offset) &&
        is_writing(sabotage) && !sabotage->board->nor.off)
        return hold(sabotage, offset, len, false);
    return port->write(port->ctx, divert(sabotage, offset), bytes, len);
}

static bool erase_flash(void *ctx, uint32_t offset, uint32_t len)
{
    struct sim_sabotage *sabotage = ctx;
    const struct ota_flash *port = &sabotage->board->port;

    memset(sabotage->meant + offset, 0xFF, len);
    if (sabotage->kind == SIM_MARKER_BEFORE_DATA && is_slot(sabotage, offset) &&
        is_writing(sabotage) && !sabotage->board->nor.off)
        return hold(sabotage, offset, len, true);
    return port->erase(port->ctx, divert(sabotage, offset), len);
}

bool sim_sabotage_begin(struct sim_sabotage *sabotage, enum sim_sabotage_kind kind,
                        struct sim_board *board)
{
    sabotage->kind = kind;
    sabotage->board = board;
    sabotage->meant = NULL;
    sabotage->held_count = 0;
    if (kind == SIM_NO_SABOTAGE)
        return true;
    sabotage->meant = malloc(board->port.size);
    if (!sabotage->meant)
        return false;
    memcpy(sabotage->meant, board->nor.cells, board->port.size);
    sabotage->flash = board->port;
    sabotage->flash.ctx = sabotage;
    sabotage->flash.read = read_flash;
    sabotage->flash.write = write_flash;
    sabotage->flash.erase = erase_flash;
    sim_board_set_flash(board, &sabotage->flash);
    return true;
}

void sim_sabotage_forget(struct sim_sabotage *sabotage)
{
    sabotage->held_count = 0;
    if (sabotage->meant)
        memcpy(sabotage->meant, sabotage->board->nor.cells, sabotage->board->port.size);
}

/* Later programs of a unit that was erased twice must not come twice: `meant` has the last ones. */
void sim_sabotage_recorded(struct sim_sabotage *sabotage)
{
    const struct ota_flash *port = &sabotage->board->port;
    unsigned count = sabotage->held_count;

    sabotage->held_count = 0;
    for (unsigned i = 0; i < count; i++) {
        const struct sim_held *held = &sabotage->held[i];
        if (held->is_erase)
            (void)port->erase(port->ctx, held->offset, held->len);
        else
            (void)port->write(port->ctx, held->offset, sabotage->meant + held->offset, held->len);
    }
}

void sim_sabotage_end(struct sim_sabotage *sabotage)
{
    free(sabotage->meant);
    sabotage->meant = NULL;
}
