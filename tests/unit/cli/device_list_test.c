/*
 * Lists of devices: what a line may say, and what is refused.
 */
#include "cli/push/device_list.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct device_list list;
static struct device_line line;
static char *text;

static void leave(void)
{
    free(text);
    text = NULL;
}

TestSuite(device_list, .fini = leave);

/* Of its very size, so that nothing behind it can be read unseen. */
static void begin_bytes(const char *bytes, size_t len)
{
    leave();
    text = malloc(len > 0 ? len : 1);
    cr_assert_not_null(text);
    memcpy(text, bytes, len);
    device_list_begin(&list, text, len);
}

#define begin(literal) begin_bytes(literal, sizeof(literal) - 1)

static void expect_slice(struct device_slice slice, const char *expected)
{
    cr_assert(slice.len == strlen(expected) &&
                  (slice.len == 0 || memcmp(slice.text, expected, slice.len) == 0),
              "\"%.*s\", not \"%s\"", (int)slice.len, slice.text, expected);
}

static void expect_device(const char *name, uint16_t port, const char *auth_file)
{
    enum device_list_step step = device_list_next(&list, &line);

    cr_assert_eq(step, DEVICE_LIST_DEVICE, "%s", step == DEVICE_LIST_BAD ? list.why : "the end");
    expect_slice(line.name, name);
    cr_assert_eq(line.port, port);
    expect_slice(line.auth_file, auth_file);
}

static void expect_end(void)
{
    cr_assert_eq(device_list_next(&list, &line), DEVICE_LIST_END);
    cr_assert_eq(device_list_next(&list, &line), DEVICE_LIST_END);
}

static void expect_bad(unsigned number, const char *why)
{
    cr_assert_eq(device_list_next(&list, &line), DEVICE_LIST_BAD);
    cr_assert_eq(list.line, number);
    cr_assert_not_null(strstr(list.why, why), "no \"%s\" in \"%s\"", why, list.why);
}

#define refuse(literal, why) (begin(literal), expect_bad(1, why))

Test(device_list, one_device_in_each_line)
{
    begin("kitchen\n192.168.1.40 port=8267\nfe80::7%eth0 auth-file=a\n"
          "'x'-* port=1 auth-file=/s/b\nlast auth-file=c port=65535");
    expect_device("kitchen", 0, "");
    expect_device("192.168.1.40", 8267, "");
    expect_device("fe80::7%eth0", 0, "a");
    expect_device("'x'-*", 1, "/s/b");
    expect_device("last", 65535, "c");
    cr_assert_eq(list.line, 5);
    expect_end();
}

Test(device_list, blanks_comments_and_line_ends)
{
    begin(
        "\xef\xbb\xbf# first\r\n\r\n \t \n  kitchen\t port=1  \r\n\t# x\nhall# # y\nloft #z\r\n#");
    expect_device("kitchen", 1, "");
    cr_assert_eq(list.line, 4);
    expect_device("hall#", 0, "");
    expect_device("loft", 0, "");
    cr_assert_eq(list.line, 7);
    expect_end();
}

Test(device_list, quotes)
{
    begin("\"Living room lamp\" port=\"3232\" auth-file=\"my secrets/x #1\"\n"
          "\"#1\"\n\"port=1\"\n\"@x\"\n\"-\"\n\"k\xc3\xbc\x63he\"\n");
    expect_device("Living room lamp", 3232, "my secrets/x #1");
    expect_device("#1", 0, "");
    expect_device("port=1", 0, "");
    expect_device("@x", 0, "");
    expect_device("-", 0, "");
    expect_device("k\xc3\xbc\x63he", 0, "");
    expect_end();
}

Test(device_list, nothing_names_nothing)
{
    begin("");
    expect_end();
    begin("\n\n# only this\n");
    expect_end();
}

Test(device_list, wrong_ports)
{
    refuse("a port=0", "port takes a UDP port, 1 to 65535, not '0'");
    refuse("a port=65536", "not '65536'");
    refuse("a port=", "not ''");
    refuse("a port=12345678901234567890", "not '12345678901234567890'");
    refuse("a port=-1", "not '-1'");
    refuse("a port=1 port=1", "port is given twice");
}

Test(device_list, wrong_words)
{
    refuse("a auth-file=", "auth-file takes a file's name");
    refuse("a auth-file=\"\"", "auth-file takes a file's name");
    refuse("a auth-file=x auth-file=y", "auth-file is given twice");
    refuse("living room", "unexpected 'room': a name with blanks stands in double quotes");
    refuse("a password=secret", "unknown 'password': there are port and auth-file");
    refuse("a Port=1", "unknown 'Port'");
    refuse("@other", "'@other': a list cannot name another one");
    refuse("- port=1", "'-': a list cannot name another one");
}

Test(device_list, a_password_in_the_list_is_not_repeated)
{
    begin("a password=secret");
    cr_assert_eq(device_list_next(&list, &line), DEVICE_LIST_BAD);
    cr_assert_null(strstr(list.why, "secret"));
}

Test(device_list, wrong_quotes)
{
    refuse("\"open", "no quote behind \"open");
    refuse("a auth-file=\"open", "no quote behind \"open");
    refuse("\"\"", "the device's name is empty");
    refuse("\"a\"b", "no blank beside the quote at 'a'");
    refuse("a\"b\"", "no blank beside the quote at 'a'");
}

Test(device_list, control_characters)
{
    refuse("a\0b", "control characters");
    refuse("# a\x1b[2J", "control characters");
    refuse("a\rb", "control characters");
    refuse("a\x7f", "control characters");
}

Test(device_list, utf_16)
{
    refuse("\xff\xfe"
           "a\0\n\0",
           "it is UTF-16, not UTF-8 text");
    refuse("\xfe\xff\0a", "it is UTF-16, not UTF-8 text");
}

Test(device_list, a_bad_line_is_counted_and_passed)
{
    begin("a\n\nb c\nd\n");
    expect_device("a", 0, "");
    expect_bad(3, "unexpected 'c'");
    expect_device("d", 0, "");
    expect_end();
}

Test(device_list, long_lines)
{
    static char longest[DEVICE_LIST_LINE_MAX + 1];

    memset(longest, 'x', sizeof longest);
    begin_bytes(longest, sizeof longest);
    expect_bad(1, "longer than 4096 bytes");
    longest[DEVICE_LIST_LINE_MAX] = '\n';
    begin_bytes(longest, sizeof longest);
    cr_assert_eq(device_list_next(&list, &line), DEVICE_LIST_DEVICE);
    cr_assert_eq(line.name.len, (size_t)DEVICE_LIST_LINE_MAX);
}
