#include "cli/integration/arduino_port.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME    "esp8266-1a2b3c"
#define ADDRESS "192.168.1.40"

/* The TXT record of a test: `txt_len` bytes of it, in memory of exactly that size. */
static uint8_t *txt;
static size_t txt_len;
static json_t *port;

static void leave(void)
{
    free(txt);
    json_decref(port);
}

TestSuite(arduino_port, .fini = leave);

static void add_bytes(const void *bytes, size_t len)
{
    txt = realloc(txt, txt_len + 1 + len);
    cr_assert_not_null(txt);
    txt[txt_len] = (uint8_t)len;
    memcpy(txt + txt_len + 1, bytes, len);
    txt_len += 1 + len;
}

static void add(const char *string)
{
    add_bytes(string, strlen(string));
}

static struct device device_of(const char *name, const char *host, const char *address)
{
    struct device device = { .txt = txt, .txt_len = txt_len };

    snprintf(device.name, sizeof device.name, "%s", name);
    snprintf(device.host, sizeof device.host, "%s", host);
    cr_assert(address_parse(&device.address, address));
    address_set_port(&device.address, 8266);
    return device;
}

/* The port, dumped and read again, as the client would: valid JSON, and nothing but text in it. */
static void make(const struct device *device)
{
    json_t *made = arduino_port(device);
    json_error_t error;

    cr_assert_not_null(made);
    char *text = json_dumps(made, 0);
    cr_assert_not_null(text);
    for (const char *c = text; *c; c++)
        cr_assert((unsigned char)*c >= 0x20 && *c != 0x7F, "a control character in %s", text);
    cr_assert_null(strstr(text, "\\u"), "a control character in %s", text);
    json_decref(port);
    port = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    cr_assert_not_null(port, "%s: %s", error.text, text);
    cr_assert(json_equal(port, made));
    json_decref(made);
    free(text);
}

static const char *text_of(const char *key)
{
    const char *text = json_string_value(json_object_get(port, key));

    return text ? text : "(none)";
}

static const char *property(const char *key)
{
    const char *text = json_string_value(json_object_get(json_object_get(port, "properties"), key));

    return text ? text : "(none)";
}

static size_t properties(void)
{
    return json_object_size(json_object_get(port, "properties"));
}

Test(arduino_port, of_a_stock_device)
{
    static const char expected[] =
        "{\"address\":\"192.168.1.40\",\"label\":\"esp8266-1a2b3c at 192.168.1.40\","
        "\"protocol\":\"network\",\"protocolLabel\":\"Network Port\",\"properties\":{"
        "\"hostname\":\"esp8266-1a2b3c.local.\",\"port\":\"8266\",\"board\":\"nodemcuv2\","
        "\".\":\"nodemcuv2\",\"auth_upload\":\"yes\",\"ssh_upload\":\"no\",\"tcp_check\":\"no\"}}";

    add("tcp_check=no");
    add("ssh_upload=no");
    add("board=nodemcuv2");
    add("auth_upload=yes");
    struct device device = device_of(NAME, NAME ".local", ADDRESS);
    make(&device);
    json_t *wanted = json_loads(expected, 0, NULL);
    cr_assert_not_null(wanted);
    char *text = json_dumps(port, 0);
    cr_expect(json_equal(port, wanted), "%s", text);
    free(text);
    json_decref(wanted);
}

Test(arduino_port, without_a_txt_record)
{
    struct device device = device_of(NAME, NAME ".local", ADDRESS);

    make(&device);
    cr_assert_eq(properties(), 2u);
    cr_assert_str_eq(property("hostname"), NAME ".local.");
    cr_assert_str_eq(property("port"), "8266");
}

Test(arduino_port, ipv6_addresses_have_no_brackets)
{
    struct device device = device_of("kitchen", "kitchen.local", "2001:db8::7");

    make(&device);
    cr_assert_str_eq(text_of("address"), "2001:db8::7");
    cr_assert_str_eq(text_of("label"), "kitchen at 2001:db8::7");
    device = device_of("kitchen", "kitchen.local", "fe80::1%lo");
    make(&device);
    cr_assert_str_eq(text_of("address"), "fe80::1%lo");
}

Test(arduino_port, keys_without_a_value_are_properties_without_one)
{
    add("secure");
    add("note=");
    add("sum=1+1=2");
    struct device device = device_of(NAME, NAME ".local", ADDRESS);
    make(&device);
    cr_assert_str_eq(property("secure"), "");
    cr_assert_str_eq(property("note"), "");
    cr_assert_str_eq(property("sum"), "1+1=2");
    cr_assert_eq(properties(), 5u);
}

Test(arduino_port, what_it_says_of_its_host_and_port_itself_does_not_count)
{
    add("port=1");
    add("hostname=elsewhere");
    add("HostName=elsewhere");
    add(".=other");
    add("Board=nodemcuv2");
    struct device device = device_of(NAME, NAME ".local", ADDRESS);
    make(&device);
    cr_assert_str_eq(property("hostname"), NAME ".local.");
    cr_assert_str_eq(property("port"), "8266");
    cr_assert_str_eq(property("Board"), "nodemcuv2");
    cr_assert_str_eq(property("."), "nodemcuv2");
    cr_assert_eq(properties(), 4u);
}

Test(arduino_port, the_first_of_equal_keys_holds)
{
    add("board=first");
    add("board=second");
    add("BOARD=third");
    struct device device = device_of(NAME, NAME ".local", ADDRESS);
    make(&device);
    cr_assert_str_eq(property("board"), "first");
    cr_assert_str_eq(property("."), "first");
    cr_assert_eq(properties(), 4u);
}

Test(arduino_port, without_a_board)
{
    add("board");
    struct device device = device_of(NAME, NAME ".local", ADDRESS);
    make(&device);
    cr_assert_str_eq(property("board"), "");
    cr_assert_str_eq(property("."), "(none)");
}

Test(arduino_port, of_a_hostile_device)
{
    static const char value[] = "k\x01=a\0\"\\\n\xFF\xE2\x80\xAE";

    add_bytes(value, sizeof value - 1);
    add("\xC0\xAF=\033[2J");
    add("=no key");
    add("");
    struct device device =
        device_of("a\"b\\c\n\033[2J\xFF", "h\\032o\xFFst\n.local", "192.168.1.40");
    make(&device);
    cr_assert_str_eq(text_of("label"), "a\"b\\\\c\\x0a\\x1b[2J\\xff at 192.168.1.40");
    cr_assert_str_eq(property("hostname"), "h\\032o\\xffst\\x0a.local.");
    cr_assert_str_eq(property("k\\x01"), "a\\x00\"\\\\\\x0a\\xff\\xe2\\x80\\xae");
    cr_assert_str_eq(property("\\xc0\\xaf"), "\\x1b[2J");
    cr_assert_eq(properties(), 4u);
}

Test(arduino_port, of_the_longest_texts)
{
    struct device device = device_of(NAME, NAME ".local", ADDRESS);
    char value[255];

    memset(device.name, '\x01', sizeof device.name - 1);
    memset(device.host, '\x01', sizeof device.host - 1);
    memset(value, '\x01', sizeof value);
    memcpy(value, "board=", 6);
    add_bytes(value, sizeof value);
    device.txt = txt;
    device.txt_len = txt_len;
    make(&device);
    cr_assert_eq(strlen(text_of("label")), 4u * 63 + strlen(" at " ADDRESS));
    cr_assert_eq(strlen(property("hostname")), 4u * (DEVICE_HOST_MAX - 1) + 1);
    cr_assert_eq(strlen(property("board")), 4u * 249);
    cr_assert_str_eq(property("."), property("board"));
}

Test(arduino_port, a_txt_record_of_64_kib_is_cut)
{
    char string[256];

    for (unsigned i = 0; txt_len + 200 < 65535; i++) {
        snprintf(string, sizeof string, "key%u=%0*u", i, 180, i);
        add(string);
    }
    struct device device = device_of(NAME, NAME ".local", ADDRESS);
    make(&device);
    cr_assert_gt(properties(), 10u);
    cr_assert_leq(properties(), 2u + ARDUINO_PORT_TXT_MAX / 180);
    cr_assert_eq(strlen(property("key0")), 180u);
}

Test(arduino_port, many_small_pairs_are_cut)
{
    char string[16];

    for (unsigned i = 0; i < 300; i++) {
        snprintf(string, sizeof string, "%u", i);
        add(string);
    }
    struct device device = device_of(NAME, NAME ".local", ADDRESS);
    make(&device);
    cr_assert_eq(properties(), 2u + ARDUINO_PORT_PAIRS_MAX);
}

Test(arduino_port, a_string_that_is_cut_short_is_none)
{
    add("board=nodemcuv2");
    add("tcp_check=no");
    struct device device = device_of(NAME, NAME ".local", ADDRESS);
    device.txt_len -= 3;
    make(&device);
    cr_assert_str_eq(property("board"), "nodemcuv2");
    cr_assert_eq(properties(), 4u);
}
