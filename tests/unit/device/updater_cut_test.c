/*
 * The power goes at any operation of an update, in all ways: what ran before runs, or the new
 * image does, and the next update leaves nothing behind that reads differently each time.
 */
#include "tests/unit/device/updater_rig.h"

#include <criterion/criterion.h>

#define SECTOR 4096u

static struct updater_rig rig;

/* Sketches of these sizes; the last one is cut, and begun again. */
#define FIRST  5000u
#define SECOND 9000u

static bool is_stable(uint32_t offset, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++) {
        if (rig.unstable[offset + i])
            return false;
    }
    return true;
}

/* The same image again: what a cut has left may look just like it, now and then. */
static void expect_the_next_update_is_sound(void)
{
    cr_assert_eq(rig_install(&rig, SECOND), OTA_OK);
    cr_assert(rig_stages(&rig, SECOND));
    cr_assert(is_stable(rig_target_offset(&rig), SECOND));
    cr_assert_eq(rig.nor.broken, NOR_RULES_KEPT);
}

/* The new sketch lies where it can run. */
static bool is_tried(void)
{
    unsigned slot = rig.layout.handover == OTA_SELECT ? rig_target(&rig) : 0;

    return memcmp(rig.cells + rig.layout.slot[slot].offset, rig.image, SECOND) == 0;
}

/* Cut an update at its nth operation; false when it has fewer. */
static bool cut_at(void (*begin)(void), uint64_t nth, enum nor_cut cut, unsigned times)
{
    begin();
    rig.nor.random = nth * 100 + cut;
    for (unsigned i = 0; i < times; i++) {
        nor_flash_cut_in(&rig.nor, nth, cut);
        enum ota_error error = rig_install(&rig, SECOND);
        if (!rig.nor.off)
            return error != OTA_OK;
        nor_flash_power_on(&rig.nor);
        cr_assert(rig_boot(&rig), "cut %u at operation %u", cut, (unsigned)nth);
        if (rig_record(&rig).pending != OTA_PENDING_NONE) {
            cr_assert(is_tried(), "cut %u at operation %u", cut, (unsigned)nth);
            return true;
        }
        cr_assert_neq(error, OTA_OK, "what was told holds");
        cr_assert(rig_runs(&rig, FIRST), "cut %u at operation %u", cut, (unsigned)nth);
    }
    expect_the_next_update_is_sound();
    return true;
}

static void cut_everywhere(void (*begin)(void), unsigned times)
{
    for (unsigned cut = 0; cut < NOR_CUT_KINDS; cut++) {
        uint64_t nth = 1;
        while (cut_at(begin, nth, (enum nor_cut)cut, times))
            nth++;
        cr_assert_gt(nth, 10, "%u operations", (unsigned)nth);
    }
}

static void blank_slot(void)
{
    cr_assert(rig_init_running(&rig, FIRST));
}

/* All of the slot has been written before, and can be believed until it is cut. */
static void clean_slot(void)
{
    cr_assert(rig_init_running(&rig, 5 * SECTOR));
    rig.image[100] ^= 1;
    cr_assert_eq(rig_install(&rig, FIRST), OTA_OK);
    cr_assert(rig_boot_and_confirm(&rig));
    rig.image[100] ^= 1;
    rig.image[SECTOR + 5] ^= 1;
}

static void exchange(void)
{
    rig_init_exchange(&rig);
    cr_assert_eq(rig_install(&rig, FIRST), OTA_OK);
    cr_assert(rig_boot_and_confirm(&rig));
}

Test(updater_cut, in_a_blank_slot)
{
    cut_everywhere(blank_slot, 1);
}

Test(updater_cut, in_a_slot_that_was_written_before)
{
    cut_everywhere(clean_slot, 1);
}

Test(updater_cut, behind_the_spare)
{
    cut_everywhere(exchange, 1);
}

Test(updater_cut, twice_at_the_same_place)
{
    cut_everywhere(clean_slot, 2);
}
