/*
 * Many devices with one command: how many at the same time, who goes first, and what becomes of the
 * others when one fails.
 */
#include "e2e_list.h"

#include "tests/support/loopback.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

E2E_SUITE(fleet);

#define SECRET "swordfish"
#define OTHER  "mackerel"

/* --- One after the other ---------------------------------------------------------------------- */

Test(fleet, one_job_waits_until_the_device_is_back)
{
    for (unsigned i = 21; i <= 23; i++)
        listed(i, NULL, "");
    struct process *uploader = run_list(ARGS("--jobs", "1", "--wait-online", "--json"));
    expect_exit(uploader, 0);
    cr_assert_lt(told(uploader, "online", 21), told(uploader, "invited", 22));
    cr_assert_lt(told(uploader, "online", 22), told(uploader, "invited", 23));
}

Test(fleet, after_a_failure_no_further_device_is_begun)
{
    listed(24, NULL, "");
    listed(25, SECRET, "");
    struct board third = listed(26, NULL, "");
    struct process *uploader =
        run_list(ARGS("-i", "127.0.0.27", "--jobs", "1", "--fail-fast", "-a", "wrong", "--json"));
    expect_exit(uploader, 6);
    expect_result(uploader, 24, "updated", 0);
    expect_result(uploader, 25, "password-rejected", 6);
    expect_result(uploader, 26, "skipped", 12);
    expect_result(uploader, 27, "skipped", 12);
    expect_err(uploader, "127.0.0.26: not tried, as 127.0.0.25 failed");
    expect_untouched(&third);
}

/* Those that are still looked for are not looked for any more. */
Test(fleet, after_a_failure_nothing_is_looked_for)
{
    listed(28, SECRET, "");
    struct process *uploader = run_list(ARGS("-i", "no..such..device", "--wait", "3600",
                                             "--mdns=off", "--fail-fast", "-a", "wrong", "--json"));
    expect_exit(uploader, 6);
    expect_out(uploader, "\"device\":\"no..such..device\",\"status\":\"skipped\",\"code\":12,"
                         "\"detail\":\"not tried, as 127.0.0.28 failed\"");
    expect_err(uploader, "no..such..device: not tried, as 127.0.0.28 failed");
}

/* No device fails for want of descriptors, however many there are. */
Test(fleet, no_more_jobs_than_files_can_be_open)
{
    for (unsigned i = 1; i <= 100; i++)
        list_line("127.0.2.%u port=9", i);
    e2e_sketch(8192);
    struct process *uploader =
        program_run("/usr/bin/prlimit", ARGS("--nofile=64:64", E2E_UPLOADER, "-f", "sketch.bin",
                                             "-i", list_written(), "--jobs", "100", "-t", "0.5"));
    expect_exit(uploader, 5);
    expect_err(uploader, "--jobs 100 is lowered to 8");
}

/* --- Canaries --------------------------------------------------------------------------------- */

Test(fleet, the_others_begin_when_the_canary_is_back)
{
    for (unsigned i = 31; i <= 33; i++)
        listed(i, NULL, "");
    struct process *uploader = run_list(ARGS("--canary", "1", "--wait-online", "--json"));
    expect_exit(uploader, 0);
    cr_assert_lt(told(uploader, "online", 31), told(uploader, "invited", 32));
    cr_assert_lt(told(uploader, "online", 31), told(uploader, "invited", 33));
    cr_assert_lt(told(uploader, "invited", 33), told(uploader, "online", 32));
}

Test(fleet, a_canary_that_fails_has_the_others_skipped)
{
    listed(34, SECRET, "");
    listed(35, NULL, "");
    struct board third = listed(36, NULL, "");
    struct process *uploader = run_list(ARGS("--canary", "2", "-a", "wrong", "--json"));
    expect_exit(uploader, 6);
    expect_result(uploader, 34, "password-rejected", 6);
    expect_result(uploader, 35, "updated", 0); /* it was under way */
    expect_result(uploader, 36, "skipped", 12);
    expect_err(uploader, "127.0.0.36: not tried, as the canary 127.0.0.34 failed");
    expect_untouched(&third);
}

Test(fleet, a_canary_that_is_not_found_has_the_others_skipped)
{
    list_line("no..such..device");
    struct board board = listed(37, NULL, "");
    struct process *uploader = run_list(ARGS("--canary", "1", "--mdns=off", "--json"));
    expect_exit(uploader, 4);
    expect_result(uploader, 37, "skipped", 12);
    expect_err(uploader, "127.0.0.37: not tried, as the canary no..such..device failed");
    expect_untouched(&board);
}

/* It takes the image, and is never heard of again. */
Test(fleet, a_canary_that_is_not_back_has_the_others_skipped)
{
    static const struct device_step script[] = {
        DEVICE_INVITED,  DEVICE_ANSWER("OK"), DEVICE_CONNECT_FROM("127.0.0.38"),
        DEVICE_READ_ALL, DEVICE_WRITE("OK"),  DEVICE_END
    };
    struct scripted_device *canary =
        device_play(script, &(struct device_options){ .address = "127.0.0.38" });
    list_line("127.0.0.38 port=%u", scripted_device_port(canary));
    struct board board = listed(39, NULL, "");
    struct process *uploader = run_list(ARGS("--canary", "1", "--wait-online=0.5", "--json"));
    scripted_device_finish(canary, NULL);
    expect_exit(uploader, 11);
    expect_result(uploader, 38, "not-online", 11);
    expect_result(uploader, 39, "skipped", 12);
    expect_untouched(&board);
}

/* --- Silent devices --------------------------------------------------------------------------- */

/* As many devices as are updated at the same time; none of them ever answers. */
#define SILENT 64

static int silent[SILENT];

static void list_silent(void)
{
    for (unsigned i = 0; i < SILENT; i++) {
        char address[24];
        snprintf(address, sizeof address, "127.0.1.%u", i + 1);
        silent[i] = loopback_bind(address, 0, SOCK_DGRAM);
        cr_assert_geq(silent[i], 0);
        list_line("%s port=%u", address, loopback_port(silent[i]));
    }
}

static void close_silent(void)
{
    for (unsigned i = 0; i < SILENT; i++)
        loopback_close(&silent[i]);
}

Test(fleet, silent_devices_delay_nobody)
{
    list_silent();
    listed(41, NULL, "");
    struct process *uploader = run_list(ARGS("-t", "5", "--json"));
    close_silent();
    expect_exit(uploader, 5);
    expect_result(uploader, 41, "updated", 0);
    cr_assert_lt(told(uploader, "result", 41), strstr(uploader->out.text, "no-answer"));
}

Test(fleet, silent_devices_count_where_a_number_was_asked_for)
{
    list_silent();
    listed(42, NULL, "");
    struct process *uploader = run_list(ARGS("-t", "2.5", "--jobs", "64", "--json"));
    close_silent();
    expect_exit(uploader, 5);
    expect_result(uploader, 42, "updated", 0);
    cr_assert_gt(told(uploader, "invited", 42), strstr(uploader->out.text, "no-answer"));
}

/* --- People ----------------------------------------------------------------------------------- */

Test(fleet, one_that_waits_for_its_turn_is_left_alone_when_interrupted)
{
    static const struct device_step script[] = { DEVICE_INVITED, DEVICE_END };
    struct scripted_device *first =
        device_play(script, &(struct device_options){ .address = "127.0.0.51" });
    list_line("127.0.0.51 port=%u", scripted_device_port(first));
    struct board second = listed(52, NULL, "");
    e2e_sketch(8192);
    struct process *uploader = program_start(
        E2E_UPLOADER, ARGS("-f", "sketch.bin", "-i", list_written(), "--jobs", "1"), NULL);
    cr_assert(scripted_device_reached(first, 1, E2E_PATIENCE_MS));
    process_signal(uploader, SIGINT);
    program_finish(uploader);
    scripted_device_finish(first, NULL);
    expect_exit(uploader, 128 + SIGINT);
    expect_err(uploader, "127.0.0.52: interrupted before it was asked: nothing has changed on it");
    expect_untouched(&second);
}

/* Thousands of devices are told apart, and left alone, while a person still waits for that. */
Test(fleet, a_signal_is_heard_between_many_devices)
{
    struct temp_path path = temp_path(&e2e_folder, "many.txt");
    FILE *list = fopen(path.text, "w");

    cr_assert(list);
    for (unsigned i = 0; i < 40000; i++)
        fprintf(list, "127.1.%u.%u port=9\n", i / 250, i % 250 + 1);
    cr_assert_eq(fclose(list), 0);
    e2e_sketch(8192);
    struct process *uploader =
        program_start(E2E_UPLOADER, ARGS("-f", "sketch.bin", "-i", "@many.txt"), NULL);
    cr_assert(process_expect(uploader, &uploader->err, "nothing listens", E2E_PATIENCE_MS));
    process_signal(uploader, SIGTERM);
    program_finish(uploader);
    expect_exit(uploader, 128 + SIGTERM);
    expect_err(uploader, "127.1.159.250: interrupted before it was asked");
}

/* It holds no job meanwhile, and is asked for its password when nothing else is to be done. */
Test(fleet, one_that_wants_a_password_lets_others_go_first)
{
    struct board locked = listed(53, SECRET, "");
    struct board open = listed(54, NULL, "");
    e2e_sketch(8192);
    struct process *uploader =
        program_start(E2E_UPLOADER, ARGS("-f", "sketch.bin", "-i", list_written(), "--jobs", "1"),
                      &(struct program_options){ .terminal = true });
    board_updated(&open);
    cr_assert(process_expect(uploader, &uploader->err, "assword", E2E_PATIENCE_MS));
    cr_assert(process_write(uploader, SECRET "\n", sizeof SECRET, E2E_PATIENCE_MS));
    board_updated(&locked);
    program_finish(uploader);
    expect_exit(uploader, 0);
}
