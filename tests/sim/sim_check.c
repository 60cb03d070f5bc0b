#include "sim_check.h"

#include "sim_story.h"

#include <string.h>

/* For which a device that nobody speaks to may take to be idle again, and a session to end. */
#define IDLE_WITHIN_US    (60 * (uint64_t)SIM_S)
#define SESSION_WITHIN_US (4 * 3600 * (uint64_t)SIM_S)

void sim_check_broken(struct sim_run *run, const char *what)
{
    if (run->broken)
        return;
    run->broken = what;
    run->over = true;
    sim_say(&run->trace, "BROKEN", "%s", what);
}

static bool is_sound(const struct sim_run *run)
{
    return run->scenario.hardware.fault == SIM_SOUND;
}

/* The image that an invitation announces; NULL: none that anybody has. */
static const struct sim_image *find_announced(const struct sim_run *run,
                                              const struct invitation *invitation)
{
    for (unsigned i = 0; i < run->scenario.image_count; i++) {
        const struct sim_image *image = &run->scenario.images[i];
        if ((uint32_t)invitation->command == (uint32_t)image->target &&
            invitation->size == image->body.size &&
            memcmp(invitation->md5, image->body.md5, sizeof image->body.md5) == 0)
            return image;
    }
    return NULL;
}

/* --- Starts ----------------------------------------------------------------------------------- */

static const struct sim_image *find_filesystem(const struct sim_run *run)
{
    const struct ota_area *area = &run->board.layout.filesystem;

    return area->size > 0 ? sim_board_find(&run->board, area->offset, OTA_FILESYSTEM) : NULL;
}

/* Worn flash may fail the bootloader, and starts that are cut short may use a trial up. */
static bool is_excused(const struct sim_run *run)
{
    return run->truth.worn_slot || run->update.cuts >= run->truth.trial_boots;
}

/* What the user was told must be so after the next start that is completed. */
static void check_promise(struct sim_run *run, const struct sim_image *filesystem)
{
    struct sim_update *update = &run->update;

    if (!update->image || update->started)
        return;
    update->started = true;
    update->in_effect = run->board.running == update->image || filesystem == update->image;
    if (update->told && !update->in_effect && !is_excused(run))
        sim_check_broken(run, "the user was told of success, and the new image does not run");
}

/* Nothing could be run: only worn flash may do that, between two images. */
static void check_halted(struct sim_run *run)
{
    if (run->truth.worn_slot && run->board.boot.fault == OTA_BOOT_FLASH) {
        sim_say(&run->trace, "device", "stays in its bootloader: flash is worn out");
        run->tally->halted++;
        run->over = true;
        return;
    }
    sim_story_beliefs(run);
    sim_check_broken(run, "the device does not boot, or what it boots is not whole");
}

static void count_start(struct sim_run *run)
{
    struct sim_tally *tally = run->tally;

    switch (run->board.boot.event) {
    case OTA_BOOT_NOTHING:
    case OTA_BOOT_TRYING_MORE:
    case OTA_BOOT_DROPPED:
        break;
    case OTA_BOOT_ADOPTED:
        tally->adopted++;
        break;
    case OTA_BOOT_TRYING:
        tally->trials++;
        break;
    case OTA_BOOT_GIVEN_UP:
        tally->given_up++;
        break;
    case OTA_BOOT_ROLLED_BACK:
        tally->rolled_back++;
        break;
    case OTA_BOOT_MOVED:
        tally->moved++;
        break;
    }
}

/* While a sketch runs, nothing may touch it, nor the file system. */
static void guard(struct sim_run *run)
{
    sim_board_unguard(&run->board);
    sim_board_guard(&run->board, &run->board.layout.slot[run->board.boot.slot]);
    sim_board_guard(&run->board, &run->board.layout.filesystem);
}

void sim_check_start(struct sim_run *run)
{
    const struct sim_board *board = &run->board;
    const struct sim_image *filesystem;

    run->confirmed = false;
    run->tally->starts++;
    sim_check_always(run);
    sim_story_start(run);
    if (sim_board_is_off(board)) {
        run->tally->start_cuts++;
        run->update.cuts++;
        sim_truth_cut_start(&run->truth);
        return;
    }
    if (!board->running) {
        check_halted(run);
        return;
    }
    count_start(run);
    guard(run);
    filesystem = find_filesystem(run);
    check_promise(run, filesystem);
    if (!sim_truth_start(&run->truth, board->running, board->boot.trial, filesystem)) {
        sim_story_beliefs(run);
        sim_check_broken(run, "another image runs, or is in its area, than what must");
    }
    /* Whatever is worn, one copy of it is left. */
    if (board->boot.fault == OTA_BOOT_RECORD ||
        (run->recorded && board->boot.event == OTA_BOOT_ADOPTED))
        sim_check_broken(run, "the record is lost");
    run->recorded = true;
    if (is_sound(run) && board->boot.fault == OTA_BOOT_IMAGE)
        sim_check_broken(run, "the record names an image that is not whole");
    else if (is_sound(run) && board->boot.fault != OTA_BOOT_SOUND)
        sim_check_broken(run, "the bootloader finds a fault in flash that has none");
}

/* --- While it runs ---------------------------------------------------------------------------- */

void sim_check_power_lost(struct sim_run *run)
{
    const struct sim_image *image = find_announced(run, &run->device.responder.invitation);

    sim_story_flash(run);
    if (run->act == SIM_ACT_CONFIRM) {
        (void)sim_truth_confirm(&run->truth, SIM_CUT_SHORT);
    } else if (run->act == SIM_ACT_ROLL_BACK) {
        (void)sim_truth_roll_back(&run->truth, SIM_CUT_SHORT);
    } else if (run->cut_phase == OTA_UPDATER_RECORD) {
        if (!image)
            sim_check_broken(run, "an image was recorded that nobody has sent");
        else
            (void)sim_truth_stage(&run->truth, image, SIM_CUT_SHORT);
    } else if (run->cut_phase != OTA_UPDATER_IDLE) {
        sim_truth_disturb(&run->truth);
    }
}

/* Where the updater says that the image is, it must be, with every bit. */
static bool lies_in_flash(const struct sim_run *run, const struct sim_image *image,
                          const struct ota_stored *stored)
{
    return sim_board_find(&run->board, stored->offset, image->target) == image;
}

static void check_updated(struct sim_run *run, const struct ota_event *event)
{
    const struct sim_image *image = find_announced(run, event->invitation);
    bool unchanged = ota_updater_is_unchanged(&run->board.updater);

    if (!image || run->scenario.foreign >> (image - run->scenario.images) & 1) {
        sim_check_broken(run, "an image was taken that is not to be taken");
        return;
    }
    if (!lies_in_flash(run, image, event->stored))
        sim_check_broken(run, "the device calls an image updated that is not whole in flash");
    if (unchanged ? !sim_truth_unchanged(&run->truth, image)
                  : !sim_truth_stage(&run->truth, image, SIM_DONE)) {
        sim_story_beliefs(run);
        sim_check_broken(run, "an update was taken while none may be");
    }
    run->tally->staged++;
    run->tally->unchanged += unchanged;
    run->tally->untold++; /* until it is */
    run->update = (struct sim_update){ .image = image, .port = event->invitation->port };
}

/* Of a flash that fails it cannot be said whether what was recorded last counts. */
static void note_failure(struct sim_run *run, const struct ota_event *event)
{
    const struct sim_image *image = find_announced(run, &run->device.responder.invitation);

    if (image && !is_sound(run) && event->error >= OTA_ERROR_WRITE &&
        event->error <= OTA_ERROR_READ)
        (void)sim_truth_stage(&run->truth, image, SIM_CUT_SHORT);
    else
        sim_truth_disturb(&run->truth);
}

void sim_check_event(struct sim_run *run, const struct ota_event *event)
{
    sim_story_event(run, event);
    if (event->kind == OTA_EVENT_FAILED)
        note_failure(run, event);
    if (event->kind != OTA_EVENT_UPDATED)
        return;
    sim_sabotage_recorded(&run->sabotage);
    if (!sim_board_is_off(&run->board))
        check_updated(run, event);
    else
        run->cut_phase = OTA_UPDATER_RECORD;
}

void sim_check_told(struct sim_run *run, enum push_reason reason)
{
    struct sim_update *update = &run->update;

    if (reason != PUSH_UPDATED)
        return;
    if (update->image != &run->scenario.images[run->scenario.plans[run->plan].image] ||
        update->port != run->uploader.port) {
        sim_check_broken(run, "the user is told of success that the device knows nothing of");
        return;
    }
    update->told = true;
    run->tally->untold--;
    if (update->started && !update->in_effect && !is_excused(run))
        sim_check_broken(run, "the user is told of success, and the new image does not run");
}

void sim_check_confirmed(struct sim_run *run, enum ota_error error)
{
    if (!error) {
        run->tally->confirmed++;
        if (!sim_truth_confirm(&run->truth, SIM_DONE))
            sim_check_broken(run, "a sketch confirms itself that was not on trial");
    } else if (error == OTA_ERROR_BOOTSTRAP && sim_truth_waits(&run->truth)) {
        return;
    } else if (is_sound(run)) {
        sim_check_broken(run, "a sketch on trial cannot confirm itself");
    } else {
        /* Flash failed: the trial goes on, or it was over just before. */
        (void)sim_truth_confirm(&run->truth, SIM_CUT_SHORT);
    }
}

void sim_check_rolled_back(struct sim_run *run, enum ota_error error)
{
    bool allowed = true;

    if (!error)
        allowed = sim_truth_roll_back(&run->truth, SIM_DONE);
    else if (error == OTA_ERROR_NO_DATA)
        allowed = sim_truth_no_way_back(&run->truth);
    else if (error == OTA_ERROR_BOOTSTRAP)
        allowed = sim_truth_waits(&run->truth);
    else if (is_sound(run))
        allowed = false;
    else
        (void)sim_truth_roll_back(&run->truth, SIM_CUT_SHORT);
    if (!allowed) {
        sim_story_beliefs(run);
        sim_check_broken(run, "going back is granted without a way back, or the other way round");
    }
}

void sim_check_always(struct sim_run *run)
{
    const struct sim_device *device = &run->device;
    uint64_t since = run->idle_since;
    const char *fault = sim_board_fault(&run->board);

    if (fault)
        sim_check_broken(run, fault);
    if (run->world.overflowed)
        sim_check_broken(run, "the simulator has too many events under way");
    if (device->spins)
        sim_check_broken(run, "the responder wants to be polled for ever");
    if (run->uploader.running) {
        if (run->world.now - run->uploader.started > SESSION_WITHIN_US)
            sim_check_broken(run, "an upload does not end");
        return;
    }
    if (device->state != SIM_DEVICE_UP || sim_device_is_idle(device))
        return;
    if (since < device->started)
        since = device->started;
    if (since < device->heard)
        since = device->heard;
    if (since < device->worked)
        since = device->worked;
    if (run->world.now > since + IDLE_WITHIN_US)
        sim_check_broken(run, "the device does not come to rest");
}

void sim_check_end(struct sim_run *run)
{
    if (run->device.state != SIM_DEVICE_UP || !sim_device_is_idle(&run->device))
        sim_check_broken(run, "in the end the device is not idle");
    if (run->uploader.running)
        sim_check_broken(run, "in the end an upload is under way");
}
