/*
 * espota-c arduino-discovery: the conversation with a client, its end, and its exit codes. Nothing
 * here looks for devices: that is --mdns=off.
 */
#include "e2e.h"

#include <string.h>

#define HELLO    "HELLO 1 \"arduino-cli 1.0\"\n"
#define HELLO_OK "{\"eventType\":\"hello\",\"protocolVersion\":1,\"message\":\"OK\"}"
#define QUIT_OK  "{\"eventType\":\"quit\",\"message\":\"OK\"}"

E2E_SUITE(arduino);

static struct process *begin(void)
{
    return program_start(E2E_UPLOADER, ARGS("arduino-discovery", "--mdns=off"), NULL);
}

static void write_text(struct process *discovery, const char *text)
{
    cr_assert(process_write(discovery, text, strlen(text), E2E_PATIENCE_MS));
}

static void expect_line(struct process *discovery, const char *expected)
{
    char line[1024];

    cr_assert(process_read_line(discovery, &discovery->out, line, sizeof line, E2E_PATIENCE_MS),
              "no answer; stderr: %s", discovery->err.text);
    cr_assert_str_eq(line, expected);
}

/* A shell's pipeline with the program as $0. */
static struct process *shell(const char *script)
{
    return program_run("sh", ARGS("-c", script, E2E_UPLOADER));
}

Test(arduino, answers_at_once_and_ends_with_quit)
{
    struct process *discovery = begin();

    write_text(discovery, HELLO);
    expect_line(discovery, HELLO_OK);
    write_text(discovery, "STOP\nLI");
    expect_line(discovery,
                "{\"eventType\":\"stop\",\"error\":true,\"message\":\"discovery is not started\"}");
    write_text(discovery, "ST\n");
    expect_line(discovery,
                "{\"eventType\":\"list\",\"error\":true,\"message\":\"discovery is not started\"}");
    write_text(discovery, "QUIT\n");
    expect_line(discovery, QUIT_OK);
    program_finish(discovery);
    expect_exit(discovery, 0);
    expect_silent(discovery->err);
}

Test(arduino, tells_why_it_cannot_start)
{
    struct process *discovery = begin();

    write_text(discovery, HELLO "START\nSTART_SYNC\n");
    expect_line(discovery, HELLO_OK);
    expect_line(discovery, "{\"eventType\":\"start\",\"error\":true,"
                           "\"message\":\"mDNS is switched off (--mdns=off)\"}");
    expect_line(discovery, "{\"eventType\":\"start_sync\",\"error\":true,"
                           "\"message\":\"mDNS is switched off (--mdns=off)\"}");
    process_close_input(discovery);
    program_finish(discovery);
    expect_exit(discovery, 0);
    expect_silent(discovery->err);
}

Test(arduino, quit_needs_no_hello)
{
    struct process *discovery = begin();

    write_text(discovery, "quit\n");
    program_finish(discovery);
    expect_exit(discovery, 0);
    cr_assert_str_eq(discovery->out.text, QUIT_OK "\n");
}

Test(arduino, ends_with_its_input)
{
    struct process *discovery = begin();

    write_text(discovery, HELLO);
    expect_line(discovery, HELLO_OK);
    write_text(discovery, "QUIT");
    process_close_input(discovery);
    program_finish(discovery);
    expect_exit(discovery, 0);
    cr_assert_str_eq(discovery->out.text, HELLO_OK "\n");
    expect_silent(discovery->err);
}

Test(arduino, a_mebibyte_without_newline_is_refused_once)
{
    static char bytes[1 << 20];
    struct process *discovery = begin();

    memset(bytes, 'A', sizeof bytes);
    cr_assert(process_write(discovery, bytes, sizeof bytes, E2E_PATIENCE_MS));
    expect_line(discovery, "{\"eventType\":\"command_error\",\"error\":true,"
                           "\"message\":\"the command is too long: more than 1024 bytes\"}");
    write_text(discovery, "\n" HELLO);
    expect_line(discovery, HELLO_OK);
    process_close_input(discovery);
    program_finish(discovery);
    expect_exit(discovery, 0);
}

Test(arduino, a_client_that_does_not_read_is_waited_for)
{
    struct process *pipeline =
        shell("yes X | head -n 300000 | "
              "(\"$0\" arduino-discovery --mdns=off; echo \"exit $?\" >&2) | (sleep 1; wc -l)");

    expect_exit(pipeline, 0);
    cr_assert_str_eq(pipeline->out.text, "300000\n");
    cr_assert_str_eq(pipeline->err.text, "exit 0\n");
}

Test(arduino, takes_files_for_streams)
{
    struct process *run = shell("printf 'HELLO 1 \"x\"\\nQUIT\\n' > in && "
                                "\"$0\" arduino-discovery --mdns=off < in > out && cat out");

    expect_exit(run, 0);
    cr_assert_str_eq(run->out.text, HELLO_OK "\n" QUIT_OK "\n");
    expect_silent(run->err);
}

Test(arduino, without_a_reader_is_1)
{
    struct process *run =
        shell("mkfifo in && { \"$0\" arduino-discovery --mdns=off < in; echo \"exit $?\" >&2; } | "
              "{ exec <&-; echo LIST > in; }");

    expect_err(run, "standard output: Broken pipe");
    expect_err(run, "exit 1");
}

Test(arduino, that_cannot_write_is_1)
{
    struct process *run = shell("echo QUIT | \"$0\" arduino-discovery --mdns=off > /dev/full");

    expect_exit(run, 1);
    expect_err(run, "standard output: No space left on device");
}

Test(arduino, that_cannot_read_is_1)
{
    struct process *run = shell("\"$0\" arduino-discovery --mdns=off < .");

    expect_exit(run, 1);
    expect_silent(run->out);
    expect_err(run, "standard input: Is a directory");
}

Test(arduino, with_a_bad_command_line_is_2)
{
    struct process *run = program_run(E2E_UPLOADER, ARGS("arduino-discovery", "START"));

    expect_exit(run, 2);
    expect_silent(run->out);
    expect_err(run, "'START': commands are read from standard input");
    expect_exit(program_run(E2E_UPLOADER, ARGS("arduino-discovery", "--mdns=perhaps")), 2);
}
