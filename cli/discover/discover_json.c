#include "cli/discover/discover_json.h"

#include "cli/discover/discover_table.h"
#include "cli/printable.h"

#include <ctype.h>

static json_t *interfaces_of(const struct device *device)
{
    json_t *array = json_array();

    for (size_t i = 0; i < device->interface_count; i++) {
        char name[4 * IF_NAMESIZE];
        json_array_append_new(array,
                              json_string(discover_interface_text(device->interfaces[i], name)));
    }
    return array;
}

static void fold_case(char *out, const char *text)
{
    do {
        *out++ = (char)tolower((unsigned char)*text);
    } while (*text++);
}

/* The first of several with the same key, case aside, is the one that counts. */
static json_t *txt_of(const struct device *device)
{
    struct txt_cursor cursor = { device->txt, device->txt_len };
    struct txt_pair pair;
    json_t *object = json_object();
    json_t *known = json_object();

    while (txt_next(&cursor, &pair)) {
        char key[4 * 256];
        char folded[4 * 256];
        char value[4 * 256];
        printable_bytes(key, sizeof key, pair.key, pair.key_len);
        fold_case(folded, key);
        if (json_object_get(known, folded))
            continue;
        json_object_set_new(known, folded, json_true());
        json_object_set_new(object, key,
                            pair.has_value ? json_string(printable_bytes(
                                                 value, sizeof value, pair.value, pair.value_len))
                                           : json_null());
    }
    json_decref(known);
    return object;
}

json_t *discover_json(const struct device *device, const char *event)
{
    char name[4 * DEVICE_NAME_MAX];
    char host[4 * DEVICE_HOST_MAX];
    char address[ADDRESS_TEXT_MAX];
    char board[4 * 256];
    json_t *object = json_object();

    if (event)
        json_object_set_new(object, "event", json_string(event));
    json_object_set_new(object, "name", json_string(device_name_text(device, name, sizeof name)));
    json_object_set_new(object, "hostname",
                        json_string(device_full_host_text(device, host, sizeof host)));
    json_object_set_new(object, "address",
                        json_string(address_host_text(&device->address, address)));
    json_object_set_new(object, "port", json_integer(address_port(&device->address)));
    json_object_set_new(object, "board", json_string(device_board(device, board, sizeof board)));
    json_object_set_new(object, "auth", json_boolean(device_auth(device) == DEVICE_AUTH_YES));
    json_object_set_new(object, "interfaces", interfaces_of(device));
    json_object_set_new(object, "txt", txt_of(device));
    return object;
}

char *discover_json_line(const struct device *device, const char *event)
{
    json_t *object = discover_json(device, event);
    char *line = object ? json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;

    json_decref(object);
    return line;
}
