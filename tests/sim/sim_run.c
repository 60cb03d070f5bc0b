#include "sim_run.h"

#include "sim_app.h"
#include "sim_check.h"
#include "sim_power.h"
#include "sim_story.h"
#include "sim_user.h"

/* From the last upload to the last look at the device, and between its last starts. */
#define SETTLE_US  (100 * SIM_S)
#define RESTART_US (12 * SIM_S)

/* For which a start may take. */
#define START_WITHIN_US (3600 * (uint64_t)SIM_S)

/* Events after which a simulation is taken for one without an end. */
#define EVENTS_MAX 3000000u

void sim_tally_note(struct sim_tally *tally, uint64_t number)
{
    struct sim_random mix = { tally->digest ^ number };

    tally->digest = sim_random_next(&mix);
}

/* --- Who is told what ------------------------------------------------------------------------- */

static void on_device_event(void *ctx, const struct ota_event *event)
{
    sim_check_event(ctx, event);
}

static void on_boot(void *ctx)
{
    struct sim_run *run = ctx;

    sim_check_start(run);
    if (sim_board_is_off(&run->board))
        sim_power_on_lost(run);
}

static void on_up(void *ctx)
{
    sim_app_on_up(ctx);
}

static void on_restart(void *ctx)
{
    sim_power_reset(ctx, "restarts");
}

static void on_power_lost(void *ctx)
{
    sim_check_power_lost(ctx);
    sim_power_on_lost(ctx);
}

static void on_operation(void *ctx, const struct sim_operation *operation)
{
    sim_power_on_operation(ctx, operation);
    sim_story_operation(ctx, operation);
}

static void on_finished(void *ctx)
{
    sim_user_on_finished(ctx);
}

/* --- Making ----------------------------------------------------------------------------------- */

static void make_network(struct sim_run *run)
{
    const struct sim_peers peers = {
        .uploader = &run->uploader,
        .to_uploader = sim_uploader_on_datagram,
        .call = sim_uploader_on_call,
        .wake_uploader = sim_uploader_wake,
        .device = &run->device,
        .to_device = sim_device_on_datagram,
        .wake_device = sim_device_wake,
        .device_answers = sim_device_answers,
        .device_delay = sim_device_delay,
    };

    sim_net_init(&run->net, &run->world, &run->trace, sim_random_fork(&run->scenario.random),
                 &run->scenario.weather, &peers);
}

static void make_device(struct sim_run *run)
{
    const struct sim_device_watch watch = { run,   on_device_event, on_boot,
                                            on_up, on_restart,      on_power_lost };

    run->board.nor.random = sim_random_next(&run->scenario.random);
    run->board.on_operation = on_operation;
    run->board.operation_ctx = run;
    sim_device_init(&run->device, &run->world, &run->net, &run->trace,
                    sim_random_fork(&run->scenario.random), &run->board, &run->scenario.traits,
                    &watch);
}

static bool is_within(const struct ota_area *area, uint32_t offset)
{
    return offset >= area->offset && offset - area->offset < area->size;
}

/* What the bootloader alone writes cannot be refused to the uploader beforehand. */
static void note_wear(struct sim_run *run)
{
    const struct sim_hardware *hardware = &run->scenario.hardware;
    const struct ota_layout *layout = &run->scenario.spec.layout;
    bool lasts = hardware->fault == SIM_WORN || hardware->fault == SIM_BAD_CELL;

    run->truth.worn_record = lasts && (is_within(&layout->record[0], hardware->offset) ||
                                       is_within(&layout->record[1], hardware->offset));
    /* Moving pieces takes both copies of the record. */
    run->truth.worn_slot = lasts && layout->handover == OTA_EXCHANGE;
}

/* What the factory has left: a sketch, and perhaps a file system and a record. */
static void provision(struct sim_run *run)
{
    struct sim_scenario *s = &run->scenario;
    const struct sim_image *filesystem = s->has_filesystem ? &s->images[1] : NULL;
    uint8_t boots = s->spec.trial_boots ? s->spec.trial_boots : OTA_TRIAL_BOOTS;

    for (unsigned i = 0; i < s->image_count; i++) {
        if (i != 1 || s->has_filesystem)
            sim_board_know(&run->board, &s->images[i]);
    }
    if (s->by_wire)
        sim_board_flash_by_wire(&run->board, &s->images[0]);
    else if (!sim_board_provision(&run->board, &s->images[0], s->slot, filesystem))
        sim_check_broken(run, "the factory cannot write the record");
    run->recorded = !s->by_wire;
    sim_truth_init(&run->truth, s->spec.layout.handover, boots, &s->images[0], filesystem);
    note_wear(run);
}

static void on_first_start(void *ctx, uint64_t arg)
{
    (void)arg;
    sim_power_reset(ctx, "is switched on");
}

static void on_stranger(void *ctx, uint64_t arg)
{
    static const char *const words[] = {
        "0 39999 1000 00112233445566778899aabbccddeeff\n",
        "200 0123456789abcdef0123456789abcdef 0123456789abcdef0123456789abcdef",
        "hello?",
        "",
        "0 39999 99999999 00112233445566778899aabbccddeeff\n",
    };
    struct sim_run *run = ctx;
    const char *text = words[arg % (sizeof words / sizeof words[0])];
    size_t len = 0;

    while (text[len] != '\0')
        len++;
    if (!run->over && !run->satisfied)
        sim_net_send(&run->net, SIM_DEVICE, 39999, text, len);
}

static bool make(struct sim_run *run, uint64_t seed, enum sim_sabotage_kind sabotage)
{
    struct sim_scenario *s = &run->scenario;

    if (!sim_scenario_make(s, seed))
        return false;
    if (!sim_board_init(&run->board, &s->spec))
        return false;
    make_network(run);
    make_device(run);
    sim_uploader_init(&run->uploader, &run->world, &run->net, &run->trace,
                      sim_random_fork(&s->random), s->epoch_ms);
    run->uploader.on_finished = on_finished;
    run->uploader.ctx = run;
    sim_power_init(run);
    sim_app_init(run);
    provision(run);
    if (!sim_sabotage_begin(&run->sabotage, sabotage, &run->board))
        return false;
    sim_world_plan(&run->world, 0, on_first_start, run, 0);
    for (uint32_t i = 0; i < s->strangers; i++)
        sim_world_plan(&run->world, sim_random_below(&s->random, 60 * SIM_S), on_stranger, run, i);
    sim_user_init(run);
    return true;
}

/* --- Running ---------------------------------------------------------------------------------- */

static bool happens_by(const struct sim_run *run, uint64_t time)
{
    return sim_world_next(&run->world) <= time;
}

static void step(struct sim_run *run)
{
    if (!sim_world_step(&run->world))
        sim_check_broken(run, "nothing happens any more");
    sim_check_always(run);
    if (run->world.happened > EVENTS_MAX)
        sim_check_broken(run, "the simulation does not come to an end");
}

static void run_for(struct sim_run *run, uint64_t duration)
{
    uint64_t end = run->world.now + duration;

    while (!run->over && happens_by(run, end))
        step(run);
    if (!run->over)
        run->world.now = end;
}

/* A start may take long: it moves images. */
static void wait_for_device(struct sim_run *run)
{
    uint64_t end = run->world.now + START_WITHIN_US;

    while (!run->over && !sim_device_is_idle(&run->device) && happens_by(run, end))
        step(run);
    if (!run->over)
        sim_check_end(run);
}

/* When all uploads are over: peace, and enough starts for a trial to end. */
static void settle(struct sim_run *run)
{
    unsigned starts = run->truth.trial_boots + 2u;

    sim_say(&run->trace, "user", "has done what there was to do");
    run_for(run, SETTLE_US);
    sim_power_calm(run);
    run_for(run, SETTLE_US);
    for (unsigned i = 0; i < starts && !run->over; i++) {
        wait_for_device(run);
        if (!run->over)
            sim_power_reset(run, "is reset");
        run_for(run, RESTART_US);
    }
    wait_for_device(run);
}

static void add_up(struct sim_run *run)
{
    struct sim_tally *tally = run->tally;

    tally->seeds++;
    tally->datagrams += run->net.sent;
    tally->lost += run->net.lost;
    tally->connections += run->net.calls;
    tally->incidents += run->net.incidents;
    tally->operations += run->board.nor.operations;
    tally->events += run->world.happened;
    tally->seconds += run->world.now / SIM_S;
    sim_tally_note(tally, run->scenario.seed);
    sim_tally_note(tally, run->board.starts);
    sim_tally_note(tally, run->board.nor.operations);
    sim_tally_note(tally, run->net.sent);
    sim_tally_note(tally, run->world.now);
    if (run->board.running)
        sim_tally_note(tally, (uint64_t)(run->board.running - run->scenario.images) + 1);
}

static void clear(struct sim_run *run, bool trace, struct sim_tally *tally)
{
    sim_world_init(&run->world);
    run->trace = (struct sim_trace){ trace, &run->world };
    run->bundle = (struct sim_bundle){ NULL, 0, 0 };
    run->update = (struct sim_update){ .image = NULL };
    run->tally = tally;
    run->broken = NULL;
    run->over = false;
    run->recorded = false;
    run->sabotage.meant = NULL;
    run->board.memory = NULL;
    run->board.nor.wear = NULL;
}

const char *sim_run_seed(struct sim_run *run, uint64_t seed, enum sim_sabotage_kind sabotage,
                         bool trace, struct sim_tally *tally)
{
    clear(run, trace, tally);
    if (make(run, seed, sabotage)) {
        sim_story_scenario(run);
        while (!run->over && !run->satisfied)
            step(run);
        if (!run->over)
            settle(run);
        add_up(run);
    } else {
        run->broken = "memory ran out";
    }
    sim_sabotage_end(&run->sabotage);
    sim_board_free(&run->board);
    sim_scenario_free(&run->scenario);
    return run->broken;
}
