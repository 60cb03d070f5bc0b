/*
 * The uploader where something is scarce, closed, or changes under its hands.
 */
#include "e2e_board.h"

#include <stdio.h>

E2E_SUITE(limits);

#define CONNECTS DEVICE_INVITED, DEVICE_ANSWER("OK"), DEVICE_CONNECT

static const struct device_options slow_reader = { .receive_buffer = 4096 };
static const struct act_options big = { .image_size = 512u * 1024, .device = &slow_reader };

/* Forty devices take more descriptors than the shell allows at first. */
Test(limits, many_devices_need_no_higher_limit_of_descriptors)
{
    static const char script[] = "ulimit -Sn 64; i=0; "
                                 "while [ $i -lt 40 ]; do "
                                 "i=$((i + 1)); set -- \"$@\" -i 127.0.2.$i; "
                                 "done; exec \"$0\" \"$@\"";
    struct e2e_image sketch = e2e_sketch(8192);
    struct process *uploader =
        program_run("/bin/sh", ARGS("-c", script, E2E_UPLOADER, "-p", "9", "-f", sketch.path.text));

    expect_exit(uploader, 5);
    expect_no_err(uploader, "open files");
    expect_err_times(uploader, "nothing listens there", 40);
}

/* Whatever cannot be opened, the device is not to blame, and nothing spins until a time limit. */
Test(limits, without_descriptors_it_is_a_local_failure)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image sketch = e2e_sketch(8192);
    bool refused = false;

    for (unsigned limit = 7; limit < 13; limit++) {
        char script[128];
        /* The leak detector needs descriptors of its own. */
        snprintf(script, sizeof script,
                 "ulimit -n %u; ASAN_OPTIONS=detect_leaks=0:exitcode=99 exec \"$0\" \"$@\"", limit);
        struct process *uploader =
            program_run("/bin/sh", ARGS("-c", script, E2E_UPLOADER, "-i", "127.0.0.1", "-p",
                                        board.port.text, "-f", sketch.path.text));
        cr_assert(uploader->exit_code == 0 || uploader->exit_code == 1 ||
                      uploader->exit_code == 127,
                  "%u descriptors: exit %d: %s", limit, uploader->exit_code, uploader->err.text);
        refused = refused || strstr(uploader->err.text, "cannot take its connection");
    }
    cr_assert(refused, "no limit was just too low to take the connection");
}

Test(limits, closed_streams_are_not_written_over)
{
    struct board board = board_start("flash", NULL);
    struct e2e_image sketch = e2e_sketch(50000);
    struct process *uploader =
        program_run("/bin/sh", ARGS("-c", "exec \"$0\" \"$@\" <&- >&- 2>&-", E2E_UPLOADER, "-i",
                                    "127.0.0.1", "-p", board.port.text, "-f", sketch.path.text));
    struct board_image stored = board_updated(&board);

    expect_exit(uploader, 0);
    expect_in_flash(&board, &stored, &sketch);
    board_stop(&board);
}

/* Its length stays: not for an instant is it shorter, however the uploader is timed. */
static void write_to_image(const struct act *act)
{
    FILE *file = fopen(act->image.path.text, "r+b");

    cr_assert_not_null(file);
    cr_assert_eq(fwrite(act->image.content.bytes, 1, act->image.content.size, file),
                 act->image.content.size);
    cr_assert_eq(fclose(file), 0);
}

/* A build that runs while the device receives: the device's error is not the device's fault. */
Test(limits, an_image_that_is_written_to_is_not_blamed_on_the_device)
{
    static const struct device_step script[] = {
        CONNECTS,
        DEVICE_READ(20000),
        DEVICE_SLEEP(1000),
        DEVICE_READ_ALL,
        DEVICE_WRITE("ERROR[7]: MD5 verification failed\r\n"),
        DEVICE_END,
    };
    struct act act;

    act_start(&act, script, NULL, &big);
    act_reaches(&act, 4);
    write_to_image(&act);
    act_finish(&act);
    expect_exit(act.uploader, 8);
    expect_err(act.uploader, "The image was written to while it was being sent");
    expect_no_err(act.uploader, "power supply");
}

Test(limits, an_image_that_is_written_to_is_not_sent_again)
{
    static const struct device_step script[] = {
        CONNECTS, DEVICE_READ(20000), DEVICE_SLEEP(1000), DEVICE_RESET, CONNECTS, DEVICE_END,
    };
    struct act act;

    act_start(&act, script, NULL, &big);
    act_reaches(&act, 4);
    write_to_image(&act);
    act_finish(&act);
    expect_exit(act.uploader, 1);
    expect_err(act.uploader, "the image was written to since it was read");
}

Test(limits, a_port_scan_does_not_flood_the_terminal)
{
    static const struct device_step script[] = {
        DEVICE_INVITED,
        DEVICE_STRANGER("127.0.0.71"),
        DEVICE_STRANGER("127.0.0.71"),
        DEVICE_STRANGER("127.0.0.72"),
        DEVICE_STRANGER("127.0.0.73"),
        DEVICE_STRANGER("127.0.0.74"),
        DEVICE_STRANGER("127.0.0.75"),
        DEVICE_STRANGER("127.0.0.76"),
        DEVICE_STRANGER("127.0.0.77"),
        DEVICE_STRANGER("127.0.0.78"),
        DEVICE_STRANGER("127.0.0.79"),
        DEVICE_STRANGER("127.0.0.80"),
        DEVICE_STRANGER("127.0.0.81"),
        DEVICE_STRANGER("127.0.0.82"),
        DEVICE_ANSWER("OK"),
        DEVICE_CONNECT,
        DEVICE_READ_ALL,
        DEVICE_WRITE("OK"),
        DEVICE_END,
    };
    struct act act;

    act_run(&act, script, NULL);
    expect_exit(act.uploader, 0);
    expect_err_times(act.uploader, "was refused", 10);
    expect_err_times(act.uploader, "further connections of strangers are not shown", 1);
}
