/* Firmware that does not work on the board it was sent to: the bootloader goes back by itself. */
#include "sf2_board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

SF2_SUITE(sf2_trial);

static struct sf2_board board;

static void begin(void)
{
    sf2_make(&board, "flash.bin", NULL);
    sf2_start(&board, NULL);
    sf2_expect_version(&board, 1);
}

static void expect_boot(const char *event, unsigned version)
{
    char rest[BOARD_LINE_MAX], value[BOARD_VALUE_MAX];

    sf2_boots(&board, rest);
    board_value(value, rest, "event");
    cr_assert_str_eq(value, event, "%s", rest);
    cr_assert_eq(board_number(rest, "version"), version, "%s", rest);
}

/* Nobody touches the board: its own clock ends each of the three boots that a version is given. */
static void expect_given_up(unsigned version)
{
    begin();
    sf2_update(&board, 2, NULL);
    struct e2e_image image = sf2_firmware(version);
    expect_exit(upload_run(&board.board, &image, NULL), 0);
    expect_boot("trying", version);
    expect_boot("trying-more", version);
    expect_boot("trying-more", version);
    expect_boot("given-up", 2);
    sf2_says(&board, "start", NULL);
    sf2_says(&board, "version 2", NULL);
    sf2_update(&board, 1, NULL);
    sf2_pull_plug(&board);
}

Test(sf2_trial, is_lost_by_a_version_that_never_confirms_itself)
{
    expect_given_up(3);
}

Test(sf2_trial, is_lost_by_a_version_that_hangs)
{
    expect_given_up(4);
}

Test(sf2_trial, is_lost_by_a_version_that_runs_into_a_fault)
{
    expect_given_up(5);
}

/* A board that hangs is switched off and on by somebody: that counts as a boot, too. */
Test(sf2_trial, is_lost_by_pulling_the_plug_three_times)
{
    begin();
    struct e2e_image third = sf2_firmware(3);
    expect_exit(upload_run(&board.board, &third, NULL), 0);
    expect_boot("trying", 3);
    sf2_pull_plug(&board);
    sf2_start(&board, NULL);
    expect_boot("trying-more", 3);
    sf2_pull_plug(&board);
    sf2_start(&board, NULL);
    expect_boot("trying-more", 3);
    sf2_pull_plug(&board);
    sf2_start(&board, NULL);
    expect_boot("given-up", 1);
    sf2_expect_version(&board, 1);
    sf2_update(&board, 2, NULL);
    sf2_pull_plug(&board);
}

/* Whoever finds out that it cannot run, and when: version 1 runs in the end. */
static void expect_not_run(const struct e2e_image *image)
{
    char rest[BOARD_LINE_MAX];
    unsigned boots = 0;

    struct process *uploader = upload_run(&board.board, image, ARGS("--force"));
    cr_assert(uploader->exit_code == 0 || uploader->exit_code == 8, "%d", uploader->exit_code);
    while (uploader->exit_code == 0) {
        static const char *const words[] = { "start", "boot", NULL };
        boots++;
        cr_assert_lt(boots, 8, "it tries for ever; UART:\n%s", board.qemu.out.text);
        if (sf2_says_one_of(&board, words, rest) == 0) {
            cr_assert_eq(board_number(rest, "version"), 1, "%s", rest);
            break;
        }
    }
    sf2_says(&board, "version 1", NULL);
    sf2_update(&board, 2, NULL);
    sf2_pull_plug(&board);
}

/* Whole and for this chip, but its segments lie where the board has no memory for them. */
Test(sf2_trial, is_not_granted_to_segments_outside_the_memory)
{
    begin();
    struct e2e_image stray = e2e_image("stray.bin", build_esp32(50000, 1, SF2_CHIP_ID));
    expect_not_run(&stray);
}

/* Damaged before it was sent: the upload's MD5 is right, the image's own checksum is not. */
Test(sf2_trial, is_not_granted_to_a_damaged_image)
{
    begin();
    struct built_image second = sf2_firmware(2).content;
    struct built_image damaged = { malloc(second.size), second.size };
    cr_assert(damaged.bytes);
    memcpy(damaged.bytes, second.bytes, second.size);
    damaged.bytes[second.size / 2] ^= 0x10;
    struct e2e_image image = e2e_image("damaged.bin", damaged);
    expect_not_run(&image);
}

/* --- Sketches that rot ------------------------------------------------------------------------ */

/* Two bits in the image of a slot, at the same place of two words: no checksum of the image sees
 * it. */
static void rot(uint32_t slot)
{
    FILE *flash = fopen(board.board.flash.text, "r+b");
    uint8_t bytes[8];

    cr_assert(flash);
    cr_assert_eq(fseek(flash, (long)slot + 20000, SEEK_SET), 0);
    cr_assert_eq(fread(bytes, 1, sizeof bytes, flash), sizeof bytes);
    bytes[0] ^= 0x20;
    bytes[4] ^= 0x20;
    cr_assert_eq(fseek(flash, (long)slot + 20000, SEEK_SET), 0);
    cr_assert_eq(fwrite(bytes, 1, sizeof bytes, flash), sizeof bytes);
    cr_assert_eq(fclose(flash), 0);
}

/* It was confirmed long ago; the one before it is still there. */
Test(sf2_trial, is_over_and_still_a_rotten_version_does_not_run)
{
    begin();
    sf2_update(&board, 2, NULL);
    sf2_pull_plug(&board);
    rot(SF2_SLOT_1);
    sf2_start(&board, NULL);
    sf2_says(&board, "bad", NULL);
    expect_boot("rolled-back", 1);
    sf2_expect_version(&board, 1);
    sf2_update(&board, 2, NULL);
    sf2_pull_plug(&board);
}

Test(sf2_trial, is_not_begun_again_when_nothing_else_is_left)
{
    begin();
    sf2_pull_plug(&board);
    rot(SF2_SLOT_0);
    sf2_start(&board, NULL);
    sf2_says(&board, "bad", NULL);
    sf2_says(&board, "halt", NULL);
    sf2_pull_plug(&board);
}
