/*
 * The protocol around its table: how commands arrive, when ports are told, and hostile input.
 */
#include "tests/unit/cli/arduino_client.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(arduino_input, .init = client_begin, .fini = client_end);

Test(arduino_input, arguments_where_there_are_none)
{
    client_ask(HELLO "START now\n", HELLO_OK REFUSED("start", "START takes no arguments"));
    client_ask("start_sync 1\n", REFUSED("start_sync", "START_SYNC takes no arguments"));
    client_ask("LIST all\n", REFUSED("list", "LIST takes no arguments"));
    client_ask("STOP \"x\"\n", REFUSED("stop", "STOP takes no arguments"));
    cr_assert_eq(client.starts, 0u);
    client_ask("QUIT now\n", OK("quit"));
}

Test(arduino_input, case_and_blanks_do_not_matter)
{
    client_ask("  hElLo\t1  \"Arduino IDE 2\" \r\n", HELLO_OK);
    client_ask("\tstart\r\n", OK("start"));
    client_ask("List \n", "{\"eventType\":\"list\",\"ports\":[]}\n");
    client_ask(" stoP\r\n", OK("stop"));
    client_ask("Start_Sync\n", OK("start_sync"));
    client_ask("quit\r\n", OK("quit"));
}

Test(arduino_input, commands_split_at_any_place)
{
    static const char commands[] = HELLO "START\r\nLIST\nSTOP\nSTART_SYNC\nfoo\nQUIT\n";

    for (size_t step = 1; step < sizeof commands; step++) {
        client_feed(commands, sizeof commands - 1, step);
        client_expect(HELLO_OK OK("start") "{\"eventType\":\"list\",\"ports\":[]}\n" OK("stop") OK(
            "start_sync") REFUSED("command_error", "Command FOO not supported") OK("quit"));
        client_begin();
    }
}

Test(arduino_input, takes_one_command_at_a_time)
{
    static const char commands[] = HELLO "START\nLIST\n";

    cr_assert_eq(arduino_protocol_feed(&client.protocol, commands, sizeof commands - 1),
                 strlen(HELLO));
    cr_assert_eq(client.protocol.state, ARDUINO_IDLE);
}

Test(arduino_input, a_start_that_fails_is_told_and_may_be_tried_again)
{
    client.cannot_start = "no \"D-Bus\"\033[2J";
    client.found_early = "192.0.2.1";
    client_ask(HELLO "START\nSTART_SYNC\n",
               HELLO_OK REFUSED("start", "no \\\"D-Bus\\\"\\\\x1b[2J")
                   REFUSED("start_sync", "no \\\"D-Bus\\\"\\\\x1b[2J"));
    cr_assert_eq(client.protocol.state, ARDUINO_IDLE);
    client.cannot_start = NULL;
    client.found_early = NULL;
    client_ask("LIST\nSTART\nLIST\n", REFUSED("list", "discovery is not started")
                                          OK("start") "{\"eventType\":\"list\",\"ports\":[]}\n");
}

Test(arduino_input, the_answer_comes_before_the_ports_that_are_found_at_once)
{
    client.found_early = "192.0.2.1";
    client_ask(HELLO "START_SYNC\n", HELLO_OK OK("start_sync") ADD("192.0.2.1"));
    client_ask("STOP\nSTART\nLIST\n",
               OK("stop")
                   OK("start") "{\"eventType\":\"list\",\"ports\":[" PORT("192.0.2.1") "]}\n");
}

Test(arduino_input, a_change_is_a_remove_and_an_add)
{
    client_ask(HELLO "START_SYNC\n", HELLO_OK OK("start_sync"));
    client_set("a", "192.0.2.1");
    client_expect(ADD("192.0.2.1"));
    client_set("a", "192.0.2.9");
    client_expect(REMOVE("192.0.2.1") ADD("192.0.2.9"));
    arduino_protocol_remove_port(&client.protocol, "a");
    client_expect(REMOVE("192.0.2.9"));
}

Test(arduino_input, a_port_that_is_what_it_was_is_no_news)
{
    client_ask(HELLO "START_SYNC\n", HELLO_OK OK("start_sync"));
    client_set("a", "192.0.2.1");
    client_expect(ADD("192.0.2.1"));
    client_set("a", "192.0.2.1");
    client_expect("");
}

Test(arduino_input, names_are_told_apart_whatever_their_bytes)
{
    client_ask(HELLO "START_SYNC\n", HELLO_OK OK("start_sync"));
    client_set("\xFF", "192.0.2.1");
    client_set("\\xff", "192.0.2.2");
    client_expect(ADD("192.0.2.1") ADD("192.0.2.2"));
    arduino_protocol_remove_port(&client.protocol, "\xFF");
    client_expect(REMOVE("192.0.2.1"));
}

Test(arduino_input, the_longest_names_are_told_apart)
{
    char name[64] = { 0 };

    client_ask(HELLO "START_SYNC\n", HELLO_OK OK("start_sync"));
    memset(name, '\x01', 63);
    client_set(name, "192.0.2.1");
    name[62] = '\x02';
    client_set(name, "192.0.2.2");
    client_expect(ADD("192.0.2.1") ADD("192.0.2.2"));
}

Test(arduino_input, no_memory_for_a_port_is_noticed)
{
    client_ask(HELLO "START_SYNC\n", HELLO_OK OK("start_sync"));
    arduino_protocol_set_port(&client.protocol, "a", NULL);
    cr_assert(client.protocol.no_memory);
    client.protocol.no_memory = false;
    client_expect("");
}

/* --- Hostile input ---------------------------------------------------------------------------- */

Test(arduino_input, foreign_bytes_are_shown_escaped)
{
    static const char nul[] = "a\0b\n";

    client_ask(HELLO "\033[2J\xFF\x7F\n",
               HELLO_OK REFUSED("command_error", "Command \\\\x1b[2J\\\\xff\\\\x7f not supported"));
    client_ask("gr\xC3\xBC\xC3\x9F\n",
               REFUSED("command_error", "Command GR\xC3\xBC\xC3\x9F not supported"));
    client_feed(nul, sizeof nul - 1, SIZE_MAX);
    client_expect(REFUSED("command_error", "Command A\\\\x00B not supported"));
}

Test(arduino_input, a_long_foreign_command_is_shown_cut)
{
    char line[ARDUINO_COMMAND_MAX + 1];
    json_error_t error;

    memset(line, 'x', ARDUINO_COMMAND_MAX);
    line[ARDUINO_COMMAND_MAX] = '\n';
    client_ask(HELLO, HELLO_OK);
    client_feed(line, sizeof line, SIZE_MAX);
    json_t *object = json_loads(client.said, 0, &error);
    cr_assert_not_null(object, "%s", error.text);
    const char *message = json_string_value(json_object_get(object, "message"));
    cr_assert_eq(strncmp(message, "Command XXX", 11), 0, "%s", message);
    cr_assert_lt(strlen(message), 150u);
    json_decref(object);
}

Test(arduino_input, a_command_of_1024_bytes_is_one_and_of_1025_none)
{
    char line[ARDUINO_COMMAND_MAX + 2];

    memset(line, ' ', sizeof line);
    memcpy(line, "QUIT", 4);
    line[ARDUINO_COMMAND_MAX + 1] = '\n';
    client_feed(line, sizeof line, 1);
    client_expect(TOO_LONG);
    cr_assert_eq(client.protocol.state, ARDUINO_GREETING);
    line[ARDUINO_COMMAND_MAX] = '\n';
    client_feed(line, sizeof line - 1, 1);
    client_expect(OK("quit"));
}

Test(arduino_input, a_mebibyte_without_newline_is_refused_once_and_passed_over)
{
    static char bytes[1 << 20];

    memset(bytes, 'A', sizeof bytes);
    for (size_t step = 1000; step <= sizeof bytes; step *= 32) {
        client_feed(bytes, sizeof bytes, step);
        client_expect(TOO_LONG);
        client_ask("\n" HELLO, HELLO_OK);
        client_begin();
    }
}
