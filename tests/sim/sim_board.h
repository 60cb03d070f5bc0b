/*
 * A board in one process: NOR flash whose power can be cut in the middle of an operation, the
 * bootloader, the updater, and an application that is on trial and has its own mind about it.
 *
 *     sim_board_init(&board, &spec);
 *     sim_board_know(&board, &old_sketch);
 *     sim_board_flash_by_wire(&board, &old_sketch);
 *     sim_board_start(&board);                           power on, bootloader; what runs then
 *     sim_board_update(&board, &new_sketch);             through the updater, as a responder would
 *     sim_board_cut_in(&board, 5, NOR_CUT_HALF);
 *     sim_board_start(&board);                           nothing, if that was the cut
 *
 * The library works on `board->flash`. That is `board->port`, which watches over the NOR flash; a
 * test that wants to spoil operations puts its own struct ota_flash, around `board->port`, between
 * them with sim_board_set_flash().
 */
#ifndef SIM_BOARD_H
#define SIM_BOARD_H

#include "device/port/nor/nor_flash.h"
#include "ota/boot.h"
#include "ota/boot_state.h"
#include "ota/updater.h"
#include "tests/sim/sim_image.h"

#include <stdbool.h>
#include <stdint.h>

#define SIM_IMAGES_MAX 8

/* What a board is made of. */
struct sim_board_spec {
    struct ota_flash geometry; /* its numbers count, not its functions */
    struct ota_layout layout;  /* checked by ota_boot(), not here */
    uint32_t buffer_size;      /* of the updater; 0: an erase unit */
    uint32_t boot_buffer_size; /* of the bootloader; 0: an erase unit */
    uint8_t trial_boots;       /* 0: OTA_TRIAL_BOOTS */
    bool no_size_of_image;     /* the bootloader cannot tell the size of an image that it finds */
    const struct nor_timing *timing; /* NULL: flash takes no time */
};

/* What the application does in sim_board_act(). */
enum sim_policy {
    SIM_CONFIRMS, /* a trial, when it runs for the `policy_boots`th time; 0 and 1: at once */
    SIM_NEVER_CONFIRMS,
    SIM_ROLLS_BACK, /* a trial likewise; a confirmed sketch that has one before it as well */
};

/* An operation of flash, as it comes about. */
struct sim_operation {
    bool is_erase;
    bool ok;
    uint32_t offset;
    uint32_t len;
};

/* Areas that must not change. */
#define SIM_GUARDS_MAX 16

struct sim_board {
    /* For tests to read. */
    struct nor_flash nor;
    struct ota_flash port;         /* `nor`, watched */
    const struct ota_flash *flash; /* what the library sees: `port`, or what was set */
    struct ota_layout layout;
    struct ota_updater updater;
    struct ota_boot boot;            /* outcome of the last start */
    const struct sim_image *running; /* NULL: off, or nothing that is known */
    unsigned trial_starts;           /* of the sketch that runs, for the application */
    uint64_t starts;
    uint32_t trespass; /* where something guarded was to change; NOR_NOWHERE: nowhere */

    /* For tests to change. */
    enum sim_policy policy;
    unsigned policy_boots;
    uint64_t cut_seed; /* of the bits that the next cut leaves; 0: as it happens */
    bool steady;       /* unstable bits read alike from start to start, and differ only then */
    void (*on_operation)(void *ctx, const struct sim_operation *operation); /* may be NULL */
    void *operation_ctx;

    uint64_t session; /* what steady bits read as since the last start */
    struct ota_boot_config boot_config;
    struct ota_updater_config updater_config;
    const struct sim_image *known[SIM_IMAGES_MAX];
    unsigned known_count;
    struct ota_area guards[SIM_GUARDS_MAX];
    unsigned guard_count;
    unsigned own_guard_count; /* of them, those that sim_board_init() has made */
    uint8_t *memory;          /* cells, unstable bits, torn units, buffers */
    uint64_t saved_size;      /* bytes of it that a snapshot keeps */
};

/* --- Making ----------------------------------------------------------------------------------- */

/*
 * Build a board with erased flash, in which what belongs to no area, and the bootloader's area,
 * holds noise and is guarded from then on. False when memory ran out. The board must not move.
 */
bool sim_board_init(struct sim_board *board, const struct sim_board_spec *spec);

/* Frees what the board holds; harmless when that is nothing. */
void sim_board_free(struct sim_board *board);

/* Put this between the library and the flash; NULL: nothing. `flash` stays the caller's. */
void sim_board_set_flash(struct sim_board *board, const struct ota_flash *flash);

/* Let the board recognise this image; it stays the caller's and outlives the board. */
void sim_board_know(struct sim_board *board, const struct sim_image *image);

/* As a programmer on a wire does it: both records erased, the sketch in slot 0. Costs nothing. */
void sim_board_flash_by_wire(struct sim_board *board, const struct sim_image *sketch);

/*
 * The same, and the record is there already; with OTA_SELECT the sketch may be in either slot.
 * `filesystem` may be NULL. False when the library could not write the record.
 */
bool sim_board_provision(struct sim_board *board, const struct sim_image *sketch, unsigned slot,
                         const struct sim_image *filesystem);

/* --- Living ----------------------------------------------------------------------------------- */

/*
 * Power on where it is off, or a reset: the bootloader works, then the updater is initialised.
 * Returns the image that runs, also in `board->running`; NULL when the power went, the bootloader
 * found nothing to run, or what it chose is not a known sketch with all its bytes in place and
 * stable, and on record as such. `board->boot` tells what the bootloader said.
 */
const struct sim_image *sim_board_start(struct sim_board *board);

/*
 * Push an image through the updater as a responder would: offer and poll in turns, then finish.
 * Its target is the image's. `md5` false: without the expected MD5.
 */
enum ota_error sim_board_update(struct sim_board *board, const struct sim_image *image, bool md5);

/* What the application calls. */
enum ota_error sim_board_confirm(struct sim_board *board);
enum ota_error sim_board_rollback(struct sim_board *board);

/* Let the application do what its policy says, after a start. OTA_OK also when that is nothing. */
enum ota_error sim_board_act(struct sim_board *board);

/*
 * The power goes at the nth operation of flash from now on (1: the next one), in this way. Where it
 * is off it is switched on first, so that sim_board_start() runs into the cut.
 */
void sim_board_cut_in(struct sim_board *board, uint64_t operations, enum nor_cut cut);

/* Switch the power on, without a start; the cut that was asked for is forgotten. */
void sim_board_power_on(struct sim_board *board);

/* True when the power has gone and sim_board_start() is needed. */
bool sim_board_is_off(const struct sim_board *board);

/* --- Looking ---------------------------------------------------------------------------------- */

/* The known image, of this target, that lies at an offset whole and stable; NULL: none. */
const struct sim_image *sim_board_find(const struct sim_board *board, uint32_t offset,
                                       enum ota_target target);

/* Guard an area: sim_board_fault() tells when the library tried to change it. */
void sim_board_guard(struct sim_board *board, const struct ota_area *guarded);

/* Forget all guards but those that sim_board_init() has made. */
void sim_board_unguard(struct sim_board *board);

/*
 * What is wrong with the board that should never be, or NULL: a rule of flash was broken, or
 * something guarded has changed. The string is constant.
 */
const char *sim_board_fault(const struct sim_board *board);

/* The record as it stands, read past whatever is set as the board's flash. */
enum ota_record_state sim_board_record(struct sim_board *board, struct ota_record *out);

#endif
