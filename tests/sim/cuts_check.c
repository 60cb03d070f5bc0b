#include "tests/sim/cuts_check.h"

#include <string.h>

void cuts_fail(struct cuts_drive *drive, const char *what)
{
    if (!drive->wrong)
        drive->wrong = what;
}

void cuts_miss(struct cuts_drive *drive, const char *what)
{
    if (!drive->worn)
        cuts_fail(drive, what);
    drive->goal++;
    drive->needs_start = true;
}

bool cuts_is_same(const struct ota_image *a, const struct ota_image *b)
{
    return a->size == b->size && memcmp(a->md5, b->md5, sizeof a->md5) == 0;
}

/* --- What the record claims ------------------------------------------------------------------- */

static void check_previous(struct cuts_drive *drive, const struct cuts_bench *bench,
                           const struct ota_record *record)
{
    unsigned other = ota_record_other(record);
    const struct sim_image *found =
        sim_board_find(&bench->board, bench->board.layout.slot[other].offset, OTA_SKETCH);

    if (record->slot[other].size > 0 &&
        (!found || !cuts_is_same(&found->body, &record->slot[other])))
        cuts_fail(drive, "the previous sketch is on record, but not whole");
}

static bool are_zeros(const uint8_t *bytes, uint32_t len)
{
    return len == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, len - 1) == 0);
}

static void check_clean(struct cuts_drive *drive, const struct cuts_bench *bench,
                        const struct ota_record *record)
{
    const struct sim_board *board = &bench->board;
    uint32_t unit = board->port.write_size;

    for (unsigned i = 0; i < 2; i++) {
        uint32_t offset = board->layout.slot[i].offset;
        if (!are_zeros(board->nor.unstable + offset, record->clean[i]) ||
            !are_zeros(board->nor.torn + offset / unit, record->clean[i] / unit))
            cuts_fail(drive, "what is on record as clean was cut short");
    }
}

bool cuts_records_are_stable(const struct sim_board *board)
{
    for (unsigned i = 0; i < 2; i++) {
        const struct ota_area *copy = &board->layout.record[i];
        if (!are_zeros(board->nor.unstable + copy->offset, copy->size))
            return false;
    }
    return true;
}

/* After a start that came to its end, with nothing under way. */
static void check_record(struct cuts_drive *drive, struct cuts_bench *bench)
{
    struct sim_board *board = &bench->board;
    struct ota_record record;
    bool writing = false;

    if (sim_board_record(board, &record) != OTA_RECORD_FOUND) {
        cuts_fail(drive, "a sketch runs without a record");
        return;
    }
    if (!cuts_is_same(&record.slot[board->boot.slot], &board->running->body) && !board->boot.trial)
        cuts_fail(drive, "another sketch is on record than the one that runs");
    if (drive->end_starts > 1 && record.copies != 3 && cuts_records_are_stable(board))
        cuts_fail(drive, "a copy of the record was not mended");
    if (record.pending != OTA_PENDING_NONE)
        return;
    (void)ota_record_get_mark(&record, OTA_MARK_WRITING, &writing);
    if (writing)
        return;
    check_previous(drive, bench, &record);
    check_clean(drive, bench, &record);
}

/* --- What runs ---------------------------------------------------------------------------------
 */

void cuts_settle(struct cuts_drive *drive, const struct sim_image *sketch)
{
    drive->from = drive->to = drive->settled = sketch;
    drive->on_trial = drive->leaving = false;
    drive->attempts = drive->trial_runs = 0;
}

static void check_trial(struct cuts_drive *drive, const struct sim_board *board)
{
    drive->trial_runs++;
    if (board->running != drive->to || drive->to == drive->from)
        cuts_fail(drive, "a sketch is on trial that was not staged");
    if (drive->trial_runs > CUTS_TRIAL_BOOTS)
        cuts_fail(drive, "a trial has too many boots");
    if (drive->cuts == 0 && board->boot.boots_left != CUTS_TRIAL_BOOTS - drive->trial_runs)
        cuts_fail(drive, "the boots that are left were miscounted");
    drive->settled = board->running;
    drive->on_trial = true;
}

/* Whether it is right that another sketch runs than was settled. */
static bool trial_has_ended(const struct cuts_drive *drive, const struct sim_image *running)
{
    bool used_up = drive->attempts > CUTS_TRIAL_BOOTS;

    return drive->on_trial && running == drive->from && (used_up || drive->leaving);
}

static void check_running(struct cuts_drive *drive, const struct cuts_bench *bench)
{
    const struct sim_board *board = &bench->board;
    const struct sim_image *running = board->running;

    if (!drive->from)
        cuts_settle(drive, &bench->images[CUTS_OLD]);
    if (drive->settled && running != drive->settled && !trial_has_ended(drive, running))
        cuts_fail(drive, "another sketch runs than must");
    if (running != drive->from && running != drive->to)
        cuts_fail(drive, "a sketch runs that nobody asked for");
    if (drive->cuts == 0 && drive->on_trial && running == drive->from && !drive->leaving &&
        drive->trial_runs != CUTS_TRIAL_BOOTS)
        cuts_fail(drive, "a trial has too few boots");
    if (board->boot.trial)
        check_trial(drive, board);
    else
        cuts_settle(drive, running);
}

/* Worn flash: an old or a new sketch runs, however that has come about. */
static void check_worn_start(struct cuts_drive *drive, const struct cuts_bench *bench)
{
    const struct sim_board *board = &bench->board;
    const struct ota_area *slot = &board->layout.slot[0];
    bool slot_0_is_worn = board->nor.worn_offset - slot->offset < slot->size;

    if (!board->running) {
        /* The only place where a sketch can run is lost. */
        if (bench->which.handover == OTA_SELECT || !slot_0_is_worn)
            cuts_fail(drive, "no whole sketch runs");
        drive->over = true;
        return;
    }
    if (board->boot.trial && board->running == drive->to)
        drive->trial_runs++;
    else
        cuts_settle(drive, board->running);
    drive->on_trial = board->boot.trial;
    drive->files_promised = false;
}

void cuts_check_start(struct cuts_drive *drive, struct cuts_bench *bench, uint64_t operations,
                      bool were_stable)
{
    const struct sim_board *board = &bench->board;

    if (drive->worn) {
        check_worn_start(drive, bench);
        return;
    }
    if (!board->running) {
        cuts_fail(drive, "no whole sketch runs");
        return;
    }
    if (board->boot.fault != OTA_BOOT_SOUND)
        cuts_fail(drive, ota_boot_fault_text(board->boot.fault));
    if (board->boot.event == OTA_BOOT_DROPPED)
        cuts_fail(drive, "a whole image was dropped");
    check_running(drive, bench);
    check_record(drive, bench);
    if (drive->files_promised && sim_board_find(board, board->layout.filesystem.offset,
                                                OTA_FILESYSTEM) != &bench->images[CUTS_FILES_NEW])
        cuts_fail(drive, "the staged file system was not moved");
    drive->files_promised = false;
    if (drive->end_starts > 1 && board->nor.operations != operations && were_stable)
        cuts_fail(drive, "a start with nothing to do changes flash");
}
