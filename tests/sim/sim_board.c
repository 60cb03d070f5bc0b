#include "tests/sim/sim_board.h"

#include "ota/record_write.h"
#include "tests/sim/sim_random.h"

#include <stdlib.h>
#include <string.h>

#define AREAS 6

static const struct ota_area *area(const struct ota_layout *layout, unsigned i)
{
    const struct ota_area *const areas[AREAS] = {
        &layout->bootloader, &layout->record[0], &layout->record[1],
        &layout->slot[0],    &layout->slot[1],   &layout->filesystem,
    };

    return areas[i];
}

static bool overlap(const struct ota_area *a, uint32_t offset, uint32_t len)
{
    return a->size > 0 && len > 0 && a->offset < (uint64_t)offset + len &&
           offset < (uint64_t)a->offset + a->size;
}

/* --- The flash, watched ----------------------------------------------------------------------- */

static void watch(struct sim_board *board, bool is_erase, uint32_t offset, uint32_t len, bool ok)
{
    for (unsigned i = 0; i < board->guard_count; i++) {
        if (board->trespass == NOR_NOWHERE && overlap(&board->guards[i], offset, len))
            board->trespass = offset;
    }
    if (board->on_operation)
        board->on_operation(board->operation_ctx,
                            &(struct sim_operation){ is_erase, ok, offset, len });
}

/* What steady bits of this byte read as until the next start. */
static uint8_t steady_bits(const struct sim_board *board, uint32_t offset)
{
    struct sim_random random = { board->session + offset };

    return (uint8_t)sim_random_next(&random);
}

static bool port_read(void *ctx, uint32_t offset, void *out, uint32_t len)
{
    const struct sim_board *board = ctx;
    const struct nor_flash *nor = &board->nor;
    uint8_t *bytes = out;

    if (!nor->flash.read(nor->flash.ctx, offset, out, len))
        return false;
    for (uint32_t i = 0; i < len && board->steady; i++) {
        uint8_t unstable = nor->unstable[offset + i];
        if (unstable)
            bytes[i] =
                (uint8_t)((bytes[i] & ~unstable) | (steady_bits(board, offset + i) & unstable));
    }
    return true;
}

/* What a cut leaves depends on its seed, and not on what was read before. */
static void sow(struct sim_board *board)
{
    if (!board->nor.off && board->nor.operations + 1 == board->nor.cut_at && board->cut_seed != 0)
        board->nor.random = board->cut_seed;
}

static bool port_write(void *ctx, uint32_t offset, const void *bytes, uint32_t len)
{
    struct sim_board *board = ctx;
    const struct ota_flash *flash = &board->nor.flash;
    bool was_on = !board->nor.off;

    sow(board);
    bool ok = flash->write(flash->ctx, offset, bytes, len);

    if (was_on)
        watch(board, false, offset, len, ok);
    return ok;
}

static bool port_erase(void *ctx, uint32_t offset, uint32_t len)
{
    struct sim_board *board = ctx;
    const struct ota_flash *flash = &board->nor.flash;
    bool was_on = !board->nor.off;

    sow(board);
    bool ok = flash->erase(flash->ctx, offset, len);

    if (was_on)
        watch(board, true, offset, len, ok);
    return ok;
}

/* --- Making ----------------------------------------------------------------------------------- */

static bool is_used(const struct ota_layout *layout, uint32_t offset, uint32_t len)
{
    for (unsigned i = 1; i < AREAS; i++) {
        if (overlap(area(layout, i), offset, len))
            return true;
    }
    return false;
}

/* Runs of units that are no area, with the bootloader's; beyond SIM_GUARDS_MAX there are none. */
static void guard_the_rest(struct sim_board *board)
{
    uint32_t unit = board->port.erase_size;
    struct ota_area *last = NULL;

    for (uint32_t at = 0; at + unit <= board->port.size; at += unit) {
        if (is_used(&board->layout, at, unit)) {
            last = NULL;
            continue;
        }
        for (uint32_t i = 0; i < unit; i++)
            board->nor.cells[at + i] = (uint8_t)(at / unit + i * 7);
        if (last) {
            last->size += unit;
        } else if (board->guard_count < SIM_GUARDS_MAX) {
            last = &board->guards[board->guard_count++];
            *last = (struct ota_area){ at, unit };
        }
    }
    board->own_guard_count = board->guard_count;
}

static void configure(struct sim_board *board, const struct sim_board_spec *spec, uint8_t *buffer,
                      uint32_t buffer_size, uint32_t boot_buffer_size)
{
    board->boot_config = (struct ota_boot_config){
        .layout = &board->layout,
        .buffer = buffer + buffer_size,
        .buffer_size = boot_buffer_size,
        .trial_boots = spec->trial_boots,
        .image_size = spec->no_size_of_image ? NULL : sim_sketch_size,
    };
    board->updater_config = (struct ota_updater_config){
        .layout = &board->layout,
        .buffer = buffer,
        .buffer_size = buffer_size,
        .family = IMAGE_ESP8266,
    };
    sim_board_set_flash(board, NULL);
}

bool sim_board_init(struct sim_board *board, const struct sim_board_spec *spec)
{
    const struct ota_flash *geometry = &spec->geometry;
    uint32_t units = geometry->size / geometry->write_size;
    uint32_t unit = geometry->erase_size;
    uint32_t buffer_size = spec->buffer_size ? spec->buffer_size : unit;
    uint32_t boot_buffer_size = spec->boot_buffer_size ? spec->boot_buffer_size : unit;

    *board = (struct sim_board){ .layout = spec->layout, .trespass = NOR_NOWHERE };
    board->saved_size = 2 * (uint64_t)geometry->size + units;
    board->memory = malloc(board->saved_size + buffer_size + boot_buffer_size);
    uint32_t *wear = calloc(geometry->size / unit, sizeof *wear);
    if (!board->memory || !wear) {
        free(wear);
        sim_board_free(board);
        return false;
    }
    uint8_t *unstable = board->memory + geometry->size;
    uint8_t *torn = unstable + geometry->size;
    memset(board->memory, 0xFF, geometry->size);
    nor_flash_init(&board->nor, geometry, board->memory, unstable, torn);
    board->nor.wear = wear;
    if (spec->timing)
        board->nor.timing = *spec->timing;
    board->port = board->nor.flash;
    board->port.ctx = board;
    board->port.read = port_read;
    board->port.write = port_write;
    board->port.erase = port_erase;
    configure(board, spec, torn + units, buffer_size, boot_buffer_size);
    guard_the_rest(board);
    return true;
}

void sim_board_free(struct sim_board *board)
{
    free(board->memory);
    free(board->nor.wear);
    board->memory = NULL;
    board->nor.wear = NULL;
}

void sim_board_set_flash(struct sim_board *board, const struct ota_flash *flash)
{
    board->flash = flash ? flash : &board->port;
    board->boot_config.flash = board->flash;
    board->updater_config.flash = board->flash;
}

void sim_board_know(struct sim_board *board, const struct sim_image *image)
{
    if (board->known_count < SIM_IMAGES_MAX)
        board->known[board->known_count++] = image;
}

/* A programmer erases and programs an area; nothing is torn or unstable there afterwards. */
static void put(struct sim_board *board, const struct ota_area *to, const struct sim_image *image)
{
    uint32_t unit = board->port.write_size;

    memset(board->nor.cells + to->offset, 0xFF, to->size);
    memset(board->nor.unstable + to->offset, 0, to->size);
    memset(board->nor.torn + to->offset / unit, 0, to->size / unit);
    if (image && image->body.size <= to->size)
        memcpy(board->nor.cells + to->offset, image->bytes, image->body.size);
}

static void erase_records(struct sim_board *board)
{
    put(board, &board->layout.record[0], NULL);
    put(board, &board->layout.record[1], NULL);
}

void sim_board_flash_by_wire(struct sim_board *board, const struct sim_image *sketch)
{
    erase_records(board);
    put(board, &board->layout.slot[0], sketch);
}

bool sim_board_provision(struct sim_board *board, const struct sim_image *sketch, unsigned slot,
                         const struct sim_image *filesystem)
{
    struct ota_record record = { .active = (uint8_t)slot,
                                 .flash = &board->nor.flash,
                                 .layout = &board->layout };

    erase_records(board);
    put(board, &board->layout.slot[slot], sketch);
    record.slot[slot] = sketch->body;
    if (filesystem) {
        put(board, &board->layout.filesystem, filesystem);
        record.filesystem = filesystem->body;
    }
    for (unsigned i = 0; i < 2; i++)
        record.clean[i] = board->layout.slot[i].size;
    return ota_record_write(&record) == OTA_OK;
}

/* --- Living ----------------------------------------------------------------------------------- */

static bool is_same_image(const struct ota_image *a, const struct ota_image *b)
{
    return a->size == b->size && memcmp(a->md5, b->md5, sizeof a->md5) == 0;
}

/* Drawn from the flash's own random numbers, so that it follows from the seed of the cut. */
static uint64_t next_session(struct sim_board *board)
{
    struct sim_random random = { board->nor.random };
    uint64_t session = sim_random_next(&random);

    board->nor.random = random.state;
    return session;
}

const struct sim_image *sim_board_start(struct sim_board *board)
{
    const struct sim_image *before = board->running;

    board->running = NULL;
    board->starts++;
    if (board->steady)
        board->session = next_session(board);
    if (board->nor.off)
        nor_flash_power_on(&board->nor);
    bool runs = ota_boot(&board->boot_config, &board->boot);
    ota_updater_init(&board->updater, &board->updater_config);
    if (!runs || board->nor.off)
        return NULL;
    board->running = sim_board_find(board, board->boot.offset, OTA_SKETCH);
    if (board->running && board->boot.image.size > 0 &&
        !is_same_image(&board->running->body, &board->boot.image))
        board->running = NULL;
    if (!board->running)
        return NULL;
    if (board->boot.trial && board->boot.event != OTA_BOOT_TRYING && board->running == before)
        board->trial_starts++;
    else
        board->trial_starts = board->boot.trial;
    return board->running;
}

enum ota_error sim_board_update(struct sim_board *board, const struct sim_image *image, bool md5)
{
    struct ota_updater *updater = &board->updater;
    enum ota_error error = ota_updater_begin(updater, image->body.size, image->target);
    uint32_t given = 0;

    if (error)
        return error;
    if (md5)
        ota_updater_expect_md5(updater, image->body.md5);
    while (ota_updater_is_running(updater) && given < image->body.size) {
        given +=
            (uint32_t)ota_updater_offer(updater, image->bytes + given, image->body.size - given);
        while (ota_updater_poll(updater))
            ;
    }
    return ota_updater_end(updater, false);
}

enum ota_error sim_board_confirm(struct sim_board *board)
{
    return ota_boot_confirm(board->flash, &board->layout);
}

enum ota_error sim_board_rollback(struct sim_board *board)
{
    return ota_boot_rollback(board->flash, &board->layout);
}

enum ota_error sim_board_act(struct sim_board *board)
{
    struct ota_boot_info info;
    bool is_time = board->trial_starts >= board->policy_boots;

    if (!board->running || board->policy == SIM_NEVER_CONFIRMS)
        return OTA_OK;
    if (board->policy == SIM_CONFIRMS)
        return board->boot.trial && is_time ? sim_board_confirm(board) : OTA_OK;
    ota_boot_state(board->flash, &board->layout, &info);
    if (info.status == OTA_BOOT_STAGED || !info.has_previous || (board->boot.trial && !is_time))
        return OTA_OK;
    return sim_board_rollback(board);
}

void sim_board_power_on(struct sim_board *board)
{
    nor_flash_power_on(&board->nor);
}

void sim_board_cut_in(struct sim_board *board, uint64_t operations, enum nor_cut cut)
{
    if (board->nor.off)
        nor_flash_power_on(&board->nor);
    nor_flash_cut_in(&board->nor, operations, cut);
}

bool sim_board_is_off(const struct sim_board *board)
{
    return board->nor.off;
}

/* --- Looking ---------------------------------------------------------------------------------- */

static bool is_stable(const struct sim_board *board, uint32_t offset, uint32_t len)
{
    const uint8_t *unstable = board->nor.unstable + offset;

    return unstable[0] == 0 && memcmp(unstable, unstable + 1, len - 1) == 0;
}

const struct sim_image *sim_board_find(const struct sim_board *board, uint32_t offset,
                                       enum ota_target target)
{
    for (unsigned i = 0; i < board->known_count; i++) {
        const struct sim_image *image = board->known[i];
        uint32_t size = image->body.size;
        if (image->target == target && offset <= board->port.size &&
            size <= board->port.size - offset && is_stable(board, offset, size) &&
            memcmp(board->nor.cells + offset, image->bytes, size) == 0)
            return image;
    }
    return NULL;
}

void sim_board_guard(struct sim_board *board, const struct ota_area *guarded)
{
    if (guarded->size > 0 && board->guard_count < SIM_GUARDS_MAX)
        board->guards[board->guard_count++] = *guarded;
}

void sim_board_unguard(struct sim_board *board)
{
    board->guard_count = board->own_guard_count;
}

const char *sim_board_fault(const struct sim_board *board)
{
    if (board->nor.broken != NOR_RULES_KEPT)
        return nor_rule_text(board->nor.broken);
    return board->trespass == NOR_NOWHERE ? NULL : "an area was to change that must not";
}

enum ota_record_state sim_board_record(struct sim_board *board, struct ota_record *out)
{
    return ota_record_read(&board->port, &board->layout, out);
}
