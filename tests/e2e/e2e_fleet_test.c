/*
 * Many devices with one command: lists of them, how many at the same time, who goes first, and what
 * becomes of the others when one fails.
 */
#include "e2e_board.h"

#include "tests/support/loopback.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

E2E_SUITE(fleet);

#define SECRET "swordfish"
#define OTHER  "mackerel"

/* What a list holds, and where it is. */
static char list_text[8192];
static struct temp_path list_path;
static char list_argument[sizeof list_path.text + 1];

static void list_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Add a line to the list. */
static void list_line(const char *format, ...)
{
    size_t len = strlen(list_text);
    va_list args;

    va_start(args, format);
    vsnprintf(list_text + len, sizeof list_text - len, format, args);
    va_end(args);
    len = strlen(list_text);
    cr_assert_lt(len + 2, sizeof list_text);
    memcpy(list_text + len, "\n", 2);
}

/* The list is written; `-i` takes this. */
static const char *list_written(void)
{
    list_path = temp_path(&e2e_folder, "fleet.txt");
    cr_assert(file_write(list_path.text, list_text, strlen(list_text)));
    snprintf(list_argument, sizeof list_argument, "@%s", list_path.text);
    return list_argument;
}

static void write_file(const char *name, const char *text)
{
    cr_assert(file_write(temp_path(&e2e_folder, name).text, text, strlen(text)));
}

/* A device at 127.0.0.`number`, in the list, with what else its line says. */
static struct board listed(unsigned number, const char *password, const char *rest)
{
    char address[24];
    char flash[24];

    snprintf(address, sizeof address, "127.0.0.%u", number);
    snprintf(flash, sizeof flash, "flash-%u", number);
    struct board board =
        board_start(flash, password ? ARGS("--bind", address, "--password", password)
                                    : ARGS("--bind", address));
    list_line("%s port=%s %s", address, board.port.text, rest);
    return board;
}

/* Where the object with this beginning stands in what programs were told. */
static const char *told(const struct process *uploader, const char *event, unsigned number)
{
    char text[96];

    snprintf(text, sizeof text, "{\"event\":\"%s\",\"device\":\"127.0.0.%u\"", event, number);
    const char *at = strstr(uploader->out.text, text);
    cr_assert(at, "no %s in: %s", text, uploader->out.text);
    return at;
}

static void expect_result(const struct process *uploader, unsigned number, const char *status,
                          int code)
{
    char text[128];

    snprintf(text, sizeof text, "\"device\":\"127.0.0.%u\",\"status\":\"%s\",\"code\":%d,", number,
             status, code);
    expect_out(uploader, text);
}

static void expect_untouched(const struct board *board)
{
    board_stop(board);
    expect_no_out(board->process, "invited ");
}

/* Run with the list and a small sketch. */
static struct process *run_list(const char *const *args)
{
    const char *argv[ARGUMENTS_MAX];

    e2e_sketch(8192);
    join_arguments(argv, ARGS("-f", "sketch.bin", "-i", list_written()), args);
    return uploader_run(argv);
}

/* --- Lists ------------------------------------------------------------------------------------ */

Test(fleet, a_list_gives_each_device_its_port_and_password)
{
    write_file("one", SECRET "\n");
    write_file("two", OTHER "\n");
    list_line("# these are near");
    listed(11, SECRET, "auth-file=one");
    listed(12, OTHER, "auth-file=two # the last of them");
    listed(13, "of the command line", "");
    write_file("near.txt", list_text);
    list_text[0] = '\0';
    listed(14, SECRET, "auth-file=one");
    char near[sizeof list_argument];
    snprintf(near, sizeof near, "@%s", temp_path(&e2e_folder, "near.txt").text);
    struct process *uploader =
        run_list(ARGS("-i", near, "-a", "of the command line", "-p", "9", "--json", "-d"));
    expect_exit(uploader, 0);
    for (unsigned i = 11; i <= 14; i++)
        expect_result(uploader, i, "updated", 0);
    expect_no_err(uploader, SECRET);
    expect_no_err(uploader, OTHER);
}

Test(fleet, a_list_comes_from_standard_input)
{
    static const char *const ways[] = { "-", "@-" };

    e2e_sketch(8192);
    listed(15, NULL, "");
    for (size_t i = 0; i < 2; i++) {
        struct process *uploader =
            program_start(E2E_UPLOADER, ARGS("-f", "sketch.bin", "-i", ways[i], "--json"), NULL);
        cr_assert(process_write(uploader, list_text, strlen(list_text), E2E_PATIENCE_MS));
        process_close_input(uploader);
        program_finish(uploader);
        expect_exit(uploader, 0);
        expect_result(uploader, 15, "updated", 0);
    }
}

/* Each is updated, or fails, once; two devices at one host are told apart. */
Test(fleet, what_is_named_again_is_left_out)
{
    struct board board = listed(19, SECRET, "");

    list_line("127.0.0.19 port=%s auth-file=word", board.port.text);
    list_line("127.0.0.19 port=9");
    list_line("no..such..device");
    write_file("word", SECRET "\n");
    struct process *uploader = run_list(ARGS("-i", "no..such..device", "-i", "no..such..device",
                                             "--mdns=off", "-t", "1", "--json"));
    expect_err(uploader, "3 of the devices are named again: each is updated once");
    expect_err_times(uploader, "no device called \"no..such..device\"", 1);
    char text[128];
    snprintf(text, sizeof text, "\"device\":\"127.0.0.19:%s\",\"status\":\"updated\"",
             board.port.text);
    expect_out(uploader, text);
    expect_out(uploader, "\"device\":\"127.0.0.19:9\",\"status\":\"no-answer\"");
    expect_out(uploader, "\"device\":\"no..such..device\",\"status\":\"not-found\"");
}

static void expect_list_refused(int code, const char *line, const char *reason)
{
    struct board board = listed(16, NULL, "");

    list_line("%s", line);
    struct process *uploader = run_list(NULL);
    expect_exit(uploader, code);
    expect_err(uploader, reason);
    expect_untouched(&board);
}

Test(fleet, a_list_that_cannot_be_understood_sends_nothing)
{
    expect_list_refused(2, "kitchen prt=1", "fleet.txt:2: unknown 'prt'");
}

Test(fleet, an_auth_file_that_cannot_be_read_sends_nothing)
{
    expect_list_refused(1, "kitchen auth-file=none", "fleet.txt:2: cannot read the password from ");
}

Test(fleet, a_list_that_is_not_there_is_a_local_failure)
{
    e2e_sketch(8192);
    struct process *uploader = uploader_run(ARGS("-f", "sketch.bin", "-i", "@none.txt"));
    expect_exit(uploader, 1);
    expect_err(uploader, "none.txt: No such file or directory");
}

Test(fleet, a_list_without_devices_is_bad_usage)
{
    list_line("# nobody");
    struct process *uploader = run_list(NULL);
    expect_exit(uploader, 2);
    expect_err(uploader, "fleet.txt: it names no device");
}

Test(fleet, a_report_that_cannot_be_written_sends_nothing)
{
    struct board board = listed(17, NULL, "");
    struct process *uploader = run_list(ARGS("--junit", "none/report.xml"));
    expect_exit(uploader, 1);
    expect_err(uploader, "none/report.xml: No such file or directory");
    expect_untouched(&board);
}

Test(fleet, a_board_needs_devices_to_choose_from)
{
    struct board board = listed(18, NULL, "");
    struct process *uploader = run_list(ARGS("--board", "nodemcu*"));
    expect_exit(uploader, 2);
    expect_err(uploader, "--board goes with --all, or a pattern");
    expect_untouched(&board);
}

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
