#include "tests/sim/cuts_drive.h"

#include "tests/sim/cuts_check.h"

void cuts_drive_init(struct cuts_drive *drive)
{
    *drive = (struct cuts_drive){ .needs_start = true };
}

static const struct cuts_goal *goal_of(const struct cuts_drive *drive,
                                       const struct cuts_bench *bench)
{
    const struct cuts_scenario *scenario = bench->which.scenario;

    return drive->goal < scenario->goal_count ? &scenario->goals[drive->goal] : NULL;
}

static bool moves_files(const struct cuts_drive *drive, const struct cuts_bench *bench)
{
    const struct cuts_goal *goal = goal_of(drive, bench);

    return goal && goal->kind == CUTS_MOVED;
}

/* --- Starting --------------------------------------------------------------------------------- */

/* The power went during a call. */
static void lose_power(struct cuts_drive *drive, struct sim_board *board)
{
    drive->cuts++;
    drive->calls = 0;
    drive->end_starts = 0;
    drive->resets = drive->resets_after_cut;
    board->steady = drive->steady_after_cut;
    drive->needs_start = true;
}

static void guard_start(const struct cuts_drive *drive, struct cuts_bench *bench)
{
    struct sim_board *board = &bench->board;

    if (!moves_files(drive, bench))
        sim_board_guard(board, &board->layout.filesystem);
    else if (board->running)
        sim_board_guard(board, &board->layout.slot[board->boot.slot]);
}

static void start(struct cuts_drive *drive, struct cuts_bench *bench)
{
    struct sim_board *board = &bench->board;
    uint64_t operations = board->nor.operations;
    bool were_stable = cuts_records_are_stable(board);

    sim_board_unguard(board);
    /* With worn records, what was done may be done again. */
    if (!drive->worn)
        guard_start(drive, bench);
    drive->attempts++;
    if (!goal_of(drive, bench))
        drive->end_starts++;
    sim_board_start(board);
    if (sim_board_is_off(board)) {
        lose_power(drive, board);
        return;
    }
    cuts_check_start(drive, bench, operations, were_stable);
    drive->needs_start = drive->resets > 0;
    if (drive->resets > 0)
        drive->resets--;
}

/* --- What the application does ---------------------------------------------------------------- */

/* Protect what no call of the application may touch. */
static void guard_running(struct sim_board *board)
{
    sim_board_unguard(board);
    sim_board_guard(board, &board->layout.slot[board->boot.slot]);
    sim_board_guard(board, &board->layout.filesystem);
}

static void update(struct cuts_drive *drive, struct cuts_bench *bench, enum cuts_image which)
{
    struct sim_board *board = &bench->board;
    const struct sim_image *image = &bench->images[which];
    enum ota_error error;

    guard_running(board);
    if (image->target == OTA_SKETCH) {
        drive->to = image;
        drive->settled = NULL;
    }
    drive->attempts = drive->trial_runs = 0;
    error = sim_board_update(board, image, true);
    if (sim_board_is_off(board)) {
        drive->changed_mind = bench->which.scenario->changes_mind;
        lose_power(drive, board);
        return;
    }
    if (error)
        cuts_miss(drive, "an update failed");
    if (image->target == OTA_FILESYSTEM) {
        drive->files_promised = true;
    } else {
        drive->settled = error ? NULL : image;
        drive->on_trial = true;
    }
    drive->needs_start = true;
}

static void confirm(struct cuts_drive *drive, struct sim_board *board)
{
    guard_running(board);
    sim_board_guard(board, &board->layout.slot[1 - board->boot.slot]);
    enum ota_error error = sim_board_confirm(board);

    if (sim_board_is_off(board))
        lose_power(drive, board);
    else if (error)
        cuts_miss(drive, "confirming failed");
    else
        cuts_settle(drive, board->running);
}

/* `optional`: there may be nothing to go back to. */
static void roll_back(struct cuts_drive *drive, struct cuts_bench *bench, enum cuts_image which,
                      bool optional)
{
    struct sim_board *board = &bench->board;

    guard_running(board);
    sim_board_guard(board, &board->layout.slot[1 - board->boot.slot]);
    bool again = drive->leaving;
    if (drive->on_trial) {
        drive->leaving = true;
    } else {
        drive->from = board->running;
        drive->to = &bench->images[which];
        drive->settled = NULL;
    }
    enum ota_error error = sim_board_rollback(board);
    if (sim_board_is_off(board)) {
        lose_power(drive, board);
        return;
    }
    /* Asking for it was cut short before: that may come to be known at any time. */
    if (again && error == OTA_ERROR_BOOTSTRAP)
        error = OTA_OK;
    if (error == OTA_ERROR_NO_DATA && optional) {
        cuts_settle(drive, board->running);
        drive->goal++;
        return;
    }
    if (error)
        cuts_miss(drive, "rolling back failed");
    drive->settled = &bench->images[which];
    drive->on_trial = false;
    drive->needs_start = true;
}

static void abort_half(struct cuts_drive *drive, struct cuts_bench *bench, enum cuts_image which)
{
    struct sim_board *board = &bench->board;
    const struct sim_image *image = &bench->images[which];
    uint32_t given = 0;

    guard_running(board);
    if (ota_updater_begin(&board->updater, image->body.size, OTA_SKETCH) != OTA_OK)
        cuts_miss(drive, "an update was refused");
    while (ota_updater_is_running(&board->updater) && given < image->body.size / 2) {
        given += (uint32_t)ota_updater_offer(&board->updater, image->bytes + given,
                                             image->body.size / 2 - given);
        while (ota_updater_poll(&board->updater))
            ;
    }
    ota_updater_abort(&board->updater, OTA_OK);
    drive->goal++;
    if (sim_board_is_off(board))
        lose_power(drive, board);
}

static void be_refused(struct cuts_drive *drive, struct cuts_bench *bench, enum cuts_image which)
{
    struct sim_board *board = &bench->board;
    uint64_t operations = board->nor.operations;

    if (sim_board_update(board, &bench->images[which], true) != OTA_ERROR_SPACE ||
        board->nor.operations != operations)
        cuts_miss(drive, "an image that is too large was not simply refused");
    else
        drive->goal++;
}

/* --- Pursuing goals --------------------------------------------------------------------------- */

/* A sketch shall run: confirmed, or (`tried`) on trial. */
static void pursue_sketch(struct cuts_drive *drive, struct cuts_bench *bench,
                          const struct cuts_goal *goal, bool on_trial)
{
    struct sim_board *board = &bench->board;
    enum cuts_image wanted = drive->changed_mind ? CUTS_THIRD : goal->image;
    bool runs = board->running == &bench->images[wanted];

    if (on_trial && goal->kind == CUTS_CONFIRMED) {
        if (drive->trial_runs >= bench->which.scenario->confirm_at)
            confirm(drive, board);
        else
            drive->needs_start = true;
    } else if (runs && on_trial == (goal->kind == CUTS_TRIED)) {
        drive->goal++;
    } else if (!on_trial) {
        update(drive, bench, wanted);
    } else {
        cuts_miss(drive, "the wrong sketch is on trial");
    }
}

static void pursue_return(struct cuts_drive *drive, struct cuts_bench *bench,
                          const struct cuts_goal *goal, bool on_trial)
{
    bool runs = bench->board.running == &bench->images[goal->image];

    if (runs && !on_trial)
        drive->goal++;
    else if (goal->kind != CUTS_EXPIRED)
        roll_back(drive, bench, goal->image, goal->kind == CUTS_PREVIOUS);
    else if (on_trial)
        drive->needs_start = true;
    else
        cuts_miss(drive, "a trial that expires was confirmed");
}

static void pursue_files(struct cuts_drive *drive, struct cuts_bench *bench,
                         const struct cuts_goal *goal)
{
    struct sim_board *board = &bench->board;
    const struct sim_image *files = &bench->images[goal->image];
    struct ota_record record;

    if (sim_board_record(board, &record) == OTA_RECORD_FOUND &&
        cuts_is_same(&record.filesystem, &files->body)) {
        if (sim_board_find(board, board->layout.filesystem.offset, OTA_FILESYSTEM) != files)
            cuts_miss(drive, "a file system is on record that is not in its area");
        else
            drive->goal++;
        return;
    }
    update(drive, bench, goal->image);
}

static void act(struct cuts_drive *drive, struct cuts_bench *bench)
{
    const struct cuts_goal *goal = goal_of(drive, bench);
    struct ota_boot_info info;

    ota_boot_state(bench->board.flash, &bench->board.layout, &info);
    bool on_trial = info.status == OTA_BOOT_ON_TRIAL;
    /* Asking for a rollback was cut short: that may come to be known only now. */
    if (drive->leaving && info.status == OTA_BOOT_STAGED) {
        drive->needs_start = true;
        return;
    }
    if (info.slot != bench->board.boot.slot || info.offset != bench->board.boot.offset ||
        !cuts_is_same(&info.image, &bench->board.running->body) || on_trial != drive->on_trial ||
        (info.status != OTA_BOOT_CONFIRMED && !on_trial)) {
        cuts_miss(drive, "the application is told something else than the bootloader did");
        return;
    }
    if (!goal) {
        drive->over = drive->end_starts > 1;
        drive->needs_start = true;
        return;
    }
    switch (goal->kind) {
    case CUTS_CONFIRMED:
    case CUTS_TRIED:
        pursue_sketch(drive, bench, goal, on_trial);
        break;
    case CUTS_EXPIRED:
    case CUTS_ROLLED_BACK:
    case CUTS_PREVIOUS:
        pursue_return(drive, bench, goal, on_trial);
        break;
    case CUTS_ABORTED:
        abort_half(drive, bench, goal->image);
        break;
    case CUTS_REFUSED:
        be_refused(drive, bench, goal->image);
        break;
    case CUTS_MOVED:
        pursue_files(drive, bench, goal);
        break;
    }
}

bool cuts_drive_step(struct cuts_drive *drive, struct cuts_bench *bench)
{
    if (drive->wrong || drive->over)
        return false;
    if (drive->calls++ == CUTS_CALLS_MAX) {
        drive->over = drive->worn;
        if (!drive->worn)
            cuts_fail(drive, "the goal is never reached");
    } else if (drive->needs_start) {
        start(drive, bench);
    } else {
        act(drive, bench);
    }
    if (sim_board_fault(&bench->board))
        cuts_fail(drive, sim_board_fault(&bench->board));
    return true;
}

bool cuts_drive_finish(struct cuts_drive *drive, struct cuts_bench *bench)
{
    while (cuts_drive_step(drive, bench))
        ;
    return !drive->wrong;
}
