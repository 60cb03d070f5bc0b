/*
 * Lists of devices: what a line says, what is named twice, and what cannot be understood.
 */
#include "e2e_list.h"

#include "tests/support/loopback.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

E2E_SUITE(list);

#define SECRET "swordfish"
#define OTHER  "mackerel"

Test(list, a_list_gives_each_device_its_port_and_password)
{
    list_file_write("one", SECRET "\n");
    list_file_write("two", OTHER "\n");
    list_line("# these are near");
    listed(11, SECRET, "auth-file=one");
    listed(12, OTHER, "auth-file=two # the last of them");
    listed(13, "of the command line", "");
    list_file_write("near.txt", list_text);
    list_text[0] = '\0';
    listed(14, SECRET, "auth-file=one");
    char near[sizeof(struct temp_path) + 1];
    snprintf(near, sizeof near, "@%s", temp_path(&e2e_folder, "near.txt").text);
    struct process *uploader =
        run_list(ARGS("-i", near, "-a", "of the command line", "-p", "9", "--json", "-d"));
    expect_exit(uploader, 0);
    for (unsigned i = 11; i <= 14; i++)
        expect_result(uploader, i, "updated", 0);
    expect_no_err(uploader, SECRET);
    expect_no_err(uploader, OTHER);
}

Test(list, a_list_comes_from_standard_input)
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
Test(list, what_is_named_again_is_left_out)
{
    struct board board = listed(19, SECRET, "");

    list_line("127.0.0.19 port=%s auth-file=word", board.port.text);
    list_line("127.0.0.19 port=9");
    list_line("no..such..device");
    list_file_write("word", SECRET "\n");
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

Test(list, a_list_that_cannot_be_understood_sends_nothing)
{
    expect_list_refused(2, "kitchen prt=1", "fleet.txt:2: unknown 'prt'");
}

Test(list, an_auth_file_that_cannot_be_read_sends_nothing)
{
    expect_list_refused(1, "kitchen auth-file=none", "fleet.txt:2: cannot read the password from ");
}

Test(list, a_list_that_is_not_there_is_a_local_failure)
{
    e2e_sketch(8192);
    struct process *uploader =
        uploader_run(ARGS("-f", "sketch.bin", "-i", "@none.txt", "--junit", "report.xml"));
    expect_exit(uploader, 1);
    expect_err(uploader, "none.txt: No such file or directory");
    /* One of an earlier run would be taken for that of this one. */
    size_t len = 0;
    char *report = file_read(temp_path(&e2e_folder, "report.xml").text, &len);
    cr_assert(report && len > 0);
    cr_expect_not_null(strstr(report, "<testsuites"));
    free(report);
}

Test(list, a_list_without_devices_is_bad_usage)
{
    list_line("# nobody");
    struct process *uploader = run_list(NULL);
    expect_exit(uploader, 2);
    expect_err(uploader, "fleet.txt: it names no device");
}

Test(list, a_report_that_cannot_be_written_sends_nothing)
{
    struct board board = listed(17, NULL, "");
    struct process *uploader = run_list(ARGS("--junit", "none/report.xml"));
    expect_exit(uploader, 1);
    expect_err(uploader, "none/report.xml: No such file or directory");
    expect_untouched(&board);
}

Test(list, a_board_needs_devices_to_choose_from)
{
    struct board board = listed(18, NULL, "");
    struct process *uploader = run_list(ARGS("--board", "nodemcu*"));
    expect_exit(uploader, 2);
    expect_err(uploader, "--board goes with --all, or a pattern");
    expect_untouched(&board);
}

/* A range of two TCP ports that nobody has. */
static unsigned free_pair(void)
{
    unsigned port = 18000;
    bool is_free = false;

    while (!is_free) {
        port += 2;
        cr_assert_lt(port, 60000, "no two free ports");
        int first = loopback_bind("127.0.0.1", (uint16_t)port, SOCK_STREAM);
        int second = loopback_bind("127.0.0.1", (uint16_t)(port + 1), SOCK_STREAM);
        is_free = first >= 0 && second >= 0;
        loopback_close(&first);
        loopback_close(&second);
    }
    return port;
}

/* The first silent one and the last device can share a port, the two at one host cannot. */
Test(list, devices_of_one_host_have_different_ports_of_a_range)
{
    int silent[] = { loopback_bind("127.0.0.32", 0, SOCK_DGRAM),
                     loopback_bind("127.0.0.31", 0, SOCK_DGRAM) };
    char ports[16];
    unsigned first = free_pair();

    list_line("127.0.0.32 port=%u", loopback_port(silent[0]));
    list_line("127.0.0.31 port=%u", loopback_port(silent[1]));
    struct board board = listed(31, NULL, "");
    snprintf(ports, sizeof ports, "%u-%u", first, first + 1);
    struct process *uploader = run_list(ARGS("-I", "127.0.0.1", "-P", ports, "-t", "3", "--json"));
    loopback_close(&silent[0]);
    loopback_close(&silent[1]);
    expect_exit(uploader, 5);
    board_stop(&board);
    expect_out(board.process, "updated ");
}
