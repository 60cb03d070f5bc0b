#include "sim_app.h"

#include "sim_check.h"
#include "sim_power.h"

/* A sketch looks again so much later when an update is running. */
#define AGAIN_US (700 * SIM_MS)

void sim_app_init(struct sim_run *run)
{
    run->app_random = sim_random_fork(&run->scenario.random);
    run->act = SIM_ACT_NONE;
    run->confirmed = false;
    run->regretted = 0;
}

static unsigned index_of(const struct sim_run *run, const struct sim_image *image)
{
    return (unsigned)(image - run->scenario.images);
}

static bool is_on_trial(const struct sim_run *run)
{
    return run->board.boot.trial && !run->confirmed;
}

/* True when it went well; else the power may have gone, or flash failed. */
static bool confirm(struct sim_run *run)
{
    uint64_t work = sim_device_work(&run->device);

    run->act = SIM_ACT_CONFIRM;
    sim_power_threaten(run);
    enum ota_error error = sim_board_confirm(&run->board);
    sim_device_worked(&run->device, work);
    run->act = SIM_ACT_NONE;
    if (run->device.state == SIM_DEVICE_OFF)
        return false;
    sim_say(&run->trace, "sketch", "confirms itself: %s", error ? ota_error_text(error) : "done");
    sim_check_confirmed(run, error);
    run->confirmed = error == OTA_OK;
    return run->confirmed;
}

static void roll_back(struct sim_run *run)
{
    uint64_t work = sim_device_work(&run->device);

    run->regretted |= 1u << index_of(run, run->board.running);
    run->act = SIM_ACT_ROLL_BACK;
    sim_power_threaten(run);
    enum ota_error error = sim_board_rollback(&run->board);
    sim_device_worked(&run->device, work);
    run->act = SIM_ACT_NONE;
    if (run->device.state == SIM_DEVICE_OFF)
        return;
    sim_say(&run->trace, "sketch", "asks for the sketch before it: %s",
            error ? ota_error_text(error) : "granted");
    sim_check_rolled_back(run, error);
    if (!error)
        sim_power_reset(run, "restarts, to go back");
}

static void on_time(void *ctx, uint64_t starts);

static void plan(struct sim_run *run, uint64_t delay)
{
    sim_world_plan(&run->world, delay, on_time, run, run->board.starts);
}

static void act_on_trial(struct sim_run *run, const struct sim_habit *habit)
{
    bool is_time = run->board.trial_starts >= habit->boots;

    switch (habit->kind) {
    case SIM_HABIT_NEVER:
        sim_power_reset(run, "is reset by its watchdog");
        return;
    case SIM_HABIT_CRASHES:
        if (run->board.trial_starts <= habit->boots) {
            sim_power_reset(run, "crashes");
            return;
        }
        break;
    case SIM_HABIT_GIVES_UP:
        if (is_time) {
            roll_back(run);
            return;
        }
        sim_power_reset(run, "restarts, not sure of itself yet");
        return;
    case SIM_HABIT_CONFIRMS:
    case SIM_HABIT_REGRETS:
        if (!is_time) {
            sim_power_reset(run, "restarts, not sure of itself yet");
            return;
        }
        break;
    case SIM_HABITS:
        break;
    }
    if (confirm(run) && habit->kind == SIM_HABIT_REGRETS)
        plan(run, habit->delay_us);
}

static void act(struct sim_run *run)
{
    unsigned image = index_of(run, run->board.running);
    const struct sim_habit *habit = &run->scenario.habits[image];

    if (is_on_trial(run))
        act_on_trial(run, habit);
    else if (habit->kind == SIM_HABIT_REGRETS && !(run->regretted >> image & 1))
        roll_back(run);
}

/* Not while an update runs, nor while flash is busy. */
static void on_time(void *ctx, uint64_t starts)
{
    struct sim_run *run = ctx;

    if (run->over || run->board.starts != starts || run->device.state != SIM_DEVICE_UP)
        return;
    if (sim_device_delay(&run->device) > 0)
        plan(run, sim_device_delay(&run->device));
    else if (!sim_device_is_idle(&run->device))
        plan(run, AGAIN_US);
    else
        act(run);
}

void sim_app_on_up(struct sim_run *run)
{
    plan(run, run->scenario.habits[index_of(run, run->board.running)].delay_us);
}
