#include "cli/integration/arduino_port.h"

#include "cli/printable.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Bytes, with NUL, of a string of a TXT record that was made printable. */
#define STRING_MAX (4 * 255 + 1)

/* The name under which the tools look for the board of a port. */
#define BOARD_KEY "."

static json_t *foreign(const void *bytes, size_t len)
{
    char text[STRING_MAX];

    return json_string(printable_bytes(text, sizeof text, bytes, len));
}

static bool has_key(json_t *properties, const char *key)
{
    for (void *at = json_object_iter(properties); at; at = json_object_iter_next(properties, at)) {
        if (strcasecmp(json_object_iter_key(at), key) == 0)
            return true;
    }
    return false;
}

static bool add_pair(json_t *properties, const struct txt_pair *pair)
{
    char key[STRING_MAX];

    printable_bytes(key, sizeof key, pair->key, pair->key_len);
    return has_key(properties, key) ||
           json_object_set_new(properties, key, foreign(pair->value, pair->value_len)) == 0;
}

/* The host's name as in DNS: absolute, and escaped by its rules already. */
static json_t *host_name(const struct device *device)
{
    char name[4 * DEVICE_HOST_MAX];
    size_t len = strlen(printable(name, sizeof name - 1, device->host));

    name[len] = '.';
    name[len + 1] = '\0';
    return json_string(name);
}

/* False when there is no memory. */
static bool add_properties(json_t *properties, const struct device *device)
{
    struct txt_cursor cursor = { device->txt, device->txt_len };
    char board[STRING_MAX];
    struct txt_pair pair;

    if (cursor.len > ARDUINO_PORT_TXT_MAX)
        cursor.len = ARDUINO_PORT_TXT_MAX;
    if (json_object_set_new(properties, "hostname", host_name(device)) != 0 ||
        json_object_set_new(properties, "port",
                            json_sprintf("%u", (unsigned)address_port(&device->address))) != 0)
        return false;
    device_board(device, board, sizeof board);
    if (board[0] != '\0' && json_object_set_new(properties, BOARD_KEY, json_string(board)) != 0)
        return false;
    for (unsigned i = 0; i < ARDUINO_PORT_PAIRS_MAX && txt_next(&cursor, &pair); i++) {
        if (!add_pair(properties, &pair))
            return false;
    }
    return true;
}

json_t *arduino_port(const struct device *device)
{
    char address[ADDRESS_TEXT_MAX];
    char name[4 * DEVICE_NAME_MAX];
    json_t *properties = json_object();

    if (!properties || !add_properties(properties, device)) {
        json_decref(properties);
        return NULL;
    }
    address_host_text(&device->address, address);
    device_name_text(device, name, sizeof name);
    return json_pack("{s:s, s:o, s:s, s:s, s:o}", "address", address, "label",
                     json_sprintf("%s at %s", name, address), "protocol", "network",
                     "protocolLabel", "Network Port", "properties", properties);
}
