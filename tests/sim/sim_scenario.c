#include "sim_scenario.h"

#include "sim_geometry.h"

#include <string.h>

#define RIGHT_PASSWORD "open sesame"
#define WRONG_PASSWORD "open barley"

/* Bytes of a file system that is not found by mere chance. */
#define FILESYSTEM_MIN 16

/* --- Images ----------------------------------------------------------------------------------- */

/* Bytes of a new image for an area of `max`: small, large, just fitting, now and then too large. */
static uint32_t choose_size(uint32_t least, uint32_t max, struct sim_random *random)
{
    uint32_t kind = sim_random_below(random, 100);

    if (max < least)
        return least;
    if (kind < 15)
        return least + sim_random_below(random, (max - least < 100 ? max - least : 100) + 1);
    if (kind < 75)
        return sim_random_range(random, least, max);
    if (kind < 95)
        return max - sim_random_below(random, max - least < 17 ? max - least + 1 : 17);
    return max + sim_random_range(random, 1, 4096);
}

/* Compressed, or no sketch at all: what only a mistaken user sends. */
static void spoil(struct sim_image *image, struct sim_random *random)
{
    struct digest digest;

    image->bytes[0] = sim_random_chance(random, 500) ? 0x1F : 0x7F;
    image->bytes[1] = 0x8B;
    digest_init(&digest, DIGEST_MD5);
    digest_update(&digest, image->bytes, image->body.size);
    digest_finish(&digest, image->body.md5);
}

static bool add_sketch(struct sim_scenario *s, uint32_t max)
{
    struct sim_image *image = &s->images[s->image_count++];
    uint32_t seed = (uint32_t)sim_random_next(&s->random);

    if (s->image_count > 1 && sim_random_chance(&s->random, 150))
        max = s->images[0].body.size;
    return sim_sketch_make(image, choose_size(SIM_SKETCH_MIN, max, &s->random), seed);
}

static bool add_filesystem(struct sim_scenario *s, uint32_t max)
{
    struct sim_image *image = &s->images[s->image_count++];
    uint32_t seed = (uint32_t)sim_random_next(&s->random);

    return sim_filesystem_make(image, choose_size(FILESYSTEM_MIN, max, &s->random), seed);
}

/* What the factory put on the device. It fits. */
static bool make_factory(struct sim_scenario *s)
{
    const struct ota_layout *layout = &s->spec.layout;
    uint32_t max;

    s->by_wire = sim_random_chance(&s->random, 200);
    s->slot = 0;
    if (!s->by_wire && layout->handover == OTA_SELECT)
        s->slot = sim_random_below(&s->random, 2);
    s->has_filesystem = layout->filesystem.size > 0 && !s->by_wire;
    max = layout->slot[s->slot].size;
    uint32_t size = choose_size(SIM_SKETCH_MIN, max, &s->random);
    s->image_count = 2;
    if (!sim_sketch_make(&s->images[0], size > max ? max : size,
                         (uint32_t)sim_random_next(&s->random)))
        return false;
    max = layout->filesystem.size;
    size = s->has_filesystem ? choose_size(FILESYSTEM_MIN, max, &s->random) : FILESYSTEM_MIN;
    return sim_filesystem_make(&s->images[1], s->has_filesystem && size > max ? max : size,
                               (uint32_t)sim_random_next(&s->random));
}

/* --- Users ------------------------------------------------------------------------------------ */

/* In microseconds. */
static uint32_t seconds(struct sim_random *random, uint32_t low, uint32_t high)
{
    return sim_random_range(random, low * SIM_S, high * SIM_S);
}

static bool choose_image(struct sim_scenario *s, struct sim_plan *plan)
{
    const struct ota_layout *layout = &s->spec.layout;
    uint32_t slot = sim_random_below(&s->random, 2);
    uint32_t what = sim_random_below(&s->random, 100);

    plan->image = (uint8_t)s->image_count;
    if (what < 12 && s->image_count > 2)
        plan->image = (uint8_t)sim_random_below(&s->random, s->image_count);
    else if (what < 18)
        plan->image = 0;
    if (plan->image == 1 && !s->has_filesystem)
        plan->image = 0;
    if (plan->image < s->image_count)
        return true;
    if (what >= 70 && layout->filesystem.size > 0)
        return add_filesystem(s, ota_layout_filesystem_max(layout, slot));
    if (!add_sketch(s, ota_layout_sketch_max(layout, slot)))
        return false;
    if (what >= 18 && what < 21) {
        spoil(&s->images[plan->image], &s->random);
        s->foreign |= 1u << plan->image;
    }
    return true;
}

/* Most users are patient enough; timeouts are the program's own, or shorter. */
static bool make_plan(struct sim_scenario *s, struct sim_plan *plan)
{
    struct sim_random *random = &s->random;

    *plan = (struct sim_plan){ .timeout_ms = 20000, .stall_ms = 60000, .verdict_ms = 60000 };
    plan->wrong_md5 = sim_random_chance(random, 20);
    plan->repeats = (uint8_t)sim_random_below(random, 4);
    plan->has_password = s->locked && !sim_random_chance(random, 40);
    plan->right_password = !sim_random_chance(random, 50);
    if (sim_random_chance(random, 400)) {
        plan->timeout_ms = sim_random_range(random, 1000, 15000);
        plan->stall_ms = sim_random_range(random, 1500, 30000);
        plan->verdict_ms = sim_random_range(random, 1500, 30000);
    }
    plan->retries = sim_random_chance(random, 600) ? 2 : sim_random_below(random, 6);
    plan->pause_us = seconds(random, 0, sim_random_chance(random, 300) ? 2 : 40);
    if (!s->locked && sim_random_chance(random, 30))
        plan->has_password = true;
    if (sim_random_chance(random, 40))
        plan->interrupt_us = seconds(random, 0, 20) + 1;
    if (sim_random_chance(random, 30))
        plan->vanish_us = seconds(random, 0, 20) + 1;
    return choose_image(s, plan);
}

static void choose_password(struct sim_scenario *s)
{
    struct sim_random *random = &s->random;
    enum digest_kind stored = DIGEST_MD5;

    s->locked = sim_random_chance(random, 250);
    s->traits.password = NULL;
    s->traits.dialect = AUTH_MD5;
    password_digest_make(&s->right.md5, DIGEST_MD5, RIGHT_PASSWORD, strlen(RIGHT_PASSWORD));
    password_digest_make(&s->right.sha256, DIGEST_SHA256, RIGHT_PASSWORD, strlen(RIGHT_PASSWORD));
    password_digest_make(&s->wrong.md5, DIGEST_MD5, WRONG_PASSWORD, strlen(WRONG_PASSWORD));
    password_digest_make(&s->wrong.sha256, DIGEST_SHA256, WRONG_PASSWORD, strlen(WRONG_PASSWORD));
    if (!s->locked)
        return;
    /* The 64-digit dialect is slow on purpose, also for whoever simulates it. */
    if (sim_random_chance(random, 40)) {
        s->traits.dialect = AUTH_PBKDF2;
        s->traits.proof_us = sim_random_range(random, 0, 3 * SIM_S);
        if (sim_random_chance(random, 700))
            stored = DIGEST_SHA256;
    }
    s->device_password = stored == DIGEST_SHA256 ? s->right.sha256 : s->right.md5;
    s->traits.password = &s->device_password;
}

/* --- Luck ------------------------------------------------------------------------------------- */

static void choose_weather(struct sim_weather *weather, struct sim_random *random)
{
    uint32_t kind = sim_random_below(random, 100);
    bool poor = kind >= 40;
    bool bad = kind >= 85;

    *weather = (struct sim_weather){ .segment = 1460, .room = 2144, .window = 5840 };
    weather->delay_us = sim_random_range(random, 100, bad ? 200 * SIM_MS : 20 * SIM_MS);
    if (poor) {
        weather->jitter_us = sim_random_below(random, bad ? 300 * SIM_MS : 20 * SIM_MS);
        weather->loss = (uint16_t)sim_random_below(random, bad ? 400 : 80);
        weather->duplicate = (uint16_t)sim_random_below(random, 200);
        weather->late = (uint16_t)sim_random_below(random, 200);
        weather->incident = (uint16_t)sim_random_below(random, bad ? 700 : 250);
    }
    if (sim_random_chance(random, 500))
        weather->segment = (uint16_t)sim_random_range(random, 64, 1460);
    weather->late_us = sim_random_range(random, 10 * SIM_MS, 8 * SIM_S);
    weather->retransmit_us = sim_random_range(random, 100 * SIM_MS, 1 * SIM_S);
    if (sim_random_chance(random, 300))
        weather->ack_us = sim_random_below(random, 250 * SIM_MS);
    if (sim_random_chance(random, 150))
        weather->room = sim_random_range(random, 1, 64);
    if (sim_random_chance(random, 600))
        weather->window = sim_random_range(random, 64, 2144);
    weather->reset_drops = sim_random_chance(random, 500);
}

static void choose_traits(struct sim_traits *traits, struct sim_random *random)
{
    uint32_t kind = sim_random_below(random, 100);

    traits->loop_us = kind < 60   ? 0
                      : kind < 96 ? sim_random_below(random, 30 * SIM_MS)
                                  : sim_random_below(random, 1500 * SIM_MS);
    traits->boot_us = sim_random_range(random, 20 * SIM_MS, 300 * SIM_MS);
    traits->unready_us = sim_random_chance(random, 500) ? 0 : sim_random_below(random, 4 * SIM_S);
    traits->tells_unready = sim_random_chance(random, 300);
    traits->clock =
        sim_random_chance(random, 500) ? 0 : (uint32_t)0 - sim_random_below(random, 60000);
}

static void choose_timing(struct sim_scenario *s)
{
    uint32_t kind = sim_random_below(&s->random, 100);

    s->spec.timing = NULL;
    if (kind < 20)
        return;
    s->timing = nor_timing_typical;
    if (kind >= 85) {
        s->timing.erase_us = 400 * SIM_MS;
        s->timing.block_us = 2 * SIM_S;
        s->timing.page_us = 3 * SIM_MS;
    }
    s->spec.timing = &s->timing;
}

/* Areas that a fault may lie in: what nothing can do without is not among them. */
static void choose_hardware(struct sim_scenario *s)
{
    struct sim_random *random = &s->random;
    const struct ota_layout *layout = &s->spec.layout;
    uint32_t unit = s->spec.geometry.erase_size;
    /* With exchange the bootloader writes to either slot, and may meet the fault there. */
    unsigned slot = layout->handover == OTA_SELECT ? 1 - s->slot : sim_random_below(random, 2);
    const struct ota_area *areas[] = { &layout->slot[slot], &layout->slot[slot], &layout->record[0],
                                       &layout->record[1] };
    uint32_t kind = sim_random_below(random, 1000);
    struct sim_hardware *hardware = &s->hardware;

    hardware->fault = kind < 30    ? SIM_BAD_CELL
                      : kind < 70  ? SIM_WORN
                      : kind < 130 ? SIM_TRANSIENT
                                   : SIM_SOUND;
    hardware->function = (uint8_t)sim_random_below(random, 3);
    hardware->failure = (enum nor_cut)sim_random_below(random, NOR_CUT_KINDS);
    hardware->operations = sim_random_chance(random, 600) ? 12 : 300;
    hardware->bit = (uint8_t)(1u << sim_random_below(random, 8));
    const struct ota_area *area = areas[sim_random_below(random, 4)];
    if (hardware->fault == SIM_WORN) {
        hardware->offset = area->offset + unit * sim_random_below(random, area->size / unit);
        hardware->size = unit;
    } else if (hardware->fault == SIM_BAD_CELL) {
        hardware->offset = area->offset + sim_random_below(random, area->size);
        hardware->size = 1;
    }
}

static void choose_habit(struct sim_habit *habit, struct sim_random *random)
{
    uint32_t kind = sim_random_below(random, 100);

    habit->kind = kind < 62   ? SIM_HABIT_CONFIRMS
                  : kind < 72 ? SIM_HABIT_NEVER
                  : kind < 84 ? SIM_HABIT_CRASHES
                  : kind < 92 ? SIM_HABIT_GIVES_UP
                              : SIM_HABIT_REGRETS;
    habit->boots = (uint8_t)(sim_random_chance(random, 700) ? 1 : sim_random_range(random, 1, 4));
    habit->delay_us = sim_random_range(random, 1 * SIM_MS, 3 * SIM_S);
}

/* Each part draws from a generator of its own, in this order. */
bool sim_scenario_make(struct sim_scenario *s, uint64_t seed)
{
    static const uint16_t reaches[] = { 6, 20, 60, 250, 1000 };
    static const uint16_t aims[] = { 15, 60, 200 };
    struct sim_random random = { seed };
    struct sim_random part = sim_random_fork(&random);

    memset(s, 0, sizeof *s);
    s->seed = seed;
    sim_geometry_make(&s->spec, &part);
    s->random = sim_random_fork(&random);
    choose_timing(s);
    choose_password(s);
    part = sim_random_fork(&random);
    choose_traits(&s->traits, &part);
    part = sim_random_fork(&random);
    choose_weather(&s->weather, &part);
    part = sim_random_fork(&random);
    for (unsigned i = 0; i < SIM_IMAGES_MAX; i++)
        choose_habit(&s->habits[i], &part);
    s->cuts = sim_random_chance(&part, 350) ? 0 : sim_random_range(&part, 1, 4);
    s->cut_reach = reaches[sim_random_below(&part, sizeof reaches / sizeof reaches[0])];
    s->cut_between = sim_random_chance(&part, 300);
    if (sim_random_chance(&part, 350)) {
        s->aim = aims[sim_random_below(&part, sizeof aims / sizeof aims[0])];
        s->cuts *= 2;
    }
    s->strangers = sim_random_chance(&part, 800) ? 0 : sim_random_range(&part, 1, 12);
    s->epoch_ms = sim_random_chance(&part, 500) ? 0 : sim_random_next(&part) >> 20;
    if (!make_factory(s))
        return false;
    choose_hardware(s);
    s->plan_count = sim_random_range(&s->random, 1, SIM_PLANS_MAX);
    for (unsigned i = 0; i < s->plan_count; i++) {
        if (!make_plan(s, &s->plans[i]))
            return false;
    }
    s->random = sim_random_fork(&random);
    return true;
}

void sim_scenario_free(struct sim_scenario *s)
{
    for (unsigned i = 0; i < s->image_count; i++)
        sim_image_free(&s->images[i]);
}
