#include "sim_power.h"

#include "sim_sabotage.h"

void sim_power_init(struct sim_run *run)
{
    run->power_random = sim_random_fork(&run->scenario.random);
    run->cuts_left = run->scenario.cuts;
    run->cut_phase = OTA_UPDATER_IDLE;
    run->record_torn = false;
    run->hardware_armed = false;
}

/* --- Faults of flash -------------------------------------------------------------------------- */

/* They begin with the uploads: the factory has tested the device, and seen it start. */
static void arm_hardware(struct sim_run *run)
{
    const struct sim_hardware *hardware = &run->scenario.hardware;
    struct nor_flash *nor = &run->board.nor;

    if (!run->recorded)
        return;
    if (hardware->fault == SIM_WORN) {
        nor->worn_offset = hardware->offset;
        nor->worn_size = hardware->size;
    } else if (hardware->fault == SIM_TRANSIENT &&
               (hardware->function != 0 || !run->hardware_armed)) {
        /* Of reads one fails in all: flash that is read from cannot do without them. */
        uint64_t *const counters[] = { &nor->fail_read, &nor->fail_write, &nor->fail_erase };
        *counters[hardware->function] =
            sim_random_range(&run->power_random, 1, hardware->operations);
        nor->failure = hardware->failure;
    }
    run->hardware_armed = true;
}

/* The bootloader is spared: of faults that pass, nobody could tell what it should do. */
static void disarm_transient(struct sim_run *run)
{
    run->board.nor.fail_read = 0;
    run->board.nor.fail_write = 0;
    run->board.nor.fail_erase = 0;
}

static bool is_record(const struct sim_run *run, uint32_t offset)
{
    const struct ota_area *record = run->board.layout.record;

    return (offset >= record[0].offset && offset - record[0].offset < record[0].size) ||
           (offset >= record[1].offset && offset - record[1].offset < record[1].size);
}

/* The power goes within so many operations. The worst kind of cut is not rare. */
static void cut_within(struct sim_run *run, uint32_t reach)
{
    struct sim_random *random = &run->power_random;
    uint32_t operations = sim_random_range(random, 1, reach);
    enum nor_cut cut = NOR_CUT_UNSTABLE;

    if (sim_random_chance(random, 700))
        cut = (enum nor_cut)sim_random_below(random, NOR_CUT_KINDS);
    sim_board_cut_in(&run->board, operations, cut);
}

/* Where marks are set and records written, a cut is most likely to do harm; and the next one too.
 */
static void aim(struct sim_run *run, const struct sim_operation *operation)
{
    struct sim_random *random = &run->power_random;

    if (run->cuts_left == 0 || run->board.nor.off || !is_record(run, operation->offset) ||
        !sim_random_chance(random, run->scenario.aim))
        return;
    cut_within(run, 2);
}

/* The bit stays as it is when erased. A mark that it is part of may be programmed again and again.
 */
static void spoil_bit(struct sim_run *run, const struct sim_operation *operation)
{
    const struct sim_hardware *hardware = &run->scenario.hardware;
    struct nor_flash *nor = &run->board.nor;

    if (hardware->fault != SIM_BAD_CELL || !run->hardware_armed ||
        hardware->offset < operation->offset ||
        hardware->offset - operation->offset >= operation->len)
        return;
    nor->cells[hardware->offset] |= hardware->bit;
    nor->unstable[hardware->offset] &= (uint8_t)~hardware->bit;
    if (!operation->is_erase)
        nor->torn[hardware->offset / nor->flash.write_size] = 1;
}

void sim_power_on_operation(struct sim_run *run, const struct sim_operation *operation)
{
    spoil_bit(run, operation);
    if (!run->board.nor.off) {
        aim(run, operation);
        return;
    }
    run->cut_phase = run->board.updater.phase;
    run->record_torn = is_record(run, operation->offset);
}

/* --- Power ------------------------------------------------------------------------------------ */

void sim_power_threaten(struct sim_run *run)
{
    struct sim_random *random = &run->power_random;

    if (run->cuts_left == 0 || run->board.nor.cut_at != 0 || !sim_random_chance(random, 600))
        return;
    if (run->scenario.aim > 0 && sim_random_chance(random, 700))
        return;
    uint32_t reach = run->scenario.cut_reach;
    if (sim_random_chance(random, 300))
        reach = 8;
    cut_within(run, reach);
}

static void on_outage(void *ctx, uint64_t starts)
{
    struct sim_run *run = ctx;

    if (run->cuts_left == 0 || run->board.starts != starts || sim_board_is_off(&run->board))
        return;
    sim_say(&run->trace, "power", "goes, between operations");
    run->cut_phase = run->board.updater.phase;
    sim_device_cut(&run->device);
}

void sim_power_on_upload(struct sim_run *run)
{
    struct sim_random *random = &run->power_random;

    arm_hardware(run);
    sim_power_threaten(run);
    if (run->scenario.cut_between && run->cuts_left > 0 && sim_random_chance(random, 400))
        sim_world_plan(&run->world, sim_random_below(random, 15 * SIM_S), on_outage, run,
                       run->board.starts);
}

static void start(struct sim_run *run)
{
    sim_sabotage_forget(&run->sabotage);
    disarm_transient(run);
    sim_board_unguard(&run->board);
    if (run->scenario.spec.layout.handover == OTA_SELECT) {
        sim_board_guard(&run->board, &run->board.layout.slot[0]);
        sim_board_guard(&run->board, &run->board.layout.slot[1]);
    }
    if (run->record_torn && run->scenario.aim > 0 && run->cuts_left > 0 &&
        sim_random_chance(&run->power_random, 500))
        cut_within(run, 8);
    else
        sim_power_threaten(run);
    run->record_torn = false;
    sim_device_start(&run->device);
}

static void on_return(void *ctx, uint64_t arg)
{
    struct sim_run *run = ctx;

    (void)arg;
    sim_say(&run->trace, "power", "is back");
    start(run);
}

void sim_power_on_lost(struct sim_run *run)
{
    struct sim_random *random = &run->power_random;
    uint32_t most = sim_random_chance(random, 500) ? 500 * SIM_MS : 30 * SIM_S;

    if (run->cuts_left > 0)
        run->cuts_left--;
    run->tally->cuts++;
    /* What was being done when it went has taken its time. */
    uint64_t wait = sim_device_delay(&run->device);
    sim_world_plan(&run->world, wait + sim_random_range(random, 10 * SIM_MS, most), on_return, run,
                   0);
}

void sim_power_reset(struct sim_run *run, const char *why)
{
    sim_say(&run->trace, "device", "%s", why);
    start(run);
}

void sim_power_calm(struct sim_run *run)
{
    run->cuts_left = 0;
    run->board.nor.cut_at = 0;
    disarm_transient(run);
}
