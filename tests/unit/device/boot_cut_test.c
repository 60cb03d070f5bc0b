/*
 * The power is cut at each operation of a device's life, in each way; and again and again. Whatever
 * happened, the next start runs a whole sketch.
 */
#include "tests/unit/device/boot_rig.h"

#include <stdio.h>

#define OLD   150u
#define NEW   190u
#define FILES 100u

/* Small, so that all of it can be cut. A write unit is a mark. */
static const struct rig_shape select_shape = { 64, 128, 4, 4, 0, 2 };
static const struct rig_shape exchange_shape = { 64, 128, 4, 4, 1, 2 };

/* What the application does once the new sketch runs. */
enum policy {
    CONFIRM,
    NEVER_CONFIRM,
    GIVE_UP,
    CONFIRM_AND_ROLL_BACK,
};

struct story {
    const char *name;
    const struct rig_shape *shape;
    enum rig_name staged; /* 0: no record, the old sketch is flashed by wire */
    uint32_t old, staged_size;
    enum policy policy;
    enum rig_name end; /* the sketch that runs at last, unless boots get lost by cuts */
    bool twice;        /* cut it twice in a row; the others are much the same up to some point */
};

static const struct story stories[] = {
    { "adopt", &select_shape, 0, OLD, 0, CONFIRM, RIG_OLD, true },
    { "select, confirm", &select_shape, RIG_NEW, OLD, NEW, CONFIRM, RIG_NEW, false },
    { "select, never confirm", &select_shape, RIG_NEW, OLD, NEW, NEVER_CONFIRM, RIG_OLD, true },
    { "select, give up", &select_shape, RIG_NEW, OLD, NEW, GIVE_UP, RIG_OLD, false },
    { "select, roll back", &select_shape, RIG_NEW, OLD, NEW, CONFIRM_AND_ROLL_BACK, RIG_OLD,
      false },
    { "select, files", &select_shape, RIG_FILES, OLD, FILES, CONFIRM, RIG_OLD, false },
    { "exchange, confirm", &exchange_shape, RIG_NEW, OLD, NEW, CONFIRM, RIG_NEW, false },
    { "exchange, never confirm", &exchange_shape, RIG_NEW, OLD, NEW, NEVER_CONFIRM, RIG_OLD, true },
    { "exchange, give up", &exchange_shape, RIG_NEW, OLD, NEW, GIVE_UP, RIG_OLD, false },
    { "exchange, roll back", &exchange_shape, RIG_NEW, OLD, NEW, CONFIRM_AND_ROLL_BACK, RIG_OLD,
      true },
    { "exchange, smaller", &exchange_shape, RIG_NEW, 256, 60, NEVER_CONFIRM, RIG_OLD, true },
    { "exchange, larger", &exchange_shape, RIG_NEW, 60, 256, NEVER_CONFIRM, RIG_OLD, true },
    { "exchange, nothing before", &exchange_shape, RIG_NEW, 0, NEW, CONFIRM, RIG_NEW, true },
    { "exchange, files", &exchange_shape, RIG_FILES, OLD, FILES, CONFIRM, RIG_OLD, true },
};

#define STORIES (sizeof stories / sizeof *stories)

static struct rig rig;
static char context[96];

static void begin(const struct story *story, uint64_t seed)
{
    if (story->staged) {
        rig_stage(&rig, story->shape, story->old, story->staged, story->staged_size);
    } else {
        rig_init(&rig, story->shape);
        rig_place(&rig, RIG_OLD, rig.layout.slot[0].offset, story->old);
    }
    rig.nor.random = seed * 0x9E3779B97F4A7C15u + 1;
}

/* The sketch that runs is one of the two, whole, and stays as it is. */
static enum rig_name running(const struct story *story)
{
    const struct ota_boot *boot = &rig.boot;
    struct ota_image old = rig_image(RIG_OLD, story->old);
    bool is_old = memcmp(&old.md5, boot->image.md5, sizeof old.md5) == 0;
    enum rig_name name = is_old ? RIG_OLD : RIG_NEW;
    uint32_t size = is_old ? story->old : story->staged_size;

    cr_assert_eq(boot->image.size, size, "%s: size %u", context, boot->image.size);
    cr_assert(rig_holds(&rig, name, boot->offset, size), "%s: %d is not whole", context, name);
    return name;
}

static void act(const struct story *story, enum rig_name name, unsigned *rolled_back)
{
    struct ota_boot_info info;

    if (name != RIG_NEW)
        return;
    info = rig_state(&rig);
    if (rig.nor.off)
        return;
    /* A torn mark may give it up for the application, and not have done so for the bootloader. */
    cr_assert(rig.boot.trial || info.status == OTA_BOOT_CONFIRMED, "%s", context);
    cr_assert_neq(info.status, OTA_BOOT_UNKNOWN, "%s", context);
    cr_assert_eq(info.offset, rig.boot.offset, "%s", context);
    cr_assert_arr_eq(info.image.md5, rig.boot.image.md5, DIGEST_MD5_SIZE, "%s", context);
    if (story->policy == GIVE_UP)
        (void)rig_rollback(&rig);
    if (story->policy == CONFIRM || story->policy == CONFIRM_AND_ROLL_BACK)
        (void)rig_confirm(&rig);
    if (story->policy == CONFIRM_AND_ROLL_BACK && !rig.nor.off)
        *rolled_back += rig_rollback(&rig) == OTA_OK;
}

/* Start, act, restart until nothing is left to do; or until the power goes. Returns what runs. */
static enum rig_name live(const struct story *story)
{
    enum rig_name name = 0;
    unsigned rolled_back = 0;

    for (unsigned boots = 0; boots < 12; boots++) {
        bool runs = rig_boot(&rig);
        if (rig.nor.off)
            return 0;
        cr_assert(runs, "%s: %s", context, ota_boot_fault_text(rig.boot.fault));
        cr_assert_eq(rig.boot.fault, OTA_BOOT_SOUND, "%s: %s", context,
                     ota_boot_fault_text(rig.boot.fault));
        name = running(story);
        act(story, name, &rolled_back);
        if (rig.nor.off)
            return 0;
        cr_assert_eq(rig_read_record(&rig), OTA_RECORD_FOUND);
        if (rig.record.pending == OTA_PENDING_NONE)
            break;
    }
    cr_assert_eq(rig.record.pending, OTA_PENDING_NONE, "%s: it never ends", context);
    return name;
}

static void ends(const struct story *story, bool lost_boots)
{
    enum rig_name name = live(story);

    if (!lost_boots)
        cr_assert_eq(name, story->end, "%s: %d runs", context, (int)name);
    if (story->staged == RIG_FILES) {
        cr_assert_eq(rig.record.filesystem.size, FILES, "%s", context);
        cr_assert(rig_holds(&rig, RIG_FILES, rig.layout.filesystem.offset, FILES), "%s", context);
    }
    /* And that is how it stays, though a torn copy of the record may still be mended. */
    nor_flash_protect(&rig.nor, rig.layout.slot[0].offset, rig.layout.slot[0].size);
    nor_flash_protect(&rig.nor, rig.layout.slot[1].offset, rig.layout.slot[1].size);
    cr_assert(rig_boot(&rig));
    cr_assert_eq(running(story), name);
}

static uint64_t operations_of(const struct story *story)
{
    begin(story, 0);
    uint64_t before = rig.nor.operations;
    (void)snprintf(context, sizeof context, "%s", story->name);
    ends(story, false);
    return rig.nor.operations - before;
}

Test(boot_cut, once_at_each_operation_and_in_each_way)
{
    for (unsigned i = 0; i < STORIES; i++) {
        const struct story *story = &stories[i];
        uint64_t operations = operations_of(story);
        for (uint64_t at = 1; at <= operations; at++) {
            for (int kind = 0; kind < 2 * NOR_CUT_KINDS; kind++) {
                (void)snprintf(context, sizeof context, "%s: cut %d at %u", story->name, kind,
                               (unsigned)at);
                begin(story, (uint64_t)kind + at);
                nor_flash_cut_in(&rig.nor, at, (enum nor_cut)(kind % NOR_CUT_KINDS));
                (void)live(story);
                cr_assert(rig.nor.off, "%s", context);
                nor_flash_power_on(&rig.nor);
                ends(story, false);
            }
        }
    }
}

/* Operations of a start until it has done the step again that was cut, and some more. */
#define SECOND_CUTS 36u

static bool record_is_torn(void)
{
    const struct ota_area *record = rig.layout.record;

    for (uint32_t i = 0; i < 2 * record->size; i++) {
        if (rig.unstable[record->offset + i])
            return true;
    }
    return false;
}

static void cut_twice(const struct story *story, uint64_t first, uint64_t second,
                      enum nor_cut second_cut, uint64_t seed)
{
    (void)snprintf(context, sizeof context, "%s: cuts at %u and %u", story->name, (unsigned)first,
                   (unsigned)second);
    begin(story, seed);
    nor_flash_cut_in(&rig.nor, first, NOR_CUT_UNSTABLE);
    (void)live(story);
    nor_flash_power_on(&rig.nor);
    nor_flash_cut_in(&rig.nor, second, second_cut);
    (void)live(story);
    nor_flash_power_on(&rig.nor);
}

/* A torn mark may read differently each time: the second start sees another device. */
Test(boot_cut, twice_in_a_row)
{
    static const enum nor_cut cuts[] = { NOR_CUT_UNSTABLE, NOR_CUT_HALF, NOR_CUT_UNSTABLE_START };

    for (unsigned i = 0; i < STORIES; i++) {
        uint64_t operations = stories[i].twice ? operations_of(&stories[i]) : 0;
        for (uint64_t first = 1; first <= operations; first++) {
            begin(&stories[i], 0);
            nor_flash_cut_in(&rig.nor, first, NOR_CUT_UNSTABLE);
            (void)live(&stories[i]);
            unsigned tries = record_is_torn() ? 2 : 1;
            for (uint64_t j = 0; j < SECOND_CUTS * tries; j++) {
                cut_twice(&stories[i], first, 1 + j % SECOND_CUTS, cuts[j % 3], first * 1000 + j);
                ends(&stories[i], true);
            }
        }
    }
}

static uint32_t draw(uint64_t *random, uint32_t below)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return (uint32_t)(*random >> 32) % below;
}

Test(boot_cut, again_and_again)
{
    for (uint64_t seed = 1; seed <= 4000; seed++) {
        const struct story *story = &stories[seed % STORIES];
        uint64_t random = seed * 0x9E3779B97F4A7C15u;
        begin(story, seed);
        for (uint32_t cuts = 1 + draw(&random, 12); cuts > 0; cuts--) {
            uint32_t at = 1 + draw(&random, draw(&random, 4) ? 12 : 80);
            (void)snprintf(context, sizeof context, "%s: seed %u", story->name, (unsigned)seed);
            nor_flash_cut_in(&rig.nor, at, (enum nor_cut)draw(&random, NOR_CUT_KINDS));
            (void)live(story);
            nor_flash_power_on(&rig.nor);
        }
        ends(story, true);
    }
}
