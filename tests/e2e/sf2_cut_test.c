/*
 * The power goes at the n-th operation of flash, half of it done: of a whole update, from the first
 * start of the board through the upload and the bootloader to the confirmation. Whenever it was,
 * the board starts, runs the old version or the new one, and takes the next.
 *
 * Every operation at both ends of an update is tried, and every so many in between, where one page
 * after the other is programmed. With SF2_CUTS=all in the environment it is every operation.
 */
#include "sf2_board.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

SF2_SUITE(sf2_cut);

/* The tests share the work between processors. */
#define SHARES 4

/* Operations at either end that are all tried, and how many of those between. */
#define FIRST  16u
#define LAST   24u
#define MIDDLE 28u

static struct sf2_board board;

/* How an update counts operations: when version 1 was up, and when version 2 was confirmed. */
struct update {
    uint32_t begins;
    uint32_t ends;
};

static struct update count_operations(void)
{
    struct update update;

    sf2_make(&board, "flash.bin", NULL);
    sf2_start(&board, NULL);
    sf2_expect_version(&board, 1);
    update.begins = sf2_operations(&board);
    sf2_update(&board, 2, NULL);
    update.ends = sf2_operations(&board);
    sf2_pull_plug(&board);
    cr_assert(update.begins > 0 && update.ends > update.begins + 2, "%u to %u",
              (unsigned)update.begins, (unsigned)update.ends);
    return update;
}

/* The cut after that one. */
static uint32_t next_cut(const struct update *update, uint32_t n)
{
    const char *which = getenv("SF2_CUTS");
    uint32_t stride = (update->ends - update->begins) / MIDDLE;
    bool at_an_end = n < update->begins + FIRST || n + LAST >= update->ends;

    if (at_an_end || stride < 2 || (which && strcmp(which, "all") == 0))
        return n + 1;
    return n + stride < update->ends - LAST ? n + stride : update->ends - LAST;
}

/* An uploader that does not try again: what it reports is about this one upload. */
static bool uploader_was_told_ok(struct process *uploader)
{
    if (!uploader)
        return false;
    if (!process_ended(uploader, 5000))
        process_signal(uploader, SIGKILL);
    program_finish(uploader);
    return uploader->exit_code == 0;
}

/* Upload version 2 until the power goes; true when the uploader was told that it is installed. */
static bool update_until_cut(uint32_t n)
{
    static const char *const first[] = { "cut", "up", NULL };
    struct e2e_image second = sf2_firmware(2);
    struct process *uploader = NULL;
    char at[BOARD_LINE_MAX];

    sf2_make(&board, "flash.bin", NULL);
    sf2_start(&board, &(struct sf2_options){ .cut_at = n });
    if (sf2_says_one_of(&board, first, at) == 1) {
        uploader = upload_start(&board.board, &second, ARGS("--retries", "0"), NULL);
        sf2_says(&board, "cut", at);
    }
    cr_assert_eq(strtoul(at, NULL, 10), n, "cut %s", at);
    sf2_pull_plug(&board);
    return uploader_was_told_ok(uploader);
}

static void expect_life_after_cut_at(uint32_t n)
{
    bool told_ok = update_until_cut(n);

    sf2_start(&board, NULL);
    unsigned version = sf2_runs(&board);
    cr_assert(version == 2 || (version == 1 && !told_ok), "cut %u: version %u runs%s", (unsigned)n,
              version, told_ok ? ", and the uploader was told that 2 was installed" : "");
    unsigned other = version == 1 ? 2 : 1;
    sf2_update(&board, other, NULL);
    sf2_pull_plug(&board);
    sf2_start(&board, NULL);
    sf2_expect_version(&board, other);
    sf2_pull_plug(&board);
}

static void expect_life_after_cuts(unsigned share)
{
    struct update update = count_operations();
    unsigned at = 0;

    for (uint32_t n = 1; n <= update.ends; n = next_cut(&update, n)) {
        if (at++ % SHARES != share)
            continue;
        /* Each in a folder of its own, and with nothing left over from the one before. */
        sf2_teardown();
        e2e_setup();
        cr_log_info("cut %u of %u", (unsigned)n, (unsigned)update.ends);
        expect_life_after_cut_at(n);
    }
}

Test(sf2_cut, at_any_operation_leaves_a_board_that_starts_first_share)
{
    expect_life_after_cuts(0);
}

Test(sf2_cut, at_any_operation_leaves_a_board_that_starts_second_share)
{
    expect_life_after_cuts(1);
}

Test(sf2_cut, at_any_operation_leaves_a_board_that_starts_third_share)
{
    expect_life_after_cuts(2);
}

Test(sf2_cut, at_any_operation_leaves_a_board_that_starts_fourth_share)
{
    expect_life_after_cuts(3);
}
