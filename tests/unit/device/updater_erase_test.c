/*
 * What is erased for an image, in which pieces, and when.
 */
#include "tests/unit/device/updater_rig.h"

#include <criterion/criterion.h>

#define SECTOR 4096u
#define BLOCK  65536u

static struct updater_rig rig;
static uint32_t wear[RIG_FLASH_SIZE / SECTOR];

/* The record, both copies, is erased at the end of every update. */
#define RECORD_ERASES 2

/* A slot of which the first `clean` bytes are clean; all of them are blank. */
static void given_a_blank_slot(uint32_t clean, uint32_t block_size)
{
    struct ota_record record;

    rig_init_flash(&rig, SECTOR, block_size, 4, 0);
    record = rig_record(&rig);
    record.clean[1] = clean;
    cr_assert_eq(ota_record_write(&record), OTA_OK);
    memset(wear, 0, sizeof wear);
    rig.nor.wear = wear;
    rig.nor.counts = (struct nor_counts){ 0 };
}

static uint32_t wear_of_slot(uint32_t sector)
{
    return wear[rig.layout.slot[1].offset / SECTOR + sector];
}

/* Give bytes of the image up to `to`, then let the updater do all that it wants to. */
static void give(uint32_t from, uint32_t to)
{
    cr_assert_eq(ota_updater_write(&rig.updater, rig.image + from, to - from), to - from);
    cr_assert_not(ota_updater_is_busy(&rig.updater));
}

Test(updater_erase, blocks_where_they_fit_and_units_where_they_do_not)
{
    static const struct {
        uint32_t shift; /* of the slot, from a block's start */
        uint32_t size;
        unsigned blocks, units;
    } cases[] = {
        { 0, 3 * BLOCK, 3, 0 },
        { 0, BLOCK, 1, 0 },
        { 0, BLOCK - 1, 1, 0 }, /* in whole units it is a block */
        { 0, BLOCK - SECTOR, 0, 15 },
        { 0, 2 * BLOCK + SECTOR + 1, 2, 2 },
        { SECTOR, 2 * BLOCK, 1, 16 },
        { 4 * SECTOR, BLOCK, 0, 16 },
        { 15 * SECTOR, BLOCK + SECTOR, 1, 1 },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rig_init_blocks(&rig);
        rig.layout.slot[1].offset += cases[i].shift;
        rig.layout.slot[1].size -= cases[i].shift;
        cr_assert_eq(rig_install(&rig, cases[i].size), OTA_OK);
        cr_assert(rig_stages(&rig, cases[i].size));
        cr_assert_eq(rig.nor.counts.blocks, cases[i].blocks, "case %zu", i);
        cr_assert_eq(rig.nor.counts.erases, cases[i].blocks + cases[i].units + RECORD_ERASES,
                     "case %zu", i);
        cr_assert_eq(rig.nor.broken, NOR_RULES_KEPT);
    }
}

Test(updater_erase, a_clean_slot_that_is_blank_is_not_erased)
{
    static const uint32_t blocks[] = { SECTOR, BLOCK };

    for (size_t i = 0; i < 2; i++) {
        given_a_blank_slot(3 * BLOCK, blocks[i]);
        cr_assert_eq(rig_install(&rig, 2 * BLOCK + 5000), OTA_OK);
        cr_assert(rig_stages(&rig, 2 * BLOCK + 5000));
        cr_assert_eq(rig.nor.counts.erases, RECORD_ERASES);
    }
}

Test(updater_erase, what_is_not_blank_is_erased)
{
    static const uint32_t at[] = { 0, 255, 256, SECTOR - 1 };

    for (size_t i = 0; i < 8; i++) {
        given_a_blank_slot(3 * BLOCK, SECTOR);
        rig.config.buffer_size = SECTOR * (uint32_t)(1 + i / 4);
        rig.cells[rig_target_offset(&rig) + SECTOR + at[i % 4]] = 0xFE;
        cr_assert_eq(rig_install(&rig, 10000), OTA_OK);
        cr_assert(rig_stages(&rig, 10000));
        cr_assert_eq(rig.nor.counts.erases, 1 + RECORD_ERASES);
        cr_assert_eq(wear_of_slot(1), 1);
        cr_assert_eq(rig.nor.broken, NOR_RULES_KEPT);
    }
}

Test(updater_erase, what_is_not_clean_is_erased_even_if_it_looks_blank)
{
    given_a_blank_slot(2 * SECTOR, SECTOR);
    cr_assert_eq(rig_install(&rig, 5 * SECTOR), OTA_OK);
    for (uint32_t sector = 0; sector < 5; sector++)
        cr_assert_eq(wear_of_slot(sector), sector < 2 ? 0 : 1, "sector %u", sector);
    /* Half a block is clean: the whole of it counts as little. */
    given_a_blank_slot(BLOCK / 2, BLOCK);
    cr_assert_eq(rig_install(&rig, BLOCK), OTA_OK);
    cr_assert_eq(rig.nor.counts.blocks, 1);
}

Test(updater_erase, what_was_written_is_clean_from_then_on)
{
    rig_init(&rig);
    cr_assert_eq(rig_install(&rig, 50000), OTA_OK);
    cr_assert_eq(rig_record(&rig).clean[1], 13 * SECTOR);
    cr_assert(rig_boot_and_confirm(&rig));
    cr_assert_eq(rig_install(&rig, 10000), OTA_OK);
    cr_assert_eq(rig_record(&rig).clean[0], 3 * SECTOR);
    cr_assert(rig_boot_and_confirm(&rig));
    cr_assert_eq(rig_install(&rig, 20000), OTA_OK);
    cr_assert_eq(rig_record(&rig).clean[1], 13 * SECTOR, "and stays so behind a smaller image");
}

Test(updater_erase, with_exchange_clean_bytes_are_counted_over_the_spare)
{
    struct ota_record record;

    rig_init_exchange(&rig);
    cr_assert_eq(rig_install(&rig, 10000), OTA_OK);
    cr_assert_eq(rig_record(&rig).clean[1], 0, "nobody has erased the spare");

    for (uint32_t clean = 0; clean <= 4 * SECTOR; clean += SECTOR) {
        rig_init_exchange(&rig);
        record = rig_record(&rig);
        record.clean[1] = clean;
        cr_assert_eq(ota_record_write(&record), OTA_OK);
        rig.nor.counts = (struct nor_counts){ 0 };
        cr_assert_eq(rig_install(&rig, 10000), OTA_OK);
        uint32_t beyond = clean > rig.layout.spare_size ? clean - rig.layout.spare_size : 0;
        cr_assert_eq(rig.nor.counts.erases, 3 - beyond / SECTOR + RECORD_ERASES);
        cr_assert_eq(rig_record(&rig).clean[1],
                     clean < rig.layout.spare_size ? clean : rig.layout.spare_size + 3 * SECTOR);
    }
}

Test(updater_erase, after_a_failure_nothing_is_clean)
{
    given_a_blank_slot(3 * BLOCK, SECTOR);
    rig.nor.fail_write = 2 + 2;
    cr_assert_eq(rig_install(&rig, 10000), OTA_ERROR_WRITE);
    cr_assert_eq(rig.nor.counts.erases, 0);
    cr_assert_eq(rig_install(&rig, 10000), OTA_OK);
    for (uint32_t sector = 0; sector < 3; sector++)
        cr_assert_eq(wear_of_slot(sector), 1, "sector %u", sector);
    cr_assert_eq(rig_record(&rig).clean[1], 3 * SECTOR);
}

/* --- Ahead ------------------------------------------------------------------------------------ */

Test(updater_erase, erases_ahead_while_it_waits_and_stops_at_one_block)
{
    rig_init_blocks(&rig);
    cr_assert_eq(rig_begin(&rig, 3 * BLOCK, OTA_SKETCH), OTA_OK);
    give(0, SECTOR);
    cr_assert_eq(rig.nor.counts.erases, 1, "the block that it is in");
    give(SECTOR, BLOCK - 1);
    cr_assert_eq(rig.nor.counts.erases, 1, "the next one ends further ahead than a block");
    cr_assert_eq(ota_updater_offer(&rig.updater, rig.image + BLOCK - 1, 1), 1);
    while (ota_updater_poll(&rig.updater))
        ;
    cr_assert_eq(rig.nor.counts.erases, 2, "before a byte for it has come");
    give(BLOCK, 2 * BLOCK);
    cr_assert_eq(rig.nor.counts.erases, 3);
    give(2 * BLOCK, 3 * BLOCK);
    cr_assert_eq(rig.nor.counts.erases, 3, "never beyond the image");
    cr_assert_eq(ota_updater_end(&rig.updater, false), OTA_OK);
    cr_assert(rig_stages(&rig, 3 * BLOCK));
}

Test(updater_erase, erases_units_ahead_where_blocks_do_not_fit)
{
    rig_init_blocks(&rig);
    rig.layout.slot[1].offset += SECTOR;
    rig.layout.slot[1].size -= SECTOR;
    cr_assert_eq(rig_begin(&rig, 12 * SECTOR + 1, OTA_SKETCH), OTA_OK);
    give(0, SECTOR - 1);
    cr_assert_eq(rig.nor.counts.erases, 0, "it is not known yet that anything differs");
    give(SECTOR - 1, SECTOR);
    cr_assert_eq(rig.nor.counts.erases, 13, "all that the image takes");

    rig_init(&rig);
    cr_assert_eq(rig_begin(&rig, 12 * SECTOR, OTA_SKETCH), OTA_OK);
    give(0, SECTOR);
    cr_assert_eq(rig.nor.counts.erases, 2, "without blocks, one unit");
    give(SECTOR, SECTOR + 1);
    cr_assert_eq(rig.nor.counts.erases, 2);
}

Test(updater_erase, poll_says_whether_there_is_something_to_erase_ahead)
{
    rig_init(&rig);
    cr_assert_eq(rig_begin(&rig, 12 * SECTOR, OTA_SKETCH), OTA_OK);
    cr_assert_eq(ota_updater_offer(&rig.updater, rig.image, SECTOR), SECTOR);
    while (rig.updater.phase != OTA_UPDATER_FILL)
        cr_assert(ota_updater_poll(&rig.updater) || rig.updater.phase == OTA_UPDATER_FILL);
    cr_assert_eq(rig.nor.counts.erases, 1);
    cr_assert(ota_updater_is_busy(&rig.updater));
    cr_assert_eq(ota_updater_offer(&rig.updater, rig.image + SECTOR, 100), 100,
                 "bytes are taken all the same");
    cr_assert_not(ota_updater_poll(&rig.updater));
    cr_assert_eq(rig.nor.counts.erases, 2);
}

Test(updater_erase, what_is_ahead_is_looked_at_where_it_is_clean)
{
    given_a_blank_slot(3 * BLOCK, BLOCK);
    rig.cells[rig_target_offset(&rig) + BLOCK + 300] = 0;
    cr_assert_eq(rig_begin(&rig, 3 * BLOCK, OTA_SKETCH), OTA_OK);
    give(0, BLOCK);
    cr_assert_eq(wear_of_slot(0), 0);
    cr_assert_eq(wear_of_slot(16), 1);
    give(BLOCK, 3 * BLOCK);
    cr_assert_eq(rig.nor.counts.erases, 1);
    cr_assert_eq(ota_updater_end(&rig.updater, false), OTA_OK);
    cr_assert(rig_stages(&rig, 3 * BLOCK));
}

/* Bytes that come while it looks ahead make it begin again, with what they are for. */
Test(updater_erase, looking_ahead_can_be_interrupted_anywhere)
{
    for (unsigned polls = 0; polls < 40; polls++) {
        given_a_blank_slot(3 * BLOCK, SECTOR);
        rig.cells[rig_target_offset(&rig) + SECTOR + 700] = 0;
        cr_assert_eq(rig_begin(&rig, 3 * SECTOR, OTA_SKETCH), OTA_OK);
        cr_assert_eq(ota_updater_offer(&rig.updater, rig.image, SECTOR), SECTOR);
        while (rig.updater.phase != OTA_UPDATER_FILL)
            ota_updater_poll(&rig.updater);
        for (unsigned i = 0; i < polls; i++)
            ota_updater_poll(&rig.updater);
        give(SECTOR, 3 * SECTOR);
        cr_assert_eq(ota_updater_end(&rig.updater, false), OTA_OK);
        cr_assert(rig_stages(&rig, 3 * SECTOR));
        cr_assert_eq(wear_of_slot(1), 1);
        cr_assert_eq(rig.nor.counts.erases, 1 + RECORD_ERASES);
    }
}

/* It was about to be erased ahead, when its bytes came and were the same. */
Test(updater_erase, what_is_not_blank_may_be_the_same)
{
    given_a_blank_slot(3 * BLOCK, SECTOR);
    memcpy(rig.cells + rig_target_offset(&rig) + SECTOR, rig.image + SECTOR, SECTOR);
    cr_assert_eq(rig_begin(&rig, 3 * SECTOR, OTA_SKETCH), OTA_OK);
    cr_assert_eq(ota_updater_offer(&rig.updater, rig.image, SECTOR), SECTOR);
    while (rig.updater.phase != OTA_UPDATER_FILL)
        ota_updater_poll(&rig.updater);
    cr_assert(ota_updater_poll(&rig.updater), "one look, and it is not blank");
    give(SECTOR, 3 * SECTOR);
    cr_assert_eq(ota_updater_end(&rig.updater, false), OTA_OK);
    cr_assert(rig_stages(&rig, 3 * SECTOR));
    cr_assert_eq(rig.nor.counts.erases, RECORD_ERASES);
}

Test(updater_erase, an_image_that_ends_early_may_end_while_a_block_is_looked_at)
{
    for (unsigned polls = 0; polls < 400; polls += 13) {
        given_a_blank_slot(3 * BLOCK, BLOCK);
        cr_assert_eq(ota_updater_begin(&rig.updater, 2 * BLOCK, OTA_SKETCH), OTA_OK);
        cr_assert_eq(ota_updater_offer(&rig.updater, rig.image, SECTOR), SECTOR);
        for (unsigned i = 0; i < polls; i++)
            ota_updater_poll(&rig.updater);
        cr_assert_eq(ota_updater_end(&rig.updater, true), OTA_OK);
        cr_assert(rig_stages(&rig, SECTOR));
    }
}

Test(updater_erase, flash_that_fails_ahead_ends_the_update)
{
    rig_init(&rig);
    cr_assert_eq(rig_begin(&rig, 12 * SECTOR, OTA_SKETCH), OTA_OK);
    rig.nor.fail_erase = 2;
    cr_assert_eq(ota_updater_write(&rig.updater, rig.image, SECTOR), 0);
    cr_assert_eq(ota_updater_error(&rig.updater), OTA_ERROR_ERASE);
    given_a_blank_slot(3 * BLOCK, SECTOR);
    cr_assert_eq(rig_begin(&rig, 12 * SECTOR, OTA_SKETCH), OTA_OK);
    rig.nor.fail_read = 1 + 16 + 2 + 16 + 5; /* compared, blank, marked, read back, ahead */
    cr_assert_eq(ota_updater_write(&rig.updater, rig.image, SECTOR), 0);
    cr_assert_eq(ota_updater_error(&rig.updater), OTA_ERROR_READ);
    cr_assert_eq(ota_updater_progress(&rig.updater), SECTOR);
}
