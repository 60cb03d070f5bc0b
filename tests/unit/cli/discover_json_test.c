#include "cli/discover/discover_json.h"

#include <criterion/criterion.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TXT(literal) (const uint8_t *)(literal), sizeof(literal) - 1

static struct device device_at(const char *address, const uint8_t *txt, size_t len)
{
    struct device device = {
        .txt = txt, .txt_len = len, .interfaces = { 1 }, .interface_count = 1
    };

    snprintf(device.name, sizeof device.name, "kitchen");
    snprintf(device.host, sizeof device.host, "esp8266-1a2b3c.local");
    cr_assert(address_parse(&device.address, address));
    address_set_port(&device.address, 8266);
    return device;
}

/* The device as its line, parsed again as a reader would. */
static json_t *object_of(const struct device *device, const char *event)
{
    char *line = discover_json_line(device, event);

    cr_assert_not_null(line);
    for (const char *at = line; *at; at++)
        cr_assert_geq((unsigned char)*at, 0x20, "%s", line);
    json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    cr_assert_not_null(object, "%s", line);
    free(line);
    return object;
}

static void expect_line(const struct device *device, const char *event, const char *expected)
{
    char *line = discover_json_line(device, event);

    cr_expect_str_eq(line, expected);
    free(line);
}

Test(discover_json, has_its_fields_in_order)
{
    struct device device = device_at("192.168.1.40", TXT("\x0f"
                                                         "board=nodemcuv2"
                                                         "\x0f"
                                                         "auth_upload=yes"
                                                         "\x04"
                                                         "flag"
                                                         "\x02"
                                                         "e="));
    static const char fields[] =
        "\"name\":\"kitchen\",\"hostname\":\"esp8266-1a2b3c.local\",\"address\":\"192.168.1.40\","
        "\"port\":8266,\"board\":\"nodemcuv2\",\"auth\":true,\"interfaces\":[\"lo\"],"
        "\"txt\":{\"board\":\"nodemcuv2\",\"auth_upload\":\"yes\",\"flag\":null,\"e\":\"\"}}";
    char expected[512];

    snprintf(expected, sizeof expected, "{%s", fields);
    expect_line(&device, NULL, expected);
    snprintf(expected, sizeof expected, "{\"event\":\"change\",%s", fields);
    expect_line(&device, "change", expected);
}

Test(discover_json, tells_what_a_device_does_not_say)
{
    struct device device = device_at("::1", NULL, 0);

    device.interface_count = 0;
    expect_line(&device, NULL,
                "{\"name\":\"kitchen\",\"hostname\":\"esp8266-1a2b3c.local\",\"address\":\"::1\","
                "\"port\":8266,\"board\":\"\",\"auth\":false,\"interfaces\":[],\"txt\":{}}");
}

static void expect_auth(const uint8_t *txt, size_t len, bool expected)
{
    struct device device = device_at("192.168.1.40", txt, len);
    json_t *object = object_of(&device, NULL);
    const json_t *auth = json_object_get(object, "auth");

    cr_expect(json_is_boolean(auth));
    cr_expect_eq(json_is_true(auth), expected);
    json_decref(object);
}

/* Readers get a truth value, whatever the device says or does not. */
Test(discover_json, says_whether_a_password_is_announced)
{
    expect_auth(TXT("\x0f"
                    "auth_upload=yes"),
                true);
    expect_auth(TXT("\x0e"
                    "auth_upload=no"),
                false);
    expect_auth(TXT("\x11"
                    "auth_upload=maybe"),
                false);
    expect_auth(TXT("\x0b"
                    "auth_upload"),
                false);
    expect_auth(NULL, 0, false);
}

Test(discover_json, names_the_interface_of_a_link_local_address)
{
    struct device device = device_at("fe80::1", NULL, 0);
    json_t *object;

    device.address.u.v6.sin6_scope_id = if_nametoindex("lo");
    object = object_of(&device, NULL);
    cr_expect_str_eq(json_string_value(json_object_get(object, "address")), "fe80::1%lo");
    json_decref(object);
}

Test(discover_json, numbers_an_interface_that_is_gone)
{
    struct device device = device_at("192.168.1.40", NULL, 0);
    json_t *object;

    device.interfaces[0] = 0x7FFFFFFF;
    object = object_of(&device, NULL);
    cr_expect_str_eq(json_string_value(json_array_get(json_object_get(object, "interfaces"), 0)),
                     "2147483647");
    json_decref(object);
}

Test(discover_json, takes_the_first_of_equal_keys)
{
    struct device device = device_at("192.168.1.40", TXT("\x03"
                                                         "K=1"
                                                         "\x03"
                                                         "k=2"
                                                         "\x03"
                                                         "K=3"));
    json_t *object = object_of(&device, NULL);
    const json_t *txt = json_object_get(object, "txt");

    cr_expect_eq(json_object_size(txt), 1);
    cr_expect_str_eq(json_string_value(json_object_get(txt, "K")), "1");
    json_decref(object);
}

Test(discover_json, is_valid_whatever_a_device_says)
{
    struct device device = device_at("192.168.1.40", TXT("\x06"
                                                         "\x1b\"\xff=\0\n"
                                                         "\x0b"
                                                         "board=\x1b]0;\x07"
                                                         "\x12"
                                                         "auth_upload=\xc3\x28"
                                                         "yes\x80"));
    json_t *object;
    const json_t *txt;

    snprintf(device.name, sizeof device.name, "a.b\"c\\d\x01\xc2\x9b\xe2\x80\xae");
    snprintf(device.host, sizeof device.host, "\xff\\\\\\.\x7f.local");
    object = object_of(&device, NULL);
    txt = json_object_get(object, "txt");
    cr_expect_str_eq(json_string_value(json_object_get(object, "name")),
                     "a.b\"c\\\\d\\x01\\xc2\\x9b\\xe2\\x80\\xae");
    cr_expect_str_eq(json_string_value(json_object_get(object, "hostname")),
                     "\\xff\\\\.\\x7f.local");
    cr_expect_str_eq(json_string_value(json_object_get(object, "board")), "\\x1b]0;\\x07");
    cr_expect(json_is_false(json_object_get(object, "auth")));
    cr_expect_str_eq(json_string_value(json_object_get(txt, "\\x1b\"\\xff")), "\\x00\\x0a");
    json_decref(object);
}

Test(discover_json, takes_a_record_full_of_different_keys)
{
    static uint8_t txt[8192];
    size_t len = 0;

    while (len + 4 <= sizeof txt) {
        txt[len] = 3;
        txt[len + 1] = (uint8_t)('a' + len / 4 % 26);
        txt[len + 2] = (uint8_t)('0' + len / 104 % 10);
        txt[len + 3] = (uint8_t)(0x80 + len / 1040);
        len += 4;
    }
    struct device device = device_at("192.168.1.40", txt, len);
    json_t *object = object_of(&device, NULL);
    cr_expect_eq(json_object_size(json_object_get(object, "txt")), len / 4);
    json_decref(object);
}

Test(discover_json, shows_the_longest_names_whole)
{
    struct device device = device_at("192.168.1.40", NULL, 0);
    json_t *object;

    memset(device.name, '\x01', sizeof device.name - 1);
    memset(device.host, '\x02', sizeof device.host - 1);
    object = object_of(&device, NULL);
    cr_expect_eq(json_string_length(json_object_get(object, "name")),
                 (size_t)4 * (DEVICE_NAME_MAX - 1));
    cr_expect_eq(json_string_length(json_object_get(object, "hostname")),
                 (size_t)4 * (DEVICE_HOST_MAX - 1));
    json_decref(object);
}
