/*
 * The table of the protocol, row by row, refusals included.
 */
#include "tests/unit/cli/arduino_client.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(arduino_protocol, .init = client_begin, .fini = client_end);

Test(arduino_protocol, hello)
{
    client_ask(HELLO, HELLO_OK);
    cr_assert_eq(client.protocol.state, ARDUINO_IDLE);
}

Test(arduino_protocol, hello_of_a_client_that_speaks_more_is_answered_with_what_we_speak)
{
    client_ask("HELLO 2 \"x\"\n", HELLO_OK);
}

Test(arduino_protocol, hello_twice_is_refused)
{
    client_ask(HELLO, HELLO_OK);
    client_ask(HELLO, REFUSED("hello", "HELLO was called already"));
    client_ask("HELLO\n", REFUSED("hello", "HELLO was called already"));
    client_ask("START\n" HELLO, OK("start") REFUSED("hello", "HELLO was called already"));
}

Test(arduino_protocol, hello_that_is_not_a_number_and_a_quoted_name_is_refused)
{
    static const char *const lines[] = {
        "HELLO\n",
        "HELLO 1\n",
        "HELLO 1 \n",
        "HELLO 1 name\n",
        "HELLO 1 \"name\n",
        "HELLO 1 \"\n",
        "HELLO 1 \"\"\n",
        "HELLO 1 name\"\n",
        "HELLO 1\"name\"\n",
        "HELLO \"name\" 1\n",
        "HELLO 1 \"name\" more\n",
        "HELLO 1 \"na\"me\"\n",
        "HELLO -1 \"name\"\n",
        "HELLO +1 \"name\"\n",
        "HELLO 0x1 \"name\"\n",
        "HELLO 1.0 \"name\"\n",
        "HELLO one \"name\"\n",
        "HELLO 18446744073709551616 \"name\"\n",
    };

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        client_ask(lines[i], BAD_HELLO);
        cr_assert_eq(client.protocol.state, ARDUINO_GREETING);
    }
    client_ask("LIST\n", GREET("LIST"));
    client_ask(HELLO, HELLO_OK);
}

Test(arduino_protocol, version_0_is_refused)
{
    client_ask("HELLO 0 \"name\"\n", REFUSED("hello", "there is no protocol version 0"));
    cr_assert_eq(client.protocol.state, ARDUINO_GREETING);
}

Test(arduino_protocol, nothing_but_hello_and_quit_is_answered_first)
{
    client_ask("START\n", GREET("START"));
    client_ask("LIST\n", GREET("LIST"));
    client_ask("START_SYNC\n", GREET("START_SYNC"));
    client_ask("STOP\n", GREET("STOP"));
    client_ask("stop\n", GREET("STOP"));
    client_ask("BANANA split\n", GREET("BANANA"));
    client_ask("\n", GREET(""));
    cr_assert_eq(client.starts, 0u);
    client_ask("QUIT\n", OK("quit"));
    cr_assert_eq(client.protocol.state, ARDUINO_OVER);
}

Test(arduino_protocol, start_and_list)
{
    client_ask(HELLO "START\n", HELLO_OK OK("start"));
    cr_assert_eq(client.starts, 1u);
    client_ask("LIST\n", "{\"eventType\":\"list\",\"ports\":[]}\n");
    client_set("b", "192.0.2.2");
    client_set("a", "192.0.2.1");
    client_ask("", "");
    client_ask("LIST\n", "{\"eventType\":\"list\",\"ports\":[" PORT("192.0.2.2") "," PORT(
                             "192.0.2.1") "]}\n");
    arduino_protocol_remove_port(&client.protocol, "b");
    client_ask("LIST\n", "{\"eventType\":\"list\",\"ports\":[" PORT("192.0.2.1") "]}\n");
    arduino_protocol_remove_all(&client.protocol);
    client_ask("LIST\n", "{\"eventType\":\"list\",\"ports\":[]}\n");
}

Test(arduino_protocol, start_is_refused_when_started_or_in_sync)
{
    client_ask(HELLO "START\nSTART\n",
               HELLO_OK OK("start") REFUSED("start", "discovery is started already"));
    client_ask("STOP\nSTART_SYNC\nSTART\n",
               OK("stop") OK("start_sync") REFUSED("start", "discovery is in sync already"));
    cr_assert_eq(client.starts, 2u);
    cr_assert_eq(client.protocol.state, ARDUINO_SYNCED);
}

Test(arduino_protocol, start_sync_is_refused_when_started_or_in_sync)
{
    client_ask(HELLO "START\nSTART_SYNC\n",
               HELLO_OK OK("start") REFUSED("start_sync", "discovery is started already"));
    cr_assert_eq(client.protocol.state, ARDUINO_STARTED);
    client_ask("STOP\nSTART_SYNC\nSTART_SYNC\n",
               OK("stop") OK("start_sync") REFUSED("start_sync", "discovery is in sync already"));
}

Test(arduino_protocol, list_is_refused_when_not_started_or_in_sync)
{
    client_ask(HELLO "LIST\n", HELLO_OK REFUSED("list", "discovery is not started"));
    client_ask("START_SYNC\nLIST\n",
               OK("start_sync") REFUSED("list", "discovery is in sync: changes are told unasked"));
    client_ask("STOP\nLIST\n", OK("stop") REFUSED("list", "discovery is not started"));
}

Test(arduino_protocol, start_sync_tells_what_comes_and_goes)
{
    client_ask(HELLO "START_SYNC\n", HELLO_OK OK("start_sync"));
    client_set("a", "192.0.2.1");
    client_expect(ADD("192.0.2.1"));
    client_set("b", "192.0.2.2");
    client_expect(ADD("192.0.2.2"));
    arduino_protocol_remove_port(&client.protocol, "a");
    client_expect(REMOVE("192.0.2.1"));
    arduino_protocol_remove_port(&client.protocol, "a");
    arduino_protocol_remove_port(&client.protocol, "never");
    client_expect("");
    client_set("a", "192.0.2.1");
    client_expect(ADD("192.0.2.1"));
    arduino_protocol_remove_all(&client.protocol);
    client_expect(REMOVE("192.0.2.2") REMOVE("192.0.2.1"));
}

Test(arduino_protocol, stop_ends_either_and_another_start_works)
{
    client_ask(HELLO "START\nSTOP\n", HELLO_OK OK("start") OK("stop"));
    cr_assert_eq(client.stops, 1u);
    client_ask("START_SYNC\n", OK("start_sync"));
    client_set("a", "192.0.2.1");
    client_expect(ADD("192.0.2.1"));
    client_ask("STOP\n", OK("stop"));
    cr_assert_eq(client.stops, 2u);
    client_ask("START\nLIST\n", OK("start") "{\"eventType\":\"list\",\"ports\":[]}\n");
    client_ask("STOP\nSTART_SYNC\n", OK("stop") OK("start_sync"));
}

Test(arduino_protocol, stop_is_refused_when_not_started)
{
    client_ask(HELLO "STOP\n", HELLO_OK REFUSED("stop", "discovery is not started"));
    client_ask("START\nSTOP\nSTOP\n",
               OK("start") OK("stop") REFUSED("stop", "discovery is not started"));
    cr_assert_eq(client.stops, 1u);
}

Test(arduino_protocol, quit_ends_it_in_any_state)
{
    static const char *const before[] = { "", HELLO, HELLO "START\n", HELLO "START_SYNC\n" };

    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        client_feed(before[i], strlen(before[i]), SIZE_MAX);
        client.said_len = 0;
        client_ask("QUIT\nSTART\n\n", OK("quit"));
        cr_assert_eq(client.protocol.state, ARDUINO_OVER);
        cr_assert_eq(client.starts, client.stops, "it still looks for ports");
        client_begin();
    }
    cr_assert_eq(client.starts, 2u);
}

Test(arduino_protocol, other_commands_are_not_supported)
{
    client_ask(HELLO "BANANA\n", HELLO_OK REFUSED("command_error", "Command BANANA not supported"));
    client_ask("banana split\n", REFUSED("command_error", "Command BANANA not supported"));
    client_ask("STARTS\n", REFUSED("command_error", "Command STARTS not supported"));
    client_ask("STAR\n", REFUSED("command_error", "Command STAR not supported"));
    client_ask("\"QUIT\"\n", REFUSED("command_error", "Command \\\"QUIT\\\" not supported"));
    client_ask("\n", REFUSED("command_error", "an empty line is no command"));
    client_ask(" \t\r\n", REFUSED("command_error", "an empty line is no command"));
    cr_assert_eq(client.protocol.state, ARDUINO_IDLE);
}
