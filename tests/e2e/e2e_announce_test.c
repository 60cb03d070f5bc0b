/*
 * espota-device announces itself by mDNS: what a stranger on its network sees of it.
 */
#include "e2e_board.h"
#include "e2e_network.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

E2E_NETWORK_SUITE(announce);

#define LINE_MAX_SEEN 1024

/* Devices with one name. */
#define NAMESAKES 3

/* Arguments of a device that announces itself without a daemon. */
#define ANNOUNCING(...) ARGS("--mdns", "embedded", __VA_ARGS__)

/* The rest of the line by which it says that it is announced. */
struct announced {
    char name[BOARD_VALUE_MAX];
    char host[BOARD_VALUE_MAX];
    char through[BOARD_VALUE_MAX];
};

static struct announced expect_announced(const struct board *board)
{
    char rest[BOARD_LINE_MAX];
    char port[BOARD_VALUE_MAX];
    struct announced out;

    board_says(board, "announced", rest);
    board_value(out.name, rest, "name");
    board_value(out.host, rest, "host");
    board_value(out.through, rest, "through");
    board_value(port, rest, "port");
    cr_assert_str_eq(port, board->port.text);
    return out;
}

/* The watcher sees a device, with exactly these records, be it not before the last of them comes.
 */
static void expect_seen(struct process *watcher, const struct board *board, const char *name,
                        const char *host, const char *addresses, const char *txt)
{
    char line[LINE_MAX_SEEN];

    int len = snprintf(line, sizeof line, " %s host=%s. port=%s addresses=%s txt=%s", name, host,
                       board->port.text, addresses, txt);
    cr_assert_lt(len, (int)sizeof line);
    watcher_sees(watcher, line);
}

/* The same, with the records that a device without options has. */
static void expect_usual(struct process *watcher, const struct board *board, const char *name)
{
    char host[LINE_MAX_SEEN];

    snprintf(host, sizeof host, "%s.local", name);
    expect_seen(watcher, board, name, host, "127.0.0.1",
                "tcp_check=no|ssh_upload=no|board=esp8266|auth_upload=no");
}

static void expect_removed(struct process *watcher, const char *name)
{
    char line[LINE_MAX_SEEN];

    snprintf(line, sizeof line, "removed %s", name);
    watcher_sees(watcher, line);
}

/* ---- records ---- */

Test(announce, has_the_records_of_stock_devices)
{
    struct process *watcher = watcher_start();
    struct board board = board_start("flash", ANNOUNCING("--name", "Kitchen lamp", "--board",
                                                         "nodemcuv2", "--password", "secret"));
    struct announced announced = expect_announced(&board);

    cr_assert_str_eq(announced.name, "Kitchen lamp");
    cr_assert_str_eq(announced.host, "Kitchen-lamp.local");
    cr_assert_str_eq(announced.through, "embedded");
    expect_seen(watcher, &board, "Kitchen lamp", "Kitchen-lamp.local", "127.0.0.1",
                "tcp_check=no|ssh_upload=no|board=nodemcuv2|auth_upload=yes");
    board_stop(&board);
}

Test(announce, has_a_name_and_a_board_without_being_told)
{
    struct process *watcher = watcher_start();
    struct board board = board_start("flash", ANNOUNCING("--chip", "esp32"));

    expect_seen(watcher, &board, "espota-device", "espota-device.local", "127.0.0.1",
                "tcp_check=no|ssh_upload=no|board=esp32|auth_upload=no");
    board_stop(&board);
}

Test(announce, takes_any_text_as_a_name_and_shows_it_within_its_quotes)
{
    struct process *watcher = watcher_start();
    struct board board = board_start("flash", ANNOUNCING("--name", "K\u00FCche \"1.2\" = b"));
    struct announced announced = expect_announced(&board);

    cr_assert_str_eq(announced.name, "K\u00FCche ?1.2? = b");
    expect_seen(watcher, &board, "K\u00FCche \"1.2\" = b", "K-che--1-2----b.local", "127.0.0.1",
                "tcp_check=no|ssh_upload=no|board=esp8266|auth_upload=no");
    board_stop(&board);
}

Test(announce, the_longest_name_and_board)
{
    static const char name[] = "123456789-123456789-123456789-123456789-123456789-123456789-123";
    struct process *watcher = watcher_start();
    char board_name[201] = "";
    char txt[LINE_MAX_SEEN];
    char host[LINE_MAX_SEEN];

    memset(board_name, 'b', sizeof board_name - 1);
    snprintf(txt, sizeof txt, "tcp_check=no|ssh_upload=no|board=%s|auth_upload=no", board_name);
    snprintf(host, sizeof host, "%s.local", name);
    struct board board = board_start("flash", ANNOUNCING("--name", name, "--board", board_name));
    expect_seen(watcher, &board, name, host, "127.0.0.1", txt);
    board_stop(&board);
}

/* ---- addresses ---- */

#define STOCK_TXT "tcp_check=no|ssh_upload=no|board=esp8266|auth_upload=no"

Test(announce, the_address_it_is_bound_to)
{
    struct process *watcher = watcher_start();
    struct board first = board_start("1", ANNOUNCING("--bind", "127.0.0.7", "--name", "a"));
    struct board second = board_start("2", ANNOUNCING("--bind", "::1", "--name", "b"));

    expect_seen(watcher, &first, "a", "a.local", "127.0.0.7", STOCK_TXT);
    expect_seen(watcher, &second, "b", "b.local", "::1", STOCK_TXT);
    board_stop(&first);
    board_stop(&second);
}

Test(announce, every_address_when_it_is_bound_to_none)
{
    /* NOLINTNEXTLINE(cert-env33-c): a constant of the tests' */
    if (system("ip address add 10.9.8.7/32 dev lo") != 0)
        cr_skip_test("needs iproute2");
    struct process *watcher = watcher_start();
    struct board first = board_start("1", ANNOUNCING("--bind", "0.0.0.0", "--name", "a"));
    struct board second = board_start("2", ANNOUNCING("--bind", "::", "--name", "b"));

    expect_seen(watcher, &first, "a", "a.local", "10.9.8.7,127.0.0.1", STOCK_TXT);
    expect_seen(watcher, &second, "b", "b.local", "10.9.8.7,127.0.0.1,::1", STOCK_TXT);
    board_stop(&first);
    board_stop(&second);
}

/* ---- coming and going ---- */

/* Its records would be remembered for an hour: it must have said goodbye. */
Test(announce, withdraws_when_a_signal_ends_it)
{
    struct process *watcher = watcher_start();
    struct board board = board_start("flash", ANNOUNCING("--name", "a"));

    expect_usual(watcher, &board, "a");
    board_stop(&board);
    expect_removed(watcher, "a");
}

Test(announce, withdraws_when_its_one_update_is_done)
{
    struct process *watcher = watcher_start();
    struct board board = board_start("flash", ANNOUNCING("--name", "a", "--once"));
    struct e2e_image sketch = e2e_sketch(20000);

    expect_usual(watcher, &board, "a");
    upload_succeeds(&board, &sketch, NULL);
    program_finish(board.process);
    expect_exit(board.process, 0);
    expect_silent(board.process->err);
    expect_removed(watcher, "a");
}

Test(announce, comes_back_after_an_update)
{
    struct board board = board_start("flash", ANNOUNCING("--name", "a"));
    struct e2e_image sketch = e2e_sketch(20000);
    char rest[BOARD_LINE_MAX];

    expect_announced(&board);
    upload_succeeds(&board, &sketch, NULL);
    board_says(&board, "restarted", rest);
    expect_announced(&board);
    expect_usual(watcher_start(), &board, "a");
    upload_succeeds(&board, &sketch, NULL);
    board_stop(&board);
}

/* ---- names that are taken ---- */

/* It says that it was renamed, and to what. */
static void expect_renamed(const struct board *board, const char *from, const char *to)
{
    char rest[BOARD_LINE_MAX];
    char value[BOARD_VALUE_MAX];

    board_says(board, "renamed", rest);
    board_value(value, rest, "from");
    cr_assert_str_eq(value, from);
    board_value(value, rest, "to");
    cr_assert_str_eq(value, to);
}

Test(announce, finds_another_name_when_its_own_is_taken)
{
    struct process *watcher = watcher_start();
    struct board first = board_start("1", ANNOUNCING("--name", "a"));

    expect_announced(&first);
    struct board second = board_start("2", ANNOUNCING("--name", "a"));
    expect_renamed(&second, "a", "a-2");
    struct announced announced = expect_announced(&second);
    cr_assert_str_eq(announced.name, "a-2");
    cr_assert_str_eq(announced.host, "a-2.local");
    expect_usual(watcher, &first, "a");
    expect_usual(watcher, &second, "a-2");
    cr_assert_not(strstr(first.process->out.text, "renamed"));
    board_stop(&first);
    board_stop(&second);
}

/* Whoever has been told of it under this name finds it again. */
Test(announce, keeps_the_name_it_has_found_when_it_restarts)
{
    struct board first = board_start("1", ANNOUNCING("--name", "a"));
    struct e2e_image sketch = e2e_sketch(20000);
    char rest[BOARD_LINE_MAX];

    expect_announced(&first);
    struct board second = board_start("2", ANNOUNCING("--name", "a"));
    cr_assert_str_eq(expect_announced(&second).name, "a-2");
    board_stop(&first);
    upload_succeeds(&second, &sketch, NULL);
    board_says(&second, "restarted", rest);
    cr_assert_str_eq(expect_announced(&second).name, "a-2");
    board_stop(&second);
}

Test(announce, finds_another_name_when_only_that_of_the_host_is_taken)
{
    struct board first = board_start("1", ANNOUNCING("--name", "a b"));

    cr_assert_str_eq(expect_announced(&first).host, "a-b.local");
    struct board second = board_start("2", ANNOUNCING("--name", "a-b", "--bind", "127.0.0.2"));
    expect_renamed(&second, "a-b", "a-b-2");
    cr_assert_str_eq(expect_announced(&second).host, "a-b-2.local");
    board_stop(&first);
    board_stop(&second);
}

Test(announce, namesakes_that_start_at_once_end_up_with_different_names)
{
    static const char *const flash[NAMESAKES] = { "1", "2", "3" };
    struct board board[NAMESAKES];
    struct announced announced[NAMESAKES];
    struct process *watcher = watcher_start();

    for (int i = 0; i < NAMESAKES; i++)
        board[i] = board_start(flash[i], ANNOUNCING("--name", "a"));
    for (int i = 0; i < NAMESAKES; i++) {
        announced[i] = expect_announced(&board[i]);
        expect_usual(watcher, &board[i], announced[i].name);
        for (int j = 0; j < i; j++)
            cr_assert_str_neq(announced[i].name, announced[j].name);
    }
    for (int i = 0; i < NAMESAKES; i++)
        board_stop(&board[i]);
}

/* ---- without ---- */

Test(announce, says_nothing_if_it_is_not_to)
{
    struct process *watcher = watcher_start();
    struct board silent = board_start("1", ANNOUNCING("--name", "silent", "--no-mdns"));
    struct board other = board_start("2", ANNOUNCING("--name", "other"));

    expect_usual(watcher, &other, "other");
    expect_no_out(watcher, "silent");
    board_stop(&silent);
    expect_no_out(silent.process, "announced");
    board_stop(&other);
}

Test(announce, does_without_a_daemon_where_there_is_none)
{
    struct board board = board_start("flash", ARGS("--mdns", "auto"));

    cr_assert_str_eq(expect_announced(&board).through, "embedded");
    board_stop(&board);
}

Test(announce, works_unannounced_where_only_a_daemon_would_do)
{
    struct board board = board_start("flash", ARGS("--mdns", "daemon"));
    struct e2e_image sketch = e2e_sketch(20000);
    char rest[BOARD_LINE_MAX];

    upload_succeeds(&board, &sketch, NULL);
    board_says(&board, "restarted", rest);
    upload_succeeds(&board, &sketch, NULL);
    process_signal(board.process, SIGTERM);
    program_finish(board.process);
    expect_exit(board.process, 0);
    expect_no_out(board.process, "announced");
    expect_err_times(board.process, "warning: ", 1);
    expect_err(board.process, "mDNS: Daemon not running");
}
