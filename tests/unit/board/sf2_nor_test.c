/*
 * The driver of the board emcraft-sf2's flash, with a chip that has no hardware.
 */
#include "sf2_chip.h"

#define SECTOR_AT 0x20000u

static struct ota_flash flash;
static uint8_t data[3 * SF2_NOR_SECTOR];
static uint8_t seen[3 * SF2_NOR_SECTOR];

static void open_good(void)
{
    chip_reset();
    cr_assert(sf2_nor_open(&flash));
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 7 + i / 251 + 1);
}

static bool read_at(uint32_t offset, uint32_t len)
{
    return flash.read(flash.ctx, offset, seen, len);
}

static bool write_at(uint32_t offset, uint32_t len)
{
    return flash.write(flash.ctx, offset, data, len);
}

static bool erase_at(uint32_t offset)
{
    return flash.erase(flash.ctx, offset, SF2_NOR_SECTOR);
}

static void expect_blank(uint32_t begin, uint32_t end)
{
    for (uint32_t at = begin; at < end; at++)
        cr_assert_eq(chip_cells[at], 0xFF, "at %06X", at);
}

/* --- Opening ---------------------------------------------------------------------------------- */

Test(sf2_nor, opens)
{
    open_good();
    cr_assert(ota_flash_is_sound(&flash));
    cr_assert_eq(flash.size, SF2_NOR_SIZE);
    cr_assert_eq(flash.erase_size, SF2_NOR_SECTOR);
    cr_assert_eq(chip.changes, 0);
}

Test(sf2_nor, another_chip_is_refused)
{
    for (size_t i = 0; i < sizeof chip.id; i++) {
        chip_reset();
        chip.id[i] ^= 1;
        cr_assert_not(sf2_nor_open(&flash), "byte %zu", i);
        cr_assert_eq(chip.changes, 0);
    }
}

/* Nothing drives the wire: it may read as anything, for ever. */
Test(sf2_nor, no_chip_is_refused)
{
    static const uint8_t levels[] = { 0x00, 0xFF, 0x55, 0xAA };

    for (size_t i = 0; i < sizeof levels; i++) {
        chip_reset();
        chip.is_missing = true;
        chip.floating = levels[i];
        cr_assert_not(sf2_nor_open(&flash), "%02X", levels[i]);
        cr_assert_leq(chip_ms(), 3100);
    }
}

/* A reset of the processor does not end an erase. */
Test(sf2_nor, waits_for_what_was_begun_before_a_reset)
{
    chip_reset();
    chip.busy_until = 2000 * 1000;
    cr_assert(sf2_nor_open(&flash));
    cr_assert_geq(chip_ms(), 2000);
    cr_assert_eq(chip.wasted, 0);
}

Test(sf2_nor, a_chip_that_stays_busy_is_refused)
{
    chip_reset();
    chip.busy_until = CHIP_NEVER;
    cr_assert_not(sf2_nor_open(&flash));
    cr_assert_geq(chip_ms(), 3000);
    cr_assert_leq(chip_ms(), 3100);
}

Test(sf2_nor, protection_is_cleared)
{
    for (uint8_t bits = 0x04; bits <= CHIP_PROTECTED; bits = (uint8_t)(bits + 0x04)) {
        chip_reset();
        chip.status = bits;
        cr_assert(sf2_nor_open(&flash), "%02X", bits);
        cr_assert_eq(chip.status & CHIP_PROTECTED, 0);
        cr_assert_eq(chip.changes, 1);
        cr_assert_eq(chip.wasted, 0);
    }
}

Test(sf2_nor, protection_that_stays_is_refused)
{
    chip_reset();
    chip.status = 0x04;
    chip.keeps_protection = true;
    cr_assert_not(sf2_nor_open(&flash));
    chip_reset();
    chip.status = 0x10;
    chip.refuses = true;
    cr_assert_not(sf2_nor_open(&flash));
    cr_assert_eq(chip.wasted, 0);
}

Test(sf2_nor, clearing_protection_has_an_end)
{
    chip_reset();
    chip.status = CHIP_PROTECTED;
    chip.status_ms = UINT32_MAX;
    cr_assert_not(sf2_nor_open(&flash));
    cr_assert_leq(chip_ms(), 600);
}

/* --- Reading, programming, erasing ------------------------------------------------------------ */

Test(sf2_nor, reads_any_number_of_bytes)
{
    static const uint32_t lengths[] = { 1, 255, 4095, 4096, 4097, 8192, 3 * SF2_NOR_SECTOR };

    open_good();
    memcpy(chip_cells + 0x12345, data, sizeof data);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        memset(seen, 0, sizeof seen);
        cr_assert(read_at(0x12345, lengths[i]));
        cr_assert_arr_eq(seen, data, lengths[i]);
        for (size_t at = lengths[i]; at < sizeof seen; at++)
            cr_assert_eq(seen[at], 0);
    }
}

Test(sf2_nor, reads_and_programs_up_to_the_end)
{
    open_good();
    cr_assert(write_at(SF2_NOR_SIZE - 300, 300));
    cr_assert(read_at(SF2_NOR_SIZE - 300, 300));
    cr_assert_arr_eq(seen, data, 300);
    expect_blank(0, SECTOR_AT);
    cr_assert(erase_at(SF2_NOR_SIZE - SF2_NOR_SECTOR));
    expect_blank(SF2_NOR_SIZE - 300, SF2_NOR_SIZE);
}

/* The chip would go on at the start of the page. */
Test(sf2_nor, programs_page_by_page)
{
    static const struct {
        uint32_t offset, len;
        unsigned pages;
    } cases[] = { { 0, 1, 1 },   { 0, 256, 1 }, { 0, 257, 2 },  { 255, 1, 1 },  { 255, 2, 2 },
                  { 10, 50, 1 }, { 1, 256, 2 }, { 1, 1000, 4 }, { 128, 384, 2 } };

    open_good();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t begin = SECTOR_AT + cases[i].offset;
        chip_reset();
        cr_assert(write_at(begin, cases[i].len), "%zu", i);
        cr_assert_eq(chip.changes, cases[i].pages, "%zu", i);
        cr_assert_eq(chip.wasted, 0);
        cr_assert_arr_eq(chip_cells + begin, data, cases[i].len, "%zu", i);
        expect_blank(SECTOR_AT - CHIP_PAGE, begin);
        expect_blank(begin + cases[i].len, SECTOR_AT + 2048);
    }
}

Test(sf2_nor, erases_one_sector)
{
    open_good();
    memset(chip_cells, 0x5A, sizeof chip_cells);
    cr_assert(erase_at(SECTOR_AT));
    cr_assert_eq(chip.changes, 1);
    cr_assert_geq(chip_ms(), 2000);
    expect_blank(SECTOR_AT, SECTOR_AT + SF2_NOR_SECTOR);
    cr_assert_eq(chip_cells[SECTOR_AT - 1], 0x5A);
    cr_assert_eq(chip_cells[SECTOR_AT + SF2_NOR_SECTOR], 0x5A);
}

/* After 49 days the clock begins again. */
Test(sf2_nor, waits_while_the_clock_wraps)
{
    open_good();
    chip_cells[SECTOR_AT] = 0;
    chip.clock_base = UINT32_MAX - 500;
    cr_assert(erase_at(SECTOR_AT));
    cr_assert(write_at(SECTOR_AT, 300));
    cr_assert_arr_eq(chip_cells + SECTOR_AT, data, 300);
}

/* --- What fails ------------------------------------------------------------------------------- */

Test(sf2_nor, without_permission_nothing_is_changed)
{
    open_good();
    chip.refuses = true;
    cr_assert_not(write_at(SECTOR_AT, 300));
    cr_assert_not(erase_at(SECTOR_AT));
    cr_assert_eq(chip.changes, 0);
    cr_assert_eq(chip.wasted, 0);
    expect_blank(SECTOR_AT, SECTOR_AT + 512);
}

Test(sf2_nor, a_program_has_an_end)
{
    open_good();
    chip.program_ms = UINT32_MAX;
    uint32_t begin = chip_ms();
    cr_assert_not(write_at(SECTOR_AT, 300));
    cr_assert_geq(chip_ms() - begin, 10);
    cr_assert_leq(chip_ms() - begin, 15);
    cr_assert_eq(chip.changes, 1);
}

Test(sf2_nor, an_erase_has_an_end)
{
    open_good();
    chip.erase_ms = UINT32_MAX;
    uint32_t begin = chip_ms();
    cr_assert_not(erase_at(SECTOR_AT));
    cr_assert_geq(chip_ms() - begin, 3000);
    cr_assert_leq(chip_ms() - begin, 3100);
}

/* The chip takes 24 bits of an address: what is outside would be somewhere else. */
Test(sf2_nor, nothing_outside_is_asked_for)
{
    static const struct {
        uint32_t offset, len;
    } outside[] = { { SF2_NOR_SIZE, 1 },       { SF2_NOR_SIZE - 1, 2 }, { SF2_NOR_SIZE + 1, 0 },
                    { 0, SF2_NOR_SIZE + 1 },   { 1, UINT32_MAX },       { UINT32_MAX, 1 },
                    { UINT32_MAX, UINT32_MAX } };

    open_good();
    unsigned before = chip.transfers;
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        cr_assert_not(read_at(outside[i].offset, outside[i].len), "%zu", i);
        cr_assert_not(write_at(outside[i].offset, outside[i].len), "%zu", i);
    }
    cr_assert_eq(chip.transfers, before);
}

Test(sf2_nor, only_whole_sectors_are_erased)
{
    static const struct {
        uint32_t offset, len;
    } bad[] = { { 0, 0 },
                { 0, SF2_NOR_SECTOR - 1 },
                { 0, 2 * SF2_NOR_SECTOR },
                { 1, SF2_NOR_SECTOR },
                { SF2_NOR_SECTOR / 2, SF2_NOR_SECTOR },
                { SF2_NOR_SIZE, SF2_NOR_SECTOR },
                { UINT32_MAX - SF2_NOR_SECTOR + 1, SF2_NOR_SECTOR } };

    open_good();
    unsigned before = chip.transfers;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_assert_not(flash.erase(flash.ctx, bad[i].offset, bad[i].len), "%zu", i);
    cr_assert_eq(chip.transfers, before);
}

static bool do_open(void)
{
    chip.status = CHIP_PROTECTED;
    return sf2_nor_open(&flash);
}

static bool do_read(void)
{
    return read_at(SECTOR_AT, 10000);
}

static bool do_write(void)
{
    return write_at(SECTOR_AT + 200, 700);
}

static bool do_erase(void)
{
    return erase_at(SECTOR_AT);
}

/* Whenever the controller stops to answer, the call fails and asks no further. */
Test(sf2_nor, fails_with_any_transfer)
{
    static bool (*const calls[])(void) = { do_open, do_read, do_write, do_erase };

    open_good();
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        unsigned count = 0;
        for (bool is_done = false; !is_done; count++) {
            chip.transfers = 0;
            chip.fails_at = count + 1;
            chip.busy_until = 0;
            chip.status = 0;
            chip.erase_ms = 5;
            chip.status_ms = 5;
            is_done = calls[i]();
            cr_assert_eq(chip.transfers, is_done ? count : count + 1, "call %zu, %u", i, count);
        }
        cr_assert_gt(count, 3, "call %zu", i);
    }
}

/* The controller fails once while the chip erases: it goes on, and hears nothing meanwhile. */
Test(sf2_nor, what_is_read_while_busy_is_not_taken_for_data)
{
    open_good();
    chip_cells[0x50000] = 0x12;
    chip.fails_at = chip.transfers + 5;
    cr_assert_not(erase_at(SECTOR_AT));
    cr_assert(chip_is_busy());
    bool done = read_at(0x50000, 1);
    cr_assert(!done || seen[0] == 0x12, "read succeeded with %02X", seen[0]);
    cr_assert_eq(chip.wasted, 0);
}

/* The erase's own permission stands in the status until it ends; shortly before it ends: */
Test(sf2_nor, what_is_programmed_while_busy_is_not_taken_for_done)
{
    open_good();
    chip.erase_ms = 5;
    chip.fails_at = chip.transfers + 5;
    cr_assert_not(erase_at(SECTOR_AT));
    cr_assert(chip_is_busy());
    bool done = write_at(0x50000, 4);
    cr_assert(!done || memcmp(chip_cells + 0x50000, data, 4) == 0,
              "write succeeded, nothing written");
}
