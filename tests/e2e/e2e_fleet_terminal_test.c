/*
 * What a terminal shows of several devices: a line for each that stays in its place, whatever the
 * terminal's size, and a summary at the end. The terminal is a real one, tmux.
 */
#include "e2e.h"
#include "e2e_pane.h"

#include <stdio.h>
#include <string.h>

#define FLEET_MAX 24

static struct pane pane;

static void teardown(void)
{
    pane_close(&pane);
    e2e_teardown();
}

TestSuite(fleet_terminal, .init = e2e_setup, .fini = teardown, .timeout = 90);

#define BEGINS DEVICE_INVITED, DEVICE_ANSWER("OK"), DEVICE_CONNECT

static const struct device_step updated[] = { BEGINS, DEVICE_READ_ALL, DEVICE_WRITE("OK"),
                                              DEVICE_END };
static const struct device_step stuck[] = { BEGINS, DEVICE_READ(200000), DEVICE_HOLD, DEVICE_END };
static const struct device_step refusing[] = { DEVICE_INVITED,
                                               DEVICE_ANSWER("ERR: \x1b[2J\x1b]0;owned\x07"),
                                               DEVICE_END };
static const struct device_step mute[] = { BEGINS, DEVICE_READ_ALL, DEVICE_CLOSE, DEVICE_END };

/* Devices at one port, each at an address of its own. */
struct fleet {
    uint16_t port;
    size_t count;
    char address[FLEET_MAX][32];
    char command[2048];
};

/* The first one has 127.0.0.1, and nobody else has its port there: it chooses for all. */
static void add(struct fleet *fleet, const struct device_step *script)
{
    char *address = fleet->address[fleet->count];
    struct device_options options = { .receive_buffer = 4096, .port = fleet->port };

    if (fleet->count == 0)
        snprintf(address, sizeof fleet->address[0], "127.0.0.1");
    else
        snprintf(address, sizeof fleet->address[0], "127.%u.%u.%u", fleet->port >> 8,
                 fleet->port & 0xFFu, (unsigned)fleet->count & 0xFFu);
    options.address = address;
    struct scripted_device *device = device_play(script, &options);
    fleet->port = scripted_device_port(device);
    fleet->count++;
}

/* The program's command line, after assignments to its environment. */
static const char *command_of(struct fleet *fleet, const char *before, const char *after)
{
    struct e2e_image image = e2e_sketch(512u * 1024);
    size_t len = (size_t)snprintf(fleet->command, sizeof fleet->command, "%s %s -p %u -f %s",
                                  before, E2E_UPLOADER, fleet->port, image.path.text);

    for (size_t i = 0; i < fleet->count; i++)
        len += (size_t)snprintf(fleet->command + len, sizeof fleet->command - len, " -i %s",
                                fleet->address[i]);
    snprintf(fleet->command + len, sizeof fleet->command - len, " --mdns=off %s", after);
    return fleet->command;
}

/* One of each: updated, under way without end, refusing. */
static void three(struct fleet *fleet)
{
    add(fleet, updated);
    add(fleet, stuck);
    add(fleet, refusing);
}

/* Each device has one line on the screen, or what is left of it. */
static void expect_each_once(const struct fleet *fleet)
{
    for (size_t i = 0; i < fleet->count; i++) {
        char begin[40];
        snprintf(begin, sizeof begin, "\n%s ", fleet->address[i]);
        cr_assert_eq(pane_count(&pane, begin), 1, "%s is there %d times:\n%s", fleet->address[i],
                     pane_count(&pane, begin), pane.screen);
    }
}

static void expect_no_wider(size_t columns)
{
    for (const char *at = pane.screen; *at; at += strcspn(at, "\n"), at += *at == '\n')
        cr_assert_leq(strcspn(at, "\n"), columns, "%s", pane.screen);
}

Test(fleet_terminal, lines_stay_in_place)
{
    struct fleet fleet = { 0 };

    three(&fleet);
    pane_open(&pane, 80, 16, command_of(&fleet, "echo before;", ""));
    pane_await(&pane, "% [==");
    pane_await(&pane, "3 devices: 1 updated, 1 failed, 1 under way  ");
    expect_each_once(&fleet);
    struct pane_line line = pane_line_with(&pane, fleet.address[0]);
    cr_assert(strstr(line.text, "updated: 524288 bytes in "), "%s", line.text);
    line = pane_line_with(&pane, fleet.address[1]);
    cr_assert(strstr(line.text, "% [==") && strstr(line.text, "iB/s"), "%s", line.text);
    line = pane_line_with(&pane, fleet.address[2]);
    cr_assert(strstr(line.text, "the device refuses: \\x1b[2J\\x1b]0;owned\\x07"), "%s", line.text);
    cr_assert_eq(strncmp(pane.screen, "before\nSending ", 15), 0, "%s", pane.screen);
    pane_key(&pane, "C-c");
    pane_await(&pane, "EXIT 130");
    expect_each_once(&fleet);
    cr_assert_eq(strncmp(pane.screen, "before\nSending ", 15), 0, "%s", pane.screen);
    cr_assert_eq(pane_count(&pane, "under way"), 0, "%s", pane.screen);
    cr_assert_eq(pane_count(&pane, "^C"), 0, "%s", pane.screen);
    cr_assert_eq(pane_count(&pane, "\n1 updated, 2 failed in "), 1, "%s", pane.screen);
    cr_assert_eq(pane_count(&pane, "\nfailed   local-failure      127."), 1, "%s", pane.screen);
    cr_assert_eq(pane_count(&pane, "\nfailed   device-error       127."), 1, "%s", pane.screen);
}

/* The screen is full before, so that the lines stand at its lower end, as they mostly do. */
Test(fleet_terminal, a_resize_leaves_nothing_behind)
{
    struct fleet fleet = { 0 };

    three(&fleet);
    pane_open(&pane, 80, 16, command_of(&fleet, "seq 30;", ""));
    pane_await(&pane, "3 devices: 1 updated, 1 failed, 1 under way  ");
    pane_resize(&pane, 36, 16);
    pane_await(&pane, "2 of 3 over, 1 failed  ");
    expect_each_once(&fleet);
    expect_no_wider(36);
    cr_assert_eq(pane_count(&pane, "3 devices:"), 0, "%s", pane.screen);
    cr_assert_eq(pane_count(&pane, "["), 0, "%s", pane.screen);
    pane_resize(&pane, 15, 16);
    pane_await(&pane, "2/3  ");
    expect_no_wider(15);
    cr_assert_eq(pane_count(&pane, " over"), 0, "%s", pane.screen);
    pane_resize(&pane, 100, 16);
    pane_await(&pane, "3 devices: 1 updated, 1 failed, 1 under way  ");
    expect_each_once(&fleet);
    cr_assert_eq(pane_count(&pane, "2 of 3 over"), 0, "%s", pane.screen);
    cr_assert_eq(pane_count(&pane, "2/3"), 0, "%s", pane.screen);
    pane_resize(&pane, 100, 4);
    pane_await(&pane, "3 devices: 1 updated, 1 failed, 1 under way  ");
    pane_key(&pane, "C-c");
    pane_await(&pane, "EXIT 130");
    pane_look_back(&pane);
    cr_assert_eq(pane_count(&pane, "\n1 updated, 2 failed in "), 1, "%s", pane.screen);
}

/* It writes over nothing that the shell has written meanwhile. */
Test(fleet_terminal, goes_on_below_what_came_while_it_was_stopped)
{
    static const char after[] = "; printf '\\033[H\\033[2JSTOPPED\\n'; read answer; fg > /dev/null";
    struct fleet fleet = { 0 };

    three(&fleet);
    pane_open(&pane, 80, 24, command_of(&fleet, "set -m;", after));
    pane_await(&pane, "3 devices: 1 updated, 1 failed, 1 under way  ");
    pane_key(&pane, "C-z");
    pane_await(&pane, "STOPPED\n");
    pane_key(&pane, "Enter");
    pane_await(&pane, "3 devices: 1 updated, 1 failed, 1 under way  ");
    expect_each_once(&fleet);
    cr_assert_eq(strncmp(pane.screen, "STOPPED\n", 8), 0, "%s", pane.screen);
}

Test(fleet_terminal, forty_columns)
{
    struct fleet fleet = { 0 };

    three(&fleet);
    pane_open(&pane, 40, 24, command_of(&fleet, "", ""));
    pane_await(&pane, "2 of 3 over, 1 failed  ");
    pane_await(&pane, "iB/s");
    expect_each_once(&fleet);
    expect_no_wider(40);
    struct pane_line line = pane_line_with(&pane, fleet.address[1]);
    cr_assert(strstr(line.text, "%  ") && strstr(line.text, "iB/s"), "%s", line.text);
    cr_assert_not(strchr(line.text, '['), "%s", line.text);
    pane_key(&pane, "C-c");
    pane_await(&pane, "EXIT 130");
    expect_each_once(&fleet);
    cr_assert_eq(pane_count(&pane, "\nfailed   device-error\n    127."), 1, "%s", pane.screen);
}

Test(fleet_terminal, more_devices_than_rows)
{
    struct fleet fleet = { 0 };

    for (size_t i = 0; i < 20; i++)
        add(&fleet, i % 3 == 0 ? updated : i % 3 == 1 ? stuck : refusing);
    pane_open(&pane, 80, 6, command_of(&fleet, "", ""));
    /* Those that are over have gone up, and three of those under way have no line. */
    pane_await(&pane, "and 3 more; 20 devices: 7 updated, 6 failed, 7 under way  ");
    cr_assert_eq(pane_count(&pane, "% ["), 4, "%s", pane.screen);
    pane_look_back(&pane);
    cr_assert_eq(pane_count(&pane, "updated: "), 7, "%s", pane.screen);
    cr_assert_eq(pane_count(&pane, "the device refuses: "), 6, "%s", pane.screen);
    pane_key(&pane, "C-c");
    pane_await(&pane, "EXIT 130");
    pane_look_back(&pane);
    expect_each_once(&fleet);
    cr_assert_eq(pane_count(&pane, "\n7 updated, 13 failed in "), 1, "%s", pane.screen);
}

static void show_three_ends(const char *environment)
{
    struct fleet fleet = { 0 };

    add(&fleet, updated);
    add(&fleet, refusing);
    add(&fleet, mute);
    pane_open(&pane, 100, 24, command_of(&fleet, environment, ""));
    pane_await(&pane, "EXIT 1");
    pane_look_coloured(&pane);
}

Test(fleet_terminal, ends_are_coloured)
{
    show_three_ends("");
    cr_assert_eq(pane_count(&pane, "\033[32mupdated: "), 1, "%s", pane.screen);
    cr_assert_eq(pane_count(&pane, "\033[31mthe device refuses: "), 1, "%s", pane.screen);
    cr_assert_eq(pane_count(&pane, "\033[33meverything was sent, but "), 1, "%s", pane.screen);
    cr_assert_eq(pane_count(&pane, "\033[33munknown\033[39m  no-verdict"), 1, "%s", pane.screen);
}

Test(fleet_terminal, ends_are_not_coloured_where_that_is_not_wanted)
{
    show_three_ends("NO_COLOR=1");
    cr_assert_eq(pane_count(&pane, "\033"), 0, "%s", pane.screen);
    cr_assert_eq(pane_count(&pane, "updated: "), 1, "%s", pane.screen);
    cr_assert_eq(pane_count(&pane, ": updated: "), 0, "%s", pane.screen);
}

Test(fleet_terminal, a_dumb_one_has_lines)
{
    show_three_ends("TERM=dumb");
    cr_assert_eq(pane_count(&pane, "\033"), 0, "%s", pane.screen);
    cr_assert_eq(pane_count(&pane, "\n127.0.0.1: updated: "), 1, "%s", pane.screen);
    cr_assert_eq(pane_count(&pane, "\nespota-c: 127."), 2, "%s", pane.screen);
    cr_assert_eq(pane_count(&pane, "\n1 updated, 1 failed, 1 unknown in "), 1, "%s", pane.screen);
}

/* ---- where there is no terminal, or one that is not to be drawn on ---- */

static struct process *run_two(const char *const *args, const struct program_options *options)
{
    struct fleet fleet = { 0 };
    const char *argv[ARGUMENTS_MAX];
    struct e2e_image image = e2e_sketch(512u * 1024);

    add(&fleet, updated);
    add(&fleet, refusing);
    struct port_text port = port_text(fleet.port);
    join_arguments(argv,
                   ARGS("-i", fleet.address[0], "-i", fleet.address[1], "-p", port.text, "-f",
                        image.path.text),
                   args);
    struct process *uploader = program_start(E2E_UPLOADER, argv, options);
    program_finish(uploader);
    expect_exit(uploader, 8);
    expect_no_err(uploader, "\r");
    expect_no_err(uploader, "\033");
    return uploader;
}

static const char *const xterm[] = { "TERM=xterm", NULL };

Test(fleet_terminal, a_pipe_has_lines)
{
    struct process *uploader =
        run_two(ARGS("-r"), &(struct program_options){ .environment = xterm });

    expect_err(uploader, "\n127.0.0.1: updated: ");
    expect_err(uploader, "the device refuses: ");
    expect_err(uploader, "\n1 updated, 1 failed in ");
    expect_err(uploader, "\nfailed   device-error       127.");
}

Test(fleet_terminal, steps_have_lines)
{
    struct process *uploader =
        run_two(ARGS("-d"), &(struct program_options){
                                .environment = ARGS("TERM=xterm", "NO_COLOR=1"), .columns = 80 });

    expect_err(uploader, "\n127.0.0.1: [  ");
    expect_err(uploader, "\n127.0.0.1: updated: ");
}

Test(fleet_terminal, errors_alone_have_lines)
{
    struct process *uploader =
        run_two(ARGS("-q"), &(struct program_options){
                                .environment = ARGS("TERM=xterm", "NO_COLOR=1"), .columns = 80 });

    expect_no_err(uploader, "updated: ");
    expect_err_times(uploader, "the device refuses: ", 1);
    expect_err(uploader, "\n1 updated, 1 failed in ");
}
