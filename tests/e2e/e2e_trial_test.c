/*
 * Sketches on trial: they confirm themselves, or are given up, and nothing else comes between.
 */
#include "e2e_boot.h"

E2E_SUITE(trial);

static void expect_boots_left(const struct board *board, const char *expected)
{
    boot_expect(board->boot, "boots-left", expected);
}

static void expect_given_up_after_three_boots(const char *boot)
{
    struct e2e_image old = e2e_image("1.bin", build_esp8266(150000, 1));
    struct e2e_image new = e2e_image("2.bin", build_esp8266(100000, 2));
    struct board board = boot_board_with(&old, boot);

    board_start_again(&board, ARGS(boot, "--confirm", "never"));
    boot_update(&board, &new, NULL);
    boot_expect_runs(&board, &new, "trial", "trying");
    expect_boots_left(&board, "2");
    board_stop(&board);
    board_start_again(&board, ARGS(boot, "--confirm", "never"));
    boot_expect_runs(&board, &new, "trial", "trying-more");
    expect_boots_left(&board, "1");
    board_stop(&board);
    board_start_again(&board, ARGS(boot, "--confirm", "never"));
    boot_expect_runs(&board, &new, "trial", "trying-more");
    expect_boots_left(&board, "0");
    board_stop(&board);
    board_start_again(&board, ARGS(boot, "--confirm", "never"));
    boot_expect_runs(&board, &old, "confirmed", "given-up");
    board_stop(&board);
    board_start_again(&board, ARGS(boot));
    boot_expect_runs(&board, &old, "confirmed", "none");
    boot_update(&board, &new, NULL);
    boot_expect_confirmed(&board, &new);
    board_stop(&board);
}

Test(trial, gives_up_a_sketch_that_does_not_confirm_itself_with_select)
{
    expect_given_up_after_three_boots("--boot=select");
}

Test(trial, gives_up_a_sketch_that_does_not_confirm_itself_with_exchange)
{
    expect_given_up_after_three_boots("--boot=exchange");
}

Test(trial, keeps_a_sketch_that_confirms_itself_at_its_last_boot)
{
    struct e2e_image old = e2e_image("1.bin", build_esp8266(50000, 1));
    struct e2e_image new = e2e_image("2.bin", build_esp8266(60000, 2));
    struct board board = boot_board_with(&old, "--boot");

    board_start_again(&board, ARGS("--boot", "--confirm", "never"));
    boot_update(&board, &new, NULL);
    board_stop(&board);
    board_start_again(&board, ARGS("--boot", "--confirm", "never"));
    board_stop(&board);
    board_start_again(&board, ARGS("--boot", "--confirm", "auto"));
    expect_boots_left(&board, "0");
    boot_expect_confirmed(&board, &new);
    board_stop(&board);
    board_start_again(&board, ARGS("--boot"));
    boot_expect_runs(&board, &new, "confirmed", "none");
    board_stop(&board);
}

Test(trial, tries_on_a_sketch_that_nothing_could_take_the_place_of)
{
    struct board board = board_start("flash", ARGS("--boot", "--confirm", "never"));
    struct e2e_image sketch = e2e_sketch(50000);

    boot_update(&board, &sketch, NULL);
    for (int i = 0; i < 5; i++) {
        board_stop(&board);
        board_start_again(&board, ARGS("--boot", "--confirm", "never"));
        boot_expect_runs(&board, &sketch, "trial", "trying-more");
    }
    board_stop(&board);
}

Test(trial, is_not_for_the_sketch_that_runs_already)
{
    struct e2e_image sketch = e2e_sketch(50000);
    struct board board = boot_board_with(&sketch, "--boot");

    board_start_again(&board, ARGS("--boot", "--confirm", "never"));
    boot_update(&board, &sketch, NULL);
    boot_expect_runs(&board, &sketch, "confirmed", "none");
    board_stop(&board);
    expect_out(board.process, " changed=no\n");
}

Test(trial, refuses_updates_during_a_trial)
{
    struct e2e_image old = e2e_image("1.bin", build_esp8266(50000, 1));
    struct e2e_image new = e2e_image("2.bin", build_esp8266(60000, 2));
    struct board board = boot_board_with(&old, "--boot");

    board_start_again(&board, ARGS("--boot", "--confirm", "never"));
    boot_update(&board, &new, NULL);
    struct process *uploader = upload_run(&board, &old, NULL);
    expect_exit(uploader, 8);
    expect_err(uploader, "ERROR[11]");
    board_failed(&board, 11);
    board_stop(&board);
}
