/*
 * espota-device with --boot: what its bootloader does, and says, after updates and at starts. Power
 * cuts are in e2e_power_cut_test.c.
 */
#include "e2e_boot.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

E2E_SUITE(boot);

/* ---- which sketch runs ---- */

Test(boot, finds_nothing_to_run_in_new_flash)
{
    struct board board = board_start("flash", ARGS("--boot"));

    boot_expect(board.boot, "slot", "none");
    boot_expect(board.boot, "event", "none");
    cr_assert(strstr(board.boot, "fault=\""), "%s", board.boot);
    cr_assert(strstr(board.process->out.text, "started running=none filesystem=none\n"));
    board_stop(&board);
}

Test(boot, says_nothing_of_it_without_the_option)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image sketch = e2e_sketch(50000);
    char rest[BOARD_LINE_MAX];

    upload_succeeds(&board, &sketch, NULL);
    board_says(&board, "restarted", rest);
    board_says(&board, "listening", rest);
    board_stop(&board);
    cr_assert_null(strstr(board.process->out.text, "boot"));
    cr_assert_null(strstr(board.process->out.text, "confirmed"));
    board_start_again(&board, ARGS("--boot"));
    boot_expect_runs(&board, &sketch, "confirmed", "none");
    board_stop(&board);
}

Test(boot, picks_the_other_slot_with_select)
{
    struct board board = board_start("flash", ARGS("--boot=select"));
    struct e2e_image first = e2e_image("1.bin", build_esp8266(100000, 1));
    struct e2e_image second = e2e_image("2.bin", build_esp8266(90000, 2));

    boot_update(&board, &first, NULL);
    boot_expect_runs(&board, &first, "trial", "trying");
    boot_expect(board.boot, "boots-left", "2");
    boot_expect_confirmed(&board, &first);
    uint32_t place = board_number(board.boot, "offset");
    struct board_image staged = boot_update(&board, &second, NULL);
    boot_expect_runs(&board, &second, "trial", "trying");
    boot_expect_confirmed(&board, &second);
    cr_assert_eq(board_number(board.boot, "offset"), staged.offset);
    cr_assert_neq(board_number(board.boot, "offset"), place);
    board_stop(&board);
    board_start_again(&board, ARGS("--boot"));
    boot_expect_runs(&board, &second, "confirmed", "none");
    board_stop(&board);
}

Test(boot, exchanges_the_slots_with_exchange)
{
    struct board board = board_start("flash", ARGS("--boot=exchange"));
    struct e2e_image first = e2e_image("1.bin", build_esp8266(100000, 1));
    struct e2e_image second = e2e_image("2.bin", build_esp8266(200000, 2));

    boot_update(&board, &first, NULL);
    boot_expect_runs(&board, &first, "trial", "trying");
    boot_expect_confirmed(&board, &first);
    struct board_image staged = boot_update(&board, &second, NULL);
    boot_expect_runs(&board, &second, "trial", "trying");
    boot_expect_confirmed(&board, &second);
    cr_assert_eq(board_number(board.boot, "offset"), SLOT_0);
    cr_assert_neq(staged.offset, SLOT_0);
    board_stop(&board);
    board_start_again(&board, ARGS("--boot=exchange"));
    boot_expect_runs(&board, &second, "confirmed", "none");
    board_stop(&board);
}

Test(boot, names_the_sketch)
{
    struct board board = board_start("flash", ARGS("--boot", "--chip", "esp32"));
    struct e2e_image application = e2e_image("app.bin", build_esp32(50000, 1, 0));

    boot_update(&board, &application, NULL);
    boot_expect(board.boot, "name", BUILT_ESP32_PROJECT " " BUILT_ESP32_VERSION);
    board_stop(&board);
}

Test(boot, names_the_kind_of_a_sketch_without_description)
{
    struct e2e_image sketch = e2e_sketch(50000);
    struct board board = boot_board_with(&sketch, "--boot");

    boot_expect(board.boot, "name", "ESP8266");
}

/* Who writes an application chooses its name, but not what lines the device prints. */
Test(boot, keeps_odd_names_inside_their_quotes)
{
    struct board board = board_start("flash", ARGS("--boot", "--chip", "esp32"));
    struct built_image content = build_esp32(50000, 1, 0);

    for (uint8_t *at = content.bytes; at + 10 < content.bytes + 4096; at++) {
        if (memcmp(at, BUILT_ESP32_PROJECT, strlen(BUILT_ESP32_PROJECT)) == 0)
            memcpy(at, "a\"\nboot \x1b", 9);
    }
    rebuild_esp32_digest(content.bytes, content.size);
    struct e2e_image application = e2e_image("app.bin", content);
    boot_update(&board, &application, NULL);
    boot_expect(board.boot, "name", "a??boot ?t " BUILT_ESP32_VERSION);
    board_stop(&board);
}

/* As if flashed by wire. */
Test(boot, adopts_a_sketch_that_is_in_slot_0_without_a_record)
{
    struct board board = board_start("flash", ARGS("--boot"));
    struct e2e_image sketch = e2e_sketch(50000);
    size_t size = 0;

    board_stop(&board);
    uint8_t *flash = board_flash(&board, &size);
    memcpy(flash + SLOT_0, sketch.content.bytes, sketch.content.size);
    cr_assert(file_write(board.flash.text, flash, size));
    free(flash);
    board_start_again(&board, ARGS("--boot"));
    boot_expect_runs(&board, &sketch, "confirmed", "adopted");
    board_stop(&board);
    board_start_again(&board, ARGS("--boot"));
    boot_expect_runs(&board, &sketch, "confirmed", "none");
    board_stop(&board);
}

static void expect_works_in_small_flash(const char *boot)
{
    struct board board = board_start("flash", ARGS("--flash-size", "64K", "--chip", "esp32", boot));
    struct e2e_image first = e2e_image("1.bin", build_esp32(16000, 1, 0));
    struct e2e_image second = e2e_image("2.bin", build_esp32(16000, 2, 0));

    boot_update(&board, &first, NULL);
    boot_update(&board, &second, NULL);
    boot_expect_runs(&board, &second, "trial", "trying");
    board_stop(&board);
}

Test(boot, works_in_the_smallest_flash_with_select)
{
    expect_works_in_small_flash("--boot=select");
}

Test(boot, works_in_the_smallest_flash_with_exchange)
{
    expect_works_in_small_flash("--boot=exchange");
}

/* ---- file systems ---- */

static void expect_filesystem_moved(const char *boot)
{
    struct e2e_image sketch = e2e_sketch(150000);
    struct e2e_image files = e2e_image("files.bin", build_littlefs(200000, 1));
    struct board board = boot_board_with(&sketch, boot);
    char rest[BOARD_LINE_MAX];
    char value[BOARD_VALUE_MAX];

    board_start_again(&board, ARGS(boot));
    struct process *uploader = upload_run(&board, &files, ARGS("-s"));
    expect_exit(uploader, 0);
    struct board_image staged = board_updated(&board);
    cr_assert_str_eq(staged.target, "filesystem");
    board_says(&board, "boot", board.boot);
    boot_expect_runs(&board, &sketch, "confirmed", "moved");
    board_says(&board, "restarted", rest);
    board_value(value, rest, "filesystem");
    uint32_t moved = (uint32_t)strtoul(value, NULL, 0);
    cr_assert_neq(moved, staged.offset);
    boot_expect_at(&board, moved, &files);
    board_stop(&board);
}

Test(boot, moves_a_file_system_to_its_area_with_select)
{
    expect_filesystem_moved("--boot=select");
}

Test(boot, moves_a_file_system_to_its_area_with_exchange)
{
    expect_filesystem_moved("--boot=exchange");
}

/* ---- damage ---- */

static void expect_lost_records_survived(const char *boot)
{
    struct e2e_image sketch = e2e_image("1.bin", build_esp8266(100000, 1));
    struct e2e_image other = e2e_image("2.bin", build_esp8266(50000, 2));
    struct board board = boot_board_with(&sketch, boot);
    uint32_t offset = board_number(board.boot, "offset");

    boot_damage(&board, 0, 2 * RECORD_SIZE);
    for (int i = 0; i < 2; i++) {
        board_start_again(&board, ARGS(boot));
        cr_assert_eq(board_number(board.boot, "offset"), offset);
        boot_expect(board.boot, "md5", "unknown");
        boot_expect(board.boot, "fault", "both copies of the boot record are damaged");
        expect_err(board.process, "flash: both copies of the boot record are damaged");
        expect_out(board.process, "started running=unknown filesystem=unknown\n");
        struct process *uploader = upload_run(&board, &other, NULL);
        expect_exit(uploader, 8);
        expect_err(uploader, "ERROR[8]");
        board_failed(&board, 8);
        process_signal(board.process, SIGTERM);
        program_finish(board.process);
        expect_exit(board.process, 0);
    }
    boot_expect_at(&board, offset, &sketch);
}

Test(boot, runs_the_sketch_it_finds_when_the_records_are_lost_with_select)
{
    expect_lost_records_survived("--boot=select");
}

Test(boot, runs_the_sketch_it_finds_when_the_records_are_lost_with_exchange)
{
    expect_lost_records_survived("--boot=exchange");
}

/* Both understand a file as long as slot 0 runs; nothing else can run with exchange. */
Test(boot, takes_a_record_that_exchange_cannot_have_for_damaged)
{
    struct e2e_image first = e2e_image("1.bin", build_esp8266(100000, 1));
    struct e2e_image second = e2e_image("2.bin", build_esp8266(90000, 2));
    struct board board = boot_board_with(&first, "--boot=select");

    cr_assert_neq(board_number(board.boot, "offset"), SLOT_0);
    board_start_again(&board, ARGS("--boot=exchange"));
    boot_expect(board.boot, "slot", "none");
    expect_err(board.process, "both copies of the boot record are damaged");
    expect_out(board.process, "started running=unknown filesystem=unknown\n");
    process_signal(board.process, SIGTERM);
    program_finish(board.process);
    board_start_again(&board, ARGS("--boot=select"));
    boot_update(&board, &second, NULL);
    boot_expect_confirmed(&board, &second);
    board_stop(&board);
    board_start_again(&board, ARGS("--boot=exchange"));
    boot_expect_runs(&board, &second, "confirmed", "none");
    board_stop(&board);
}

static void expect_copy_repaired(unsigned copy)
{
    struct e2e_image sketch = e2e_sketch(50000);
    struct board board = boot_board_with(&sketch, "--boot");

    boot_damage(&board, copy * RECORD_SIZE, RECORD_SIZE);
    board_start_again(&board, ARGS("--boot"));
    boot_expect_runs(&board, &sketch, "confirmed", "none");
    cr_assert_null(strstr(board.boot, "fault"));
    board_stop(&board);
    boot_expect_same_records(&board);
}

Test(boot, repairs_a_damaged_copy_of_the_record)
{
    expect_copy_repaired(0);
    cr_assert_eq(remove(temp_path(&e2e_folder, "flash").text), 0);
    expect_copy_repaired(1);
}
